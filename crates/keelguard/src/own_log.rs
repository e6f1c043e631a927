//! Keelguard's own log: what it did and found, chained by hashes, in `data_dir`. That it cannot be written never stops what is
//! recorded.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_model::sign::SignReport;
use keelguard_model::{Finding, Report};
use keelguard_signs::data::own_log::append;
use serde_json::{Value, json};

use crate::commands::progress::say;
use crate::exceptions::Exception;
use crate::settings::Settings;

/// Fingerprints that one record holds.
const MOST: usize = 1000;

/// Where the log lies.
///
/// # Errors
/// There is no `data_dir`.
pub(crate) fn path(settings: &Settings) -> Result<PathBuf> {
    let folder = settings.text("data_dir").context("find Keelguard's own log: set KEELGUARD_DATA_DIR")?;
    Ok(Path::new(folder).join("log").join("keelguard.jsonl"))
}

/// Records that something was done. What goes wrong is said once, and changes nothing.
pub(crate) fn note(settings: &Settings, kind: &str, detail: Value) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !settings.switch("own_log") {
        return;
    }
    // Without a home there is no place for it, and nobody expects one.
    let Ok(path) = path(settings) else { return };
    if let Err(error) = append(&path, kind, detail, Timestamp::now())
        && !SAID.swap(true, Ordering::Relaxed)
    {
        let error = anyhow::Error::new(error);
        say(settings, &format!("keelguard: warning: this is not in Keelguard's own log: could not {error:#}"));
    }
}

/// What a sign said.
pub(crate) fn sign(report: &SignReport, settings: &Settings) {
    let incomplete = report.incomplete.len();
    note(
        settings,
        &format!("signs {}", report.area.name()),
        judged(&report.verdict, &report.findings, incomplete, settings),
    );
}

/// What `check` said.
pub(crate) fn check(report: &Report, settings: &Settings) {
    let areas: serde_json::Map<String, Value> =
        report.areas.iter().map(|area| (area.area.name().to_owned(), json!(area.verdict))).collect();
    note(settings, "check", judged(&areas, &report.findings, report.incomplete.len(), settings));
}

/// A verdict, with what it was made of.
pub(crate) fn judged(
    verdict: &impl serde::Serialize,
    findings: &[Finding],
    incomplete: usize,
    settings: &Settings,
) -> Value {
    let found = findings.iter().filter(|finding| finding.suppressed.is_none());
    let shown = |finding: &Finding| format!("{} {}", finding.rule, finding.fingerprint);
    let exceptions = settings.exceptions.iter().take(MOST).map(Exception::summary);
    json!({
        "verdict": verdict,
        "findings": found.clone().take(MOST).map(shown).collect::<Vec<_>>(),
        "count": found.count(),
        "suppressed": findings.iter().filter(|finding| finding.suppressed.is_some()).count(),
        "incomplete": incomplete,
        "exceptions": exceptions.collect::<Vec<_>>(),
    })
}
