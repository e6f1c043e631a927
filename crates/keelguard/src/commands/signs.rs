//! `keelguard signs`, and of it logins: who logs in, from where, and which of it is malicious.

pub(super) mod incidents;
pub(super) mod told;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Counts, Incomplete, verdict};
use keelguard_report::{IncidentFormat, OcsfLogin, SignFormat, VerisVictim};
use keelguard_signs::logins::collect::{self, Outcome, Reading};
use keelguard_signs::logins::detect::Limits;
use keelguard_signs::read::size_of;

use super::progress::{Progress, say};
use crate::cli::{Global, Logins, Signs, SignsCommand};
use crate::exit::Exit;
use crate::settings::{Flags, Settings};
use crate::{logs, output};

pub(super) fn run(global: &Global, arguments: &Signs) -> Result<Exit> {
    match &arguments.command {
        SignsCommand::Logins(arguments) => logins(global, arguments),
        SignsCommand::Incidents(arguments) => incidents::run(global, arguments),
        SignsCommand::Downtime(arguments) => super::downtime::run(global, arguments),
    }
}

fn logins(global: &Global, arguments: &Logins) -> Result<Exit> {
    let mut flags = Flags::new();
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    flags.extend(arguments.sigma.as_ref().map(|folder| ("sigma_rules", folder.display().to_string())));
    flags.extend(arguments.geo.as_ref().map(|path| ("geo_database", path.display().to_string())));
    let settings = super::settings(global, flags)?;
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
        return super::follow::run(files, reading, format, arguments, &settings);
    }
    let engine = logs::engine_events(&settings, &reading, &arguments.files);
    if arguments.events {
        return events(&files, engine, &reading, format, arguments, &settings);
    }
    let geo = logs::geo(&settings)?;
    let logs::Logins { mut report, days, rules } = {
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
    for warning in crate::exceptions::apply(&settings.exceptions, &mut report.findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    report.verdict = verdict(Counts::of(&report.findings), report.incomplete.len());
    let to_file = arguments.destination.output.as_deref();
    let options = told::options(&settings, arguments.all, to_file);
    let joined = match format {
        SignFormat::Veris => Some(IncidentFormat::Veris),
        SignFormat::Ocsf => Some(IncidentFormat::Ocsf),
        _ => None,
    };
    let joined = joined.map(|format| (incidents::of_sign(&report, &settings, now), format));
    let victim = if joined.is_some() { incidents::victim(&settings)? } else { VerisVictim::default() };
    output::write(to_file, |out| {
        keelguard_report::render_sign(&report, format, &options, out)?;
        if let Some((incidents, format)) = joined {
            keelguard_report::render_incidents(&incidents, format, &options, &victim, out)?;
        }
        Ok(())
    })?;
    // A list for a firewall has no place for what is missing in it.
    if !matches!(format, SignFormat::Table | SignFormat::Json) {
        warn(&report.incomplete, &settings);
    }
    if report.events > 0 && days < Limits::default().history_days && format == SignFormat::Table {
        say(&settings, &format!("keelguard: the logs go back {days} days; below 14, nothing is called new or unusual"));
    }
    Ok(told::ended(told::worst(&report.findings), report.incomplete.is_empty(), &settings))
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
    output::write(arguments.destination.output.as_deref(), |out| {
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

pub(super) fn warn(gaps: &[Incomplete], settings: &Settings) {
    for gap in gaps {
        say(settings, &format!("keelguard: warning: {}: {}", gap.what, gap.why));
    }
}

/// `2h`, `7d`, `2026-11-24`, `2026-11-24T08:00:00Z`
pub(super) fn since(text: &str, now: Timestamp) -> Result<Timestamp> {
    let back = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let hours = match unit {
            "h" => 1,
            "d" => 24,
            "w" => 24 * 7,
            _ => return None,
        };
        let hours = number.parse::<i64>().ok()?.checked_mul(hours).filter(|hours| (0..10_000_000).contains(hours))?;
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    };
    let day = || {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        jiff::tz::TimeZone::system().to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()
    };
    text.parse().ok().or_else(back).or_else(day).with_context(|| {
        format!("use --since {text:?}: give hours, days or weeks (12h, 7d, 2w), a day (2026-11-24) or a time (2026-11-24T08:00:00Z)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_span_a_day_or_a_time() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        assert_eq!(since("12h", now).unwrap(), "2026-11-24T00:00:00Z".parse().unwrap());
        assert_eq!(since("2w", now).unwrap(), "2026-11-10T12:00:00Z".parse().unwrap());
        assert_eq!(since("2026-11-24T08:00:00Z", now).unwrap(), "2026-11-24T08:00:00Z".parse().unwrap());
        assert!(since("2026-11-24", now).is_ok());
        for wrong in ["", "h", "-2h", "yesterday", "99999999999d", "2026-13-01", "ß"] {
            assert!(since(wrong, now).is_err(), "{wrong}");
        }
    }
}
