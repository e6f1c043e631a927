//! What the kernel says about a container's processes, whatever the engine was told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The kernel's word on one running container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Truth {
    /// Its processes, the first one first; bounded, see `processes_total`.
    pub processes: Vec<Process>,
    /// How many there are.
    pub processes_total: usize,
    /// Mounts in the first process's mount namespace that are not the usual ones (overlay root, proc, sysfs, devpts, …).
    pub mounts: Vec<ContainerMount>,
    /// The bounds its cgroup has in force.
    pub cgroup: CgroupLimits,
}

impl Truth {
    /// The container's first process.
    pub fn init(&self) -> Option<&Process> {
        self.processes.first()
    }
}

/// One process: `/proc/PID`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// The host's number for it.
    pub pid: i32,
    /// `comm`, written by the process itself.
    pub comm: String,
    /// Where `exe` points, as seen inside.
    pub exe: String,
    /// Real, effective, saved and filesystem uid, in the host's numbers.
    pub uids: [u32; 4],
    /// Capability sets, bit n is capability n.
    pub caps: CapSets,
    /// 0 none, 1 strict, 2 filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<u8>,
    /// `NoNewPrivs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_new_privs: Option<bool>,
    /// Namespace inodes.
    pub namespaces: Namespaces,
    /// `uid_map`: (inside, outside, count).
    pub uid_map: Vec<(u32, u32, u32)>,
    /// `docker-default (enforce)`, `unconfined`; none where the kernel has no label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apparmor: Option<String>,
    /// `Max open files` → (soft, hard); none is unlimited.
    pub limits: BTreeMap<String, (Option<u64>, Option<u64>)>,
    /// `oom_score_adj`.
    pub oom_score_adj: i32,
    /// Ports it listens on in its network namespace; only of the first process.
    pub listening: Vec<Listener>,
}

/// Capability sets as bit masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CapSets {
    /// `CapInh`.
    pub inheritable: u64,
    /// `CapPrm`.
    pub permitted: u64,
    /// `CapEff`.
    pub effective: u64,
    /// `CapBnd`.
    pub bounding: u64,
    /// `CapAmb`.
    pub ambient: u64,
}

/// Inodes of `/proc/PID/ns/*`; none where it could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespaces {
    /// Mounts.
    pub mnt: Option<u64>,
    /// Processes.
    pub pid: Option<u64>,
    /// Network.
    pub net: Option<u64>,
    /// System V IPC and message queues.
    pub ipc: Option<u64>,
    /// Host name.
    pub uts: Option<u64>,
    /// Users.
    pub user: Option<u64>,
    /// Cgroups.
    pub cgroup: Option<u64>,
}

/// A mount inside a container: a line of `/proc/PID/mountinfo`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerMount {
    /// Path inside.
    pub mount_point: String,
    /// The folder of the filesystem that is mounted.
    pub root: String,
    /// `major:minor`.
    pub device: String,
    /// `ext4`, `overlay`, …
    pub fstype: String,
    /// What the filesystem was mounted from.
    pub source: String,
    /// Can be written.
    pub rw: bool,
}

/// Bounds in force, from the cgroup's own files; none is no bound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CgroupLimits {
    /// The path below the hierarchy; empty where it could not be found.
    pub path: String,
    /// Bytes.
    pub memory_max: Option<u64>,
    /// Bytes of swap beside the memory (as cgroup v2 counts; v1's sum is converted).
    pub swap_max: Option<u64>,
    /// Bytes in use.
    pub memory_current: Option<u64>,
    /// Microseconds in each period.
    pub cpu_quota: Option<u64>,
    /// Microseconds.
    pub cpu_period: Option<u64>,
    /// Processes and threads.
    pub pids_max: Option<u64>,
    /// Processes and threads now.
    pub pids_current: Option<u64>,
    /// What could be read: `memory`, `cpu`, `pids`. A bound that is none and not named here is not known.
    pub read: Vec<String>,
}

/// A listening socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Listener {
    /// `tcp`, `tcp6`, `udp`, `udp6`.
    pub protocol: String,
    /// `0.0.0.0`, `::`, `127.0.0.1`.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The owner's uid.
    pub uid: u32,
    /// The program, where its owner could be found: `dockerd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}
