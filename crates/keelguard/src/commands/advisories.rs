//! `keelguard advisories`: the database of known vulnerabilities, and the order of versions it is matched by.

use std::cmp::Ordering;
use std::io::BufRead as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use keelguard_advisory::carry::{self, Imported};
use keelguard_advisory::ingest::IngestLimits;
use keelguard_advisory::update::{self, Change};
use keelguard_advisory::version::Scheme;
use keelguard_model::text::printable;

use super::progress::{Progress, bar, say};
use crate::cli::{Advisories, AdvisoriesCommand, Compare, Export, Global, Import, Update};
use crate::exit::Exit;
use crate::output;
use crate::settings::{Flags, Settings};

pub(super) fn run(global: &Global, arguments: &Advisories) -> Result<Exit> {
    let settings = super::settings(global, Flags::new())?;
    match &arguments.command {
        AdvisoriesCommand::Import(arguments) => import(arguments, &settings),
        AdvisoriesCommand::Export(arguments) => export(arguments, &settings),
        AdvisoriesCommand::Update(arguments) => update(arguments, &settings),
        AdvisoriesCommand::Status => status(&settings),
        AdvisoriesCommand::Compare(arguments) => compare(arguments),
    }
}

/// Takes in a mirror of OSV's export, one ecosystem's archive or records, an exported database, a catalogue.
fn import(arguments: &Import, settings: &Settings) -> Result<Exit> {
    let folder = folder(settings)?;
    let _progress = Progress::begin(settings, &format!("Compiling {}", arguments.from.display()));
    let imported = carry::import(&folder, &arguments.from, arguments.ecosystem.as_deref(), &IngestLimits::default())?;
    for Imported { name, records, skipped, first_skipped, left_out } in &imported {
        if let Some(why) = left_out {
            say(settings, &format!("keelguard: warning: {name}: {records} records are left out: {why}"));
            continue;
        }
        let first = first_skipped.as_ref().map(|first| format!(" (the first: {first})")).unwrap_or_default();
        let unusable = if *skipped > 0 { format!(", {skipped} more could not be used{first}") } else { String::new() };
        say(settings, &format!("keelguard: {name}: {records} records{unusable}"));
    }
    let in_part = imported.iter().any(|one| one.skipped > 0 || one.left_out.is_some());
    Ok(if in_part { Exit::Partial } else { Exit::Done })
}

/// Everything as one file, to be carried to a machine without a network.
fn export(arguments: &Export, settings: &Settings) -> Result<Exit> {
    let count = carry::export(&folder(settings)?, &arguments.to)?;
    say(settings, &format!("keelguard: wrote {count} tables to {}", arguments.to.display()));
    Ok(Exit::Done)
}

