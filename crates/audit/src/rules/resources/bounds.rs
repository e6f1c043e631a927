//! Memory, swap, processes and CPU: bounds that are missing, and bounds so high that they do not bound. All of them can
//! be set live. Suggested values come from what is known about the host and the container, and are starting points.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, Severity, rule};

use super::effective;
use super::size::{HostSize, MIB, at_least, docker, signed, words};
use crate::Exposure;

const HOST_MEMORY: &str = "host memory";
const HOST_CPUS: &str = "host CPUs";
const HOST_PIDS: &str = "host processes";
const NO_SWAP_BOUND: &str = "Info.SwapLimit";

pub(super) fn findings(facts: &Facts, host: &HostSize, container: &Container) -> Vec<Finding> {
    let swap_limit = facts.engine.as_ref().is_some_and(|engine| engine.info.swap_limit);
    let exposure = Exposure::of(facts, container);
    let mut findings = Vec::new();
    findings.extend(memory(host, container, swap_limit, exposure));
    findings.extend(swap(host, container, swap_limit));
    findings.extend(pids(host, container, exposure));
    findings.extend(cpu(host, container));
    findings
}

fn memory(host: &HostSize, container: &Container, swap_limit: bool, exposure: Exposure) -> Option<Finding> {
    let mut finding = match (effective::memory(container), host.memory) {
        (None, _) => rule::MEMORY_UNBOUNDED
            .on(container.subject())
            .severity(exposure.weigh(Severity::Medium))
            .evidence("HostConfig.Memory", container.host_config.memory.to_string()),
        (Some(bound), Some(memory)) if at_least(bound.value, 9, memory) => rule::MEMORY_LOOSE
            .on(container.subject())
            .evidence(bound.field, format!("{} ({})", bound.value, words(bound.value))),
        _ => return None,
    };
    if let Some(cgroup) = effective::cgroup(container, "memory") {
        let max = cgroup.memory_max.map_or_else(|| "max".to_owned(), |bytes| bytes.to_string());
        finding = finding.evidence("memory.max", max);
    }
    if let Some(memory) = host.memory {
        finding = finding.evidence(HOST_MEMORY, memory.to_string());
    }
    if !swap_limit {
        finding = finding.evidence(NO_SWAP_BOUND, "false");
    }
    let value = docker(suggested_memory(container, &finding));
    Some(finding.fix(format!(
        "Bound its memory. {value} is a starting point from what it uses and what the host has; watch its use and refine it."
    )))
}

/// The next power of two above twice what it uses, at most half of the host; a share of the host where its use is not
/// known. Never below what it uses or reserves: the kernel would kill it, or the engine refuse.
fn suggested_memory(container: &Container, finding: &Finding) -> i64 {
    let host = number(finding, HOST_MEMORY);
    let current = container.truth.as_ref().and_then(|truth| truth.cgroup.memory_current);
    let wanted = match (current, host) {
        (Some(current), _) => power_above(current.saturating_mul(2)),
        (None, Some(host)) => power_above(host / 16),
        (None, None) => 512 * MIB,
    };
    let used = current.unwrap_or(0);
    let most = host.map_or(u64::MAX, |host| (host / 2).max(used.saturating_add(used / 4)).min(host / 20 * 17));
    let reserved = u64::try_from(container.host_config.memory_reservation).unwrap_or(0);
    let bytes = wanted.max(64 * MIB).min(most).max(reserved).max(6 * MIB);
    signed(bytes.saturating_add(MIB - 1) / MIB * MIB)
}

fn power_above(bytes: u64) -> u64 {
    bytes.checked_next_power_of_two().unwrap_or(bytes)
}

pub(super) fn set_memory(container: &mut Container, finding: &Finding) {
    let memory = suggested_memory(container, finding);
    container.host_config.memory = memory;
    // Without swap accounting the kernel has no such bound, and the engine refuses or ignores it.
    container.host_config.memory_swap = if number_is(finding, NO_SWAP_BOUND, "false") { 0 } else { memory };
}

/// Both together: a memory above the former sum with swap is refused when it comes alone.
pub(super) fn memory_flags(container: &Container, _: &Finding) -> String {
    let config = &container.host_config;
    let memory = format!("--memory {}", docker(config.memory));
    if config.memory_swap == 0 { memory } else { format!("{memory} --memory-swap {}", docker(config.memory_swap)) }
}

fn swap(host: &HostSize, container: &Container, swap_limit: bool) -> Option<Finding> {
    let config = &container.host_config;
    let memory = effective::engine_memory(container)?;
    let kernel = effective::cgroup(container, "memory").and_then(|cgroup| cgroup.swap_max);
    if !swap_limit || config.memory_swappiness == Some(0) || kernel == Some(0) {
        return None;
    }
    let no_swap = host.swap == Some(0);
    let (severity, meaning) = match config.memory_swap {
        swap if swap < 0 => (if no_swap { Severity::Info } else { Severity::Low }, "all of the host's swap"),
        // What the engine fills in where nothing was said; without swap on the host it means nothing.
        swap if (swap == 0 || swap >= signed(memory.saturating_mul(2))) && !no_swap => {
            (Severity::Info, "as much swap again as memory, or more")
        }
        _ => return None,
    };
    Some(
        rule::SWAP_UNBOUNDED
            .on(container.subject())
            .severity(severity)
            .evidence("HostConfig.MemorySwap", format!("{} ({meaning})", config.memory_swap))
            .evidence("HostConfig.Memory", config.memory.to_string()),
    )
}

