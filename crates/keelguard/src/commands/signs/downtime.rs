//! `keelguard signs downtime`: what shut down, crashed or restarted, and whether it does so as a routine.

mod follow;

use std::io::Write;

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_report::{DowntimeFormat, IncidentFormat, OcsfLifecycle, VerisVictim};
use keelguard_signs::downtime::Happening;
use keelguard_signs::downtime::collect::{self, Outcome, Reading};

use super::{incidents, since, told, warn};
use crate::cli::{Downtime, Global};
use crate::commands::progress::{Progress, say};
use crate::downtime::{Engine, Sources, look, nothing_read, sign, sources};
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(global: &Global, arguments: &Downtime) -> Result<Exit> {
    let mut flags = told::flags(&arguments.view);
    flags.extend(arguments.engine.clone().map(|engine| ("engine", engine)));
    let settings = crate::commands::settings(global, flags)?;
    let format = arguments.format.unwrap_or_default();
    if arguments.events && matches!(format, DowntimeFormat::Html | DowntimeFormat::Veris) {
        bail!("print events as {format}: it is made of findings; use --format table, json, jsonl or ocsf");
    }
    let now = Timestamp::now();
    let reading = Reading {
        since: arguments.since.as_deref().map(|text| since(text, now)).transpose()?,
        ..Reading::everything(now)
    };
    // Beside logs that are named only an engine that is named, too, can be meant.
    let asks = arguments.files.is_empty() || arguments.engine.is_some();
    let sources = sources(&arguments.files, reading, if asks { Engine::Ask } else { Engine::Leave }, &settings)?;
    if arguments.follow {
        return follow::run(sources, format, arguments, &settings);
    }
    if arguments.events {
        return events(sources, format, arguments, &settings);
    }
    let mut report = {
        let _progress = Progress::begin(&settings, "Reading logs");
        look(sources, &settings)?
    };
    for warning in crate::exceptions::apply(&settings.exceptions, &mut report.findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    crate::own_log::sign(&sign(report.clone()), &settings);
    let to_file = arguments.view.destination.output.as_deref();
    let options = told::options(&settings, arguments.view.all, to_file);
    let joined = match format {
        DowntimeFormat::Veris => Some(IncidentFormat::Veris),
        DowntimeFormat::Ocsf => Some(IncidentFormat::Ocsf),
        _ => None,
    };
    let joined = joined.map(|format| (incidents::of_sign(&sign(report.clone()), &settings, now), format));
    let victim = if joined.is_some() { incidents::victim(&settings)? } else { VerisVictim::default() };
    output::write(to_file, |out| {
        keelguard_report::render_downtime(&report, format, &options, out)?;
        if let Some((incidents, format)) = joined {
            keelguard_report::render_incidents(&incidents, format, &options, &victim, out)?;
        }
        Ok(())
    })?;
    if matches!(format, DowntimeFormat::Jsonl | DowntimeFormat::Veris | DowntimeFormat::Ocsf) {
        warn(&report.incomplete, &settings);
    }
    Ok(told::ended(told::worst(&report.findings), report.incomplete.is_empty(), &settings))
}

/// Prints each event as it comes.
fn events(sources: Sources, format: DowntimeFormat, arguments: &Downtime, settings: &Settings) -> Result<Exit> {
    let Sources { files, told, reading, mut incomplete } = sources;
    let mut outcome = Outcome::default();
    output::write(arguments.view.destination.output.as_deref(), |out| {
        let mut failed = None;
        let mut first = true;
        if format == DowntimeFormat::Json {
            out.write_all(b"[")?;
        }
        outcome = collect::read(collect::families(files.clone()), told, &reading, &mut |happening| {
            if failed.is_none() && happening.is_event() {
                failed = event(happening, format, std::mem::take(&mut first), out).err();
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if format == DowntimeFormat::Json {
            out.write_all(b"\n]\n")?;
        }
        Ok(())
    })?;
    incomplete.extend(outcome.incomplete);
    incomplete.extend(nothing_read(&files, outcome.lines, &reading));
    warn(&incomplete, settings);
    Ok(if incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}

fn event(event: &Happening, format: DowntimeFormat, first: bool, out: &mut dyn Write) -> Result<()> {
    match format {
        DowntimeFormat::Json => {
            told::element(event, first, out)?;
        }
        DowntimeFormat::Ocsf => {
            told::line(&in_ocsf(event).event(&crate::logs::tool()), out)?;
        }
        DowntimeFormat::Jsonl => {
            told::line(event, out)?;
        }
        _ => {
            let shown = |text: Option<&str>| keelguard_model::text::printable(text.unwrap_or("-")).into_owned();
            let time = told::stamp(event.time);
            let code = event.code.map(|code| format!(" (exit status {code})")).unwrap_or_default();
            writeln!(
                out,
                "{time:19}  {:13}  {:9}  {:24}  {}{code}",
                event.kind.name(),
                event.scope.name(),
                shown(event.subject.as_deref().or(event.host.as_deref())),
                shown(event.reason.as_deref()),
            )?;
        }
    }
    Ok(())
}

/// The same in the words of OCSF.
fn in_ocsf(event: &Happening) -> OcsfLifecycle<'_> {
    OcsfLifecycle {
        kind: event.kind.name(),
        scope: event.scope.name(),
        time: event.time,
        read: Timestamp::now(),
        subject: event.subject.as_deref(),
        id: event.id.as_deref(),
        host: event.host.as_deref(),
        reason: event.reason.as_deref(),
        code: event.code,
        line: &event.line,
    }
}
