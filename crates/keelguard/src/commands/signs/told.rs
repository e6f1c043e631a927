//! What all signs do alike with what they found: how it is shown, how events are written, how a finding is said while it happens,
//! and how the command ends.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use keelguard_model::text::printable;
use keelguard_model::{Finding, Severity};
use keelguard_report::Options;
use serde::Serialize;

use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

/// How reports are shown, on a terminal or into a file.
pub(in crate::commands) fn options(settings: &Settings, all: bool, to_file: Option<&Path>) -> Options {
    Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all,
        min_severity: settings.severity("min_severity"),
        ..Options::default()
    }
}

/// The worst of the findings that no exception covers.
pub(in crate::commands) fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().filter(|finding| finding.suppressed.is_none()).map(|finding| finding.severity).max()
}

/// How the command ends: by the worst that was found, else by whether everything could be looked at.
pub(in crate::commands) fn ended(worst: Option<Severity>, is_whole: bool, settings: &Settings) -> Exit {
    match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if is_whole => Exit::Done,
        _ => Exit::Partial,
    }
}

/// A value as a line of its own.
pub(in crate::commands) fn line(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(out.write_all(b"\n")?)
}

/// A value as one of a JSON list; whoever writes the list writes its brackets.
pub(in crate::commands) fn element(value: &impl Serialize, is_first: bool, out: &mut dyn Write) -> Result<()> {
    out.write_all(if is_first { b"\n" } else { b",\n" })?;
    Ok(serde_json::to_writer(out, value)?)
}

/// A finding while it happens: a line of JSON, or one for people.
pub(in crate::commands) fn news(finding: &Finding, as_json: bool, out: &mut dyn Write) -> Result<()> {
    if as_json {
        return line(finding, out);
    }
    let (severity, title) = (finding.severity.to_string(), printable(&finding.title));
    Ok(writeln!(out, "{:19}  {severity:8}  {}  {title}", stamp(Some(finding.time)), finding.rule)?)
}

/// A time as people read it; a dash where there is none.
pub(in crate::commands) fn stamp(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
