//! `keelguard signs incidents`: what the signs say, joined into incidents.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use keelguard_model::incident::{INCIDENT_SCHEMA, IncidentReport};
use keelguard_model::sign::SignReport;
use keelguard_model::{Area, Finding, Incomplete};
use keelguard_report::{IncidentFormat, VerisVictim};
use keelguard_signs::incidents::{Correlator, Limits};
use keelguard_signs::logins::collect::{self, Reading};
use tempfile::NamedTempFile;

use super::{since, told, warn};
use crate::cli::{Global, Incidents};
use crate::commands::progress::{Progress, say};
use crate::data::Depth;
use crate::downtime::Engine;
use crate::exit::Exit;
use crate::settings::{Flags, Settings};
use crate::{logs, output};

/// What one sign has to say.
struct Told {
    area: Area,
    findings: Vec<Finding>,
    sources: Vec<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    incomplete: Vec<Incomplete>,
}

/// How a sign is asked: of the files that were named, or of what this host has recorded. None where the named files hold
/// nothing that it reads.
type Ask = fn(&[PathBuf], &Reading, &Settings) -> Result<Option<Told>>;

/// The signs that are joined. A further one is a row.
const SIGNS: &[Ask] = &[logins, data, downtime, performance];

/// What became of this host's files, backups and logs; files that are named are logs of other signs.
fn data(files: &[PathBuf], _reading: &Reading, settings: &Settings) -> Result<Option<Told>> {
    if !files.is_empty() {
        return Ok(None);
    }
    let report = crate::data::configured(Depth::Cheap, settings)?;
    Ok(report.map(|SignReport { area, findings, sources, from, to, incomplete, .. }| Told {
        area,
        findings,
        sources,
        from,
        to,
        incomplete,
    }))
}

fn logins(files: &[PathBuf], reading: &Reading, settings: &Settings) -> Result<Option<Told>> {
    let own = || collect::default_sources(Path::new("/"));
    let engine = logs::engine_events(settings, reading, files);
    let files = if files.is_empty() { own() } else { files.to_vec() };
    let geo = logs::geo(settings)?;
    let rules = settings.text("sigma_rules").map(Path::new);
    let report = logs::logins(&files, reading, logs::With { rules, geo: geo.as_ref(), engine })?.report;
    let SignReport { area, findings, sources, from, to, incomplete, .. } = report;
    Ok(Some(Told { area, findings, sources, from, to, incomplete }))
}

