//! Sigma rules over this host's logs: every line becomes an event, and what the rules find becomes findings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_model::{Area, Finding, Incomplete, Subject, SubjectKind};
use keelguard_rules::events::audit::Audit;
use keelguard_rules::events::syslog::{self, Reference};
use keelguard_rules::events::{Event, Source};
use keelguard_rules::{Match, Sigma};
use keelguard_signs::logins::collect::{Reading, families};
use keelguard_signs::read::raw::{self, Raw};
use serde_json::Value;

/// Findings that are kept: rule by host.
const MOST: usize = 10_000;
/// Rules that cannot be used and are named one by one.
const NAMED: usize = 200;

/// What the rules say.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) incomplete: Vec<Incomplete>,
    /// Rules that were used.
    pub(crate) rules: usize,
}

/// Holds every line of `files` against the rules of a folder.
///
/// # Errors
/// There is no such folder, or no rule in it that can be used.
pub(crate) fn run(folder: &Path, files: &[PathBuf], reading: &Reading) -> Result<Found> {
    let (sigma, unusable) = Sigma::load(folder);
    let rules = sigma.rules().count();
    if rules == 0 {
        let why = unusable.first().map_or_else(
            || "there is no rule (.yml, .yaml) in it".to_owned(),
            |first| format!("none of its rules can be used; the first: {first}"),
        );
        bail!("use the Sigma rules of {}: {why}", folder.display());
    }
    let mut incomplete: Vec<Incomplete> = unusable
        .iter()
        .take(NAMED)
        .map(|rule| {
            let at = if rule.line > 0 { format!(":{}", rule.line) } else { String::new() };
            let title = rule.title.as_deref().map(|title| format!(" ({title})")).unwrap_or_default();
            let what = format!("Sigma rule {}{at}{title}", rule.file.display());
            Incomplete::new(Area::Logins, what, format!("it cannot be used: {}", rule.reason))
        })
        .collect();
    if unusable.len() > NAMED {
        let more = unusable.len() - NAMED;
        incomplete.push(Incomplete::new(Area::Logins, format!("{more} more Sigma rules"), "they cannot be used"));
    }
    let mut judge = Judge { sigma, found: BTreeMap::new(), audit: Audit::default(), unread: 0, lost: 0 };
    let until = reading.zone.to_datetime(reading.now).date();
    let offset = reading.zone.to_offset(reading.now);
    let reference = Reference { until, offset };
    let outcome = raw::read(Area::Logins, families(files.to_vec()), reading, &mut |raw, time| {
        let time = time.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        match raw {
            Raw::Line(line) => judge.line(&String::from_utf8_lossy(line), time, reference),
            Raw::Entry { host, program, process, message } => {
                let text = |bytes| String::from_utf8_lossy(bytes);
                judge.entry(&text(host), &text(program), &text(process), &text(message), time);
            }
        }
    });
    incomplete.extend(outcome.incomplete);
    Ok(judge.end(incomplete, rules))
}

struct Judge {
    sigma: Sigma,
    /// By fingerprint: the first match, how many there were, and when the last was.
    found: BTreeMap<String, (Finding, u64, Timestamp)>,
    audit: Audit,
    /// Lines that could not be made events of.
    unread: u64,
    /// Matches beyond what is kept.
    lost: u64,
}

impl Judge {
    fn line(&mut self, line: &str, time: Option<Timestamp>, reference: Reference) {
        if line.starts_with("type=") || line.starts_with("node=") {
            let mut matches = Vec::new();
            let sigma = &mut self.sigma;
            self.audit.line(line, |event| matches.extend(sigma.run(event)));
            return self.take(matches);
        }
        if line.starts_with('{') {
            return self.json(line, time);
        }
        match syslog::event(line, reference) {
            Some(mut event) => {
                // The log's own clock has been followed over the turn of years.
                event.time = time.or(event.time);
                self.event(&event);
            }
            None if line.trim().is_empty() => {}
            // A program's own file: rules with keywords look at the line.
            None => {
                let mut event = Event::new(Source::linux_service("")).text(line);
                event.time = time;
                self.event(&event);
            }
        }
    }

