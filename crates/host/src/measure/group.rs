//! One container's counters, from its cgroups of either version and from its network namespace.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::scan::{Kept, field, interfaces, number, protocol, sum, total};

/// Counters and states of one container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupUse {
    /// Microseconds of processor time.
    pub cpu: Option<u64>,
    /// Periods in which it might have run, and those in which it was held back.
    pub periods: Option<(u64, u64)>,
    /// Microseconds for which it was held back.
    pub throttled: Option<u64>,
    /// Bytes in use, with the page cache.
    pub memory: Option<u64>,
    /// Bytes in use that cannot simply be dropped: without the page cache that nobody has touched for a while.
    pub working_set: Option<u64>,
    /// Bytes of the page cache.
    pub page_cache: Option<u64>,
    /// Bytes that the kernel holds on its behalf.
    pub kernel: Option<u64>,
    /// Bytes swapped out.
    pub swap: Option<u64>,
    /// Processes that were killed for want of memory, children included.
    pub oom_kills: Option<u64>,
    /// Microseconds in which something in it waited for processor, memory, disks.
    pub pressure: [Option<u64>; 3],
    /// Bytes read.
    pub disk_read: Option<u64>,
    /// Bytes written.
    pub disk_written: Option<u64>,
    /// Reads and writes.
    pub disk_operations: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
    /// Bytes received, packets received, bytes sent, packets sent; none where it shares the host's network.
    pub network: Option<[u64; 4]>,
    /// TCP connections that stand.
    pub connections: Option<u64>,
    /// TCP connections opened and taken.
    pub opened: Option<u64>,
}

/// What is kept open of one container.
#[derive(Debug, Default)]
pub(super) struct Files {
    places: Vec<(Vec<String>, PathBuf)>,
    kept: Vec<(What, Kept)>,
    network: Option<Network>,
    /// Readings until the network is looked for again, where none was found.
    patience: u32,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Network {
    dev: Kept,
    snmp: Option<Kept>,
}

/// What a file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Cpu2,
    Memory2,
    MemoryStat2,
    MemorySwap2,
    MemoryEvents2,
    Io2,
    Pressure(usize),
    Pids,
    Cpu1,
    Throttled1,
    Memory1,
    MemoryStat1,
    MemoryKernel1,
    MemoryOom1,
    IoBytes1,
    IoCount1,
}

/// Files of a v2 cgroup.
const V2: [(&str, What); 10] = [
    ("cpu.stat", What::Cpu2),
    ("memory.current", What::Memory2),
    ("memory.stat", What::MemoryStat2),
    ("memory.swap.current", What::MemorySwap2),
    ("memory.events", What::MemoryEvents2),
    ("io.stat", What::Io2),
    ("pids.current", What::Pids),
    ("cpu.pressure", What::Pressure(0)),
    ("memory.pressure", What::Pressure(1)),
    ("io.pressure", What::Pressure(2)),
];

/// Files of v1 cgroups by controller.
const V1: [(&str, &str, What); 9] = [
    ("cpuacct", "cpuacct.usage", What::Cpu1),
    ("cpu", "cpu.stat", What::Throttled1),
    ("memory", "memory.usage_in_bytes", What::Memory1),
    ("memory", "memory.stat", What::MemoryStat1),
    ("memory", "memory.kmem.usage_in_bytes", What::MemoryKernel1),
    ("memory", "memory.oom_control", What::MemoryOom1),
    ("blkio", "blkio.throttle.io_service_bytes_recursive", What::IoBytes1),
    ("blkio", "blkio.throttle.io_serviced_recursive", What::IoCount1),
    ("pids", "pids.current", What::Pids),
];

/// Readings between two looks for a network that was not found.
const PATIENCE: u32 = 6;

impl Files {
    pub(super) fn open(places: Vec<(Vec<String>, PathBuf)>) -> Self {
        let mut kept = Vec::new();
        for (controllers, folder) in &places {
            if controllers.is_empty() {
                kept.extend(V2.iter().filter_map(|(name, what)| Some((*what, Kept::open(&folder.join(name))?))));
            }
            for (controller, name, what) in V1 {
                if controllers.iter().any(|own| own == controller) {
                    kept.extend(Kept::open(&folder.join(name)).map(|file| (what, file)));
                }
            }
        }
        Self { places, kept, ..Self::default() }
    }

    /// Whether these are the files of the cgroups at `places`.
    pub(super) fn is_at(&self, places: &[(Vec<String>, PathBuf)]) -> bool {
        self.places == places
    }
}

