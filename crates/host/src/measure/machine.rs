//! The machine as a whole: `/proc` and `/sys`.

use serde::{Deserialize, Serialize};

use super::scan::{field, interfaces, number, protocol, sum, text, total};

/// Counters and states of the machine; what this kernel does not tell is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MachineUse {
    /// Processors that run.
    pub processors: u32,
    /// Ticks (1/100 s) in which processors worked, stolen and waiting time apart.
    pub cpu_busy: Option<u64>,
    /// Ticks in all.
    pub cpu_all: Option<u64>,
    /// Ticks spent waiting for disks.
    pub cpu_iowait: Option<u64>,
    /// Ticks that the hypervisor gave to others.
    pub cpu_steal: Option<u64>,
    /// Bytes.
    pub memory_total: Option<u64>,
    /// Bytes that can be had without swapping.
    pub memory_available: Option<u64>,
    /// Bytes.
    pub swap_total: Option<u64>,
    /// Bytes.
    pub swap_free: Option<u64>,
    /// Microseconds in which something waited for processor, memory, disks.
    pub pressure: [Option<u64>; 3],
    /// Bytes read from disks, partitions not counted again.
    pub disk_read: Option<u64>,
    /// Bytes written.
    pub disk_written: Option<u64>,
    /// Reads and writes.
    pub disk_operations: Option<u64>,
    /// Bytes received, packets received, bytes sent, packets sent, on wires that lead out.
    pub network: Option<[u64; 4]>,
    /// TCP connections that stand.
    pub connections: Option<u64>,
    /// TCP connections opened and taken.
    pub opened: Option<u64>,
    /// TCP connections that somebody began and did not finish, or that found no room.
    pub refused: Option<u64>,
    /// Processes and threads.
    pub threads: Option<u64>,
    /// Processes and threads that could run just then.
    pub running: Option<u64>,
    /// Processes and threads ever begun.
    pub forks: Option<u64>,
    /// Switches between them.
    pub context_switches: Option<u64>,
    /// The hottest sensor, in thousandths of a degree Celsius.
    pub temperature: Option<i64>,
    /// Entries in the table of connections, and what it holds at most.
    pub conntrack: Option<(u64, u64)>,
}

/// Seconds since the start.
pub(super) fn uptime() -> f64 {
    let text = text("/proc/uptime").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}

pub(super) fn read() -> MachineUse {
    let mut found = MachineUse::default();
    of_stat(&mut found, &text("/proc/stat").unwrap_or_default());
    of_memory(&mut found, &text("/proc/meminfo").unwrap_or_default());
    for (slot, name) in found.pressure.iter_mut().zip(["cpu", "memory", "io"]) {
        *slot = text(format!("/proc/pressure/{name}")).and_then(|text| total(&text, "some", "total"));
    }
    of_disks(&mut found, &text("/proc/diskstats").unwrap_or_default(), is_whole_disk);
    found.network = interfaces(&text("/proc/net/dev").unwrap_or_default(), leads_out);
    let snmp = text("/proc/net/snmp").unwrap_or_default();
    found.connections = protocol(&snmp, "Tcp", "CurrEstab");
    found.opened = added(protocol(&snmp, "Tcp", "ActiveOpens"), protocol(&snmp, "Tcp", "PassiveOpens"));
    let netstat = text("/proc/net/netstat").unwrap_or_default();
    found.refused = added(protocol(&netstat, "TcpExt", "ListenDrops"), protocol(&netstat, "TcpExt", "SyncookiesSent"));
    of_load(&mut found, &text("/proc/loadavg").unwrap_or_default());
    found.temperature = hottest();
    let conntrack =
        |name: &str| text(format!("/proc/sys/net/netfilter/nf_conntrack_{name}")).as_deref().and_then(number);
    found.conntrack = conntrack("count").zip(conntrack("max"));
    found
}

fn added(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.wrapping_add(other?))
}

fn of_stat(found: &mut MachineUse, text: &str) {
    found.processors = text
        .lines()
        .filter(|line| line.starts_with("cpu") && !line.starts_with("cpu "))
        .count()
        .try_into()
        .unwrap_or(0);
    let ticks: Vec<u64> = text
        .lines()
        .next()
        .filter(|line| line.starts_with("cpu "))
        .into_iter()
        .flat_map(|line| line.split_whitespace().skip(1).map_while(|word| word.parse().ok()))
        .collect();
    // user nice system idle iowait irq softirq steal; guests are within user and nice.
    if let [user, nice, system, idle, iowait, irq, softirq, rest @ ..] = ticks.as_slice() {
        let steal = rest.first().copied().unwrap_or_default();
        let busy = [user, nice, system, irq, softirq].into_iter().fold(0u64, |sum, ticks| sum.wrapping_add(*ticks));
        found.cpu_busy = Some(busy);
        found.cpu_iowait = Some(*iowait);
        found.cpu_steal = Some(steal);
        found.cpu_all = Some(busy.wrapping_add(*idle).wrapping_add(*iowait).wrapping_add(steal));
    }
    found.context_switches = field(text, "ctxt");
    found.forks = field(text, "processes");
}

