//! `keelguard advisories`: the database of known vulnerabilities, and the order of versions it is matched by.

use std::cmp::Ordering;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use keelguard_advisory::index::{Compiler, Index};
use keelguard_advisory::ingest::{self, IngestLimits};
use keelguard_advisory::version::Scheme;
use keelguard_model::text::printable;

use super::progress::{Progress, say};
use crate::cli::{Advisories, AdvisoriesCommand, Compare, Global, Import};
use crate::exit::Exit;
use crate::output;
use crate::settings::{Flags, Settings};

pub(super) fn run(global: &Global, arguments: &Advisories) -> Result<Exit> {
    let settings = super::settings(global, Flags::new())?;
    match &arguments.command {
        AdvisoriesCommand::Import(arguments) => import(arguments, &settings),
        AdvisoriesCommand::Status => status(&settings),
        AdvisoriesCommand::Compare(arguments) => compare(arguments),
    }
}

/// Compiles what lies in a folder: a mirror of OSV's export (`ECOSYSTEM/all.zip`), or one ecosystem's archive or records.
fn import(arguments: &Import, settings: &Settings) -> Result<Exit> {
    let folder = crate::examine::advisories_folder(settings)?;
    let from = &arguments.from;
    let sources = match &arguments.ecosystem {
        Some(ecosystem) => vec![(ecosystem.clone(), from.clone())],
        None => ecosystems_of(from)?,
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    for (ecosystem, source) in sources {
        let _progress = Progress::begin(settings, &format!("Compiling {ecosystem}"));
        let mut compiler = Compiler::new(&ecosystem);
        let limits = IngestLimits::default();
        if source.is_dir() {
            ingest::folder(&mut compiler, &source, &limits)?;
        } else {
            ingest::zip(&mut compiler, &source, &limits)?;
        }
        if compiler.is_empty() {
            bail!("import {}: there is no usable record in it", source.display());
        }
        let now = jiff::Timestamp::now().as_second();
        let meta = compiler.meta();
        (meta.built, meta.checked) = (now, now);
        meta.source = source.display().to_string();
        let (skipped, notes) = (meta.skipped, meta.notes.clone());
        let records = compiler.len();
        compiler.write(&folder.join(keelguard_advisory::ecosystem::file_name(&ecosystem)))?;
        say(settings, &format!("keelguard: {ecosystem}: {records} records"));
        if skipped > 0 {
            let first = notes.first().map(|note| format!(", the first because {note}")).unwrap_or_default();
            say(settings, &format!("keelguard: warning: {ecosystem}: {skipped} records could not be used{first}"));
        }
    }
    Ok(Exit::Done)
}

/// Ecosystems of a mirror, each with its archive.
fn ecosystems_of(mirror: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    let hint = || {
        format!(
            "import {}: it is no mirror of OSV's export (ECOSYSTEM/all.zip); say which --ecosystem it is",
            mirror.display()
        )
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(mirror).with_context(hint)? {
        let entry = entry.with_context(hint)?;
        let archive = entry.path().join("all.zip");
        if archive.is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), archive));
        }
    }
    if found.is_empty() {
        bail!(hint());
    }
    found.sort();
    Ok(found)
}

fn status(settings: &Settings) -> Result<Exit> {
    let folder = crate::examine::advisories_folder(settings)?;
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "index") {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            rows.push((Index::open(&path)?.meta().clone(), bytes));
        }
    }
    if rows.is_empty() {
        say(settings, "keelguard: there are no advisories yet; fill them with keelguard advisories import FOLDER");
        return Ok(Exit::NoAdvisories);
    }
    rows.sort_by(|(a, _), (b, _)| a.ecosystem.cmp(&b.ecosystem));
    output::write(None, |out| {
        writeln!(
            out,
            "{:<20} {:>9} {:>9} {:>8}  {:<17} newest record",
            "ecosystem", "records", "packages", "size", "compiled"
        )?;
        for (meta, bytes) in &rows {
            let built = jiff::Timestamp::from_second(meta.built).unwrap_or_default();
            writeln!(
                out,
                "{:<20} {:>9} {:>9} {:>5} KiB  {:<17} {}",
                printable(&meta.ecosystem),
                meta.records,
                meta.names,
                bytes.div_ceil(1024),
                built.strftime("%Y-%m-%d %H:%M").to_string(),
                printable(&meta.newest)
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
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
