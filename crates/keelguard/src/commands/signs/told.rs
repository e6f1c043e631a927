//! What all signs do alike with what they found: how it is shown, how events are written, how a finding is said while it happens,
//! and how the command ends.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use keelguard_model::sign::SignReport;
use keelguard_model::text::printable;
use keelguard_model::{Counts, Finding, Severity, verdict};
use keelguard_report::{IncidentFormat, Options, SignFormat, VerisVictim};
use serde::Serialize;

use super::{incidents, warn};
use crate::cli::View;
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::output;
use crate::settings::{Flags, Settings};

/// How reports are shown, on a terminal or into a file.
pub(super) fn options(settings: &Settings, all: bool, to_file: Option<&Path>) -> Options {
    Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all,
        min_severity: settings.severity("min_severity"),
        ..Options::default()
    }
}

/// The worst of the findings that no exception covers.
pub(super) fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().filter(|finding| finding.suppressed.is_none()).map(|finding| finding.severity).max()
}

/// How the command ends: by the worst that was found, else by whether everything could be looked at.
pub(super) fn ended(worst: Option<Severity>, is_whole: bool, settings: &Settings) -> Exit {
    match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if is_whole => Exit::Done,
        _ => Exit::Partial,
    }
}

/// The settings that what is shown overrides.
pub(super) fn flags(view: &View) -> Flags {
    let severities = [("fail_on", view.fail_on), ("min_severity", view.min_severity)];
    severities.into_iter().filter_map(|(name, severity)| Some((name, severity?.to_string()))).collect()
}

/// Shows what a sign says, less what exceptions cover; in the languages of incident databases the incidents among it, too.
pub(super) fn show(
    mut report: SignReport,
    format: SignFormat,
    view: &View,
    settings: &Settings,
    now: Timestamp,
) -> Result<Exit> {
    for warning in crate::exceptions::apply(&settings.exceptions, &mut report.findings, now) {
        say(settings, &format!("keelguard: warning: {warning}"));
    }
    report.verdict = verdict(Counts::of(&report.findings), report.incomplete.len());
    crate::own_log::sign(&report, settings);
    let to_file = view.destination.output.as_deref();
    let options = options(settings, view.all, to_file);
    let joined = match format {
        SignFormat::Veris => Some(IncidentFormat::Veris),
        SignFormat::Ocsf => Some(IncidentFormat::Ocsf),
        _ => None,
    };
    let joined = joined.map(|format| (incidents::of_sign(&report, settings, now), format));
    let victim = if joined.is_some() { incidents::victim(settings)? } else { VerisVictim::default() };
    output::write(to_file, |out| {
        keelguard_report::render_sign(&report, format, &options, out)?;
        if let Some((incidents, format)) = joined {
            keelguard_report::render_incidents(&incidents, format, &options, &victim, out)?;
        }
        Ok(())
    })?;
    // A list for a firewall has no place for what is missing in it.
    if !matches!(format, SignFormat::Table | SignFormat::Json) {
        warn(&report.incomplete, settings);
    }
    Ok(ended(worst(&report.findings), report.incomplete.is_empty(), settings))
}

/// What was said while a sign is followed: each finding once, again when it has become worse, and, where the sign says so,
/// again when it still goes on a while later.
#[derive(Default)]
pub(super) struct Said {
    known: HashMap<String, (Severity, i64)>,
    again: Option<i64>,
}

impl Said {
    /// Findings that are remembered as said: what is forgotten may be said again, the map must not grow with the attackers.
    const MOST: usize = 200_000;

    /// What goes on is said again after so many seconds.
    pub(super) fn again_after(seconds: i64) -> Self {
        Self { again: Some(seconds), ..Self::default() }
    }

    /// Says those of `findings` that are news, in the order in which they happened.
    pub(super) fn say(
        &mut self,
        mut findings: Vec<Finding>,
        as_json: bool,
        settings: &Settings,
        out: &mut dyn Write,
    ) -> Result<()> {
        let warnings = crate::exceptions::apply(&settings.exceptions, &mut findings, Timestamp::now());
        if self.known.is_empty() {
            for warning in warnings {
                say(settings, &format!("keelguard: warning: {warning}"));
            }
        }
        let least = settings.severity("min_severity").unwrap_or(Severity::Info);
        findings.retain(|finding| finding.severity >= least && finding.suppressed.is_none());
        findings.sort_by_key(|finding| finding.time);
        for finding in &findings {
            if self.is_news(finding) {
                news(finding, as_json, out)?;
            }
        }
        Ok(())
    }

    fn is_news(&mut self, finding: &Finding) -> bool {
        let at = finding.time.as_second();
        let is_over = |said: i64| self.again.is_some_and(|again| at >= said.saturating_add(again));
        let known = self.known.get(&finding.fingerprint);
        if known.is_some_and(|(severity, said)| *severity >= finding.severity && !is_over(*said)) {
            return false;
        }
        if self.known.len() > Self::MOST {
            self.known.clear();
        }
        self.known.insert(finding.fingerprint.clone(), (finding.severity, at));
        true
    }
}

/// A value as a line of its own.
pub(super) fn line(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(out.write_all(b"\n")?)
}

/// A value as one of a JSON list; whoever writes the list writes its brackets.
pub(super) fn element(value: &impl Serialize, is_first: bool, out: &mut dyn Write) -> Result<()> {
    out.write_all(if is_first { b"\n" } else { b",\n" })?;
    Ok(serde_json::to_writer(out, value)?)
}

/// A finding while it happens: a line of JSON, or one for people.
fn news(finding: &Finding, as_json: bool, out: &mut dyn Write) -> Result<()> {
    if as_json {
        return line(finding, out);
    }
    let (severity, title) = (finding.severity.to_string(), printable(&finding.title));
    Ok(writeln!(out, "{:19}  {severity:8}  {}  {title}", stamp(Some(finding.time)), finding.rule)?)
}

/// A time as people read it; a dash where there is none.
pub(super) fn stamp(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