/// What the counters say now; none where the container is gone or has no process.
pub(super) fn read(files: &mut Files) -> Option<GroupUse> {
    let mut found = GroupUse::default();
    let mut buffer = std::mem::take(&mut files.buffer);
    let mut alive = false;
    for (what, kept) in &files.kept {
        if let Some(text) = kept.text(&mut buffer) {
            alive = true;
            take(&mut found, *what, text);
        }
    }
    if alive {
        network(files, &mut found, &mut buffer);
    }
    files.buffer = buffer;
    (alive && found.pids != Some(0)).then_some(found)
}

fn take(found: &mut GroupUse, what: What, text: &str) {
    match what {
        What::Cpu2 => {
            found.cpu = field(text, "usage_usec");
            found.periods = field(text, "nr_periods").zip(field(text, "nr_throttled"));
            found.throttled = field(text, "throttled_usec");
        }
        What::Memory2 | What::Memory1 => found.memory = number(text),
        What::MemoryStat2 => of_memory(found, text, ["inactive_file", "file", "kernel"]),
        What::MemoryStat1 => {
            of_memory(found, text, ["total_inactive_file", "total_cache", "-"]);
            found.swap = field(text, "total_swap");
        }
        What::MemorySwap2 => found.swap = number(text),
        What::MemoryEvents2 | What::MemoryOom1 => found.oom_kills = field(text, "oom_kill"),
        What::MemoryKernel1 => found.kernel = number(text),
        What::Io2 => {
            found.disk_read = Some(all(text, &["rbytes"]));
            found.disk_written = Some(all(text, &["wbytes"]));
            found.disk_operations = Some(all(text, &["rios", "wios"]));
        }
        What::Pressure(which) => {
            if let Some(slot) = found.pressure.get_mut(which) {
                *slot = total(text, "some", "total");
            }
        }
        What::Pids => found.pids = number(text),
        What::Cpu1 => found.cpu = number(text).map(|nanoseconds| nanoseconds / 1000),
        What::Throttled1 => {
            found.periods = field(text, "nr_periods").zip(field(text, "nr_throttled"));
            found.throttled = field(text, "throttled_time").map(|nanoseconds| nanoseconds / 1000);
        }
        What::IoBytes1 => {
            let of = |kind: &str| sum(text, |line| line.split_whitespace().nth(1) == Some(kind), 2).unwrap_or_default();
            // One that has never touched a disk has no line but the total.
            (found.disk_read, found.disk_written) = (Some(of("Read")), Some(of("Write")));
        }
        What::IoCount1 => {
            let kinds = |line: &str| matches!(line.split_whitespace().nth(1), Some("Read" | "Write"));
            found.disk_operations = Some(sum(text, kinds, 2).unwrap_or_default());
        }
    }
}

fn of_memory(found: &mut GroupUse, text: &str, [idle, cache, kernel]: [&str; 3]) {
    let idle = field(text, idle);
    found.page_cache = field(text, cache);
    found.kernel = field(text, kernel).or(found.kernel);
    found.working_set = found.memory.zip(idle).map(|(memory, idle)| memory.saturating_sub(idle));
}

/// The sum over all devices: `253:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`.
fn all(text: &str, keys: &[&str]) -> u64 {
    text.split_whitespace()
        .filter_map(|word| word.split_once('='))
        .filter(|(key, _)| keys.contains(key))
        .filter_map(|(_, value)| value.parse::<u64>().ok())
        .fold(0, u64::wrapping_add)
}

/// The container's own network, read through a process of it; the file that is kept open holds the namespace.
fn network(files: &mut Files, found: &mut GroupUse, buffer: &mut Vec<u8>) {
    if files.network.is_none() {
        if files.patience > 0 {
            files.patience -= 1;
            return;
        }
        files.patience = PATIENCE;
        files.network = files.places.iter().find_map(|(_, folder)| open_network(folder));
    }
    let Some(network) = &files.network else { return };
    let Some(text) = network.dev.text(buffer) else {
        // The process it was read through is gone.
        files.network = None;
        return;
    };
    found.network = interfaces(text, |name| name != "lo");
    if let Some(text) = network.snmp.as_ref().and_then(|snmp| snmp.text(buffer)) {
        found.connections = protocol(text, "Tcp", "CurrEstab");
        let opened = protocol(text, "Tcp", "ActiveOpens").zip(protocol(text, "Tcp", "PassiveOpens"));
        found.opened = opened.map(|(active, passive)| active.wrapping_add(passive));
    }
}

