//! What was used between two readings, as numbers of everyday units. Pure. A counter that runs backwards (a container made
//! anew under the same id, a counter that wrapped) gives nothing for that once.

use serde::{Deserialize, Serialize};

use super::{GroupUse, MachineUse, Measured};

/// One number of one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The container's id; none is the machine.
    pub container: Option<String>,
    /// What, as in [`METRICS`].
    pub metric: &'static str,
    /// How much.
    pub value: f64,
}

/// Every metric, its unit and what it is.
pub const METRICS: [(&str, &str, &str); 28] = [
    ("cpu", "processors", "processors at work"),
    ("iowait", "%", "time in which processors waited for disks"),
    ("steal", "%", "time that the hypervisor gave to others"),
    ("throttled", "%", "periods in which it was held back"),
    ("memory", "bytes", "memory in use that cannot be dropped"),
    ("cache", "bytes", "page cache"),
    ("swap", "bytes", "memory swapped out"),
    ("cpu-pressure", "%", "time in which something waited for a processor"),
    ("memory-pressure", "%", "time in which something waited for memory"),
    ("io-pressure", "%", "time in which something waited for disks"),
    ("disk-read", "bytes/s", "read from disks"),
    ("disk-written", "bytes/s", "written to disks"),
    ("disk-operations", "1/s", "reads and writes"),
    ("net-received", "bytes/s", "received"),
    ("net-received-packets", "1/s", "packets received"),
    ("net-sent", "bytes/s", "sent"),
    ("net-sent-packets", "1/s", "packets sent"),
    ("connections", "", "TCP connections"),
    ("connections-opened", "1/s", "TCP connections begun"),
    ("connections-refused", "1/s", "TCP connections that found no room"),
    ("conntrack", "%", "of the table of connections in use"),
    ("processes", "", "processes and threads"),
    ("running", "", "processes and threads that could run"),
    ("forks", "1/s", "processes and threads begun"),
    ("context-switches", "1/s", "switches between them"),
    ("temperature", "°C", "the hottest sensor"),
    ("oom-kills", "1/s", "processes killed for want of memory"),
    ("containers", "", "containers that run"),
];

/// What was used between `before` and `after`. Nothing where no time passed, or where the machine was started between them.
pub fn between(before: &Measured, after: &Measured) -> Vec<Rate> {
    let seconds = after.uptime - before.uptime;
    // A machine that was suspended counts nothing meanwhile; the clock of its uptime goes on with it.
    if !seconds.is_finite() || seconds < 0.001 {
        return Vec::new();
    }
    let mut rates = Vec::with_capacity(32 + 20 * after.containers.len());
    machine(&before.machine, &after.machine, seconds, &mut rates);
    rates.push(Rate { container: None, metric: "containers", value: number(after.containers.len() as u64) });
    for (id, now) in &after.containers {
        if let Some(then) = before.containers.get(id) {
            container(id, then, now, seconds, &mut rates);
        }
    }
    rates
}

#[expect(clippy::cast_precision_loss, reason = "counters of 53 bits and more last for centuries")]
fn number(value: u64) -> f64 {
    value as f64
}

fn grown(before: Option<u64>, after: Option<u64>) -> Option<f64> {
    after?.checked_sub(before?).map(number)
}

fn machine(before: &MachineUse, after: &MachineUse, seconds: f64, rates: &mut Vec<Rate>) {
    let mut put = |metric: &'static str, value: Option<f64>| {
        if let Some(value) = value {
            rates.push(Rate { container: None, metric, value });
        }
    };
    let all = grown(before.cpu_all, after.cpu_all).filter(|all| *all > 0.0);
    let share = |before: Option<u64>, after: Option<u64>| Some(grown(before, after)? / all?);
    let processors = f64::from(after.processors.max(1));
    put("cpu", share(before.cpu_busy, after.cpu_busy).map(|share| share * processors));
    put("iowait", share(before.cpu_iowait, after.cpu_iowait).map(|share| share * 100.0));
    put("steal", share(before.cpu_steal, after.cpu_steal).map(|share| share * 100.0));
    let used = after.memory_total.zip(after.memory_available).map(|(total, left)| number(total.saturating_sub(left)));
    put("memory", used);
    put("swap", after.swap_total.zip(after.swap_free).map(|(total, left)| number(total.saturating_sub(left))));
    let per_second = |before, after| grown(before, after).map(|grown| grown / seconds);
    pressure(&before.pressure, &after.pressure, seconds, &mut put);
    put("disk-read", per_second(before.disk_read, after.disk_read));
    put("disk-written", per_second(before.disk_written, after.disk_written));
    put("disk-operations", per_second(before.disk_operations, after.disk_operations));
    network(before.network, after.network, seconds, &mut put);
    put("connections", after.connections.map(number));
    put("connections-opened", per_second(before.opened, after.opened));
    put("connections-refused", per_second(before.refused, after.refused));
    put(
        "conntrack",
        after.conntrack.filter(|(_, most)| *most > 0).map(|(count, most)| number(count) * 100.0 / number(most)),
    );
    put("processes", after.threads.map(number));
    put("running", after.running.map(number));
    put("forks", per_second(before.forks, after.forks));
    put("context-switches", per_second(before.context_switches, after.context_switches));
    #[expect(clippy::cast_precision_loss, reason = "degrees")]
    put("temperature", after.temperature.map(|thousandths| thousandths as f64 / 1000.0));
}

