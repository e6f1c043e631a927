//! Vulnerabilities of the engine and its parts: which upstream versions have them, and what an attacker gains on a
//! Docker host.
//!
//! Ranges are those of the Go vulnerability database (read 2026-11-23); where it names no fixed engine version (moby's 29
//! series), those of the CVE records themselves. Every row was compared with its source; rows that could not be are not here.
//!
//! Not here, because no Docker host has what they need: flaws of containerd's CRI plugin, which Docker does not use
//! (CVE-2022-23471, CVE-2022-23648, CVE-2022-31030, CVE-2025-64329, CVE-2026-50195, CVE-2026-53488, CVE-2026-53489,
//! CVE-2026-53492), and of the user handling of containerd's client library, in whose place Docker has its own
//! (CVE-2023-25173, CVE-2024-40635, CVE-2026-46680, CVE-2026-47262).

use keelguard_model::Severity::{self, Critical, High, Low, Medium};

/// A part of the engine with versions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Engine,
    Containerd,
    Runc,
    Buildkit,
    Nvidia,
}

/// What else must be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// An authorization plugin is configured.
    AuthorizationPlugin,
    /// A container shares the host's network, where the shims' abstract sockets are.
    HostNetwork,
    /// A network has no way out.
    InternalNetwork,
    /// This node is part of a swarm.
    Swarm,
    /// Images are kept by containerd.
    ContainerdImages,
    /// The NVIDIA runtime is there.
    Nvidia,
}

