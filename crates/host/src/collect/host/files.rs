//! Owner and permission of every file that the benchmark names.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::accounts::Names;
use crate::facts::{Daemon, Engine, FileFact, Stat};

/// Role and where it usually is; the first that exists counts, else the first.
const USUAL: &[(&str, &[&str])] = &[
    (
        "docker.service",
        &[
            "/etc/systemd/system/docker.service",
            "/usr/lib/systemd/system/docker.service",
            "/lib/systemd/system/docker.service",
        ],
    ),
    (
        "docker.socket",
        &[
            "/etc/systemd/system/docker.socket",
            "/usr/lib/systemd/system/docker.socket",
            "/lib/systemd/system/docker.socket",
        ],
    ),
    ("docker-dir", &["/etc/docker"]),
    ("default-docker", &["/etc/default/docker"]),
    ("sysconfig-docker", &["/etc/sysconfig/docker"]),
    ("containerd-config", &["/etc/containerd/config.toml"]),
    ("dockerd-bin", &["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd"]),
    ("containerd-bin", &["/usr/bin/containerd", "/usr/local/bin/containerd"]),
    ("containerd-shim-bin", &["/usr/bin/containerd-shim", "/usr/local/bin/containerd-shim"]),
    ("containerd-shim-runc-v1-bin", &["/usr/bin/containerd-shim-runc-v1", "/usr/local/bin/containerd-shim-runc-v1"]),
    ("containerd-shim-runc-v2-bin", &["/usr/bin/containerd-shim-runc-v2", "/usr/local/bin/containerd-shim-runc-v2"]),
    ("runc-bin", &["/usr/bin/runc", "/usr/sbin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc"]),
    ("run-containerd", &["/run/containerd"]),
];

/// Certificates of registries that are kept.
const MOST_CERTIFICATES: usize = 256;

pub(super) fn collect(daemon: &Daemon, socket: Option<&Path>, engine: Option<&Engine>) -> Vec<FileFact> {
    let names = Names::read();
    let mut found: Vec<FileFact> = USUAL
        .iter()
        .map(|(role, paths)| {
            let there = paths.iter().find(|path| Path::new(path).exists()).or(paths.first()).copied();
            fact(role, Path::new(there.unwrap_or_default()), &names)
        })
        .collect();
    let file = daemon.file.clone().unwrap_or_else(|| "/etc/docker/daemon.json".into());
    found.push(fact("daemon.json", file.as_ref(), &names));
    found.push(fact("docker-sock", socket.unwrap_or("/var/run/docker.sock".as_ref()), &names));
    let word = |key: &str| daemon.setting(key).and_then(|value| value.as_str());
    let containerd = word("containerd").unwrap_or("/run/containerd/containerd.sock");
    found.push(fact("containerd-sock", containerd.as_ref(), &names));
    for (role, key) in [("tls-ca", "tlscacert"), ("tls-cert", "tlscert"), ("tls-key", "tlskey")] {
        if let Some(path) = word(key) {
            found.push(fact(role, path.as_ref(), &names));
        }
    }
    if let Some(engine) = engine {
        found.push(fact("data-root", engine.info.docker_root_dir.as_ref(), &names));
    }
    found.extend(registry_certificates().iter().map(|path| fact("registry-cert", path, &names)));
    found
}

fn registry_certificates() -> Vec<PathBuf> {
    let Ok(registries) = std::fs::read_dir("/etc/docker/certs.d") else { return Vec::new() };
    let files =
        registries.flatten().take(MOST_CERTIFICATES).filter_map(|registry| std::fs::read_dir(registry.path()).ok());
    let mut paths: Vec<PathBuf> = files.flatten().flatten().map(|file| file.path()).take(MOST_CERTIFICATES).collect();
    paths.sort();
    paths
}

fn fact(role: &str, path: &Path, names: &Names) -> FileFact {
    let (exists, stat) = match std::fs::metadata(path) {
        Ok(meta) => (Some(true), Some(stat_of(&meta, names))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (Some(false), None),
        Err(_) => (None, None),
    };
    FileFact { role: role.into(), path: path.display().to_string(), exists, stat }
}

/// What `stat` says, with names.
pub(super) fn stat_of(meta: &std::fs::Metadata, names: &Names) -> Stat {
    Stat {
        kind: kind(meta.file_type()).into(),
        mode: meta.mode() & 0o7777,
        uid: meta.uid(),
        gid: meta.gid(),
        owner: names.user(meta.uid()),
        group: names.group(meta.gid()),
    }
}

/// The kind of a file in the facts' words.
pub(super) fn kind(file_type: std::fs::FileType) -> &'static str {
    if file_type.is_dir() {
        "dir"
    } else if file_type.is_socket() {
        "socket"
    } else if file_type.is_block_device() {
        "block"
    } else if file_type.is_char_device() {
        "char"
    } else if file_type.is_fifo() {
        "fifo"
    } else if file_type.is_symlink() {
        "link"
    } else {
        "file"
    }
}
