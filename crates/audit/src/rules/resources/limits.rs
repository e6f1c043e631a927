//! Limits of a process (open files), and what lifts limits: real-time scheduling and capabilities. The number of
//! processes is bounded by the cgroup: the ulimit `nproc` counts per user over all containers, and so hits the wrong one.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Ulimit};
use keelguard_model::{Finding, Severity, rule};

use crate::capability::canonical;

/// From here on a limit on open files bounds nothing: it is the kernel's own `fs.nr_open`.
const FILES_LOOSE: i64 = 1_048_576;

/// Capabilities that lift bounds, how bad, and what they allow.
const LIFTING: [(&str, Severity, &str); 3] = [
    (
        "SYS_RESOURCE",
        Severity::Medium,
        "raises its own ulimits, goes beyond disk quotas and keeps itself from being killed",
    ),
    ("SYS_NICE", Severity::Low, "takes real-time priority over everything else"),
    ("IPC_LOCK", Severity::Low, "pins memory that can then not be swapped"),
];

pub(super) fn findings(facts: &Facts, container: &Container) -> Vec<Finding> {
    let config = &container.host_config;
    let mut findings: Vec<Finding> = Vec::new();
    for (name, severity, allows) in LIFTING {
        if let Some(written) = config.cap_add.iter().find(|added| canonical(added) == name) {
            findings.push(
                rule::RESOURCE_CAPABILITY
                    .on(container.subject())
                    .about(name)
                    .title(format!("{name} lifts bounds"))
                    .severity(severity)
                    .evidence("HostConfig.CapAdd", written)
                    .evidence("allows", allows),
            );
        }
    }
    if config.cpu_realtime_runtime > 0 {
        findings.push(
            rule::REALTIME
                .on(container.subject())
                .evidence("HostConfig.CpuRealtimeRuntime", config.cpu_realtime_runtime.to_string()),
        );
    }
    findings.extend(files(facts, container));
    findings
}

fn files(facts: &Facts, container: &Container) -> Option<Finding> {
    let own = container.host_config.ulimits.iter().find(|limit| limit.name == "nofile");
    let (what, hard) = match own {
        Some(limit) => ("HostConfig.Ulimits nofile", Some(limit.hard)),
        None => ("default-ulimits nofile", default_files(facts)),
    };
    let kernel = container
        .truth
        .as_ref()
        .and_then(|truth| truth.init())
        .and_then(|init| init.limits.get("Max open files"))
        .map(|(_, hard)| hard.map_or(-1, super::size::signed));
    let bounds = |hard: i64| (0..FILES_LOOSE).contains(&hard);
    // The process may have been started under another default of the daemon than the one now in force.
    if kernel.or(hard).is_some_and(bounds) {
        return None;
    }
    let value = hard.map_or_else(|| "not set".to_owned(), |hard| hard.to_string());
    let mut finding = rule::FILES_UNBOUNDED.on(container.subject()).evidence(what, value);
    if let Some(kernel) = kernel {
        finding = finding.evidence("/proc/PID/limits Max open files", kernel.to_string());
    }
    // Section 2.8 is about the engine's default: it fails where the container says nothing either.
    Some(if own.is_some() { finding.cis(&["5.19"]) } else { finding })
}

/// `{"nofile": {"Name": "nofile", "Hard": 64000, "Soft": 64000}}` of daemon.json, or `nofile=soft[:hard]` of the flag.
fn default_files(facts: &Facts) -> Option<i64> {
    let daemon = &facts.host.daemon;
    if !facts.engine_is_local() {
        return None;
    }
    let value = daemon.setting("default-ulimits").or_else(|| daemon.setting("default-ulimit"))?;
    let flag = |text: &str| {
        let (name, limits) = text.split_once('=')?;
        (name == "nofile").then(|| limits.rsplit(':').next()?.parse().ok())?
    };
    match value {
        serde_json::Value::Object(map) => map.get("nofile")?.get("Hard")?.as_i64(),
        serde_json::Value::Array(list) => list.iter().filter_map(|item| item.as_str()).find_map(flag),
        serde_json::Value::String(text) => text.split(',').find_map(flag),
        _ => None,
    }
}

pub(super) fn set_files(container: &mut Container, _: &Finding) {
    let ulimits = &mut container.host_config.ulimits;
    ulimits.retain(|limit| limit.name != "nofile");
    ulimits.push(Ulimit { name: "nofile".into(), soft: 65_536, hard: 65_536 });
}

pub(super) fn drop_realtime(container: &mut Container, _: &Finding) {
    container.host_config.cpu_realtime_runtime = 0;
}

pub(super) fn drop_capability(container: &mut Container, finding: &Finding) {
    let Some(evidence) = finding.evidence.first() else { return };
    let name = canonical(&evidence.value);
    container.host_config.cap_add.retain(|added| canonical(added) != name);
}
