//! What changed between two reports, by fingerprint.

use std::collections::{BTreeSet, HashSet};

use keelguard_model::{Area, Finding, Report, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

/// The difference between an old report and a new one. Findings under an exception are no news either way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Fingerprints of findings that the old report does not have.
    pub new: Vec<String>,
    /// Findings of the old report that are gone.
    pub fixed: Vec<Finding>,
    /// Findings of the old report that did not show, in areas that could not be looked at as well as before: perhaps
    /// fixed, perhaps only unseen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Finding>,
    /// How many are in both.
    pub unchanged: usize,
}

/// Compares two reports.
pub fn compare(old: &Report, new: &Report) -> Comparison {
    let before: HashSet<&str> = old.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let now: HashSet<&str> = new.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let blinded = blinded(old, new);
    let mut comparison = Comparison::default();
    for finding in new.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        if before.contains(finding.fingerprint.as_str()) {
            comparison.unchanged += 1;
        } else {
            comparison.new.push(finding.fingerprint.clone());
        }
    }
    for finding in old.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        if now.contains(finding.fingerprint.as_str()) {
            continue;
        }
        let gone = if blinded.contains(&finding.area) { &mut comparison.unseen } else { &mut comparison.fixed };
        gone.push(finding.clone());
    }
    comparison
}

/// Areas of which the new run saw less than the old one. What is missing there is not known to be fixed.
fn blinded(old: &Report, new: &Report) -> BTreeSet<Area> {
    let known: HashSet<(Area, &str)> = old.incomplete.iter().map(|gap| (gap.area, gap.what.as_str())).collect();
    let gaps = new.incomplete.iter().filter(|gap| !known.contains(&(gap.area, gap.what.as_str()))).map(|gap| gap.area);
    let unknown = new.areas.iter().filter(|area| {
        area.verdict == Verdict::Unknown
            && old.areas.iter().any(|before| before.area == area.area && before.verdict != Verdict::Unknown)
            && !new.incomplete.iter().any(|gap| gap.area == area.area)
    });
    gaps.chain(unknown.map(|area| area.area)).collect()
}
