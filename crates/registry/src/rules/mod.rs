//! What is wrong with registries and with how this host uses them. Pure.

pub(crate) mod publishers;
mod remote;
mod vendor;

use jiff::Timestamp;
use keelguard_model::Finding;
use keelguard_model::registry::Probe;

/// What is wrong with registries that were asked. `now` tells which certificates end soon.
pub fn of_probes(probes: &[Probe], now: Timestamp) -> Vec<Finding> {
    finish(
        probes
            .iter()
            .flat_map(|probe| remote::findings(probe, now).into_iter().chain(vendor::findings(probe)))
            .collect(),
        now,
    )
}

/// The worst first, and all of one time.
fn finish(mut findings: Vec<Finding>, now: Timestamp) -> Vec<Finding> {
    for finding in &mut findings {
        finding.time = now;
    }
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    findings
}
