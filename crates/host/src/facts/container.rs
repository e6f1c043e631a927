//! A container as the engine describes it: the fields of `GET /containers/{id}/json` that rules read, under Docker's names.

use std::collections::BTreeMap;

use keelguard_model::Subject;
use serde::{Deserialize, Serialize};

use super::Truth;

/// One container, in whatever state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the leading slash. Written by whoever made the container.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// The id of the image it was made from, `sha256:…`.
    pub image: String,
    /// What it is doing.
    pub state: State,
    /// How often the engine restarted it.
    pub restart_count: i64,
    /// What the image and the user ask for inside.
    pub config: Config,
    /// What the user asked of the host.
    pub host_config: HostConfig,
    /// Bind mounts and volumes as the engine resolved them; there for created containers too.
    pub mounts: Vec<Mount>,
    /// Networks and ports.
    pub network_settings: NetworkSettings,
    /// `docker-default`, `unconfined`, a profile's name, or empty.
    pub app_armor_profile: String,
    /// SELinux label of the mounts.
    pub mount_label: String,
    /// SELinux label of the processes.
    pub process_label: String,
    /// The storage driver.
    pub driver: String,
    /// Where the json-file log lies.
    pub log_path: String,
    /// Exec sessions that the engine still knows.
    #[serde(rename = "execs", skip_serializing_if = "Vec::is_empty")]
    pub execs: Vec<Exec>,
    /// Variables that its image sets too, to another value, while the facts hold neither value.
    #[serde(rename = "overridden", skip_serializing_if = "Vec::is_empty")]
    pub overridden: Vec<String>,
    /// What the kernel says about its processes; none where it does not run or `/proc` could not be read.
    #[serde(rename = "truth", skip_serializing_if = "Option::is_none")]
    pub truth: Option<Truth>,
}

impl Container {
    /// It as a finding's subject.
    pub fn subject(&self) -> Subject {
        Subject::container(self.name.clone(), self.id.clone())
    }

    /// Whether it has processes now (running, paused or restarting).
    pub fn is_running(&self) -> bool {
        self.state.pid > 0 || matches!(self.state.status.as_str(), "running" | "paused" | "restarting")
    }

    /// The value of `label`.
    pub fn label(&self, label: &str) -> Option<&str> {
        self.config.labels.get(label).map(String::as_str)
    }

    /// The values behind `key=` or `key:` in `HostConfig.SecurityOpt`: `security_opt("seccomp")` for
    /// `["seccomp=unconfined"]`. An option without a value (`no-new-privileges`) has the value `true`.
    pub fn security_opt<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.host_config.security_opt.iter().filter_map(move |option| {
            let (name, value) = option.split_once(['=', ':']).unwrap_or((option, "true"));
            (name == key).then_some(value)
        })
    }
}

/// `State`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct State {
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub status: String,
    /// The host's pid of its first process; 0 where it does not run.
    pub pid: i64,
    /// The last exit code.
    pub exit_code: i64,
    /// The engine's word for it; misses children.
    #[serde(rename = "OOMKilled")]
    pub oom_killed: bool,
    /// RFC 3339, year 1 where it never ran.
    pub started_at: String,
    /// RFC 3339, year 1 where it never ended.
    pub finished_at: String,
    /// The health check's word, where there is one: `healthy`, `unhealthy`, `starting`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

/// `State.Health`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Health {
    /// `healthy`, `unhealthy`, `starting`, `none`.
    pub status: String,
}

