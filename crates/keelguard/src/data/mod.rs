//! The sign of data, looked at: trees against their baseline, canaries, backups and logs, joined into one report.

pub(crate) mod backups;
pub(crate) mod canaries;
pub(crate) mod logs;
pub(crate) mod ransom;
pub(crate) mod trees;

use anyhow::Result;
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Verdict, verdict};
use keelguard_signs::data::Looked;

use crate::settings::Settings;

/// What a baseline is of, among what nobody has set up.
const FILES: &str = "files";

/// How thoroughly is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What `check` can afford: seconds, no terabytes, no drill.
    Cheap,
    /// Everything.
    Whole,
}

/// How a part is asked. Where nothing is configured it says so under `unset`, with what to type.
type Part = fn(Depth, &Settings) -> Result<Looked>;

/// The parts of the sign. A further one is a row.
const PARTS: &[Part] = &[trees::look, backups::look, logs::look, canaries::look, ransom::look];

/// This host's name, as logs have it.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Everything that is configured, joined.
pub(crate) fn look(depth: Depth, settings: &Settings) -> Result<Looked> {
    let mut all = Looked::default();
    for part in PARTS {
        all.join(part(depth, settings)?);
    }
    Ok(all)
}

/// The same for `check`: none where nothing is configured. Without a baseline nobody knows what became of the files, so that the
/// verdict is unknown at best; a gap that makes every check incomplete it is not.
pub(crate) fn configured(depth: Depth, settings: &Settings) -> Result<Option<SignReport>> {
    let looked = look(depth, settings)?;
    let is_set =
        looked.lines > 0 || !(looked.sources.is_empty() && looked.findings.is_empty() && looked.incomplete.is_empty());
    let has_baseline = !looked.unset.iter().any(|unset| unset.what == FILES);
    let mut report = joined(looked);
    if !has_baseline && report.verdict == Verdict::Green {
        report.verdict = Verdict::Unknown;
    }
    Ok(is_set.then_some(report))
}

/// What was looked at, as a report. Files without a baseline are a gap: green it cannot be.
pub(crate) fn report(mut looked: Looked) -> SignReport {
    let is_nothing = looked.sources.is_empty() && looked.findings.is_empty() && looked.incomplete.is_empty();
    let gaps = looked.unset.iter().filter(|unset| is_nothing || unset.what == FILES).cloned();
    looked.incomplete.extend(gaps);
    joined(looked)
}

fn joined(looked: Looked) -> SignReport {
    let Looked { mut findings, mut incomplete, unset: _, mut sources, lines, events, from, to } = looked;
    findings.sort_by(|a, b| {
        let order = b.severity.cmp(&a.severity).then_with(|| b.time.cmp(&a.time));
        order.then_with(|| (&a.rule, &a.subject, &a.fingerprint).cmp(&(&b.rule, &b.subject, &b.fingerprint)))
    });
    incomplete.sort();
    incomplete.dedup();
    sources.sort();
    sources.dedup();
    SignReport {
        schema: SIGN_SCHEMA.to_owned(),
        tool: crate::logs::tool(),
        area: Area::Data,
        verdict: verdict(Counts::of(&findings), incomplete.len()),
        sources,
        lines,
        events,
        from,
        to,
        findings,
        block: Vec::new(),
        incomplete,
    }
}
