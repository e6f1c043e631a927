//! Threat 3: what a container can take from the host, bound by bound; whether the bounds are in force, and whether they
//! fit into the host together.

mod bounds;
mod disk;
mod effective;
mod host_sum;
mod in_force;
mod kernel;
mod limits;
mod oom;
mod restarts;
mod size;
#[cfg(test)]
mod tests;
mod tmpfs;

use keelguard_host::Facts;
use keelguard_model::{Finding, Incomplete, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::MEMORY_UNBOUNDED, change: Change::Update(bounds::set_memory, bounds::memory_flags) },
    Remedy { rule: &rule::MEMORY_LOOSE, change: Change::Update(bounds::set_memory, bounds::memory_flags) },
    Remedy { rule: &rule::PIDS_UNBOUNDED, change: Change::Update(bounds::set_pids, bounds::pids_flags) },
    Remedy { rule: &rule::PIDS_LOOSE, change: Change::Update(bounds::set_pids, bounds::pids_flags) },
    Remedy { rule: &rule::CPU_UNBOUNDED, change: Change::Update(bounds::set_cpu, bounds::cpu_flags) },
    Remedy { rule: &rule::CPU_LOOSE, change: Change::Update(bounds::set_cpu, bounds::cpu_flags) },
    Remedy { rule: &rule::SWAP_UNBOUNDED, change: Change::Update(bounds::set_swap, bounds::memory_flags) },
    Remedy { rule: &rule::OOM_KILLER_DISABLED, change: Change::Recreate(oom::allow_kill) },
    Remedy { rule: &rule::OOM_SCORE_LOWERED, change: Change::Recreate(oom::reset_score) },
    Remedy { rule: &rule::REALTIME, change: Change::Recreate(limits::drop_realtime) },
    Remedy { rule: &rule::RESOURCE_CAPABILITY, change: Change::Recreate(limits::drop_capability) },
    Remedy { rule: &rule::FILES_UNBOUNDED, change: Change::Recreate(limits::set_files) },
    Remedy { rule: &rule::LOG_UNBOUNDED, change: Change::Recreate(disk::rotate_log) },
    Remedy { rule: &rule::LOG_GREW, change: Change::Own(disk::empty_log) },
    Remedy { rule: &rule::LAYER_UNBOUNDED, change: Change::Recreate(disk::bound_layer) },
    Remedy { rule: &rule::TMPFS_UNBOUNDED, change: Change::Recreate(tmpfs::size_tmpfs) },
    Remedy { rule: &rule::SHM_LARGE, change: Change::Recreate(tmpfs::shrink_shm) },
    Remedy { rule: &rule::RESTART_UNBOUNDED, change: Change::Update(restarts::bound, restarts::flags) },
    Remedy { rule: &rule::RESTART_LOOP, change: Change::Update(restarts::bound, restarts::flags) },
    Remedy { rule: &rule::NOT_IN_FORCE, change: Change::Update(|_, _| (), in_force::flags) },
    Remedy { rule: &rule::MEMORY_OVERCOMMITTED, change: Change::Own(host_sum::scale_memory) },
    Remedy { rule: &rule::PIDS_OVERCOMMITTED, change: Change::Own(host_sum::scale_pids) },
    Remedy { rule: &rule::IO_UNBOUNDED, change: Change::Own(kernel::weigh_io) },
    Remedy { rule: &rule::SHARED_TABLES, change: Change::Daemon(kernel::REMAP, kernel::remap) },
    Remedy { rule: &rule::CANNOT_BOUND, change: Change::Own(kernel::can_bound) },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let host = size::HostSize::of(facts);
    let mut findings: Vec<Finding> = Vec::new();
    for container in facts.containers() {
        findings.extend(bounds::findings(facts, &host, container));
        findings.extend(oom::findings(facts, container));
        findings.extend(limits::findings(facts, container));
        findings.extend(disk::findings(facts, &host, container));
        findings.extend(tmpfs::findings(&host, container));
        findings.extend(restarts::findings(facts, container));
        findings.extend(in_force::finding(facts, container));
    }
    findings.extend(host_sum::findings(facts, &host));
    findings.extend(kernel::findings(facts));
    findings
}

pub(crate) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    kernel::gaps(facts)
}
