//! All bounds together against what the host has. Containers without a bound have findings of their own and are only
//! counted here.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

use super::effective::{self, Bound};
use super::size::{HostSize, MIB, docker, signed, words};

/// One container's part of the sum.
struct Part<'a> {
    container: &'a Container,
    bound: u64,
}

fn parts(facts: &Facts, bound: fn(&Container) -> Option<Bound>) -> (Vec<Part<'_>>, usize) {
    let running = facts.containers().iter().filter(|container| container.is_running());
    let mut parts = Vec::new();
    let mut unbounded = 0;
    for container in running {
        match bound(container) {
            Some(Bound { value, .. }) => parts.push(Part { container, bound: value }),
            None => unbounded += 1,
        }
    }
    parts.sort_by(|a, b| b.bound.cmp(&a.bound).then_with(|| a.container.name.cmp(&b.container.name)));
    (parts, unbounded)
}

fn sum(parts: &[Part<'_>]) -> u64 {
    parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.bound))
}

/// Bytes that containers may share out: a tenth stays with the host.
fn memory_room(host: &HostSize) -> Option<u64> {
    host.memory.map(|memory| memory / 10 * 9)
}

pub(super) fn findings(facts: &Facts, host: &HostSize) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(over(facts, &rule::MEMORY_OVERCOMMITTED, effective::memory, memory_room(host), words).map(
        |finding| {
            scaled_memory(facts).into_iter().fold(finding, |finding, (container, bytes)| {
                let (bytes, name) = (docker(signed(bytes)), shell_word(&container.name));
                let swap = if facts.engine.as_ref().is_some_and(|engine| engine.info.swap_limit) {
                    format!(" --memory-swap {bytes}")
                } else {
                    String::new()
                };
                finding.command(format!("docker update --memory {bytes}{swap} {name}"))
            })
        },
    ));
    findings.extend(over(facts, &rule::PIDS_OVERCOMMITTED, effective::pids, host.pids, |pids| pids.to_string()).map(
        |finding| {
            scaled_pids(facts).into_iter().fold(finding, |finding, (container, pids)| {
                finding.command(format!("docker update --pids-limit {pids} {}", shell_word(&container.name)))
            })
        },
    ));
    findings
}

fn over(
    facts: &Facts,
    rule: &Rule,
    bound: fn(&Container) -> Option<Bound>,
    room: Option<u64>,
    shown: fn(u64) -> String,
) -> Option<Finding> {
    let room = room?;
    let (parts, unbounded) = parts(facts, bound);
    let sum = sum(&parts);
    // A single bound that is too high is that container's finding.
    if parts.len() < 2 || sum <= room {
        return None;
    }
    let severity = if sum / 2 > room { Severity::Medium } else { Severity::Low };
    let mut finding = rule
        .on(Subject::engine())
        .severity(severity)
        .evidence(format!("sum over {} running containers", parts.len()), shown(sum))
        .evidence("room on the host", shown(room));
    for part in parts.iter().take(5) {
        finding = finding.evidence(format!("bound of {}", part.container.name), shown(part.bound));
    }
    if unbounded > 0 {
        finding = finding.evidence("running containers without a bound", unbounded.to_string());
    }
    Some(finding)
}

/// Passes over the containers while room is shared out. Each gives some their least; after the last the sum may be a
/// little too high, which the next run would say.
const PASSES: usize = 64;

/// Each bound in proportion, so that all fit; never below what is used now. What some keep because they use it is taken
/// from the room of the others.
fn scaled<'a>(parts: &[Part<'a>], room: u64, unit: u64, used: fn(&Container) -> u64) -> Vec<(&'a Container, u64)> {
    let least = |part: &Part<'_>| {
        let used = used(part.container);
        let grown = used.saturating_add(used / 4).checked_next_multiple_of(unit).unwrap_or(u64::MAX);
        grown.max(unit).min(part.bound)
    };
    // The container, its bound, its least, and whether it gets no more than that.
    let mut shares: Vec<_> = parts.iter().map(|part| (part.container, part.bound, least(part), false)).collect();
    let fit = |bound: u64, room: u64, sum: u128| {
        let share = u64::try_from(u128::from(bound) * u128::from(room) / sum.max(1)).unwrap_or(bound);
        (share / unit * unit).min(bound)
    };
    let (mut left, mut sum) = (room, 0);
    for _ in 0..PASSES {
        left = shares.iter().filter(|share| share.3).fold(room, |left, share| left.saturating_sub(share.2));
        sum = shares.iter().filter(|share| !share.3).map(|share| u128::from(share.1)).sum();
        let mut changed = false;
        for (_, bound, least, at_least) in shares.iter_mut().filter(|share| !share.3) {
            *at_least = fit(*bound, left, sum) < *least;
            changed |= *at_least;
        }
        if !changed {
            break;
        }
    }
    let fitted = shares.into_iter().map(|(container, bound, least, at_least)| {
        let fitted = if at_least { least } else { fit(bound, left, sum) };
        (container, bound, fitted)
    });
    fitted.filter(|(_, bound, fitted)| fitted < bound).map(|(container, _, fitted)| (container, fitted)).collect()
}

fn scaled_memory(facts: &Facts) -> Vec<(&Container, u64)> {
    let Some(room) = memory_room(&HostSize::of(facts)) else { return Vec::new() };
    let used = |container: &Container| {
        let current = container.truth.as_ref().and_then(|truth| truth.cgroup.memory_current).unwrap_or(0);
        // The engine refuses less than 6 MiB and less than what is reserved.
        current.max(u64::try_from(container.host_config.memory_reservation).unwrap_or(0)).max(5 * MIB)
    };
    scaled(&parts(facts, effective::memory).0, room, MIB, used)
}

fn scaled_pids(facts: &Facts) -> Vec<(&Container, u64)> {
    let Some(room) = HostSize::of(facts).pids else { return Vec::new() };
    let used = |container: &Container| container.truth.as_ref().and_then(|t| t.cgroup.pids_current).unwrap_or(0);
    scaled(&parts(facts, effective::pids).0, room, 1, used)
}

fn edit(facts: &mut Facts, changes: &[(String, u64)], change: fn(&mut Container, i64)) {
    for container in facts.engine.iter_mut().flat_map(|engine| engine.containers.iter_mut()) {
        if let Some((_, value)) = changes.iter().find(|(id, _)| *id == container.id) {
            change(container, signed(*value));
        }
    }
}

pub(super) fn scale_memory(facts: &mut Facts, _: &Finding) {
    let swap = facts.engine.as_ref().is_some_and(|engine| engine.info.swap_limit);
    let changes: Vec<_> = scaled_memory(facts).into_iter().map(|(c, value)| (c.id.clone(), value)).collect();
    edit(facts, &changes, |container, bytes| {
        container.host_config.memory = bytes;
        if let Some(truth) = &mut container.truth {
            truth.cgroup.memory_max = u64::try_from(bytes).ok();
        }
    });
    if swap {
        edit(facts, &changes, |container, bytes| container.host_config.memory_swap = bytes);
    }
}

pub(super) fn scale_pids(facts: &mut Facts, _: &Finding) {
    let changes: Vec<_> = scaled_pids(facts).into_iter().map(|(c, value)| (c.id.clone(), value)).collect();
    edit(facts, &changes, |container, pids| {
        container.host_config.pids_limit = Some(pids);
        if let Some(truth) = &mut container.truth {
            truth.cgroup.pids_max = u64::try_from(pids).ok();
        }
    });
}
