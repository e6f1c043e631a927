//! Storage that several containers use while one of them writes (M15): the way from that one to the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keelguard_host::facts::{Ident, PathFact};
use keelguard_model::{Finding, Severity, rule};

use super::place::{Place, below};
use super::with_evidence;

/// Over mounts that are not findings already.
pub(super) fn findings(places: &[&Place]) -> Vec<Finding> {
    let mut by_ident: HashMap<Ident, Vec<usize>> = HashMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        if let Some(ident) = place.fact.and_then(PathFact::ident) {
            by_ident.entry(ident).or_default().push(index);
        }
        for name in &place.names {
            by_name.entry(name).or_default().push(index);
        }
    }
    // For each mount those that share it: the same folder, or one above or below it. Each pair is found from its inner
    // side, whose chain names the outer one.
    let mut shared: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); places.len()];
    for (inner, place) in places.iter().enumerate() {
        let above = place.fact.into_iter().flat_map(|fact| &fact.chain).filter_map(|(_, ident)| by_ident.get(ident));
        let named = place.names.iter().flat_map(|name| upwards(name)).filter_map(|path| by_name.get(path));
        for &outer in above.chain(named).flatten() {
            let of = |index: usize| places.get(index).map(|place| place.container.id.as_str());
            if of(inner) != of(outer) {
                for (a, b) in [(inner, outer), (outer, inner)] {
                    if let Some(others) = shared.get_mut(a) {
                        others.insert(b);
                    }
                }
            }
        }
    }
    let mut findings = Vec::new();
    for (writer, others) in places.iter().zip(&shared).filter(|(place, others)| place.rw && !others.is_empty()) {
        let others: BTreeMap<&str, &Place> =
            others.iter().filter_map(|&index| places.get(index)).map(|p| (p.container.name.as_str(), *p)).collect();
        let names: Vec<_> = others.keys().copied().collect();
        let what = if writer.mount.kind == "volume" && !writer.mount.name.is_empty() {
            format!("volume {}", writer.mount.name)
        } else {
            format!("folder {}", writer.shown())
        };
        let severity = if others.values().any(|other| other.rw) { Severity::Medium } else { Severity::Low };
        let mut finding = with_evidence(rule::SHARED_VOLUME.on(writer.container.subject()), writer)
            .evidence("also mounted by", super::listed(&names))
            .severity(severity);
        for other in others.values() {
            finding = finding.reaches(
                other.container.subject(),
                3,
                format!("plants a program or configuration in the {what} that the other container reads"),
            );
        }
        findings.push(finding);
    }
    findings
}

/// `path` and every folder above it but the root.
fn upwards(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(end, _)| end).chain([path.len()]);
    ends.filter_map(move |end| path.get(..end)).filter(|above| below(above, "/").is_some())
}