/// `Config`, of containers and of images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Config {
    /// The reference it was made from: `nginx:1.29`.
    pub image: String,
    /// `uid[:gid]` or names; empty is root.
    pub user: String,
    /// `NAME=value`. Values are `<redacted>` in facts, except where the name says that they are harmless or rules need
    /// them (`PATH`, `LD_*`, `NVIDIA_*`).
    pub env: Vec<String>,
    /// Values that look like secrets are redacted.
    pub cmd: Vec<String>,
    /// Values that look like secrets are redacted.
    pub entrypoint: Vec<String>,
    /// The working folder.
    pub working_dir: String,
    /// `80/tcp` → {}.
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    /// Folders that become anonymous volumes.
    pub volumes: BTreeMap<String, serde_json::Value>,
    /// The health check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Labels; only those of compose, swarm, image publishers and Keelguard are kept.
    pub labels: BTreeMap<String, String>,
    /// A terminal.
    pub tty: bool,
    /// Standard input stays open.
    pub open_stdin: bool,
    /// Its own host name.
    pub hostname: String,
    /// The domain behind it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domainname: String,
    /// A hardware address that somebody asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mac_address: String,
    /// The signal to stop with.
    pub stop_signal: String,
    /// Commands that run in images built on this one.
    pub on_build: Vec<String>,
}

/// `Config.Healthcheck`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Healthcheck {
    /// `["NONE"]`, `["CMD", …]`, `["CMD-SHELL", …]`; empty inherits.
    pub test: Vec<String>,
    /// Nanoseconds between two checks.
    pub interval: i64,
    /// Nanoseconds.
    pub timeout: i64,
    /// How many failures make it unhealthy.
    pub retries: i64,
}

/// `HostConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HostConfig {
    /// `source:destination[:options]`.
    pub binds: Vec<String>,
    /// The long form of mounts.
    pub mounts: Vec<MountSpec>,
    /// `name[:ro]` of containers whose volumes it takes over.
    pub volumes_from: Vec<String>,
    /// Default driver of its volumes.
    pub volume_driver: String,
    /// `default`, `bridge`, `host`, `none`, `container:ID`, a network's name.
    pub network_mode: String,
    /// `80/tcp` → host addresses and ports.
    pub port_bindings: BTreeMap<String, Option<Vec<PortBinding>>>,
    /// Publish whatever the image exposes.
    pub publish_all_ports: bool,
    /// What happens when it ends.
    pub restart_policy: RestartPolicy,
    /// Removed when it ends.
    pub auto_remove: bool,
    /// Capabilities added to the default set.
    pub cap_add: Vec<String>,
    /// Capabilities taken from it.
    pub cap_drop: Vec<String>,
    /// All of them, all devices, no confinement.
    pub privileged: bool,
    /// `private` or `host`.
    pub cgroupns_mode: String,
    /// `host`, `container:ID` or empty.
    pub pid_mode: String,
    /// `none`, `private`, `shareable`, `host`, `container:ID`.
    pub ipc_mode: String,
    /// `host` or empty.
    #[serde(rename = "UTSMode")]
    pub uts_mode: String,
    /// `host` or empty.
    pub userns_mode: String,
    /// The cgroup under which its own is made.
    pub cgroup_parent: String,
    /// The OCI runtime; empty is the engine's default.
    pub runtime: String,
    /// `seccomp=…`, `apparmor=…`, `label=…`, `no-new-privileges`, `systempaths=…`.
    pub security_opt: Vec<String>,
    /// Paths in `/proc` and `/sys` that are hidden; `Some([])` is `systempaths=unconfined`, `None` where the engine does
    /// not say (privileged, or older than API 1.41).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked_paths: Option<Vec<String>>,
    /// Paths in `/proc` that cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly_paths: Option<Vec<String>>,
    /// The root filesystem cannot be written.
    pub readonly_rootfs: bool,
    /// Kernel parameters of its namespaces.
    pub sysctls: BTreeMap<String, String>,
    /// Extra groups.
    pub group_add: Vec<String>,
    /// An init process reaps its children.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// Devices of the host.
    pub devices: Vec<Device>,
    /// Rules of the device cgroup: `b *:* rwm`.
    pub device_cgroup_rules: Vec<String>,
    /// GPUs and the like.
    pub device_requests: Vec<DeviceRequest>,
    /// Bytes; 0 is without bound.
    pub memory: i64,
    /// Bytes; memory and swap together; -1 is without bound, 0 is twice the memory.
    pub memory_swap: i64,
    /// Bytes that are kept when memory is short.
    pub memory_reservation: i64,
    /// 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_swappiness: Option<i64>,
    /// The kernel's last resort is switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_kill_disable: Option<bool>,
    /// -1000 to 1000; below 0 others die first.
    pub oom_score_adj: i64,
    /// CPUs times 10⁹.
    pub nano_cpus: i64,
    /// Relative weight; 0 is the default 1024.
    pub cpu_shares: i64,
    /// Microseconds in each period; 0 is without bound.
    pub cpu_quota: i64,
    /// Microseconds.
    pub cpu_period: i64,
    /// `0-2,4`.
    pub cpuset_cpus: String,
    /// Microseconds of real-time scheduling.
    pub cpu_realtime_runtime: i64,
    /// Microseconds.
    pub cpu_realtime_period: i64,
    /// Processes and threads; none, 0 or -1 is without bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids_limit: Option<i64>,
    /// 10 to 1000; 0 is the default.
    pub blkio_weight: i64,
    /// Bytes a second.
    pub blkio_device_read_bps: Vec<ThrottleDevice>,
    /// Bytes a second.
    pub blkio_device_write_bps: Vec<ThrottleDevice>,
    /// Operations a second.
    #[serde(rename = "BlkioDeviceReadIOps")]
    pub blkio_device_read_iops: Vec<ThrottleDevice>,
    /// Operations a second.
    #[serde(rename = "BlkioDeviceWriteIOps")]
    pub blkio_device_write_iops: Vec<ThrottleDevice>,
    /// Limits a process.
    pub ulimits: Vec<Ulimit>,
    /// Bytes of `/dev/shm`; 0 is the default 64 MiB.
    pub shm_size: i64,
    /// Destination → options (`size=64m`).
    pub tmpfs: BTreeMap<String, String>,
    /// `size` bounds the writable layer where the driver can.
    pub storage_opt: BTreeMap<String, String>,
    /// Where its output goes.
    pub log_config: LogConfig,
    /// `name:address`.
    pub extra_hosts: Vec<String>,
    /// Name servers in place of the host's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Options of the resolver: `ndots:2`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_options: Vec<String>,
    /// Domains that are tried behind a bare name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_search: Vec<String>,
    /// `container:alias`.
    pub links: Vec<String>,
}

