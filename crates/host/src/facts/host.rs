//! The host: kernel, files, mounts, daemon configuration, accounts, packages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Listener, Namespaces};

/// The machine Keelguard ran on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// Its name.
    pub hostname: String,
    /// `/etc/os-release`.
    pub os: OsRelease,
    /// The uid Keelguard ran with; some facts need 0.
    pub uid: u32,
    /// The kernel.
    pub kernel: Kernel,
    /// Active security modules: `lockdown`, `yama`, `apparmor`, … ; none where the kernel would not say.
    pub lsm: Option<Vec<String>>,
    /// Whether AppArmor is compiled in, on, and its profiles can be loaded.
    pub apparmor: Option<bool>,
    /// `enforcing`, `permissive`, `disabled`.
    pub selinux: Option<String>,
    /// `kernel.io_uring_disabled` → `2`. A sysctl that the kernel lacks is absent.
    pub sysctls: BTreeMap<String, String>,
    /// The host's mounts.
    pub mounts: Vec<HostMount>,
    /// Cgroup hierarchies.
    pub cgroup: Cgroups,
    /// What there is to share out.
    pub capacity: Capacity,
    /// Namespaces of pid 1.
    pub namespaces: Namespaces,
    /// Namespaces of the engine's process, which may differ (a private engine, a snap, Docker in Docker).
    pub engine_namespaces: Option<Namespaces>,
    /// Sockets that listen in the engine's network namespace.
    pub listening: Vec<Listener>,
    /// Abstract unix sockets (`@/containerd-shim/…`) in it.
    pub abstract_sockets: Vec<String>,
    /// Engine, containerd, runc and kernel packages of the distribution.
    pub packages: Vec<Package>,
    /// Engine binaries and which package they belong to.
    pub binaries: Vec<Binary>,
    /// The daemon's configuration, and which source wins.
    pub daemon: Daemon,
    /// Every file that the benchmark names, and every certificate and key of the daemon: by role.
    pub files: Vec<FileFact>,
    /// Control sockets of engines and system services that exist here.
    pub control_sockets: Vec<ControlSocket>,
    /// What lies at the host paths that containers mount or use as devices, by the path as written.
    pub paths: BTreeMap<String, PathFact>,
    /// The same for the sensitive paths of this host ([`crate::sensitive`]), for those that exist.
    pub sensitive: BTreeMap<String, PathFact>,
    /// Members of the docker group and of the group that owns the socket; none where `/etc/group` could not be read.
    pub docker_group: Option<DockerGroup>,
    /// The kernel's audit rules.
    pub audit: Audit,
    /// The firewall as far as containers meet it.
    pub firewall: Firewall,
    /// When packages were last brought up to date.
    pub last_update: Option<Timestamp>,
    /// The cloud this machine runs in, by its firmware: `aws`, `gcp`, `azure`, `alibaba`, …
    pub cloud: Option<String>,
    /// Which of the cloud's instances it is, where the firmware says (`i-…` on AWS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Docker contexts of the users whose homes could be read.
    pub contexts: Vec<Context>,
    /// Entitlements that BuildKit's configuration allows: `security.insecure`, `network.host`.
    pub build_entitlements: Vec<String>,
    /// `DOCKER_CONTENT_TRUST` in the environment that was looked at.
    pub content_trust: Option<String>,
    /// Size in bytes of `docker` files that grow without bound: path → bytes (container logs).
    pub log_sizes: BTreeMap<String, u64>,
}

/// `/etc/os-release`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OsRelease {
    /// `debian`, `ubuntu`, `almalinux`, …
    pub id: String,
    /// `ID_LIKE`.
    pub id_like: Vec<String>,
    /// `12`.
    pub version_id: String,
    /// `bookworm`.
    pub codename: String,
    /// As it names itself.
    pub pretty_name: String,
}

/// The kernel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kernel {
    /// `uname -r`.
    pub release: String,
    /// `uname -v`; distributions put their package version there.
    pub version: String,
    /// `x86_64`.
    pub machine: String,
    /// `/proc/version_signature` of Ubuntu.
    pub signature: Option<String>,
    /// The options that rules ask for ([`crate::kernel_options`]): `y`, `m`, or absent where it is not set. Only
    /// meaningful where `config_source` is set.
    pub config: BTreeMap<String, String>,
    /// Where they were read: `/proc/config.gz`, `/boot/config-…`.
    pub config_source: Option<String>,
    /// Loaded modules, of those that rules ask for.
    pub modules: Vec<String>,
    /// `none`, `integrity`, `confidentiality`.
    pub lockdown: Option<String>,
}

