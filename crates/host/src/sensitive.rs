//! Host paths that are worth something to an attacker: what the collector looks up and rules judge mounts by.

/// What reaching a path gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The whole filesystem, or nearly.
    Root,
    /// Accounts, units, cron, preloaded libraries: writing them is root.
    Config,
    /// Keys and tokens: reading them is somebody else's identity.
    Credentials,
    /// Kernel switches that run a program as root.
    Proc,
    /// Kernel and cgroup switches.
    Sys,
    /// Raw devices.
    Devices,
    /// Other containers' files, images and configuration.
    EngineStorage,
    /// Logs and spools that root's programs read or follow.
    Logs,
    /// Programs and kernel images: writing them is root at the next start.
    Programs,
}

/// A sensitive path and its class. Order: the most telling first; a mount is named after the first that it reaches.
pub const PATHS: &[(&str, Class)] = &[
    ("/", Class::Root),
    ("/etc", Class::Config),
    ("/etc/shadow", Class::Config),
    ("/etc/passwd", Class::Config),
    ("/etc/sudoers", Class::Config),
    ("/etc/sudoers.d", Class::Config),
    ("/etc/crontab", Class::Config),
    ("/etc/cron.d", Class::Config),
    ("/etc/cron.daily", Class::Config),
    ("/etc/cron.hourly", Class::Config),
    ("/etc/systemd", Class::Config),
    ("/etc/ssh", Class::Config),
    ("/etc/ld.so.preload", Class::Config),
    ("/etc/ld.so.conf.d", Class::Config),
    ("/etc/profile.d", Class::Config),
    ("/etc/pam.d", Class::Config),
    ("/etc/docker", Class::Config),
    ("/etc/containerd", Class::Config),
    ("/etc/kubernetes", Class::Config),
    ("/etc/init.d", Class::Config),
    ("/etc/rc.local", Class::Config),
    ("/etc/gshadow", Class::Config),
    ("/etc/group", Class::Config),
    ("/etc/cron.weekly", Class::Config),
    ("/etc/cron.monthly", Class::Config),
    ("/etc/anacrontab", Class::Config),
    ("/etc/environment", Class::Config),
    ("/etc/profile", Class::Config),
    ("/etc/bash.bashrc", Class::Config),
    ("/etc/bashrc", Class::Config),
    ("/etc/ld.so.conf", Class::Config),
    ("/etc/ld.so.cache", Class::Config),
    ("/etc/modprobe.d", Class::Config),
    ("/etc/logrotate.d", Class::Config),
    ("/etc/apt", Class::Config),
    ("/etc/yum.repos.d", Class::Config),
    ("/etc/polkit-1", Class::Config),
    ("/etc/dbus-1", Class::Config),
    ("/etc/network", Class::Config),
    ("/etc/NetworkManager", Class::Config),
    ("/etc/update-motd.d", Class::Config),
    ("/etc/default", Class::Config),
    ("/etc/sysctl.d", Class::Config),
    ("/etc/ssl/private", Class::Config),
    ("/etc/wireguard", Class::Config),
    ("/etc/krb5.keytab", Class::Config),
    ("/etc/cni", Class::Config),
    ("/etc/udev", Class::Config),
    ("/var/spool/cron", Class::Config),
    ("/var/lib/systemd", Class::Config),
    ("/run/systemd", Class::Config),
    ("/root", Class::Credentials),
    ("/home", Class::Credentials),
    ("/proc", Class::Proc),
    ("/proc/sys", Class::Proc),
    ("/proc/sys/kernel/core_pattern", Class::Proc),
    ("/proc/sys/kernel/modprobe", Class::Proc),
    ("/proc/sys/kernel/hotplug", Class::Proc),
    ("/proc/sys/kernel/poweroff_cmd", Class::Proc),
    ("/proc/sys/fs/binfmt_misc", Class::Proc),
    ("/proc/sysrq-trigger", Class::Proc),
    ("/proc/kcore", Class::Proc),
    ("/sys", Class::Sys),
    ("/sys/fs/cgroup", Class::Sys),
    ("/sys/kernel", Class::Sys),
    ("/sys/kernel/uevent_helper", Class::Sys),
    ("/sys/kernel/security", Class::Sys),
    ("/sys/kernel/debug", Class::Sys),
    ("/sys/firmware/efi", Class::Sys),
    ("/dev", Class::Devices),
    ("/var/lib/docker", Class::EngineStorage),
    ("/var/lib/containerd", Class::EngineStorage),
    ("/var/lib/containers", Class::EngineStorage),
    ("/var/lib/kubelet", Class::EngineStorage),
    ("/run/docker", Class::EngineStorage),
    ("/run/containerd", Class::EngineStorage),
    ("/run/secrets", Class::EngineStorage),
    ("/var/log", Class::Logs),
    ("/var/spool", Class::Logs),
    ("/usr", Class::Programs),
    ("/usr/bin", Class::Programs),
    ("/usr/sbin", Class::Programs),
    ("/usr/lib", Class::Programs),
    ("/usr/local", Class::Programs),
    ("/bin", Class::Programs),
    ("/sbin", Class::Programs),
    ("/lib", Class::Programs),
    ("/lib64", Class::Programs),
    ("/boot", Class::Programs),
    ("/opt", Class::Programs),
    ("/lib/modules", Class::Programs),
];