    fn entry(&mut self, host: &str, program: &str, process: &str, message: &str, time: Option<Timestamp>) {
        let stamp = time.unwrap_or(Timestamp::UNIX_EPOCH);
        let name = if program.is_empty() { "-" } else { program };
        let host = if host.is_empty() { "-" } else { host };
        let process = if process.is_empty() { "0" } else { process };
        // A message may go over several lines; a line of syslog has but one.
        let line = format!("{stamp} {host} {name}[{process}]: {}", message.replace('\n', " "));
        let reference = Reference { until: jiff::civil::Date::MAX, offset: jiff::tz::Offset::UTC };
        self.line(&line, time, reference);
    }

    fn json(&mut self, line: &str, time: Option<Timestamp>) {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            self.unread += 1;
            return;
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if let (Some(micros), Some(message)) = (text("__REALTIME_TIMESTAMP"), text("MESSAGE")) {
            let time = micros.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
            let program = text("SYSLOG_IDENTIFIER").or_else(|| text("_COMM")).unwrap_or_default();
            let field = |name| text(name).unwrap_or_default();
            return self.entry(field("_HOSTNAME"), program, field("_PID"), message, time);
        }
        let source = value.get("logsource").map_or_else(Source::unknown, |source| {
            let part = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default().to_owned().into();
            Source { product: part("product"), category: part("category"), service: part("service"), also: "".into() }
        });
        let stamp = ["@timestamp", "timestamp", "time", "UtcTime", "TimeCreated", "eventTime", "ts"];
        let stamp = stamp.iter().find_map(|name| time_in(value.get(*name)?));
        let Some(mut event) = Event::from_json(source, &value) else {
            self.unread += 1;
            return;
        };
        event.time = stamp.or(time);
        event.text = line.into();
        self.event(&event);
    }

    fn event(&mut self, event: &Event<'_>) {
        let matches = self.sigma.run(event);
        self.take(matches);
    }

    fn take(&mut self, matches: Vec<Match>) {
        for found in matches {
            let host = Some(found.host.as_str()).filter(|host| !matches!(*host, "" | "-")).unwrap_or("this host");
            let subject = Subject::new(SubjectKind::Host, host);
            let finding = found.finding(subject);
            let time = finding.time;
            let full = self.found.len() >= MOST;
            match self.found.get_mut(&finding.fingerprint) {
                Some((_, count, last)) => {
                    *count += 1;
                    *last = (*last).max(time);
                }
                None if full => self.lost += 1,
                None => drop(self.found.insert(finding.fingerprint.clone(), (finding, 1, time))),
            }
        }
    }

    fn end(mut self, mut incomplete: Vec<Incomplete>, rules: usize) -> Found {
        let mut matches = Vec::new();
        let sigma = &mut self.sigma;
        self.audit.finish(|event| matches.extend(sigma.run(event)));
        matches.extend(self.sigma.finish());
        self.take(matches);
        let unread = self.unread + self.audit.unread();
        let gaps = [
            (unread, "lines", "no rule looked at them: they are no JSON objects, too deep, too long or cut off"),
            (self.lost, "matches of Sigma rules", "there were more than are kept; look at a shorter time with --since"),
            (
                self.sigma.state().forgotten(),
                "groups of Sigma's correlations",
                "there were more than are remembered at a time",
            ),
        ];
        incomplete.extend(
            gaps.iter()
                .filter(|(count, ..)| *count > 0)
                .map(|(count, what, why)| Incomplete::new(Area::Logins, format!("{count} {what}"), *why)),
        );
        let findings = self.found.into_values().map(|(finding, count, last)| {
            if count == 1 {
                return finding;
            }
            let first = finding.time;
            finding.evidence("matches", format!("{count}, from {first} to {last}"))
        });
        Found { findings: findings.collect(), incomplete, rules }
    }
}

/// A time in a JSON value: RFC 3339, or seconds, milliseconds or microseconds since 1970.
fn time_in(value: &Value) -> Option<Timestamp> {
    if let Some(text) = value.as_str() {
        return text.parse().ok();
    }
    let number = value.as_f64().filter(|number| number.is_finite() && *number >= 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
    let micros = match number {
        ..1e11 => number * 1e6,
        ..1e14 => number * 1e3,
        _ => number,
    } as i64;
    Timestamp::from_microsecond(micros).ok()
}
