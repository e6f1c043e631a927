//! Who works: the processes that used the most since the last look, seen from close by.

use std::collections::BTreeMap;

use keelguard_host::measure::rates::Rate;
use keelguard_host::measure::{Census, Task, close};
use keelguard_signs::performance::causes::Worker;
use keelguard_signs::performance::causes::miner::Sight;

use super::names::Names;

/// Processes that are looked at closely at each tick.
const MOST: usize = 16;
/// Processors of which a process must use that much to be looked at.
const LEAST: f64 = 0.05;
/// Ticks of processor time in a second (`USER_HZ`, which Linux fixes for programs).
const HERTZ: f64 = 100.0;

/// The processes that used the most between two counts, `seconds` apart.
pub(super) fn busiest(before: &Census, after: &Census, seconds: f64) -> Vec<(Task, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "ticks of seconds")]
    let busy = after
        .used_since(before)
        .into_iter()
        .map(|(task, ticks)| (task.clone(), ticks as f64 / HERTZ / seconds.max(0.1)));
    busy.filter(|(task, processors)| !task.kernel && *processors >= LEAST).take(MOST).collect()
}

/// The same as the detectors want them.
pub(super) fn sights(
    busiest: Vec<(Task, f64)>,
    host: &str,
    names: &Names,
    rates: &[Rate],
    users: &BTreeMap<u32, String>,
) -> Vec<Sight> {
    busiest.into_iter().map(|(task, processors)| sight(task, processors, host, names, rates, users)).collect()
}

fn sight(
    task: Task,
    processors: f64,
    host: &str,
    names: &Names,
    rates: &[Rate],
    users: &BTreeMap<u32, String>,
) -> Sight {
    let seen = close(task.pid);
    let container = seen.container.as_deref();
    let rate = |metric: &str| {
        rates.iter().find(|rate| rate.container.as_deref() == container && rate.metric == metric).map(|rate| rate.value)
    };
    let bytes = rate("net-received").zip(rate("net-sent")).map(|(received, sent)| received + sent);
    let user = seen.uid.map(|uid| users.get(&uid).cloned().unwrap_or_else(|| uid.to_string())).unwrap_or_default();
    Sight {
        place: Some(names.place(host, container)),
        ports: seen.ends.iter().map(|(_, port)| *port).collect(),
        peers: seen.ends.iter().map(|(address, _)| address.to_string()).collect(),
        operations: rate("disk-operations"),
        bytes,
        registers: seen.registers,
        huge_pages: seen.huge_pages > 0,
        worker: Worker {
            pid: task.pid,
            name: task.name,
            deleted: seen.program.ends_with(" (deleted)"),
            program: seen.program,
            command: seen.command,
            user,
            container: container.map(|id| names.name(id)),
            processors,
        },
    }
}

/// The host's users by number.
pub(super) fn users() -> BTreeMap<u32, String> {
    let text = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = |line: &str| {
        let mut fields = line.split(':');
        Some((fields.nth(2)?.parse().ok()?, line.split(':').next()?.to_owned()))
    };
    text.lines().take(100_000).filter_map(user).collect()
}