/// Fetches what is new. Without names: what is there already. The catalogues of what is exploited come along every time.
fn update(arguments: &Update, settings: &Settings) -> Result<Exit> {
    let folder = folder(settings)?;
    let mut names = arguments.ecosystems.clone();
    if names.is_empty() {
        names.extend(carry::status(&folder)?.into_iter().map(|status| status.name));
    }
    let is_ecosystem = |name: &&String| !matches!(name.as_str(), "kev" | "epss");
    let mut ecosystems: Vec<String> = names.iter().filter(is_ecosystem).cloned().collect();
    let wanted = update::Settings { force: arguments.force, ..crate::examine::update_settings(settings) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    if names.is_empty() {
        if wanted.base == update::OSV_EXPORT {
            bail!("update: nothing is there to bring up to date; name the ecosystems, such as Debian, npm or PyPI");
        }
        // A mirror holds what its owner wants to have.
        ecosystems = runtime.block_on(update::ecosystems(&wanted))?;
        ecosystems.dedup();
    }
    let outcomes = {
        let progress = Progress::begin(settings, "Asking for new advisories");
        let watcher = |step: update::Progress<'_>| progress.step(&step_in_words(step));
        runtime.block_on(update::update(&folder, &ecosystems, &wanted, &watcher))?
    };
    let mut failed = false;
    for outcome in outcomes {
        let text = match outcome.result {
            Ok(Change::Current | Change::Records { changed: 0, removed: 0 }) => "nothing is newer".to_owned(),
            Ok(Change::Records { changed, removed }) => format!("{changed} records changed, {removed} removed"),
            Ok(Change::Whole { records, skipped: 0 }) => format!("{records} records"),
            Ok(Change::Whole { records, skipped }) => format!("{records} records, {skipped} more could not be used"),
            Err(error) => {
                failed = true;
                format!("could not {error}; what was there before is still there")
            }
        };
        say(settings, &format!("keelguard: {}: {text}", outcome.name));
    }
    Ok(if failed { Exit::Partial } else { Exit::Done })
}

fn step_in_words(step: update::Progress<'_>) -> String {
    match step {
        update::Progress::Checking(of) => format!("Asking for {of}"),
        update::Progress::Loading { of, done, total: Some(total) } => {
            bar(&format!("Loading {of}"), done, total, Duration::ZERO)
        }
        update::Progress::Loading { of, done, total: None } => format!("Loading {of}: {} MiB", done >> 20),
        update::Progress::Records { of, done, total } => format!("Loading {of}: {done} of {total} records"),
        update::Progress::Waiting { of, pause, .. } => format!("{of}: trying again in {} s", pause.as_secs()),
        update::Progress::Compiling(of) => format!("Compiling {of}"),
        _ => "Working".to_owned(),
    }
}

fn status(settings: &Settings) -> Result<Exit> {
    let rows = carry::status(&folder(settings)?)?;
    if rows.is_empty() {
        say(
            settings,
            "keelguard: there are no advisories yet; fetch some with keelguard advisories update Debian PyPI npm",
        );
        return Ok(Exit::NoAdvisories);
    }
    output::write(None, |out| {
        writeln!(
            out,
            "{:<16} {:>8} {:>8} {:>10}  {:<16}  newest record",
            "ecosystem", "records", "packages", "size", "last asked"
        )?;
        for row in &rows {
            let asked = jiff::Timestamp::from_second(row.checked).unwrap_or_default().strftime("%Y-%m-%d %H:%M");
            let (name, size) = (printable(&row.name), format!("{} KiB", row.bytes.div_ceil(1024)));
            match &row.meta {
                Ok(meta) => writeln!(
                    out,
                    "{name:<16} {:>8} {:>8} {size:>10}  {:<16}  {}",
                    meta.records,
                    meta.names,
                    asked.to_string(),
                    printable(&meta.newest)
                )?,
                Err(why) => writeln!(out, "{name:<16} cannot be used: {}", printable(why))?,
            }
        }
        for (row, meta) in rows.iter().filter_map(|row| Some((row, row.meta.as_ref().ok()?))) {
            if meta.commits_only > 0 {
                let (name, count) = (printable(&row.name), meta.commits_only);
                writeln!(
                    out,
                    "{name}: {count} of the records name commits alone, with which no version can be compared"
                )?;
            }
        }
        Ok(())
    })?;
    Ok(if rows.iter().any(|row| row.meta.is_err()) { Exit::Partial } else { Exit::Done })
}

fn folder(settings: &Settings) -> Result<PathBuf> {
    let folder = crate::examine::advisories_folder(settings)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    Ok(folder)
}

fn compare(arguments: &Compare) -> Result<Exit> {
    let scheme: Scheme =
        arguments.scheme.parse().map_err(|error| anyhow::anyhow!("{error}")).context("use the scheme")?;
    let word = |a: &str, b: &str| match scheme.compare(a, b) {
        Some(Ordering::Less) => "<",
        Some(Ordering::Equal) => "=",
        Some(Ordering::Greater) => ">",
        None => "?",
    };
    let mut unknown = false;
    if arguments.batch {
        output::write(None, |out| {
            let mut input = std::io::stdin().lock();
            let mut line = Vec::new();
            while read_line(&mut input, &mut line)? {
                let text = String::from_utf8_lossy(&line);
                let verdict = text.split_once('\t').map_or("?", |(a, b)| word(a, b));
                unknown |= verdict == "?";
                writeln!(out, "{verdict}")?;
            }
            Ok(())
        })?;
    } else {
        let [a, b] = arguments.versions.as_slice() else {
            bail!("compare versions: give two of them, or --batch and lines of A<TAB>B on standard input");
        };
        let verdict = word(a, b);
        unknown = verdict == "?";
        output::write(None, |out| Ok(writeln!(out, "{verdict}")?))?;
    }
    Ok(if unknown { Exit::Partial } else { Exit::Done })
}

/// The next line without its end, at most a mebibyte of it.
fn read_line(input: &mut impl std::io::BufRead, line: &mut Vec<u8>) -> Result<bool> {
    use std::io::Read as _;
    line.clear();
    let count = input.by_ref().take(1 << 20).read_until(b'\n', line).context("read standard input")?;
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_shows_as_a_bar_where_its_length_is_known() {
        let half = step_in_words(update::Progress::Loading { of: "Debian", done: 5_000_000, total: Some(10_000_000) });
        assert_eq!(half, "Loading Debian  ██████████··········  50 % of 10.0 MB");
        let open = step_in_words(update::Progress::Loading { of: "Debian", done: 5 << 20, total: None });
        assert_eq!(open, "Loading Debian: 5 MiB");
    }
}
