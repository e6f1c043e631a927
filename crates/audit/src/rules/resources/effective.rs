//! Bounds by source: what the engine was told, and what the container's own cgroup says. Where the kernel could be asked,
//! its word holds: a bound that came from a systemd unit is a bound too.

use keelguard_host::facts::{CgroupLimits, Container};

/// The bound the engine reports on memory, in bytes.
pub(super) fn engine_memory(container: &Container) -> Option<u64> {
    u64::try_from(container.host_config.memory).ok().filter(|bytes| *bytes > 0)
}

/// The bound the engine reports on processes.
pub(super) fn engine_pids(container: &Container) -> Option<u64> {
    container.host_config.pids_limit.and_then(|limit| u64::try_from(limit).ok()).filter(|limit| *limit > 0)
}

/// The quota the engine reports, in thousandths of a CPU.
pub(super) fn engine_cpu(container: &Container) -> Option<u64> {
    let config = &container.host_config;
    let positive = |value: i64| u64::try_from(value).ok().filter(|value| *value > 0);
    if let Some(nano) = positive(config.nano_cpus) {
        return Some((nano / 1_000_000).max(1));
    }
    Some(millis(positive(config.cpu_quota)?, positive(config.cpu_period)))
}

fn millis(quota: u64, period: Option<u64>) -> u64 {
    // The kernel's default period is 100 ms.
    (quota.saturating_mul(1000) / period.unwrap_or(100_000).max(1)).max(1)
}

/// The container's cgroup, where `controller` could be read from it.
pub(super) fn cgroup<'a>(container: &'a Container, controller: &str) -> Option<&'a CgroupLimits> {
    let cgroup = &container.truth.as_ref()?.cgroup;
    cgroup.read.iter().any(|read| read == controller).then_some(cgroup)
}

/// The kernel's quota in thousandths of a CPU.
pub(super) fn kernel_cpu(cgroup: &CgroupLimits) -> Option<u64> {
    Some(millis(cgroup.cpu_quota?, cgroup.cpu_period))
}

/// A bound with the field it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) field: &'static str,
    pub(super) value: u64,
}

fn bound(engine: Option<u64>, field: &'static str, kernel: Option<u64>, file: &'static str) -> Option<Bound> {
    let engine = engine.map(|value| Bound { field, value });
    let kernel = kernel.map(|value| Bound { field: file, value });
    // That the engine's bound may not be in force is a finding of its own, so it counts as set here.
    engine.or(kernel)
}

pub(super) fn memory(container: &Container) -> Option<Bound> {
    let kernel = cgroup(container, "memory").and_then(|cgroup| cgroup.memory_max);
    bound(engine_memory(container), "HostConfig.Memory", kernel, "memory.max")
}

pub(super) fn pids(container: &Container) -> Option<Bound> {
    let kernel = cgroup(container, "pids").and_then(|cgroup| cgroup.pids_max);
    bound(engine_pids(container), "HostConfig.PidsLimit", kernel, "pids.max")
}

/// In thousandths of a CPU.
pub(super) fn cpu(container: &Container) -> Option<Bound> {
    let kernel = cgroup(container, "cpu").and_then(kernel_cpu);
    let field = if container.host_config.nano_cpus > 0 { "HostConfig.NanoCpus" } else { "HostConfig.CpuQuota" };
    bound(engine_cpu(container), field, kernel, "cpu.max")
}
