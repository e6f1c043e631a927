//! The 117 checks of the CIS Docker Benchmark 1.6.0, with the benchmark's own numbers and titles. Which rules decide a
//! check is said once, in the catalogue: those whose `cis` column names its section.

use keelguard_host::Facts;
use keelguard_model::Rule;

use super::applies::{self as a, Applies};

/// Whether the check of a section can be decided on these facts.
type Judge = fn(&Facts, &str) -> Applies;

/// How a check is decided.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// By the findings of rules, where `applies` says that it can be.
    Auto {
        /// Whether the check has something to look at here, and whether that was read.
        applies: Judge,
    },
    /// By a person.
    Manual {
        /// What to look at.
        look_at: &'static str,
    },
}

/// One check.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `5.32`.
    pub section: &'static str,
    /// The benchmark's wording.
    pub title: &'static str,
    /// How it is decided.
    pub how: How,
}

impl Row {
    /// Whether rules decide it.
    pub const fn is_automatic(&self) -> bool {
        matches!(self.how, How::Auto { .. })
    }

    /// The rules of the catalogue that decide it.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let section = self.section;
        keelguard_model::rules().filter(move |rule| rule.cis.contains(&section))
    }
}

const fn auto(section: &'static str, title: &'static str, applies: Judge) -> Row {
    Row { section, title, how: How::Auto { applies } }
}

const fn manual(section: &'static str, title: &'static str, look_at: &'static str) -> Row {
    Row { section, title, how: How::Manual { look_at } }
}

