//! Mounts that reach the host or other containers. Works on resolved paths, ancestors and inodes: the name by which a
//! container was given a folder says nothing about what lies in it.

mod access;
mod folders;
mod place;
mod propagation;
mod sharing;
mod sockets;
mod unmount;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use keelguard_host::Facts;
use keelguard_model::{Area, Finding, Incomplete, rule};

use crate::remedy::{Change, Remedy};
use place::{Place, places};
pub(crate) use unmount::unmount;

const fn unmounted(rule: &'static keelguard_model::Rule) -> Remedy {
    Remedy { rule, change: Change::Recreate(unmount) }
}

pub(crate) const REMEDIES: &[Remedy] = &[
    unmounted(&rule::ENGINE_SOCKET),
    unmounted(&rule::CONTROL_SOCKET),
    unmounted(&rule::HOST_ROOT_MOUNT),
    unmounted(&rule::SYSTEM_CONFIG_MOUNT),
    unmounted(&rule::HOME_MOUNT),
    unmounted(&rule::PROC_MOUNT),
    unmounted(&rule::SYS_MOUNT),
    unmounted(&rule::DEVICE_MOUNT),
    unmounted(&rule::ENGINE_STORAGE_MOUNT),
    unmounted(&rule::LOG_MOUNT),
    unmounted(&rule::PROGRAM_MOUNT),
    Remedy { rule: &rule::SHARED_PROPAGATION, change: Change::Recreate(unmount::make_private) },
    Remedy { rule: &rule::SHARED_VOLUME, change: Change::Recreate(unmount::make_read_only) },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let places = places(facts);
    let mut ordinary: Vec<&Place> = Vec::new();
    let mut findings = Vec::new();
    let known = sockets::known(facts);
    let targets = folders::targets(facts);
    for place in &places {
        let before = findings.len();
        findings.extend(sockets::findings(facts, place, &known));
        findings.extend(folders::finding(facts, place, &targets));
        if findings.len() == before {
            ordinary.push(place);
        }
        findings.extend(propagation::finding(place));
    }
    findings.extend(sharing::findings(&ordinary));
    // A volume can stand for several host paths (an overlay's layers); one finding a mount and rule says it.
    let mut seen = BTreeSet::new();
    findings.retain(|finding| seen.insert(finding.fingerprint.clone()));
    findings
}

pub(crate) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    let places = places(facts);
    let named = |wanted: &dyn Fn(&Place) -> bool| -> Vec<&str> {
        let names: BTreeSet<_> = places.iter().filter(|p| wanted(p)).map(|p| p.container.name.as_str()).collect();
        names.into_iter().collect()
    };
    let mut gaps = Vec::new();
    let by_name = named(&|place| place.by_name);
    if !by_name.is_empty() {
        let why = if facts.engine_is_local() {
            "these host paths could not be looked at, so links and aliases may hide more; run keelguard as root on the \
             host itself"
        } else {
            "the engine runs on another machine, so links and aliases there may hide more; run keelguard on that machine"
        };
        gaps.push(Incomplete::new(Area::Breakout, format!("mounts judged by name only: {}", listed(&by_name)), why));
    }
    let cut = named(&|place| place.fact.is_some_and(|fact| fact.below_cut));
    if !cut.is_empty() {
        gaps.push(Incomplete::new(
            Area::Breakout,
            format!("everything below the mounts of {}", listed(&cut)),
            "the folders hold more than is looked through, so a socket or device deep inside would not be seen",
        ));
    }
    gaps
}

/// The first few names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The evidence that all rules on mounts share. The remedies find the mount by its destination, which does not change
/// when another mount goes.
fn with_evidence(finding: Finding, place: &Place) -> Finding {
    let Place { index, mount, .. } = place;
    let mut finding = finding
        .evidence(format!("Mounts[{index}].Source"), &mount.source)
        .evidence(format!("Mounts[{index}].Destination"), &mount.destination)
        .evidence(format!("Mounts[{index}].RW"), mount.rw.to_string());
    if let Some((what, value)) = &place.by_option {
        finding = finding.evidence(what, value);
    }
    if place.shown() != mount.source {
        finding = finding.evidence("leads to", place.shown());
    }
    finding.about(&mount.destination)
}
