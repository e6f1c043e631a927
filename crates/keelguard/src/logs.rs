//! The signs that stand in this host's logs: read, judged, and put among the facts.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use keelguard_host::Facts;
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Incomplete, ToolInfo, verdict};
use keelguard_signs::logins::Seen;
use keelguard_signs::logins::collect::{self, GeoDatabase, Reading};
use keelguard_signs::logins::detect::{Detectors, Limits};

use crate::data::{self, Depth};
use crate::settings::Settings;
use crate::{downtime, sigma};

/// What logs say of logins.
pub(crate) struct Logins {
    pub(crate) report: SignReport,
    /// How far the logs go back, in days; below two weeks nothing is called new.
    pub(crate) days: i64,
    /// Sigma rules that every line was held against.
    pub(crate) rules: usize,
}

/// What wrote a report.
pub(crate) fn tool() -> ToolInfo {
    ToolInfo { name: "keelguard".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// The database of addresses that the settings name.
pub(crate) fn geo(settings: &Settings) -> Result<Option<GeoDatabase>> {
    Ok(settings.text("geo_database").map(|path| GeoDatabase::open(Path::new(path))).transpose()?)
}

/// Has an event judged, together with the place from which it came.
pub(crate) fn judge(detectors: &mut Detectors, geo: Option<&GeoDatabase>, seen: &Seen<'_>) {
    match geo {
        Some(geo) => geo.with_place(seen, |whence| detectors.see_from(seen, whence)),
        None => detectors.see(seen),
    }
}

/// What logs are held against, and what is judged besides them.
#[derive(Default)]
pub(crate) struct With<'a> {
    /// A folder of Sigma rules.
    pub(crate) rules: Option<&'a Path>,
    pub(crate) geo: Option<&'a GeoDatabase>,
    /// The engine's own events, where this host is looked at.
    pub(crate) engine: EngineEvents,
}

/// What such lines are called.
const WHAT: &str = "the engine's events";

/// What the engine tells of its past, or why it does not.
#[derive(Default)]
pub(crate) struct EngineEvents {
    pub(crate) told: Option<collect::Told>,
    pub(crate) missing: Option<Incomplete>,
}

/// The events that this host's engine remembers; where files were `named`, these are looked at and nothing else.
pub(crate) fn engine_events(settings: &Settings, reading: &Reading, named: &[PathBuf]) -> EngineEvents {
    if !named.is_empty() {
        return EngineEvents::default();
    }
    let missing = |why: String| EngineEvents { told: None, missing: Some(Incomplete::new(Area::Logins, WHAT, why)) };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return missing(error.to_string()),
    };
    let asked = runtime.block_on(keelguard_host::events(&crate::assess::options(settings), reading.since, reading.now));
    match asked {
        Ok(None) => EngineEvents::default(),
        Ok(Some(Ok(lines))) => EngineEvents { told: Some((WHAT.to_owned(), lines)), missing: None },
        Ok(Some(Err(why))) => missing(why),
        Err(error) => missing(format!("could not {error}")),
    }
}

/// Reads `files` and judges the logins in them; with a folder of Sigma rules, every line by these, too.
///
/// # Errors
/// The rules cannot be used.
pub(crate) fn logins(files: &[PathBuf], reading: &Reading, with: With<'_>) -> Result<Logins> {
    let geo = with.geo;
    let sigma = with.rules.map(|folder| sigma::run(folder, files, reading)).transpose()?.unwrap_or_default();
    let mut detectors = Detectors::new(Limits::default());
    let families = collect::families(files.to_vec());
    let mut outcome = collect::read_with(families, with.engine.told, reading, &mut |seen, _| {
        judge(&mut detectors, geo, seen);
    });
    outcome.incomplete.extend(with.engine.missing);
    outcome.incomplete.extend(nothing_read(files, outcome.lines, reading));
    outcome.incomplete.extend(detectors.incomplete());
    outcome.incomplete.extend(geo.and_then(GeoDatabase::incomplete));
    outcome.incomplete.extend(sigma.incomplete);
    let mut findings = detectors.findings();
    findings.extend(sigma.findings);
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| b.time.cmp(&a.time)));
    let report = SignReport {
        schema: SIGN_SCHEMA.to_owned(),
        tool: tool(),
        area: Area::Logins,
        verdict: verdict(Counts::of(&findings), outcome.incomplete.len()),
        sources: files.iter().map(|file| file.display().to_string()).collect(),
        lines: outcome.lines,
        events: outcome.events,
        from: outcome.times.map(|(from, _)| from),
        to: outcome.times.map(|(_, to)| to),
        findings,
        block: detectors.to_block(&collect::own_addresses(reading)).iter().map(ToString::to_string).collect(),
        incomplete: outcome.incomplete,
    };
    Ok(Logins { report, days: detectors.days(), rules: sigma.rules })
}