/// From which container the flaw leads to the host, at what cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    No,
    FromAny(u32, &'static str),
    FromHostNetwork(u32, &'static str),
    FromGpu(u32, &'static str),
}

/// One vulnerability.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) part: Part,
    pub(super) cve: &'static str,
    /// Upstream versions: from, and the first one without it.
    pub(super) ranges: &'static [(&'static str, &'static str)],
    pub(super) severity: Severity,
    pub(super) when: When,
    pub(super) escape: Escape,
    /// What it lets whom do.
    pub(super) what: &'static str,
}

const fn row(
    part: Part,
    cve: &'static str,
    ranges: &'static [(&'static str, &'static str)],
    severity: Severity,
    when: When,
    escape: Escape,
    what: &'static str,
) -> Row {
    Row { part, cve, ranges, severity, when, escape, what }
}

use Escape::{FromAny, FromGpu, FromHostNetwork, No};
use Part::{Buildkit, Containerd, Engine, Nvidia, Runc};
use When::{Always, AuthorizationPlugin, ContainerdImages, HostNetwork, InternalNetwork, Swarm};

/// Every row.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(Runc, "CVE-2019-5736", &[("0", "1.0.0-rc7")], Critical, Always,
        FromAny(3, "overwrites runc through /proc/self/exe when somebody runs docker exec in it"),
        "a container overwrites the runc binary of the host"),
    row(Runc, "CVE-2019-16884", &[("0", "1.0.0-rc9")], Medium, Always, No,
        "an image with a volume over /proc runs without AppArmor"),
    row(Runc, "CVE-2019-19921", &[("0", "1.0.0-rc10")], Medium, Always, No,
        "two containers that share a volume get around masked paths"),
    row(Runc, "CVE-2021-30465", &[("0", "1.0.0-rc95")], High, Always,
        FromAny(3, "swaps a mount point of a shared volume for a link while runc mounts"),
        "a shared volume's content makes runc mount the host's root into a container"),
    row(Runc, "CVE-2022-29162", &[("0", "1.1.2")], Low, Always, No,
        "docker exec gives inheritable capabilities"),
    row(Runc, "CVE-2023-25809", &[("0", "1.1.5")], Low, Always, No,
        "rootless containers can write the host's cgroup tree"),
    row(Runc, "CVE-2023-27561", &[("1.0.0-rc95", "1.1.5")], Medium, Always, No,
        "two containers that share a volume get around masked paths"),
    row(Runc, "CVE-2023-28642", &[("0", "1.1.5")], Medium, Always, No,
        "an image with a link at /proc runs without AppArmor"),
    row(Runc, "CVE-2024-21626", &[("1.0.0-rc93", "1.1.12")], Critical, Always,
        FromAny(5, "enters the host's filesystem through a descriptor that runc leaves open, when somebody runs docker exec in it or starts its image"),
        "an image or an exec with a working directory in /proc/self/fd stands in the host's filesystem"),
    row(Runc, "CVE-2024-45310", &[("0", "1.1.14"), ("1.2.0-rc.1", "1.2.0-rc.3")], Low, Always, No,
        "containers that share a volume make runc create empty files on the host"),
    row(Runc, "CVE-2025-31133", &[("0", "1.2.8"), ("1.3.0-rc.1", "1.3.3"), ("1.4.0-rc.1", "1.4.0-rc.3")], High, Always,
        FromAny(5, "replaces /dev/null by a link while runc starts a container that it prepared, and writes the host's core_pattern"),
        "a race while paths are masked opens the host's /proc for writing"),
    row(Runc, "CVE-2025-52565", &[("1.0.0-rc3", "1.2.8"), ("1.3.0-rc.1", "1.3.3"), ("1.4.0-rc.1", "1.4.0-rc.3")], High, Always,
        FromAny(5, "replaces /dev/pts/N by a link while runc starts a container that it prepared"),
        "a race while /dev/console is mounted opens the host's /proc for writing"),
    row(Runc, "CVE-2025-52881", &[("0", "1.2.8"), ("1.3.0-rc.1", "1.3.3"), ("1.4.0-rc.1", "1.4.0-rc.3")], High, Always,
        FromAny(5, "sends runc's own writes to another file of /proc while it starts a container that it prepared"),
        "runc's writes to /proc are redirected: security labels are lost, host files written"),
    row(Runc, "CVE-2026-41579", &[("0", "1.3.6"), ("1.4.0", "1.4.3"), ("1.5.0-rc.1", "1.5.0-rc.3")], Low, Always, No,
        "an image with a link at /dev changes a few files of the host"),

    row(Containerd, "CVE-2020-15257", &[("0", "1.3.9"), ("1.4.0", "1.4.3")], Critical, HostNetwork,
        FromHostNetwork(3, "commands containerd's shim through its abstract socket"),
        "root in a container on the host's network starts processes on the host"),
    row(Containerd, "CVE-2021-32760", &[("0", "1.4.8"), ("1.5.0", "1.5.4")], Low, ContainerdImages, No,
        "unpacking an image changes permissions of host files"),
    row(Containerd, "CVE-2021-41103", &[("0", "1.4.11"), ("1.5.0", "1.5.7")], Medium, Always, No,
        "users of the host enter container roots and run their setuid programs"),
    row(Containerd, "CVE-2024-25621",
        &[("0", "1.7.29"), ("2.0.0-beta.0", "2.0.7"), ("2.1.0-beta.0", "2.1.5"), ("2.2.0-beta.0", "2.2.0")], Low, Always, No,
        "users of the host read containerd's folders"),
    row(Containerd, "CVE-2025-47290", &[("2.1.0", "2.1.1")], High, ContainerdImages, No,
        "pulling an image changes files of the host"),

    row(Engine, "CVE-2019-14271", &[("19.03.0", "19.03.1")], Medium, Always, No,
        "docker cp from a hostile container runs its code as root"),
    row(Engine, "CVE-2021-41089", &[("0", "20.10.9")], Medium, Always, No,
        "docker cp into a hostile container changes permissions of host files"),
    row(Engine, "CVE-2021-41091", &[("0", "20.10.9")], Medium, Always, No,
        "users of the host enter container roots and run their setuid programs"),
    row(Engine, "CVE-2022-24769", &[("0", "20.10.14")], Low, Always, No,
        "containers start with inheritable capabilities"),
    row(Engine, "CVE-2022-36109", &[("0", "20.10.18")], Low, Always, No,
        "supplementary groups get around a container's file permissions"),
    row(Engine, "CVE-2023-28840", &[("1.12.0", "20.10.24"), ("23.0.0", "23.0.3")], Medium, Swarm, No,
        "encrypted overlay networks accept packets in clear"),
    row(Engine, "CVE-2023-28841", &[("1.12.0", "20.10.24"), ("23.0.0", "23.0.3")], Medium, Swarm, No,
        "encrypted overlay networks send in clear"),
    row(Engine, "CVE-2023-28842", &[("1.12.0", "20.10.24"), ("23.0.0", "23.0.3")], Medium, Swarm, No,
        "encrypted overlay networks with one endpoint accept packets in clear"),
    row(Engine, "CVE-2024-24557", &[("0", "24.0.9"), ("25.0.0", "25.0.2")], Low, Always, No,
        "a hostile image poisons the cache of the classic builder"),
    row(Engine, "CVE-2024-29018", &[("25.0.0", "25.0.5"), ("26.0.0-rc1", "26.0.0-rc3")], Medium, InternalNetwork, No,
        "containers on an internal network send data out in DNS names"),
    row(Engine, "CVE-2024-32473", &[("26.0.0", "26.0.2")], Low, Always, No,
        "containers on IPv4 networks get IPv6 addresses"),
    row(Engine, "CVE-2024-41110",
        &[("19.0.0", "19.03.16"), ("20.0.0", "20.10.28"), ("23.0.0", "23.0.15"), ("24.0.0", "24.0.10"),
          ("25.0.0", "25.0.6"), ("26.0.0", "26.1.5"), ("27.0.0", "27.1.1")], High, AuthorizationPlugin, No,
        "a request without length gets past the authorization plugin"),
    row(Engine, "CVE-2025-54388", &[("28.2.0", "28.3.3")], Low, Always, No,
        "after a reload of firewalld, ports published on 127.0.0.1 are open to the network"),
    row(Engine, "CVE-2025-54410", &[("0", "25.0.13")], Low, Always, No,
        "after a reload of firewalld, bridge networks reach each other"),
    row(Engine, "CVE-2026-34040", &[("0", "29.3.1")], High, AuthorizationPlugin, No,
        "a request over 1 MB gets past the authorization plugin"),
    row(Engine, "CVE-2026-41567", &[("0", "29.5.1")], Medium, Always, No,
        "copying a compressed archive into a hostile container runs its code as root"),
    row(Engine, "CVE-2026-41568", &[("0", "29.5.1")], Low, Always, No,
        "docker cp with a hostile container creates empty files on the host"),
    row(Engine, "CVE-2026-42306", &[("0", "29.5.1")], Medium, Always, No,
        "docker cp with a hostile container mounts over files of the host"),

    row(Buildkit, "CVE-2024-23650", &[("0", "0.12.5")], Low, Always, No, "a hostile client or frontend crashes BuildKit"),
    row(Buildkit, "CVE-2024-23651", &[("0", "0.12.5")], High, Always, No, "two builds that share a cache mount read host files"),
    row(Buildkit, "CVE-2024-23652", &[("0", "0.12.5")], High, Always, No, "a hostile frontend deletes files of the host"),
    row(Buildkit, "CVE-2024-23653", &[("0", "0.12.5")], High, Always, No, "a build gets security.insecure without being allowed to"),
    row(Buildkit, "CVE-2026-33747", &[("0", "0.28.1")], High, Always, No, "a hostile frontend writes files of the host"),
    row(Buildkit, "CVE-2026-33748", &[("0", "0.28.1")], Medium, Always, No, "a Git build context reads files beside the repository"),

    row(Nvidia, "CVE-2024-0132", &[("0", "1.16.2")], Critical, When::Nvidia,
        FromGpu(3, "swaps a mount source while the NVIDIA hook mounts"), "an image mounts the host's filesystem"),
    row(Nvidia, "CVE-2024-0133", &[("0", "1.16.2")], Low, When::Nvidia, No, "an image creates empty files on the host"),
    row(Nvidia, "CVE-2025-23266", &[("0", "1.17.8")], Critical, When::Nvidia,
        FromGpu(2, "its image's LD_PRELOAD is loaded by the NVIDIA hook, which runs as root on the host"),
        "LD_PRELOAD of an image is loaded by a hook that runs as root on the host"),
    row(Nvidia, "CVE-2025-23267", &[("0", "1.17.8")], Medium, When::Nvidia, No, "links in an image redirect the hook's writes"),
];