fn of_memory(found: &mut MachineUse, text: &str) {
    let bytes = |name: &str| field(text, name).map(|kilobytes| kilobytes.saturating_mul(1024));
    found.memory_total = bytes("MemTotal");
    found.memory_available = bytes("MemAvailable");
    found.swap_total = bytes("SwapTotal");
    found.swap_free = bytes("SwapFree");
}

/// `3.01 2.50 1.00 4/151 13246`
fn of_load(found: &mut MachineUse, text: &str) {
    let tasks = text.split_whitespace().nth(3).and_then(|word| word.split_once('/'));
    found.running = tasks.and_then(|(running, _)| running.parse().ok());
    found.threads = tasks.and_then(|(_, all)| all.parse().ok());
}

fn of_disks(found: &mut MachineUse, text: &str, counts: impl Fn(&str) -> bool) {
    /// The kernel counts in sectors of 512 bytes, whatever the disk has.
    const SECTOR: u64 = 512;
    let wanted = |line: &str| line.split_whitespace().nth(2).is_some_and(&counts);
    found.disk_read = sum(text, wanted, 5).map(|sectors| sectors.wrapping_mul(SECTOR));
    found.disk_written = sum(text, wanted, 9).map(|sectors| sectors.wrapping_mul(SECTOR));
    found.disk_operations = added(sum(text, wanted, 3), sum(text, wanted, 7));
}

/// A disk, not a partition of one, and not a device that is made of others and would count their bytes again.
fn is_whole_disk(name: &str) -> bool {
    let made_of_others = ["loop", "ram", "dm-", "md", "zram", "sr", "fd", "nbd", "drbd"];
    !made_of_others.iter().any(|prefix| name.starts_with(prefix))
        && std::path::Path::new("/sys/block").join(name.replace('/', "!")).exists()
}

/// An interface whose bytes are not those of another: no bridge, no container's wire, no tunnel of the machine to itself.
fn leads_out(name: &str) -> bool {
    let inner = ["lo", "veth", "docker", "br-", "virbr", "cni", "flannel", "cali", "ifb", "dummy", "tun", "tap", "wg"];
    let bonded = std::path::Path::new("/sys/class/net").join(name).join("master").exists()
        && std::path::Path::new("/sys/class/net").join(name).join("bonding_slave").exists();
    !inner.iter().any(|prefix| name.starts_with(prefix)) && !bonded
}

fn hottest() -> Option<i64> {
    const MOST_SENSORS: usize = 256;
    let zones =
        std::fs::read_dir("/sys/class/thermal").into_iter().flatten().flatten().map(|entry| entry.path().join("temp"));
    let chips = std::fs::read_dir("/sys/class/hwmon")
        .into_iter()
        .flatten()
        .flatten()
        .flat_map(|entry| (1..=8).map(move |index| entry.path().join(format!("temp{index}_input"))));
    zones
        .chain(chips)
        .take(MOST_SENSORS)
        .filter_map(|path| text(path)?.trim().parse::<i64>().ok())
        // Sensors that are not wired say absolute zero or more than any chip bears.
        .filter(|heat| (-50_000..200_000).contains(heat))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_told_apart_and_guests_are_not_counted_twice() {
        let mut found = MachineUse::default();
        let text =
            "cpu  10 1 5 100 20 2 3 4 9 0\ncpu0 5 0 0 0 0 0 0 0 0 0\ncpu1 5 0 0 0 0 0 0 0 0 0\nctxt 77\nprocesses 12\n";
        of_stat(&mut found, text);
        assert_eq!((found.processors, found.cpu_busy, found.cpu_all), (2, Some(21), Some(145)));
        assert_eq!((found.cpu_iowait, found.cpu_steal), (Some(20), Some(4)));
        assert_eq!((found.context_switches, found.forks), (Some(77), Some(12)));
        let mut old = MachineUse::default();
        of_stat(&mut old, "cpu 1 2 3\n");
        assert_eq!(old.cpu_busy, None, "half a line is none");
    }

    #[test]
    fn bytes_of_disks_are_counted_once() {
        let mut found = MachineUse::default();
        let text = "8 0 sda 10 0 100 0 20 0 200 0 0 0 0\n8 1 sda1 10 0 100 0 20 0 200 0 0 0 0\n253 0 dm-0 10 0 100 0 20 0 200 0 0 0 0\n";
        of_disks(&mut found, text, |name| name == "sda");
        assert_eq!(
            (found.disk_read, found.disk_written, found.disk_operations),
            (Some(51_200), Some(102_400), Some(30))
        );
    }

    #[test]
    fn load_tells_of_tasks() {
        let mut found = MachineUse::default();
        of_load(&mut found, "5.47 5.18 4.09 9/151 13246\n");
        assert_eq!((found.running, found.threads), (Some(9), Some(151)));
        of_load(&mut found, "garbage");
        assert_eq!(found.threads, None);
    }
}
