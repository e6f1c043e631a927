//! Restarts without end, and containers that restart right now.

use jiff::Timestamp;
use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, rule};

/// The most attempts (CIS 5.15).
const ATTEMPTS: i64 = 5;
/// A start this recent, in seconds, belongs to a loop that still goes on: the engine waits a minute at most between two.
const RECENT: i64 = 600;

pub(super) fn findings(facts: &Facts, container: &Container) -> Vec<Finding> {
    let policy = &container.host_config.restart_policy;
    let bounded = match policy.name.as_str() {
        "always" | "unless-stopped" => false,
        "on-failure" => (1..=ATTEMPTS).contains(&policy.maximum_retry_count),
        _ => true,
    };
    if bounded {
        return Vec::new();
    }
    let mut findings = vec![
        rule::RESTART_UNBOUNDED
            .on(container.subject())
            .evidence("HostConfig.RestartPolicy.Name", &policy.name)
            .evidence("HostConfig.RestartPolicy.MaximumRetryCount", policy.maximum_retry_count.to_string()),
    ];
    let recent = || {
        let started: Option<Timestamp> = container.state.started_at.parse().ok();
        started.is_some_and(|at| facts.collected.as_second().saturating_sub(at.as_second()).abs() <= RECENT)
    };
    let restarting = container.state.status == "restarting" && container.restart_count >= 3;
    if restarting || (container.restart_count > ATTEMPTS && container.is_running() && recent()) {
        findings.push(
            rule::RESTART_LOOP
                .on(container.subject())
                .evidence("RestartCount", container.restart_count.to_string())
                .evidence("State.Status", &container.state.status)
                .evidence("State.StartedAt", &container.state.started_at)
                .evidence("State.ExitCode", container.state.exit_code.to_string()),
        );
    }
    findings
}

pub(super) fn bound(container: &mut Container, _: &Finding) {
    let policy = &mut container.host_config.restart_policy;
    "on-failure".clone_into(&mut policy.name);
    policy.maximum_retry_count = ATTEMPTS;
}

pub(super) fn flags(_: &Container, _: &Finding) -> String {
    format!("--restart on-failure:{ATTEMPTS}")
}
