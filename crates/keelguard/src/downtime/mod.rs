//! The sign of downtime, looked at: what this host's logs, its kernel and its engine say, judged.

pub(crate) mod engine;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use keelguard_model::downtime::{DOWNTIME_SCHEMA, DowntimeReport};
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Incomplete, verdict};
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

/// Whether the engine is asked what it remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Ask,
    /// It is not on this host, or nobody wants to know.
    Leave,
}

/// This host's own logs, or those that are named. Only with this host's own logs is its kernel asked.
pub(crate) fn sources(files: &[PathBuf], reading: Reading, engine: Engine, settings: &Settings) -> Result<Sources> {
    let mut sources = Sources { files: files.to_vec(), told: Vec::new(), reading, incomplete: Vec::new() };
    if files.is_empty() {
        let root = Path::new("/");
        sources.files = collect::default_sources(root);
        sources.told = collect::running_since(root, &sources.reading);
        sources.told.extend(collect::kept_by_kernel(root));
    }
    if engine == Engine::Ask {
        let options = crate::assess::options(settings);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
        if let Some(history) = runtime.block_on(keelguard_host::history(&options))? {
            sources.told.extend(engine::happenings(&history, &sources.reading));
            let gaps = history.gaps.into_iter().map(|(what, why)| Incomplete::new(Area::Downtime, what, why));
            sources.incomplete.extend(gaps);
        }
    }
    Ok(sources)
}

/// Reads and judges.
pub(crate) fn look(sources: Sources, settings: &Settings) -> Result<DowntimeReport> {
    let windows = windows(settings)?;
    let Sources { files, told, reading, mut incomplete } = sources;
    let mut detectors = Detectors::new(Limits::default());
    let outcome =
        collect::read(collect::families(files.clone()), told, &reading, &mut |happening| detectors.see(happening));
    incomplete.extend(outcome.incomplete);
    incomplete.extend(detectors.incomplete());
    incomplete.sort();
    incomplete.dedup();
    let judged = detectors.judge(&windows, &reading.zone);
    Ok(DowntimeReport {
        schema: DOWNTIME_SCHEMA.to_owned(),
        tool: crate::logs::tool(),
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
    })
}

/// What all signs have in common, for the facts and for incidents.
pub(crate) fn sign(report: DowntimeReport) -> SignReport {
    SignReport {
        schema: SIGN_SCHEMA.to_owned(),
        tool: report.tool,
        area: report.area,
        verdict: report.verdict,
        sources: report.sources,
        lines: report.lines,
        events: report.events,
        from: report.from,
        to: report.to,
        findings: report.findings,
        block: Vec::new(),
        incomplete: report.incomplete,
    }
}

/// Maintenance windows of the settings.
pub(crate) fn windows(settings: &Settings) -> Result<Vec<Window>> {
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
