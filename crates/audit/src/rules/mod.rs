//! The rules, a theme a file. Each is a pure function from facts to findings; `GAPS` are those themes that may find that
//! they cannot judge.

mod capabilities;
mod cloud;
mod containers;
pub(crate) mod daemon;
mod devices;
mod execs;
pub(crate) mod files;
mod images;
mod mounts;
mod namespaces;
mod networks;
mod resources;
mod security_options;
mod swarm;
mod truth;
pub(crate) mod versions;

use keelguard_host::Facts;
use keelguard_model::{Finding, Incomplete};

use crate::remedy::Remedy;

/// Every theme.
pub(crate) const ALL: &[fn(&Facts) -> Vec<Finding>] = &[
    capabilities::findings,
    cloud::findings,
    containers::findings,
    daemon::accounts::findings,
    daemon::api::findings,
    daemon::isolation::findings,
    daemon::plugins::findings,
    daemon::settings::findings,
    daemon::sources::findings,
    devices::findings,
    execs::findings,
    files::audited::findings,
    files::permissions::findings,
    files::upkeep::findings,
    images::findings,
    mounts::findings,
    namespaces::findings,
    networks::findings,
    resources::findings,
    security_options::findings,
    swarm::findings,
    truth::findings,
    versions::findings,
];

/// Themes that may not be able to judge.
pub(crate) const GAPS: &[fn(&Facts) -> Vec<Incomplete>] =
    &[mounts::gaps, networks::gaps, resources::gaps, security_options::gaps, versions::gaps];

/// The change that closes each rule's findings.
pub(crate) const REMEDIES: &[&[Remedy]] = &[
    capabilities::REMEDIES,
    containers::REMEDIES,
    daemon::accounts::REMEDIES,
    daemon::api::REMEDIES,
    daemon::isolation::REMEDIES,
    daemon::plugins::REMEDIES,
    daemon::settings::REMEDIES,
    daemon::sources::REMEDIES,
    devices::REMEDIES,
    execs::REMEDIES,
    files::audited::REMEDIES,
    files::permissions::REMEDIES,
    files::upkeep::REMEDIES,
    images::REMEDIES,
    mounts::REMEDIES,
    namespaces::REMEDIES,
    networks::REMEDIES,
    resources::REMEDIES,
    security_options::REMEDIES,
    swarm::REMEDIES,
    truth::REMEDIES,
    versions::REMEDIES,
];
