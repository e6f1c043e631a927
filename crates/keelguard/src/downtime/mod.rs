//! The sign of downtime, looked at: what this host's logs, its kernel and its engine say, judged.

mod engine;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_model::downtime::{DOWNTIME_SCHEMA, DowntimeReport};
use keelguard_model::{Area, Counts, Incomplete, ToolInfo, verdict};
use keelguard_signs::downtime::Happening;
use keelguard_signs::downtime::collect::{self, Reading};
use keelguard_signs::downtime::detect::{Detectors, Limits, Window};

use crate::settings::Settings;

/// What is read.
pub(crate) struct Sources {
    /// The files.
    pub(crate) files: Vec<PathBuf>,
    /// What is known without a file.
    pub(crate) told: Vec<Happening>,
    pub(crate) reading: Reading,
    /// What could not be asked.
    pub(crate) incomplete: Vec<Incomplete>,
}

/// This host's own logs, or those that are named. Only with this host's own logs are its kernel and its engine asked; an
/// engine that is named is asked always.
pub(crate) fn sources(
    files: &[PathBuf],
    since: Option<Timestamp>,
    now: Timestamp,
    settings: &Settings,
) -> Result<Sources> {
    let reading = Reading { since, ..Reading::everything(now) };
    let mut sources = Sources { files: files.to_vec(), told: Vec::new(), reading, incomplete: Vec::new() };
    if files.is_empty() {
        let root = Path::new("/");
        sources.files = collect::default_sources(root);
        sources.told = collect::running_since(root, now);
        sources.told.extend(collect::kept_by_kernel(root));
    }
    let is_named = settings.source("engine").is_some_and(|from| from == "--engine");
    if files.is_empty() || is_named {
        let options = crate::assess::options(settings);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
        if let Some(history) = runtime.block_on(keelguard_host::history(&options, now))? {
            sources.told.extend(engine::happenings(&history, now));
            let gaps = history.gaps.into_iter().map(|(what, why)| Incomplete::new(Area::Downtime, what, why));
            sources.incomplete.extend(gaps);
        }
    }
    Ok(sources)
}

/// Reads and judges.
pub(crate) fn look(sources: Sources, settings: &Settings) -> Result<(DowntimeReport, Vec<String>)> {
    let windows = windows(settings)?;
    let Sources { files, told, reading, mut incomplete } = sources;
    let mut detectors = Detectors::new(Limits::default());
    let outcome =
        collect::read(collect::families(files.clone()), told, &reading, &mut |happening| detectors.see(happening));
    incomplete.extend(outcome.incomplete);
    incomplete.extend(detectors.incomplete());
    incomplete.sort();
    incomplete.dedup();
    let mut judged = detectors.judge(&windows, &reading.zone);
    let warnings = crate::exceptions::apply(&settings.exceptions, &mut judged.findings, reading.now);
    let report = DowntimeReport {
        schema: DOWNTIME_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        area: Area::Downtime,
        verdict: verdict(Counts::of(&judged.findings), incomplete.len()),
        sources: files.iter().map(|file| file.display().to_string()).collect(),
        lines: outcome.lines,
        events: outcome.events,
        from: outcome.times.map(|(from, _)| from),
        to: outcome.times.map(|(_, to)| to),
        subjects: judged.subjects,
        calendar: judged.calendar,
        findings: judged.findings,
        incomplete,
    };
    Ok((report, warnings))
}

/// Maintenance windows of the settings.
fn windows(settings: &Settings) -> Result<Vec<Window>> {
    let list = settings.list("maintenance");
    list.iter().map(|text| text.parse::<Window>().context("use the setting maintenance")).collect()
}

/// Where nothing is recorded, nothing can be seen: that must not read as clean.
pub(crate) fn nothing_read(files: &[PathBuf], lines: u64, reading: &Reading) -> Option<Incomplete> {
    let why = match (files.is_empty(), lines) {
        // What was last written before the time that was asked for is not opened.
        (false, 0) if reading.since.is_some() => return None,
        (true, _) => "there is no syslog, messages, wtmp or journal; name the files: keelguard signs downtime FILE…",
        (false, 0) => "there is not one line in these logs: nobody writes them, or somebody has emptied them",
        (false, _) => return None,
    };
    let names: Vec<_> = files.iter().take(5).map(|file| file.display().to_string()).collect();
    Some(Incomplete::new(Area::Downtime, if files.is_empty() { "/var/log".to_owned() } else { names.join(", ") }, why))
}
