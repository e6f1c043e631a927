//! The sign of surging spam, as far as logs of mail servers show it.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Incomplete, verdict};
use keelguard_signs::downtime::collect::{Reading, families};
use keelguard_signs::spam::surge::collect;
use keelguard_signs::spam::surge::{Detectors, Limits, Names};

/// Users of this host by number; containers have theirs from the engine, which is not asked for this.
fn names() -> Names {
    const MOST: u64 = 1 << 20;
    let mut text = String::new();
    let read = std::fs::File::open("/etc/passwd")
        .and_then(|file| std::io::Read::read_to_string(&mut std::io::Read::take(file, MOST), &mut text));
    if read.is_ok() { Names::of_passwd(&text) } else { Names::default() }
}

/// Detectors that know what this host's numbers are called.
pub(crate) fn detectors() -> Detectors {
    let mut detectors = Detectors::new(Limits::default());
    detectors.name(names());
    detectors
}

/// The files that were named, or else this host's.
pub(crate) fn sources(named: &[PathBuf]) -> Vec<PathBuf> {
    if named.is_empty() { collect::default_sources(Path::new("/")) } else { named.to_vec() }
}

/// Reads logs of mail servers and judges them. A host without any is `unknown`, and its report says what to type.
pub(crate) fn look(files: &[PathBuf], reading: &Reading, detectors: &mut Detectors) -> SignReport {
    let outcome = collect::read(families(files.to_vec()), reading, &mut |seen| detectors.see(seen));
    let mut incomplete = outcome.incomplete;
    incomplete.extend(detectors.incomplete());
    if outcome.events == 0 {
        incomplete.push(Incomplete::new(
            Area::Spam,
            "mail logs",
            "no mail server has written a line that is known here; name its logs: keelguard signs spam logs FILE…, or judge messages: keelguard signs spam PATH…",
        ));
    }
    let mut findings = detectors.findings();
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| b.time.cmp(&a.time)));
    SignReport {
        schema: SIGN_SCHEMA.to_owned(),
        tool: crate::logs::tool(),
        area: Area::Spam,
        verdict: verdict(Counts::of(&findings), incomplete.len()),
        sources: files.iter().map(|file| file.display().to_string()).collect(),
        lines: outcome.lines,
        events: outcome.events,
        from: outcome.times.map(|(from, _)| from),
        to: outcome.times.map(|(_, to)| to),
        findings,
        block: Vec::new(),
        incomplete,
    }
}

/// This host's own logs, five weeks back: less shows no rhythm. None where no mail server writes any.
pub(crate) fn sign(reading: &Reading) -> Option<SignReport> {
    let long = reading.now.checked_sub(SignedDuration::from_hours(36 * 24)).ok();
    let since = reading.since.map(|since| long.map_or(since, |long| since.min(long)));
    let files = sources(&[]);
    let mut report = look(&files, &Reading { since, ..reading.clone() }, &mut detectors());
    if report.events == 0 {
        return None;
    }
    // What lies further back was read to know what is usual.
    report.findings.retain(|finding| reading.since.is_none_or(|since| finding.time >= since));
    report.verdict = verdict(Counts::of(&report.findings), report.incomplete.len());
    Some(report)
}
