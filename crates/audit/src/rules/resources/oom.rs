//! Who dies when memory runs out.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, Severity, rule};

use super::effective;

pub(super) fn findings(facts: &Facts, container: &Container) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = &container.host_config;
    if config.oom_kill_disable == Some(true) {
        // Cgroup v2 has no such switch: the engine keeps the wish and the kernel ignores it.
        let v2 = facts.engine.as_ref().is_some_and(|engine| engine.info.cgroup_version == "2");
        let severity = match (effective::memory(container), v2) {
            (_, true) => Severity::Low,
            (None, false) => Severity::High,
            (Some(_), false) => Severity::Medium,
        };
        findings.push(
            rule::OOM_KILLER_DISABLED
                .on(container.subject())
                .severity(severity)
                .evidence("HostConfig.OomKillDisable", "true")
                .evidence("HostConfig.Memory", config.memory.to_string()),
        );
    }
    if config.oom_score_adj < 0 {
        let severity = if config.oom_score_adj <= -900 { Severity::Medium } else { Severity::Low };
        findings.push(
            rule::OOM_SCORE_LOWERED
                .on(container.subject())
                .severity(severity)
                .evidence("HostConfig.OomScoreAdj", config.oom_score_adj.to_string()),
        );
    }
    findings
}

pub(super) fn allow_kill(container: &mut Container, _: &Finding) {
    container.host_config.oom_kill_disable = None;
}

pub(super) fn reset_score(container: &mut Container, _: &Finding) {
    container.host_config.oom_score_adj = 0;
}
