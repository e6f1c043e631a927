//! The host's own facts. Each file reads one thing; what cannot be read becomes a gap.

pub(super) mod accounts;
mod audit;
mod cgroups;
mod cloud;
pub(super) mod command;
mod contexts;
pub(super) mod daemon;
mod files;
mod firewall;
mod kernel;
mod mounts;
mod packages;
pub(super) mod paths;
pub(super) mod sockets;
mod updates;

use std::path::PathBuf;

use keelguard_model::{Area, Incomplete};

use super::endpoint::Environment;
use super::process::{namespaces, namespaces_of_host};
use super::read;
use crate::facts::{Capacity, Disk, Engine, Host, OsRelease};

pub(crate) use mounts::parse as parse_mountinfo;

/// The part of the host that does not depend on the engine: kernel, mounts, packages, accounts.
pub(super) fn ground(env: &Environment, gaps: &mut Vec<Incomplete>) -> Host {
    let mut host = Host {
        hostname: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        os: os_release(),
        uid: env.uid,
        kernel: kernel::collect(),
        lsm: read::word("/sys/kernel/security/lsm").map(|list| list.split(',').map(str::to_owned).collect()),
        apparmor: read::word("/sys/module/apparmor/parameters/enabled").map(|word| word == "Y").or_else(no_apparmor),
        selinux: selinux(),
        sysctls: kernel::sysctls(),
        mounts: mounts::of_this_host(),
        namespaces: namespaces_of_host(),
        content_trust: env.vars.get("DOCKER_CONTENT_TRUST").cloned(),
        cloud: cloud::collect(),
        instance: cloud::instance(),
        last_update: updates::collect(),
        contexts: contexts::collect(env),
        build_entitlements: daemon::build_entitlements(),
        ..Host::default()
    };
    host.cgroup = cgroups::hierarchies(&host.mounts);
    host.capacity = capacity(&host);
    host.packages = packages::collect(&host.os, &host.kernel.release);
    if host.namespaces.mnt.is_none() {
        let why = if env.uid == 0 {
            "/proc/1/ns cannot be read: is /proc mounted with hidepid, or is this a container?"
        } else {
            "that needs root; run keelguard with sudo"
        };
        gaps.push(Incomplete::new(Area::Breakout, "the host's namespaces", why));
    }
    if host.lsm.is_none() && host.apparmor.is_none() {
        gaps.push(Incomplete::new(
            Area::Breakout,
            "security modules",
            "/sys/kernel/security is not mounted here or not readable",
        ));
    }
    host
}

/// What depends on which engine it is: its process, configuration, files, firewall, sockets.
pub(super) async fn around_engine(
    host: &mut Host,
    engine: Option<&Engine>,
    socket: Option<PathBuf>,
    env: &Environment,
    gaps: &mut Vec<Incomplete>,
) {
    let local = engine.is_none_or(|engine| engine.local);
    if !local {
        gaps.push(Incomplete::new(
            Area::Breakout,
            "the engine's host: files, processes, kernel, firewall",
            "the engine runs on another machine; run keelguard there to have them judged",
        ));
        return;
    }
    host.daemon = daemon::collect(socket.as_deref(), gaps).await;
    host.engine_namespaces = host.daemon.pid.map(namespaces);
    host.docker_group = accounts::docker_group(socket.as_deref());
    if host.docker_group.is_none() {
        gaps.push(Incomplete::new(Area::Breakout, "members of the docker group", "/etc/group cannot be read"));
    }
    host.files = files::collect(&host.daemon, socket.as_deref(), engine);
    host.binaries = packages::binaries(engine, &host.packages);
    host.control_sockets = sockets::control(socket.as_deref(), &host.daemon);
    host.sensitive = paths::sensitive(engine);
    let net_of = host.daemon.pid.unwrap_or(1);
    host.listening = sockets::listening(net_of, true);
    host.abstract_sockets = sockets::abstract_names(net_of);
    let other_net = host
        .engine_namespaces
        .is_some_and(|own| own.net.is_some() && own.net != namespaces(std::process::id().cast_signed()).net);
    let (audit, firewall) = tokio::join!(audit::collect(env.uid == 0), firewall::collect(other_net.then_some(net_of)));
    host.audit = audit;
    host.firewall = firewall;
    // Without a cloud there is no metadata service to be kept from.
    if let Some(error) = &host.firewall.error
        && host.cloud.is_some()
    {
        gaps.push(Incomplete::new(Area::Breakout, "the firewall (chain DOCKER-USER)", error.clone()));
    }
    if let Some(engine) = engine {
        host.capacity.engine_disk = disk(&engine.info.docker_root_dir);
        for container in &engine.containers {
            if !container.log_path.is_empty()
                && let Ok(meta) = std::fs::metadata(&container.log_path)
            {
                host.log_sizes.insert(container.log_path.clone(), meta.len());
            }
        }
    }
}