/// A mount of the host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostMount {
    /// Where.
    pub mount_point: String,
    /// The folder of the filesystem that is mounted.
    pub root: String,
    /// `major:minor`.
    pub device: String,
    /// `ext4`, …
    pub fstype: String,
    /// `/dev/vda1`.
    pub source: String,
    /// Of the mount and of the filesystem.
    pub options: Vec<String>,
}

/// Cgroup hierarchies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cgroups {
    /// `v1`, `v2`, `hybrid`, or empty where it could not be told.
    pub version: String,
    /// Controllers that can bound something here.
    pub controllers: Vec<String>,
}

/// What the host has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capacity {
    /// Bytes.
    pub memory: u64,
    /// Bytes.
    pub swap: u64,
    /// CPUs online.
    pub cpus: u64,
    /// `kernel.pid_max` and `kernel.threads-max`, the smaller.
    pub pids: u64,
    /// `fs.file-max`.
    pub files: u64,
    /// Bytes of the filesystem that holds the engine's root folder.
    pub engine_disk: Option<Disk>,
}

/// A filesystem's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Disk {
    /// Bytes.
    pub total: u64,
    /// Bytes.
    pub free: u64,
    /// Inodes.
    pub inodes: u64,
    /// Inodes.
    pub inodes_free: u64,
}

/// A package of the distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// `docker.io`, `docker-ce`, `containerd.io`, `runc`, `linux-image-6.1.0-30-amd64`.
    pub name: String,
    /// The distribution's full version: `20.10.24+dfsg1-1+deb12u1+b2`.
    pub version: String,
    /// The source package: `docker.io`, `linux`.
    pub source: String,
    /// `debian`, `ubuntu`, `docker` (Docker's own repository), `rpm:almalinux`, or empty.
    pub origin: String,
    /// CVEs that the package's own changelog says are fixed; none where there is no changelog to read.
    pub changelog_cves: Option<Vec<String>>,
}

/// An engine binary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Binary {
    /// `dockerd`, `containerd`, `runc`, `buildkitd`, `nvidia-container-toolkit`.
    pub name: String,
    /// Where the running engine or the search path has it.
    pub path: String,
    /// The version it prints or the engine reports; empty where unknown.
    pub version: String,
    /// The package that owns the file; none is a copy by hand.
    pub package: Option<String>,
}

/// The daemon's configuration from all its sources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Daemon {
    /// The running `dockerd`; none where it could not be found (remote, no `/proc`).
    pub pid: Option<i32>,
    /// Its uid.
    pub uid: Option<u32>,
    /// Its command line. Secrets are redacted.
    pub cmdline: Vec<String>,
    /// The configuration file it uses: `/etc/docker/daemon.json`.
    pub file: Option<String>,
    /// Why that file could not be read, where it is there.
    pub file_error: Option<String>,
    /// `ExecStart` of the unit, drop-ins included; may differ from `cmdline` until the next restart.
    pub unit: Option<String>,
    /// Each setting under its `daemon.json` name, with the value in force.
    pub settings: BTreeMap<String, Setting>,
    /// Settings given in more than one place, or changed since the daemon started: what and where.
    pub conflicts: Vec<String>,
}

impl Daemon {
    /// The value in force of a `daemon.json` key, where it is set anywhere.
    pub fn setting(&self, key: &str) -> Option<&serde_json::Value> {
        self.settings.get(key).map(|setting| &setting.value)
    }

    /// A switch: its value, or none where it is not set.
    pub fn switch(&self, key: &str) -> Option<bool> {
        match self.setting(key)? {
            serde_json::Value::Bool(on) => Some(*on),
            serde_json::Value::String(word) => word.parse().ok(),
            _ => None,
        }
    }
}

/// One setting of the daemon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Setting {
    /// The value, in the type of `daemon.json`.
    pub value: serde_json::Value,
    /// `file`, `flag`, `unit`.
    pub from: String,
}

