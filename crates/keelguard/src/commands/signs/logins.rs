//! `keelguard signs logins`: who logs in, from where, and which of it is malicious.

mod follow;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_report::{OcsfLogin, SignFormat};
use keelguard_signs::logins::collect::{self, Outcome, Reading};
use keelguard_signs::logins::detect::Limits;
use keelguard_signs::read::size_of;

use super::{since, told, warn};
use crate::cli::{Global, Logins};
use crate::commands::progress::{Progress, say};
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{logs, output};

pub(super) fn run(global: &Global, arguments: &Logins) -> Result<Exit> {
    let mut flags = told::flags(&arguments.view);
    flags.extend(arguments.sigma.as_ref().map(|folder| ("sigma_rules", folder.display().to_string())));
    flags.extend(arguments.geo.as_ref().map(|path| ("geo_database", path.display().to_string())));
    let settings = crate::commands::settings(global, flags)?;
    let format = arguments.format.unwrap_or_default();
    if arguments.events
        && !matches!(format, SignFormat::Table | SignFormat::Json | SignFormat::Jsonl | SignFormat::Ocsf)
    {
        bail!("print events as {format}: it is made of findings; use --format table, json, jsonl or ocsf");
    }
    let now = Timestamp::now();
    let reading = Reading {
        since: arguments.since.as_deref().map(|text| since(text, now)).transpose()?,
        ..Reading::everything(now)
    };
    let files =
        if arguments.files.is_empty() { collect::default_sources(Path::new("/")) } else { arguments.files.clone() };
    if arguments.follow {
        return follow::run(files, reading, format, arguments, &settings);
    }
    let engine = logs::engine_events(&settings, &reading, &arguments.files);
    if arguments.events {
        return events(&files, engine, &reading, format, arguments, &settings);
    }
    let geo = logs::geo(&settings)?;
    let logs::Logins { report, days, rules } = {
        // Sigma's rules go over every line once more.
        let passes = if settings.text("sigma_rules").is_some() { 2 } else { 1 };
        let _progress =
            Progress::of(&settings, "Reading logs", passes * size_of(&files), Arc::clone(&reading.progress));
        let rules = settings.text("sigma_rules").map(Path::new);
        logs::logins(&files, &reading, logs::With { rules, geo: geo.as_ref(), engine })?
    };
    if rules > 0 && format == SignFormat::Table {
        say(&settings, &format!("keelguard: every line was held against {rules} Sigma rules"));
    }
    let events = report.events;
    let exit = told::show(report, format, &arguments.view, &settings, now)?;
    if events > 0 && days < Limits::default().history_days && format == SignFormat::Table {
        say(&settings, &format!("keelguard: the logs go back {days} days; below 14, nothing is called new or unusual"));
    }
    Ok(exit)
}

/// Prints each event as it comes.
fn events(
    files: &[PathBuf],
    engine: logs::EngineEvents,
    reading: &Reading,
    format: SignFormat,
    arguments: &Logins,
    settings: &Settings,
) -> Result<Exit> {
    let mut outcome = Outcome::default();
    output::write(arguments.view.destination.output.as_deref(), |out| {
        let mut failed = None;
        let mut first = true;
        if format == SignFormat::Json {
            out.write_all(b"[")?;
        }
        outcome = collect::read_with(collect::families(files.to_vec()), engine.told, reading, &mut |seen, line| {
            if failed.is_none() {
                failed = event(&seen.owned(line), format, std::mem::take(&mut first), out).err();
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if format == SignFormat::Json {
            out.write_all(b"\n]\n")?;
        }
        Ok(())
    })?;
    outcome.incomplete.extend(engine.missing);
    outcome.incomplete.extend(logs::nothing_read(files, outcome.lines, reading));
    warn(&outcome.incomplete, settings);
    Ok(if outcome.incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}

pub(super) fn event(
    event: &keelguard_signs::logins::Login,
    format: SignFormat,
    first: bool,
    out: &mut dyn Write,
) -> Result<()> {
    match format {
        SignFormat::Ocsf => {
            told::line(&in_ocsf(event).event(&logs::tool()), out)?;
        }
        SignFormat::Json => {
            told::element(event, first, out)?;
        }
        SignFormat::Jsonl => {
            told::line(event, out)?;
        }
        _ => {
            let shown = |text: Option<&str>| keelguard_model::text::printable(text.unwrap_or("-")).into_owned();
            let time = told::stamp(event.time);
            let by = event.by.as_deref().map(|by| format!(" by {}", shown(Some(by)))).unwrap_or_default();
            let times = if event.count > 1 { format!(" ({} times)", event.count) } else { String::new() };
            writeln!(
                out,
                "{time:19}  {:14}  {:14}  {:20}  {:15}  {}{by}{times}",
                event.kind.name(),
                shown(Some(&event.service)),
                shown(event.user.as_deref()),
                shown(event.address.as_deref()),
                shown(event.method.as_deref()),
            )?;
        }
    }
    Ok(())
}

/// The same in the words of OCSF.
fn in_ocsf(event: &keelguard_signs::logins::Login) -> OcsfLogin<'_> {
    OcsfLogin {
        kind: event.kind.name(),
        time: event.time,
        read: Timestamp::now(),
        service: &event.service,
        user: event.user.as_deref(),
        by: event.by.as_deref(),
        address: event.address.as_deref(),
        port: event.port,
        method: event.method.as_deref(),
        detail: event.detail.as_deref(),
        host: event.host.as_deref(),
        container: event.container.as_deref(),
        count: event.count,
        line: &event.line,
    }
}