fn open_network(folder: &Path) -> Option<Network> {
    let pid: u32 = first_process(folder, 3)?;
    let namespace = |pid: &str| std::fs::metadata(format!("/proc/{pid}/ns/net")).ok().map(|meta| meta.ino());
    let own = namespace(&pid.to_string())?;
    if Some(own) == namespace("1").or_else(|| namespace("self")) {
        return None;
    }
    let dev = Kept::open(Path::new(&format!("/proc/{pid}/net/dev")))?;
    let snmp = Kept::open(Path::new(&format!("/proc/{pid}/net/snmp")));
    Some(Network { dev, snmp })
}

/// A process of the cgroup, or of one within it: what runs an init of its own has none at the top.
fn first_process(folder: &Path, deep: usize) -> Option<u32> {
    let own = std::fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    own.lines().next().and_then(|line| line.parse().ok()).or_else(|| {
        let deeper = deep.checked_sub(1)?;
        let folders = std::fs::read_dir(folder).ok()?.flatten().take(64);
        folders
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .find_map(|entry| first_process(&entry.path(), deeper))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cgroup made of plain files.
    fn group(files: &[(&str, &str)], controllers: &[&str]) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let controllers = controllers.iter().map(ToString::to_string).collect();
        let open = Files::open(vec![(controllers, folder.path().to_path_buf())]);
        (folder, open)
    }

    #[test]
    fn a_v2_cgroup_is_read() {
        let (_folder, mut files) = group(
            &[
                ("cpu.stat", "usage_usec 5000\nuser_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 77\n"),
                ("memory.current", "1000\n"),
                ("memory.stat", "anon 500\nfile 400\nkernel 60\ninactive_file 300\n"),
                ("memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 0\n"),
                (
                    "io.stat",
                    "253:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:0 rbytes=5 wbytes=0 rios=1 wios=0\n",
                ),
                ("pids.current", "7\n"),
                ("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=44\nfull avg10=0.00 total=9\n"),
            ],
            &[],
        );
        let found = read(&mut files).unwrap();
        assert_eq!((found.cpu, found.periods, found.throttled), (Some(5000), Some((10, 4)), Some(77)));
        assert_eq!(
            (found.memory, found.working_set, found.page_cache, found.kernel),
            (Some(1000), Some(700), Some(400), Some(60))
        );
        assert_eq!((found.oom_kills, found.pids), (Some(2), Some(7)));
        assert_eq!((found.disk_read, found.disk_written, found.disk_operations), (Some(15), Some(20), Some(4)));
        assert_eq!(found.pressure, [None, Some(44), None], "what is not there is none, not zero");
    }

    #[test]
    fn v1_cgroups_are_read_in_the_same_units() {
        let (_folder, mut files) = group(
            &[
                ("cpuacct.usage", "5000000\n"),
                ("cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 77000\n"),
                ("memory.usage_in_bytes", "1000\n"),
                ("memory.stat", "cache 1\ninactive_file 2\ntotal_cache 400\ntotal_inactive_file 300\ntotal_swap 5\n"),
                ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
                (
                    "blkio.throttle.io_service_bytes_recursive",
                    "253:0 Read 10\n253:0 Write 20\n253:0 Total 30\n8:0 Read 5\nTotal 35\n",
                ),
                ("blkio.throttle.io_serviced_recursive", "Total 0\n"),
                ("pids.current", "7\n"),
            ],
            &["cpu", "cpuacct", "memory", "blkio", "pids"],
        );
        let found = read(&mut files).unwrap();
        assert_eq!((found.cpu, found.periods, found.throttled), (Some(5000), Some((10, 4)), Some(77)));
        assert_eq!((found.memory, found.working_set, found.swap), (Some(1000), Some(700), Some(5)));
        assert_eq!((found.disk_read, found.disk_written, found.disk_operations), (Some(15), Some(20), Some(0)));
        assert_eq!(found.oom_kills, Some(2));
    }

    #[test]
    fn a_cgroup_without_processes_is_no_running_container() {
        let (_folder, mut files) = group(&[("pids.current", "0\n")], &[]);
        assert_eq!(read(&mut files), None);
        let (_folder, mut files) = group(&[], &[]);
        assert_eq!(read(&mut files), None, "nor is one that cannot be read");
    }

    #[test]
    fn garbage_is_none() {
        let (_folder, mut files) =
            group(&[("memory.current", "a lot\n"), ("cpu.stat", "usage_usec -5\n"), ("pids.current", "3")], &[]);
        let found = read(&mut files).unwrap();
        assert_eq!((found.memory, found.cpu), (None, None));
    }
}