fn container(id: &str, before: &GroupUse, after: &GroupUse, seconds: f64, rates: &mut Vec<Rate>) {
    let mut put = |metric: &'static str, value: Option<f64>| {
        if let Some(value) = value {
            rates.push(Rate { container: Some(id.to_owned()), metric, value });
        }
    };
    let per_second = |before, after| grown(before, after).map(|grown| grown / seconds);
    put("cpu", per_second(before.cpu, after.cpu).map(|microseconds| microseconds / 1e6));
    let periods = |of: fn((u64, u64)) -> u64| grown(before.periods.map(of), after.periods.map(of));
    let held = periods(|(_, throttled)| throttled).zip(periods(|(all, _)| all).filter(|all| *all > 0.0));
    put("throttled", held.map(|(throttled, all)| throttled * 100.0 / all));
    put("memory", after.working_set.or(after.memory).map(number));
    put("cache", after.page_cache.map(number));
    put("swap", after.swap.map(number));
    pressure(&before.pressure, &after.pressure, seconds, &mut put);
    put("disk-read", per_second(before.disk_read, after.disk_read));
    put("disk-written", per_second(before.disk_written, after.disk_written));
    put("disk-operations", per_second(before.disk_operations, after.disk_operations));
    network(before.network, after.network, seconds, &mut put);
    put("connections", after.connections.map(number));
    put("connections-opened", per_second(before.opened, after.opened));
    put("processes", after.pids.map(number));
    put("oom-kills", per_second(before.oom_kills, after.oom_kills));
}

fn pressure(
    before: &[Option<u64>; 3],
    after: &[Option<u64>; 3],
    seconds: f64,
    put: &mut impl FnMut(&'static str, Option<f64>),
) {
    let names = ["cpu-pressure", "memory-pressure", "io-pressure"];
    for ((before, after), name) in before.iter().zip(after).zip(names) {
        put(name, grown(*before, *after).map(|microseconds| (microseconds / 1e4 / seconds).min(100.0)));
    }
}

fn network(
    before: Option<[u64; 4]>,
    after: Option<[u64; 4]>,
    seconds: f64,
    put: &mut impl FnMut(&'static str, Option<f64>),
) {
    let (Some(before), Some(after)) = (before, after) else { return };
    let names = ["net-received", "net-received-packets", "net-sent", "net-sent-packets"];
    for ((before, after), name) in before.into_iter().zip(after).zip(names) {
        put(name, grown(Some(before), Some(after)).map(|grown| grown / seconds));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measured(uptime: f64, machine: MachineUse, containers: &[(&str, GroupUse)]) -> Measured {
        let containers: BTreeMap<_, _> =
            containers.iter().map(|(id, found)| ((*id).to_owned(), found.clone())).collect();
        Measured { uptime, machine, containers, ..Measured::default() }
    }

    fn value(rates: &[Rate], container: Option<&str>, metric: &str) -> Option<f64> {
        let found = rates.iter().find(|rate| rate.container.as_deref() == container && rate.metric == metric);
        found.map(|rate| rate.value)
    }

    #[test]
    fn shares_and_rates_are_of_the_time_between() {
        let then = MachineUse {
            processors: 4,
            cpu_busy: Some(100),
            cpu_all: Some(1000),
            disk_read: Some(0),
            ..MachineUse::default()
        };
        let now = MachineUse {
            cpu_busy: Some(300),
            cpu_all: Some(1400),
            disk_read: Some(5000),
            pressure: [Some(5), None, None],
            ..then.clone()
        };
        let group = |cpu: u64| GroupUse { cpu: Some(cpu), periods: Some((cpu / 1000, 0)), ..GroupUse::default() };
        let rates = between(
            &measured(100.0, then, &[("a", group(1_000_000)), ("b", group(9_000_000))]),
            &measured(110.0, now, &[("a", group(6_000_000)), ("b", group(1_000_000)), ("new", group(5))]),
        );
        assert_eq!(value(&rates, None, "cpu"), Some(2.0), "half of four processors");
        assert_eq!(value(&rates, None, "disk-read"), Some(500.0));
        assert_eq!(value(&rates, None, "cpu-pressure"), None, "it was not there before");
        assert_eq!(value(&rates, Some("a"), "cpu"), Some(0.5));
        assert_eq!(value(&rates, Some("b"), "cpu"), None, "its counter ran backwards");
        assert_eq!(value(&rates, Some("new"), "cpu"), None, "nothing is known of before");
        assert!(rates.iter().all(|rate| METRICS.iter().any(|(name, ..)| *name == rate.metric)));
    }

    #[test]
    fn no_time_gives_no_rates() {
        let same = measured(5.0, MachineUse::default(), &[]);
        assert!(between(&same, &same).is_empty());
        assert!(
            between(&measured(50.0, MachineUse::default(), &[]), &same).is_empty(),
            "the machine was started between"
        );
    }
}
