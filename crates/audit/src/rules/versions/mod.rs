//! Versions: known vulnerabilities of the engine's parts and of the kernel, and what the engine's version lets containers
//! do. What a distribution repaired wins over upstream's ranges, and what is not compiled in is not judged.

#[cfg(test)]
mod advisory_sources;
mod build;
mod debian_fixes;
mod dpkg;
mod engine_table;
mod kernel;
mod kernel_table;
mod parts;
mod profile;
#[cfg(test)]
mod tests;
mod upstream;

use keelguard_host::Facts;
use keelguard_model::{Finding, Incomplete, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::ENGINE_CVES, change: Change::Own(parts::repair) },
    Remedy { rule: &rule::RUNC_CVES, change: Change::Own(parts::repair) },
    Remedy { rule: &rule::CONTAINERD_CVES, change: Change::Own(parts::repair) },
    Remedy { rule: &rule::BUILDKIT_CVES, change: Change::Own(parts::repair) },
    Remedy { rule: &rule::NVIDIA_CVES, change: Change::Own(parts::repair) },
    Remedy { rule: &rule::KERNEL_CVES, change: Change::Own(kernel::repair) },
    Remedy { rule: &rule::IO_URING_ALLOWED, change: Change::Own(profile::repair_io_uring) },
    Remedy { rule: &rule::ALG_SOCKETS_ALLOWED, change: Change::Own(profile::repair_alg_sockets) },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    [parts::findings(facts), kernel::findings(facts), profile::findings(facts)].concat()
}

pub(crate) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    [parts::gaps(facts), kernel::gaps(facts)].concat()
}