pub(super) fn set_swap(container: &mut Container, _: &Finding) {
    container.host_config.memory_swap = container.host_config.memory;
}

fn pids(host: &HostSize, container: &Container, exposure: Exposure) -> Option<Finding> {
    let mut finding = match (effective::pids(container), host.pids) {
        (None, _) => {
            let limit = container.host_config.pids_limit.map_or_else(|| "null".to_owned(), |limit| limit.to_string());
            rule::PIDS_UNBOUNDED
                .on(container.subject())
                .severity(exposure.weigh(Severity::Medium))
                .evidence("HostConfig.PidsLimit", limit)
        }
        (Some(bound), Some(pids)) if at_least(bound.value, 5, pids) => {
            rule::PIDS_LOOSE.on(container.subject()).evidence(bound.field, bound.value.to_string())
        }
        _ => return None,
    };
    if let Some(pids) = host.pids {
        finding = finding.evidence(HOST_PIDS, pids.to_string());
    }
    let value = suggested_pids(container, &finding);
    Some(finding.fix(format!("Bound its processes. {value} is a starting point; watch its use and refine it.")))
}

fn suggested_pids(container: &Container, finding: &Finding) -> i64 {
    let current = container.truth.as_ref().and_then(|truth| truth.cgroup.pids_current);
    let wanted = current.map_or(512, |current| power_above(current.saturating_mul(4)).max(256));
    // Below half of the host, where a bound begins to bound.
    let most = number(finding, HOST_PIDS).map_or(u64::MAX, |pids| (pids / 4).max(1));
    signed(wanted.min(most))
}

pub(super) fn set_pids(container: &mut Container, finding: &Finding) {
    container.host_config.pids_limit = Some(suggested_pids(container, finding));
}

pub(super) fn pids_flags(container: &Container, _: &Finding) -> String {
    format!("--pids-limit {}", container.host_config.pids_limit.unwrap_or(512))
}

fn cpu(host: &HostSize, container: &Container) -> Option<Finding> {
    let config = &container.host_config;
    let mut finding = match (effective::cpu(container), host.cpus) {
        // A weight below the default, or a set of CPUs, counts as a bound (CIS 5.12); one above it only takes from others.
        (None, _) if !(1..1024).contains(&config.cpu_shares) && config.cpuset_cpus.is_empty() => rule::CPU_UNBOUNDED
            .on(container.subject())
            .evidence("HostConfig.NanoCpus", config.nano_cpus.to_string())
            .evidence("HostConfig.CpuQuota", config.cpu_quota.to_string())
            .evidence("HostConfig.CpuShares", config.cpu_shares.to_string()),
        (Some(bound), Some(cpus)) if bound.value >= cpus.saturating_mul(1000) => rule::CPU_LOOSE
            .on(container.subject())
            .evidence(bound.field, format!("{}.{:03} CPUs", bound.value / 1000, bound.value % 1000)),
        _ => return None,
    };
    if let Some(cpus) = host.cpus {
        finding = finding.evidence(HOST_CPUS, cpus.to_string());
    }
    Some(finding.fix("Bound its CPUs. Half of the host's is a starting point; watch its use and refine it."))
}

/// A quota where one or a period is set already: the engine refuses `--cpus` beside them.
pub(super) fn set_cpu(container: &mut Container, finding: &Finding) {
    let config = &mut container.host_config;
    let millis = number(finding, HOST_CPUS).map_or(1000, |cpus| signed(cpus).saturating_mul(500));
    if config.nano_cpus > 0 || (config.cpu_quota == 0 && config.cpu_period == 0) {
        config.nano_cpus = millis.saturating_mul(1_000_000);
    } else {
        let period = if config.cpu_period > 0 { config.cpu_period } else { 100_000 };
        config.cpu_quota = (period.saturating_mul(millis) / 1000).max(1000);
    }
}

pub(super) fn cpu_flags(container: &Container, _: &Finding) -> String {
    let config = &container.host_config;
    if config.nano_cpus > 0 {
        format!("--cpus {}", cpus(config.nano_cpus))
    } else {
        format!("--cpu-quota {}", config.cpu_quota)
    }
}

/// `1.5` for 1 500 000 000.
pub(super) fn cpus(nano: i64) -> String {
    let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn number(finding: &Finding, what: &str) -> Option<u64> {
    finding.evidence.iter().find(|evidence| evidence.what == what)?.value.parse().ok()
}

fn number_is(finding: &Finding, what: &str, value: &str) -> bool {
    finding.evidence.iter().any(|evidence| evidence.what == what && evidence.value == value)
}
