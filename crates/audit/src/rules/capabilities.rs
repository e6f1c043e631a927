//! Capabilities: added ones, kept defaults, and all of them at once.

use keelguard_host::Facts;
use keelguard_model::{Finding, Subject, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[Remedy {
    rule: &rule::PRIVILEGED,
    change: Change::Recreate(|container, _| container.host_config.privileged = false),
}];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    facts
        .containers()
        .iter()
        .filter(|container| container.host_config.privileged)
        .map(|container| {
            rule::PRIVILEGED.on(container.subject()).evidence("HostConfig.Privileged", "true").reaches(
                Subject::host_root(),
                1,
                "mounts the host's disk",
            )
        })
        .collect()
}
