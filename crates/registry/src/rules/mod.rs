//! What is wrong with registries and with how this host uses them. Pure.

mod client;
pub(crate) mod publishers;
mod remote;
mod served;
mod vendor;

pub use client::without_doubles;
use jiff::Timestamp;
use keelguard_host::Facts;
use keelguard_model::Finding;
use keelguard_model::registry::Probe;

/// What is wrong with registries that were asked. `now` tells which certificates end soon.
pub fn of_probes(probes: &[Probe], now: Timestamp) -> Vec<Finding> {
    finish(probes.iter().flat_map(|probe| of_probe(probe, now)).collect(), now)
}

fn of_probe(probe: &Probe, now: Timestamp) -> Vec<Finding> {
    let mut findings = remote::findings(probe, now);
    findings.extend(vendor::findings(probe));
    findings
}

/// What is wrong with registries on a host, by its facts; nothing where they were not looked at.
pub fn of_host(facts: &Facts) -> Vec<Finding> {
    let Some(registries) = &facts.registries else { return Vec::new() };
    let now = facts.collected;
    let mut findings: Vec<Finding> = registries.probes.iter().flat_map(|probe| of_probe(probe, now)).collect();
    findings.extend(client::findings(facts, registries));
    findings.extend(registries.served.iter().flat_map(served::findings));
    findings.extend(publishers::findings(facts, registries));
    finish(findings, now)
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
