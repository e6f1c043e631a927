//! Mounts in a container that none of its settings explains.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, ContainerMount, Truth};
use keelguard_model::{Finding, Severity, Subject, rule};

use super::differs;
use crate::exposure::engine_host;

/// Filesystems that the kernel makes up; a mount of one shows no file of the host.
const VIRTUAL: &[&str] = &[
    "proc",
    "sysfs",
    "tmpfs",
    "devpts",
    "mqueue",
    "cgroup",
    "cgroup2",
    "overlay",
    "nsfs",
    "ramfs",
    "hugetlbfs",
    "binfmt_misc",
    "fuse.lxcfs",
    "selinuxfs",
    "bpf",
    "tracefs",
    "debugfs",
    "securityfs",
    "pstore",
    "configfs",
    "rpc_pipefs",
    "efivarfs",
];

/// Where every container has mounts that no setting names: files that the engine writes, the init program, secrets and
/// configurations of a swarm, hidden paths, and what the NVIDIA runtime brings.
const USUAL: &[&str] = &[
    "/etc/resolv.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/dev/console",
    "/dev/init",
    "/run/secrets",
    "/run/host",
    "/sbin/docker-init",
    "/.dockerenv",
    "/run/nvidia-persistenced",
    "/run/nvidia-fabricmanager",
    "/run/nvidia-ctk-hook",
    "/etc/vulkan",
    "/etc/nvidia",
    "/etc/OpenCL",
    "/lib/firmware/nvidia",
    "/usr/lib/firmware/nvidia",
    "/usr/share/nvidia",
];

fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Programs and libraries of the NVIDIA driver are mounted one by one, by the host's version.
fn is_nvidia(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let driver = ["nvidia-", "libnvidia", "libcuda", "libGL", "libEGL", "libvdpau_nvidia", "libnv", "gsp_"];
    let place = path.starts_with("/usr/") || path.starts_with("/lib");
    place && driver.iter().any(|beginning| name.starts_with(beginning))
}

fn is_explained(container: &Container, mount: &ContainerMount) -> bool {
    let point = mount.mount_point.as_str();
    let config = &container.host_config;
    let own_folder = !container.id.is_empty() && mount.root.contains(&format!("/containers/{}/", container.id));
    // Single device files, and those that hide paths, where a user namespace forbids to make them.
    let device_file = mount.fstype == "devtmpfs"
        && mount.root != "/"
        && ["/dev", "/proc", "/sys"].iter().any(|folder| is_below(point, folder) && point != *folder);
    point == "/"
        || device_file
        || VIRTUAL.contains(&mount.fstype.as_str())
        || own_folder
        || USUAL.iter().any(|usual| is_below(point, usual))
        || is_nvidia(point)
        || container.mounts.iter().any(|known| is_below(point, &known.destination))
        || config.mounts.iter().any(|known| is_below(point, &known.target))
        || config.tmpfs.keys().any(|known| is_below(point, known))
        || container.config.volumes.keys().any(|known| is_below(point, known))
        || config.devices.iter().any(|known| is_below(point, &known.path_in_container))
        || container.execs.iter().any(super::privileged)
}

pub(super) fn unknown(facts: &Facts, container: &Container, truth: &Truth) -> Vec<Finding> {
    let mut points: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for mount in truth.mounts.iter().filter(|mount| !is_explained(container, mount)) {
        if points.contains(&mount.mount_point.as_str()) {
            continue;
        }
        points.push(&mount.mount_point);
        let host_root = engine_host(facts).is_some_and(|host| {
            mount.root == "/"
                && host.mounts.iter().any(|m| m.mount_point == "/" && m.root == "/" && m.device == mount.device)
        });
        let finding = differs(container, &rule::TRUTH_MOUNT)
            .about(&mount.mount_point)
            .severity(if host_root { Severity::Critical } else { Severity::Medium })
            .evidence("/proc/PID/mountinfo", format!("{} {} {}", mount.mount_point, mount.device, mount.root))
            .evidence("filesystem", format!("{} from {}", mount.fstype, mount.source));
        found.push(match (host_root, mount.rw) {
            (true, true) => {
                finding.reaches(Subject::host_root(), 1, format!("writes to the host's files at {}", mount.mount_point))
            }
            (true, false) => {
                finding.reaches(Subject::host_root(), 2, format!("reads the host's keys at {}", mount.mount_point))
            }
            (false, _) => finding,
        });
    }
    found
}