/// `HostConfig.Mounts[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MountSpec {
    /// `bind`, `volume`, `tmpfs`, `image`, `cluster`, `npipe`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Host path or volume name.
    pub source: String,
    /// Path inside.
    pub target: String,
    /// Cannot be written.
    pub read_only: bool,
    /// Options of binds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_options: Option<BindOptions>,
    /// Options of tmpfs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmpfs_options: Option<TmpfsOptions>,
    /// Options of volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_options: Option<serde_json::Value>,
}

/// `HostConfig.Mounts[].BindOptions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BindOptions {
    /// `rprivate` and so on.
    pub propagation: String,
    /// Mounts below the source do not come along.
    pub non_recursive: bool,
}

/// `HostConfig.Mounts[].TmpfsOptions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TmpfsOptions {
    /// 0 is half of the host's memory.
    pub size_bytes: i64,
}

/// `Mounts[]`: bind mounts and volumes as resolved by the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// A volume's name.
    pub name: String,
    /// A host path, as the user wrote it; [`super::Host::paths`] tells what lies there.
    pub source: String,
    /// Path inside.
    pub destination: String,
    /// A volume's driver.
    pub driver: String,
    /// Options as written: `ro,z`.
    pub mode: String,
    /// Can be written.
    #[serde(rename = "RW")]
    pub rw: bool,
    /// `rprivate`, `private`, `rshared`, `shared`, `rslave`, `slave`.
    pub propagation: String,
}