fn downtime(files: &[PathBuf], reading: &Reading, settings: &Settings) -> Result<Option<Told>> {
    let asks = if files.is_empty() { Engine::Ask } else { Engine::Leave };
    let sources = crate::downtime::sources(files, reading.clone(), asks, settings)?;
    let report = crate::downtime::sign(crate::downtime::look(sources, settings)?);
    if !files.is_empty() && report.lines == 0 {
        // A btmp tells of no shutdowns, and nobody expects it to.
        return Ok(None);
    }
    let SignReport { area, findings, sources, from, to, incomplete, .. } = report;
    Ok(Some(Told { area, findings, sources, from, to, incomplete }))
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table of signs")]
fn performance(files: &[PathBuf], reading: &Reading, settings: &Settings) -> Result<Option<Told>> {
    // Logs hold no measurements but those of sysstat, which downtime reads for its own ends.
    if !files.is_empty() {
        return Ok(None);
    }
    let SignReport { area, findings, sources, from, to, incomplete, .. } =
        crate::performance::sign(reading.now, settings);
    let is_asked = |finding: &Finding| reading.since.is_none_or(|since| finding.time >= since);
    let findings = findings.into_iter().filter(is_asked).collect();
    Ok(Some(Told { area, findings, sources, from, to, incomplete }))
}

/// The files, with standard input, which can be read only once, put into one.
fn files(named: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<NamedTempFile>)> {
    let is_input = |file: &PathBuf| file.as_os_str() == "-";
    if !named.iter().any(is_input) {
        return Ok((named.to_vec(), None));
    }
    let mut kept = NamedTempFile::new().context("keep what comes from standard input")?;
    std::io::copy(&mut std::io::stdin().lock(), &mut kept).context("keep what comes from standard input")?;
    let path = kept.path().to_path_buf();
    Ok((named.iter().map(|file| if is_input(file) { path.clone() } else { file.clone() }).collect(), Some(kept)))
}

pub(super) fn run(global: &Global, arguments: &Incidents) -> Result<Exit> {
    let mut flags = Flags::new();
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    flags.extend(arguments.sigma.as_ref().map(|folder| ("sigma_rules", folder.display().to_string())));
    let settings = crate::commands::settings(global, flags)?;
    let format = arguments.format.unwrap_or_default();
    let victim = victim(&settings)?;
    let now = Timestamp::now();
    let reading = Reading {
        since: arguments.since.as_deref().map(|text| since(text, now)).transpose()?,
        ..Reading::everything(now)
    };
    let mut report = empty(now);
    let mut findings = Vec::new();
    let progress = Progress::begin(&settings, "Reading logs");
    let (files, input) = files(&arguments.files)?;
    for ask in SIGNS {
        let Some(told) = ask(&files, &reading, &settings)? else { continue };
        report.signs.push(told.area);
        findings.extend(told.findings);
        report.sources.extend(told.sources);
        report.incomplete.extend(told.incomplete);
        report.from = [report.from, told.from].into_iter().flatten().min();
        report.to = report.to.max(told.to);
    }
    drop(progress);
    if let Some(kept) = input {
        // Nobody knows the file that stood in for it.
        let path = kept.path().display().to_string();
        report.sources.iter_mut().filter(|source| **source == path).for_each(|source| "-".clone_into(source));
        report.incomplete.iter_mut().for_each(|gap| gap.what = gap.what.replace(&path, "-"));
    }
    report.sources.sort();
    report.sources.dedup();
    report.incomplete.sort();
    report.incomplete.dedup();
    for warning in crate::exceptions::apply(&settings.exceptions, &mut findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    join(&mut report, &findings, &Limits::default(), &settings);
    let to_file = arguments.destination.output.as_deref();
    let options = told::options(&settings, arguments.all, to_file);
    output::write(to_file, |out| Ok(keelguard_report::render_incidents(&report, format, &options, &victim, out)?))?;
    // The languages of the field have no place for what is missing.
    if !matches!(format, IncidentFormat::Table | IncidentFormat::Json) {
        warn(&report.incomplete, &settings);
    }
    let worst = report.incidents.iter().map(|incident| incident.severity).max();
    Ok(told::ended(worst, report.incomplete.is_empty(), &settings))
}

/// The incidents among the findings of one sign; of downtime, outages are incidents by themselves.
pub(super) fn of_sign(sign: &SignReport, settings: &Settings, now: Timestamp) -> IncidentReport {
    let mut report = IncidentReport {
        sources: sign.sources.clone(),
        signs: vec![sign.area],
        from: sign.from,
        to: sign.to,
        incomplete: sign.incomplete.clone(),
        ..empty(now)
    };
    let limits = Limits { outages: sign.area == Area::Downtime, ..Limits::default() };
    join(&mut report, &sign.findings, &limits, settings);
    report
}

/// Whom it happened to, for VERIS.
pub(super) fn victim(settings: &Settings) -> Result<VerisVictim> {
    let text = |name: &str| settings.text(name).unwrap_or_default();
    let (country, industry) = (text("victim_country"), text("victim_industry"));
    VerisVictim::new(country, industry, text("victim_employees"), text("victim_name"))
        .map_err(|wrong| anyhow!("use the settings: {wrong}"))
}

fn join(report: &mut IncidentReport, findings: &[Finding], limits: &Limits, settings: &Settings) {
    let hours = i64::try_from(settings.number("incident_window")).unwrap_or(i64::MAX).clamp(1, 24 * 365);
    let mut correlator = Correlator::new(Limits { window: hours * 3600, ..limits.clone() });
    for finding in findings {
        correlator.see(finding);
    }
    report.findings = correlator.seen();
    report.incidents = correlator.incidents();
    report.incomplete.extend(correlator.incomplete());
}

fn empty(now: Timestamp) -> IncidentReport {
    IncidentReport {
        schema: INCIDENT_SCHEMA.to_owned(),
        tool: logs::tool(),
        made: now,
        sources: Vec::new(),
        signs: Vec::new(),
        findings: 0,
        from: None,
        to: None,
        incidents: Vec::new(),
        incomplete: Vec::new(),
    }
}