/// A file of the host, by the role it plays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileFact {
    /// `docker.service`, `docker.socket`, `docker-dir`, `registry-cert`, `tls-ca`, `tls-cert`, `tls-key`, `docker-sock`,
    /// `daemon.json`, `default-docker`, `sysconfig-docker`, `containerd-sock`, `containerd-config`, `dockerd-bin`,
    /// `containerd-bin`, `containerd-shim-bin`, `containerd-shim-runc-v1-bin`, `containerd-shim-runc-v2-bin`, `runc-bin`,
    /// `data-root`, `run-containerd`.
    pub role: String,
    /// Where it is, or would be.
    pub path: String,
    /// Whether it is there; none where that could not be told.
    pub exists: Option<bool>,
    /// What lies there.
    pub stat: Option<Stat>,
}

/// What `stat` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stat {
    /// `file`, `dir`, `socket`, `block`, `char`, `fifo`, `link`.
    pub kind: String,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// The owner's name, where there is one.
    pub owner: String,
    /// The group's name.
    pub group: String,
}

/// The identity of a file: device and inode numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ident {
    /// `st_dev`.
    pub dev: u64,
    /// `st_ino`.
    pub ino: u64,
}

/// What lies at a path: resolved, with the identity of everything above it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathFact {
    /// After all symbolic links; empty where nothing is there.
    pub resolved: String,
    /// `file`, `dir`, `socket`, `block`, `char`, `fifo`, `missing`, `unreadable`.
    pub kind: String,
    /// Major and minor number of a device.
    pub rdev: Option<(u32, u32)>,
    /// Itself first, then each folder above it up to the root, with its identity.
    pub chain: Vec<(String, Ident)>,
    /// Sockets, devices and mount points found below it (a bounded look): with path and identity.
    pub below: Vec<Below>,
    /// The look below was cut short by its bound.
    pub below_cut: bool,
    /// Permission bits and owner.
    pub stat: Option<Stat>,
}

impl PathFact {
    /// Its own identity.
    pub fn ident(&self) -> Option<Ident> {
        self.chain.first().map(|(_, ident)| *ident)
    }
}

/// Something of note below a path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Below {
    /// Where.
    pub path: String,
    /// `socket`, `block`, `char`, `mount`.
    pub kind: String,
    /// Its identity.
    pub ident: Ident,
    /// Major and minor number of a device.
    pub rdev: Option<(u32, u32)>,
}

/// A socket through which the host or its containers are commanded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlSocket {
    /// `docker`, `containerd`, `crio`, `podman`, `cri-dockerd`, `buildkit`, `docker-plugin`, `dbus`, `systemd`, `snapd`,
    /// `lxd`, `incus`.
    pub service: String,
    /// The path it is known by.
    pub path: String,
    /// Resolved, with identity.
    pub fact: PathFact,
}

/// Who may use the engine without being root.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DockerGroup {
    /// Members of `docker`, primary group included.
    pub members: Vec<String>,
    /// The group that owns the engine's socket, and its members, where that is another one.
    pub socket_group: Option<(String, Vec<String>)>,
    /// Those of all these whose primary group it is: they are in it without being listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary: Vec<String>,
}

/// Audit rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audit {
    /// The rules in force (`auditctl -l`), or those of `/etc/audit`; none where neither could be read.
    pub rules: Option<Vec<String>>,
    /// `kernel` or `files`.
    pub source: String,
    /// Whether the kernel has auditing switched on.
    pub enabled: Option<bool>,
}

/// The firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firewall {
    /// Rules of the chain DOCKER-USER, in the words of `iptables -S`; none where it could not be read.
    pub docker_user: Option<Vec<String>>,
    /// Policy and rules of INPUT.
    pub input: Option<Vec<String>>,
    /// Rules of FORWARD.
    pub forward: Option<Vec<String>>,
    /// Why it could not be read.
    pub error: Option<String>,
}

/// A Docker context of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// Whose.
    pub user: String,
    /// `tcp://…`, `ssh://…`, `unix://…`.
    pub host: String,
    /// Has TLS material.
    pub tls: bool,
    /// Does not verify the other side.
    pub skip_verify: bool,
}
