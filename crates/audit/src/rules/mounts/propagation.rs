//! Propagation: mounts made inside that appear on the host (M14).

use keelguard_model::{Finding, Severity, Subject, rule};

use super::place::Place;
use super::with_evidence;
use crate::capability::canonical;

pub(super) fn finding(place: &Place) -> Option<Finding> {
    if !matches!(place.mount.propagation.as_str(), "shared" | "rshared") || place.own_volume {
        return None;
    }
    let host_config = &place.container.host_config;
    let can_mount = host_config.privileged
        || host_config.cap_add.iter().any(|added| matches!(canonical(added).as_str(), "SYS_ADMIN" | "ALL"));
    let finding = with_evidence(rule::SHARED_PROPAGATION.on(place.container.subject()), place)
        .evidence(format!("Mounts[{}].Propagation", place.index), &place.mount.propagation);
    // Without CAP_SYS_ADMIN nothing can be mounted inside that could spread.
    Some(if can_mount && !place.exposure.remapped {
        finding.severity(place.exposure.weigh(Severity::High)).reaches(
            Subject::host_root(),
            2,
            format!("mounts over host files below {}", place.shown()),
        )
    } else {
        finding.severity(Severity::Medium)
    })
}
