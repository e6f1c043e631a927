//! Bounds that the engine reports and the kernel does not have. A tighter bound of the kernel is no weakness.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, rule};

use super::bounds::cpus;
use super::effective::{self, cgroup};
use super::size::docker;

/// The kernel rounds memory to pages, of 64 KiB at most.
const PAGE: u64 = 1 << 16;

pub(super) fn finding(facts: &Facts, container: &Container) -> Option<Finding> {
    // Where the kernel cannot bound at all, that is one finding about the host.
    let info = &facts.engine.as_ref()?.info;
    let mut differs: Vec<(&str, u64, &str, Option<u64>)> = Vec::new();
    if let (Some(told), Some(cgroup), true) =
        (effective::engine_memory(container), cgroup(container, "memory"), info.memory_limit)
        && cgroup.memory_max.is_none_or(|max| max > told.saturating_add(PAGE))
    {
        differs.push(("HostConfig.Memory", told, "memory.max", cgroup.memory_max));
    }
    if let (Some(told), Some(cgroup), true) =
        (effective::engine_pids(container), cgroup(container, "pids"), info.pids_limit)
        && cgroup.pids_max.is_none_or(|max| max > told)
    {
        differs.push(("HostConfig.PidsLimit", told, "pids.max", cgroup.pids_max));
    }
    if let (Some(told), Some(cgroup)) = (effective::engine_cpu(container), cgroup(container, "cpu")) {
        let kernel = effective::kernel_cpu(cgroup);
        // Quota and period are whole microseconds: a hundredth of a CPU is rounding.
        if kernel.is_none_or(|kernel| kernel > told.saturating_add(10)) {
            let field = if container.host_config.nano_cpus > 0 { "HostConfig.NanoCpus" } else { "HostConfig.CpuQuota" };
            differs.push((field, told, "cpu.max", kernel));
        }
    }
    if differs.is_empty() {
        return None;
    }
    Some(differs.into_iter().fold(
        rule::NOT_IN_FORCE.on(container.subject()),
        |finding, (field, told, file, kernel)| {
            let unit = if file == "cpu.max" { " thousandths of a CPU" } else { "" };
            let kernel = kernel.map_or_else(|| "max".to_owned(), |kernel| format!("{kernel}{unit}"));
            finding.evidence(field, format!("{told}{unit}")).evidence(file, kernel)
        },
    ))
}

/// The same values once more: the engine then writes them into the cgroup.
pub(super) fn flags(container: &Container, finding: &Finding) -> String {
    let config = &container.host_config;
    let mut flags = Vec::new();
    for evidence in &finding.evidence {
        match evidence.what.as_str() {
            "HostConfig.Memory" => {
                flags.push(format!("--memory {}", docker(config.memory)));
                if config.memory_swap != 0 {
                    flags.push(format!("--memory-swap {}", docker(config.memory_swap)));
                }
            }
            "HostConfig.PidsLimit" => flags.push(format!("--pids-limit {}", config.pids_limit.unwrap_or_default())),
            "HostConfig.NanoCpus" => flags.push(format!("--cpus {}", cpus(config.nano_cpus))),
            "HostConfig.CpuQuota" => flags.push(format!("--cpu-quota {}", config.cpu_quota)),
            _ => {}
        }
    }
    flags.join(" ")
}