/// The class of a sensitive path, by its exact name.
pub fn class(path: &str) -> Option<Class> {
    PATHS.iter().find(|(known, _)| *known == path).map(|(_, class)| *class)
}

/// Folders in a home whose content is somebody's identity.
pub const HOME_SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".kube",
    ".docker",
    ".gnupg",
    ".azure",
    ".config/gcloud",
    ".netrc",
    ".git-credentials",
    ".vault-token",
];

/// Files in a home that its owner's next login or program runs.
pub const HOME_STARTUP: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/systemd",
    ".config/autostart",
    ".config/fish",
    ".local/bin",
    "bin",
];

/// Configuration that merely reading gives somebody's identity or secrets.
pub const SECRETS: &[&str] = &[
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/ssh",
    "/etc/docker",
    "/etc/kubernetes",
    "/etc/ssl/private",
    "/etc/wireguard",
    "/etc/krb5.keytab",
    "/etc/NetworkManager",
    "/var/spool/cron",
];

/// Public things below sensitive folders. Mounted read-only they tell nobody anything: time zones, certificates of
/// authorities, names and resolvers, kernel modules.
pub const HARMLESS_READ_ONLY: &[&str] = &[
    "/etc/localtime",
    "/etc/timezone",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/hosts",
    "/etc/hosts.allow",
    "/etc/hosts.deny",
    "/etc/hostname",
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/etc/os-release",
    "/etc/locale.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/group",
    "/run/systemd/resolve",
    "/usr/share",
    "/usr/src",
    "/usr/include",
    "/usr/lib/os-release",
    "/usr/lib/locale",
    "/usr/lib/modules",
    "/lib/modules",
];

/// Harmless even where they can be written: devices without content, kernel figures, where programs send their log.
pub const HARMLESS: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/shm",
    "/dev/hugepages",
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/version",
    "/usr/src",
    "/usr/share/zoneinfo",
];

/// Where control sockets usually are: service and path. A folder stands for the sockets in it. The collector looks which
/// of them are there; where nobody could look, rules take them to be in these places.
pub const CONTROL_SOCKETS: &[(&str, &str)] = &[
    ("docker", "/run/docker.sock"),
    // The same as the one above where /var/run leads to /run, which is nearly everywhere.
    ("docker", "/var/run/docker.sock"),
    ("podman", "/run/podman/podman.sock"),
    ("containerd", "/run/containerd/containerd.sock"),
    ("containerd", "/run/docker/containerd/containerd.sock"),
    ("containerd", "/run/k3s/containerd/containerd.sock"),
    ("crio", "/run/crio/crio.sock"),
    ("cri-dockerd", "/run/cri-dockerd.sock"),
    ("buildkit", "/run/buildkit/buildkitd.sock"),
    ("docker-plugin", "/run/docker/plugins"),
    ("dbus", "/run/dbus/system_bus_socket"),
    ("systemd", "/run/systemd/private"),
    ("snapd", "/run/snapd.socket"),
    ("lxd", "/var/lib/lxd/unix.socket"),
    ("lxd", "/var/snap/lxd/common/lxd/unix.socket"),
    ("incus", "/var/lib/incus/unix.socket"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_absolute_and_normal_and_stands_in_the_table_once() {
        let all = PATHS.iter().map(|(path, _)| *path).collect::<Vec<_>>();
        for path in all.iter().chain(SECRETS).chain(HARMLESS).chain(HARMLESS_READ_ONLY) {
            assert!(path.starts_with('/') && !path.contains("//") && (*path == "/" || !path.ends_with('/')), "{path}");
        }
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        let sockets: std::collections::BTreeSet<_> = CONTROL_SOCKETS.iter().map(|(_, path)| path).collect();
        assert!(sockets.len() == CONTROL_SOCKETS.len() && sockets.iter().all(|path| path.starts_with('/')));
        assert!(SECRETS.iter().all(|path| class(path).is_some()), "a secret that nobody looks up");
    }
}