/// A kernel without AppArmor has no such module; a kernel that hides `/sys` cannot be told apart.
fn no_apparmor() -> Option<bool> {
    std::path::Path::new("/sys/module").is_dir().then_some(false)
}

fn selinux() -> Option<String> {
    match read::word("/sys/fs/selinux/enforce").as_deref() {
        Some("1") => Some("enforcing".into()),
        Some(_) => Some("permissive".into()),
        None => std::path::Path::new("/sys/fs").is_dir().then(|| "disabled".into()),
    }
}

fn os_release() -> OsRelease {
    let text = read::text("/etc/os-release".as_ref(), 64 << 10)
        .or_else(|_| read::text("/usr/lib/os-release".as_ref(), 64 << 10))
        .unwrap_or_default();
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
            .unwrap_or_default()
    };
    OsRelease {
        id: value("ID"),
        id_like: value("ID_LIKE").split_whitespace().map(str::to_owned).collect(),
        version_id: value("VERSION_ID"),
        codename: value("VERSION_CODENAME"),
        pretty_name: value("PRETTY_NAME"),
    }
}

fn capacity(host: &Host) -> Capacity {
    let meminfo = read::text("/proc/meminfo".as_ref(), 64 << 10).unwrap_or_default();
    let bytes = |key: &str| {
        meminfo
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':')?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .map_or(0, |kilobytes| kilobytes << 10)
    };
    let sysctl = |name: &str| host.sysctls.get(name).and_then(|value| value.parse::<u64>().ok());
    let pids = [sysctl("kernel.pid_max"), sysctl("kernel.threads-max")].into_iter().flatten().min();
    Capacity {
        memory: bytes("MemTotal"),
        swap: bytes("SwapTotal"),
        cpus: std::thread::available_parallelism().map_or(0, |cpus| cpus.get() as u64),
        pids: pids.unwrap_or_default(),
        files: sysctl("fs.file-max").unwrap_or_default(),
        engine_disk: None,
    }
}

fn disk(path: &str) -> Option<Disk> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(Disk {
        total: found.f_blocks.saturating_mul(found.f_frsize),
        free: found.f_bavail.saturating_mul(found.f_frsize),
        inodes: found.f_files,
        inodes_free: found.f_favail,
    })
}

/// Gives `text` to each parser of this folder, for fuzzing.
pub(super) fn parse_all(text: &str) {
    mounts::parse(text).for_each(drop);
    sockets::parse(text, "tcp6").for_each(drop);
    sockets::parse(text, "udp").for_each(drop);
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    daemon::flags(&words);
    daemon::exec_start(&[text.to_owned(), text.to_owned()]);
    daemon::started_at(text, text);
    packages::dpkg(text, &OsRelease::default(), "6.1");
    packages::apk(text);
    kernel::options(text);
    firewall::parse(text);
    updates::last_upgrade(text, &jiff::tz::TimeZone::UTC);
}
