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
    ("/proc/sys/fs/binfmt_misc", Class::Proc),
    ("/proc/sysrq-trigger", Class::Proc),
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