/// `HostConfig.PortBindings[…][]` and `NetworkSettings.Ports[…][]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortBinding {
    /// Empty, `0.0.0.0` and `::` are every interface.
    pub host_ip: String,
    /// Empty is one the engine picks.
    pub host_port: String,
}

/// `HostConfig.RestartPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RestartPolicy {
    /// Empty, `no`, `always`, `unless-stopped`, `on-failure`.
    pub name: String,
    /// 0 is without end.
    pub maximum_retry_count: i64,
}

/// `HostConfig.Devices[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Device {
    /// On the host; [`super::Host::paths`] tells its numbers.
    pub path_on_host: String,
    /// Inside.
    pub path_in_container: String,
    /// `rwm`.
    pub cgroup_permissions: String,
}

/// `HostConfig.DeviceRequests[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeviceRequest {
    /// `nvidia`.
    pub driver: String,
    /// -1 is all.
    pub count: i64,
    /// Indexes or UUIDs of single devices, in place of a count.
    #[serde(rename = "DeviceIDs", skip_serializing_if = "Vec::is_empty")]
    pub device_ids: Vec<String>,
    /// `[["gpu"]]`.
    pub capabilities: Vec<Vec<String>>,
    /// Words for the driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// `HostConfig.BlkioDevice…[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ThrottleDevice {
    /// `/dev/sda`.
    pub path: String,
    /// A second.
    pub rate: i64,
}

/// `HostConfig.Ulimits[]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ulimit {
    /// `nofile`, `nproc`, …
    pub name: String,
    /// -1 is without bound.
    pub soft: i64,
    /// -1 is without bound.
    pub hard: i64,
}

/// `HostConfig.LogConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LogConfig {
    /// `json-file`, `local`, `journald`, `syslog`, `none`, …
    #[serde(rename = "Type")]
    pub kind: String,
    /// `max-size`, `max-file`, …
    pub config: BTreeMap<String, String>,
}

/// `NetworkSettings`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkSettings {
    /// Published ports of a running container.
    pub ports: BTreeMap<String, Option<Vec<PortBinding>>>,
    /// By the network's name.
    pub networks: BTreeMap<String, Endpoint>,
}

/// `NetworkSettings.Networks[…]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Endpoint {
    /// The network's id; empty before the first start.
    #[serde(rename = "NetworkID")]
    pub network_id: String,
    /// Empty while it does not run.
    #[serde(rename = "IPAddress")]
    pub ip_address: String,
    /// Of the network.
    pub gateway: String,
    /// Names under which others find it.
    pub aliases: Vec<String>,
    /// Addresses that somebody asked for.
    #[serde(rename = "IPAMConfig", skip_serializing_if = "Option::is_none")]
    pub ipam_config: Option<OwnAddresses>,
}

/// `NetworkSettings.Networks[…].IPAMConfig`: addresses that the user chose, not the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OwnAddresses {
    /// `172.20.0.10`, or empty.
    #[serde(rename = "IPv4Address")]
    pub ipv4_address: String,
    /// `fd00::10`, or empty.
    #[serde(rename = "IPv6Address")]
    pub ipv6_address: String,
    /// Addresses that are valid on the link alone.
    #[serde(rename = "LinkLocalIPs", skip_serializing_if = "Vec::is_empty")]
    pub link_local: Vec<String>,
}

/// `GET /exec/{id}/json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Exec {
    /// 64 hexadecimal digits.
    #[serde(rename = "ID")]
    pub id: String,
    /// Still there.
    pub running: bool,
    /// The host's pid.
    pub pid: i64,
    /// What it runs.
    pub process_config: ProcessConfig,
}

/// `ProcessConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProcessConfig {
    /// `docker exec --privileged`.
    pub privileged: bool,
    /// Empty is the container's user.
    pub user: String,
    /// The program.
    pub entrypoint: String,
    /// Values that look like secrets are redacted.
    pub arguments: Vec<String>,
}