/// Where nothing is recorded, nothing can be seen: that must not read as clean.
pub(crate) fn nothing_read(files: &[PathBuf], lines: u64, reading: &Reading) -> Option<Incomplete> {
    let why = match (files.is_empty(), lines) {
        // What was last written before the time that was asked for is not opened.
        (false, 0) if reading.since.is_some() && files.iter().any(|file| holds_something(file)) => return None,
        (true, _) => {
            "there is no auth.log, secure, wtmp, btmp or journal; name the files: keelguard signs logins FILE…"
        }
        (false, 0) => "there is not one line in these logs: nobody writes them, or somebody has emptied them",
        (false, _) => return None,
    };
    let names: Vec<_> = files.iter().take(5).map(|file| file.display().to_string()).collect();
    Some(Incomplete::new(Area::Logins, if files.is_empty() { "/var/log".to_owned() } else { names.join(", ") }, why))
}

fn holds_something(file: &Path) -> bool {
    file.is_dir() || std::fs::metadata(file).is_ok_and(|meta| !meta.is_file() || meta.len() > 0)
}

/// Reads this host's own logs into the facts, as far back as the settings say, for the areas that are asked for.
///
/// # Errors
/// The Sigma rules that the settings name cannot be used.
pub(crate) fn read(facts: &mut Facts, settings: &Settings, watch: &dyn Fn(&str)) -> Result<()> {
    let asked = settings.areas();
    let now = Timestamp::now();
    let days = i64::try_from(settings.number("log_days")).unwrap_or(i64::MAX);
    let since = days.checked_mul(24).filter(|hours| *hours > 0);
    let since = since.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok());
    let reading = Reading { since, ..Reading::everything(now) };
    if asked.contains(&Area::Logins) {
        watch("Reading logs of logins");
        let files = collect::default_sources(Path::new("/"));
        // All else can be looked at without it.
        let (geo, missing) = match geo(settings) {
            Ok(geo) => (geo, None),
            Err(error) => (None, Some(format!("could not {error:#}"))),
        };
        let rules = settings.text("sigma_rules").map(Path::new);
        let engine = engine_events(settings, &reading, &[]);
        let mut report = logins(&files, &reading, With { rules, geo: geo.as_ref(), engine })?.report;
        if let Some(why) = missing {
            report.incomplete.push(Incomplete::new(Area::Logins, "geo_database", why));
            report.verdict = verdict(Counts::of(&report.findings), report.incomplete.len());
        }
        facts.signs.push(report);
    }
    if asked.contains(&Area::Performance) {
        watch("Looking at load and processes");
        facts.signs.push(crate::performance::sign(now, settings));
    }
    if asked.contains(&Area::Data) {
        watch("Looking at files, backups and logs");
        facts.signs.extend(data::configured(Depth::Cheap, settings)?);
    }
    if asked.contains(&Area::Downtime) {
        watch("Reading logs of starts and ends");
        let is_here = facts.engine.as_ref().is_some_and(|engine| engine.local);
        let engine = if is_here { downtime::Engine::Ask } else { downtime::Engine::Leave };
        let report = downtime::look(downtime::sources(&[], reading, engine, settings)?, settings)?;
        facts.signs.push(downtime::sign(report));
    }
    Ok(())
}