/// All checks in the benchmark's order.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    auto("1.1.1", "Ensure a separate partition for containers has been created", a::mounts),
    auto("1.1.2", "Ensure only trusted users are allowed to control Docker daemon", a::accounts),
    auto("1.1.3", "Ensure auditing is configured for the Docker daemon", a::audit),
    auto("1.1.4", "Ensure auditing is configured for Docker files and directories - /run/containerd", a::audit),
    auto("1.1.5", "Ensure auditing is configured for Docker files and directories - /var/lib/docker", a::audit),
    auto("1.1.6", "Ensure auditing is configured for Docker files and directories - /etc/docker", a::audit),
    auto("1.1.7", "Ensure auditing is configured for Docker files and directories - docker.service", a::audit),
    auto("1.1.8", "Ensure auditing is configured for Docker files and directories - containerd.sock", a::audit),
    auto("1.1.9", "Ensure auditing is configured for Docker files and directories - docker.socket", a::audit),
    auto("1.1.10", "Ensure auditing is configured for Docker files and directories - /etc/default/docker", a::audit),
    auto("1.1.11", "Ensure auditing is configured for Docker files and directories - /etc/docker/daemon.json", a::audit),
    auto("1.1.12", "Ensure auditing is configured for Docker files and directories - /etc/containerd/config.toml", a::audit),
    auto("1.1.13", "Ensure auditing is configured for Docker files and directories - /etc/sysconfig/docker", a::audit),
    auto("1.1.14", "Ensure auditing is configured for Docker files and directories - /usr/bin/containerd", a::audit),
    auto("1.1.15", "Ensure auditing is configured for Docker files and directories - /usr/bin/containerd-shim", a::audit),
    auto("1.1.16", "Ensure auditing is configured for Docker files and directories - /usr/bin/containerd-shim-runc-v1", a::audit),
    auto("1.1.17", "Ensure auditing is configured for Docker files and directories - /usr/bin/containerd-shim-runc-v2", a::audit),
    auto("1.1.18", "Ensure auditing is configured for Docker files and directories - /usr/bin/runc", a::audit),
    manual(
        "1.2.1",
        "Ensure the container host has been Hardened",
        "whether this host follows a hardening guide of its distribution: services that nobody needs, remote logins, boot, passwords",
    ),
    auto("1.2.2", "Ensure that the version of Docker is up to date", a::updates),
    auto("2.1", "Run the Docker daemon as a non-root user, if possible", a::engine),
    auto("2.2", "Ensure network traffic is restricted between containers on the default bridge", a::default_bridge),
    auto("2.3", "Ensure the logging level is set to 'info'", a::settings),
    auto("2.4", "Ensure Docker is allowed to make changes to iptables", a::settings),
    auto("2.5", "Ensure insecure registries are not used", a::registries),
    auto("2.6", "Ensure aufs storage driver is not used", a::storage),
    auto("2.7", "Ensure TLS authentication for Docker daemon is configured", a::tls),
    auto("2.8", "Ensure the default ulimit is configured appropriately", a::settings),
    auto("2.9", "Enable user namespace support", a::engine),
    auto("2.10", "Ensure the default cgroup usage has been confirmed", a::settings),
    auto("2.11", "Ensure base device size is not changed until needed", a::devicemapper),
    auto("2.12", "Ensure that authorization for Docker client commands is enabled", a::engine),
    auto("2.13", "Ensure centralized and remote logging is configured", a::logging),
    auto("2.14", "Ensure containers are restricted from acquiring new privileges", a::settings),
    auto("2.15", "Ensure live restore is enabled", a::live_restore),
    auto("2.16", "Ensure Userland Proxy is Disabled", a::settings),
    auto("2.17", "Ensure that a daemon-wide custom seccomp profile is applied if appropriate", a::engine),
    auto("2.18", "Ensure that experimental features are not implemented in production", a::engine),
    auto("3.1", "Ensure that the docker.service file ownership is set to root:root", a::file),
    auto("3.2", "Ensure that docker.service file permissions are appropriately set", a::file),
    auto("3.3", "Ensure that docker.socket file ownership is set to root:root", a::file),
    auto("3.4", "Ensure that docker.socket file permissions are set to 644 or more restrictive", a::file),
    auto("3.5", "Ensure that the /etc/docker directory ownership is set to root:root", a::file),
    auto("3.6", "Ensure that /etc/docker directory permissions are set to 755 or more restrictively", a::file),
    auto("3.7", "Ensure that registry certificate file ownership is set to root:root", a::file),
    auto("3.8", "Ensure that registry certificate file permissions are set to 444 or more restrictively", a::file),
    auto("3.9", "Ensure that TLS CA certificate file ownership is set to root:root", a::file),
    auto("3.10", "Ensure that TLS CA certificate file permissions are set to 444 or more restrictively", a::file),
    auto("3.11", "Ensure that Docker server certificate file ownership is set to root:root", a::file),
    auto("3.12", "Ensure that the Docker server certificate file permissions are set to 444 or more restrictively", a::file),
    auto("3.13", "Ensure that the Docker server certificate key file ownership is set to root:root", a::file),
    auto("3.14", "Ensure that the Docker server certificate key file permissions are set to 400", a::file),
    auto("3.15", "Ensure that the Docker socket file ownership is set to root:docker", a::file),
    auto("3.16", "Ensure that the Docker socket file permissions are set to 660 or more restrictively", a::file),
    auto("3.17", "Ensure that the daemon.json file ownership is set to root:root", a::file),
    auto("3.18", "Ensure that daemon.json file permissions are set to 644 or more restrictive", a::file),
    auto("3.19", "Ensure that the /etc/default/docker file ownership is set to root:root", a::file),
    auto("3.20", "Ensure that the /etc/default/docker file permissions are set to 644 or more restrictively", a::file),
    auto("3.21", "Ensure that the /etc/sysconfig/docker file permissions are set to 644 or more restrictively", a::file),
    auto("3.22", "Ensure that the /etc/sysconfig/docker file ownership is set to root:root", a::file),
    auto("3.23", "Ensure that the Containerd socket file ownership is set to root:root", a::file),
    auto("3.24", "Ensure that the Containerd socket file permissions are set to 660 or more restrictively", a::file),
    auto("4.1", "Ensure that a user for the container has been created", a::containers),
    manual(
        "4.2",
        "Ensure that containers use only trusted base images",
        "where each image's first layers come from, and whether you trust who publishes them",
    ),
    manual(
        "4.3",
        "Ensure that unnecessary packages are not installed in the container",
        "the packages of each image: compilers, shells and network tools that the application never uses",
    ),
    manual(
        "4.4",
        "Ensure images are scanned and rebuilt to include security patches",
        "when each image was last rebuilt, and whether a scan of it comes before it is deployed",
    ),
    auto("4.5", "Ensure Content trust for Docker is Enabled", a::local),
    auto("4.6", "Ensure that HEALTHCHECK instructions have been added to container images", a::images),
    auto("4.7", "Ensure update instructions are not used alone in Dockerfiles", a::histories),
    manual(
        "4.8",
        "Ensure setuid and setgid permissions are removed",
        "set-uid and set-gid programs in each image: find / -xdev -perm /6000 -type f",
    ),
    auto("4.9", "Ensure that COPY is used instead of ADD in Dockerfiles", a::histories),
    auto("4.10", "Ensure secrets are not stored in Dockerfiles", a::histories),
    manual(
        "4.11",
        "Ensure only verified packages are installed",
        "whether Dockerfiles install packages from signed sources only, without switches that skip the check",
    ),
    manual(
        "4.12",
        "Ensure all signed artifacts are validated",
        "whether signatures of images and other artifacts are verified before they are used",
    ),
    auto("5.1", "Ensure swarm mode is not Enabled, if not needed", a::engine),
    auto("5.2", "Ensure that, if applicable, an AppArmor Profile is enabled", a::apparmor),
    auto("5.3", "Ensure that, if applicable, SELinux security options are set", a::selinux),
    auto("5.4", "Ensure that Linux kernel capabilities are restricted within containers", a::containers),
    auto("5.5", "Ensure that privileged containers are not used", a::containers),
    auto("5.6", "Ensure sensitive host system directories are not mounted on containers", a::containers),
    auto("5.7", "Ensure sshd is not run within containers", a::processes),
    auto("5.8", "Ensure privileged ports are not mapped within containers", a::containers),
    auto("5.9", "Ensure that only needed ports are open on the container", a::containers),
    auto("5.10", "Ensure that the host's network namespace is not shared", a::containers),
    auto("5.11", "Ensure that the memory usage for containers is limited", a::containers),
    auto("5.12", "Ensure that CPU priority is set appropriately on containers", a::containers),
    auto("5.13", "Ensure that the container's root filesystem is mounted as read only", a::containers),
    auto("5.14", "Ensure that incoming container traffic is bound to a specific host interface", a::containers),
    auto("5.15", "Ensure that the 'on-failure' container restart policy is set to '5'", a::containers),
    auto("5.16", "Ensure that the host's process namespace is not shared", a::containers),
    auto("5.17", "Ensure that the host's IPC namespace is not shared", a::containers),
    auto("5.18", "Ensure that host devices are not directly exposed to containers", a::containers),
    auto("5.19", "Ensure that the default ulimit is overwritten at runtime if needed", a::containers),
    auto("5.20", "Ensure mount propagation mode is not set to shared", a::containers),
    auto("5.21", "Ensure that the host's UTS namespace is not shared", a::containers),
    auto("5.22", "Ensure the default seccomp profile is not Disabled", a::containers),
    auto("5.23", "Ensure that docker exec commands are not used with the privileged option", a::running),
    auto("5.24", "Ensure that docker exec commands are not used with the user=root option", a::running),
    auto("5.25", "Ensure that cgroup usage is confirmed", a::containers),
    auto("5.26", "Ensure that the container is restricted from acquiring additional privileges", a::containers),
    auto("5.27", "Ensure that container health is checked at runtime", a::containers),
    auto("5.28", "Ensure that Docker commands always make use of the latest version of their image", a::containers),
    auto("5.29", "Ensure that the PIDs cgroup limit is used", a::containers),
    auto("5.30", "Ensure that Docker's default bridge 'docker0' is not used", a::containers),
    auto("5.31", "Ensure that the host's user namespaces are not shared", a::containers),
    auto("5.32", "Ensure that the Docker socket is not mounted inside any containers", a::containers),
    auto("6.1", "Ensure that image sprawl is avoided", a::images),
    auto("6.2", "Ensure that container sprawl is avoided", a::containers),
    auto("7.1", "Ensure that the minimum number of manager nodes have been created in a swarm", a::manager),
    auto("7.2", "Ensure that swarm services are bound to a specific host interface", a::swarm_ports),
    auto("7.3", "Ensure that all Docker swarm overlay networks are encrypted", a::swarm_networks),
    auto("7.4", "Ensure that Docker's secret management commands are used for managing secrets in a swarm cluster", a::manager),
    auto("7.5", "Ensure that swarm manager is run in auto-lock mode", a::manager),
    manual(
        "7.6",
        "Ensure that the swarm manager auto-lock key is rotated periodically",
        "when docker swarm unlock-key --rotate was last run",
    ),
    auto("7.7", "Ensure that node certificates are rotated as appropriate", a::manager),
    manual(
        "7.8",
        "Ensure that CA certificates are rotated as appropriate",
        "when docker swarm ca --rotate was last run",
    ),
    manual(
        "7.9",
        "Ensure that management plane traffic is separated from data plane traffic",
        "whether the swarm was set up with --data-path-addr on an interface of its own",
    ),
];
