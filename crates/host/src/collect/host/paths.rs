//! What lies at a host path: after all links, with the identity of itself and of everything above it, and a bounded look
//! below. A mount is judged by this and not by its name.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::accounts::Names;
use super::files::{kind, stat_of};
use crate::facts::{Below, Container, Engine, HostMount, Ident, PathFact};
use crate::sensitive::{HOME_SECRETS, PATHS};

/// How deep and how far the look below a mounted folder goes.
const DEPTH: usize = 2;
const ENTRIES: usize = 1000;

/// The sensitive paths that exist here.
pub(super) fn sensitive(engine: Option<&Engine>) -> BTreeMap<String, PathFact> {
    let names = Names::read();
    let mut paths: Vec<String> = PATHS.iter().map(|(path, _)| (*path).to_owned()).collect();
    paths.extend(engine.map(|engine| engine.info.docker_root_dir.clone()).filter(|path| path.starts_with('/')));
    for (_, home) in super::accounts::homes() {
        paths.push(home.display().to_string());
        paths.extend(HOME_SECRETS.iter().map(|secret| home.join(secret).display().to_string()));
    }
    let there = |path: String| {
        let found = fact(Path::new(&path), &names)?;
        (found.kind != "missing").then_some((path, found))
    };
    paths.into_iter().filter_map(there).collect()
}

/// What lies at every host path that a container mounts or uses as a device.
pub(crate) fn of_containers(
    containers: &[Container],
    engine: &Engine,
    mounts: &[HostMount],
) -> BTreeMap<String, PathFact> {
    let names = Names::read();
    let mut found = BTreeMap::new();
    let sources = containers.iter().flat_map(|container| {
        let mounts = container.mounts.iter().filter(|mount| mount.kind != "tmpfs").map(|mount| mount.source.as_str());
        mounts.chain(container.host_config.devices.iter().map(|device| device.path_on_host.as_str()))
    });
    let bound = engine.volumes.iter().filter_map(|volume| volume.bound_path());
    for source in sources.chain(bound).filter(|source| source.starts_with('/')) {
        if !found.contains_key(source)
            && let Some(mut fact) = fact(Path::new(source), &names)
        {
            if fact.kind == "dir" && fact.resolved != "/" {
                look_below(&mut fact, mounts);
            }
            found.insert(source.to_owned(), fact);
        }
    }
    found
}

/// One path. None where even its name is none.
pub(super) fn fact(path: &Path, names: &Names) -> Option<PathFact> {
    let resolved = match path.canonicalize() {
        Ok(resolved) => resolved,
        Err(error) => {
            let kind = if error.kind() == std::io::ErrorKind::NotFound { "missing" } else { "unreadable" };
            return path.is_absolute().then(|| PathFact { kind: kind.into(), ..PathFact::default() });
        }
    };
    let mut chain = Vec::new();
    let mut step: Option<&Path> = Some(&resolved);
    while let Some(place) = step {
        let meta = std::fs::symlink_metadata(place).ok()?;
        chain.push((place.display().to_string(), Ident { dev: meta.dev(), ino: meta.ino() }));
        step = place.parent();
    }
    let meta = std::fs::symlink_metadata(&resolved).ok()?;
    let kind = kind(meta.file_type());
    Some(PathFact {
        rdev: matches!(kind, "block" | "char").then(|| numbers(meta.rdev())),
        kind: kind.into(),
        stat: Some(stat_of(&meta, names)),
        resolved: resolved.display().to_string(),
        chain,
        ..PathFact::default()
    })
}

fn numbers(rdev: u64) -> (u32, u32) {
    (rustix::fs::major(rdev), rustix::fs::minor(rdev))
}

/// Sockets, devices and mount points below. A bind mount takes the mounts below along, and a hard link makes a socket
/// appear anywhere.
fn look_below(fact: &mut PathFact, mounts: &[HostMount]) {
    let root = PathBuf::from(&fact.resolved);
    let pseudo = ["/dev", "/proc", "/sys", "/run"].iter().any(|top| root.starts_with(top));
    for mount in mounts.iter().filter(|mount| Path::new(&mount.mount_point).starts_with(&root) && !pseudo) {
        if Path::new(&mount.mount_point) != root
            && let Ok(meta) = std::fs::symlink_metadata(&mount.mount_point)
        {
            let ident = Ident { dev: meta.dev(), ino: meta.ino() };
            fact.below.push(Below { path: mount.mount_point.clone(), kind: "mount".into(), ident, rdev: None });
        }
    }
    // What these hold is known by name; walking them finds nothing new.
    if pseudo {
        return;
    }
    let mut seen = 0;
    let mut folders = vec![(root, 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            if seen > ENTRIES {
                fact.below_cut = true;
                return;
            }
            let Ok(file_type) = entry.file_type() else { continue };
            match kind(file_type) {
                "dir" if depth + 1 < DEPTH => folders.push((entry.path(), depth + 1)),
                kind @ ("socket" | "block" | "char") => {
                    let Ok(meta) = entry.metadata() else { continue };
                    fact.below.push(Below {
                        path: entry.path().display().to_string(),
                        kind: kind.into(),
                        ident: Ident { dev: meta.dev(), ino: meta.ino() },
                        rdev: (kind != "socket").then(|| numbers(meta.rdev())),
                    });
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_and_a_hard_link_to_a_socket_is_seen_below() {
        let place = tempfile::tempdir().unwrap();
        let real = place.path().join("real");
        let app = place.path().join("app/data");
        std::fs::create_dir_all(&real).unwrap();
        std::fs::create_dir_all(&app).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(real.join("s.sock")).unwrap();
        std::fs::hard_link(real.join("s.sock"), app.join("innocent")).unwrap();
        std::os::unix::fs::symlink(&real, place.path().join("link")).unwrap();
        let names = Names::read();
        let by_link = fact(&place.path().join("link"), &names).unwrap();
        assert_eq!(by_link.ident(), fact(&real, &names).unwrap().ident());
        let mut below = fact(app.parent().unwrap(), &names).unwrap();
        look_below(&mut below, &[]);
        let socket = fact(&real.join("s.sock"), &names).unwrap();
        assert_eq!(below.below.iter().map(|found| Some(found.ident)).collect::<Vec<_>>(), [socket.ident()]);
    }

    #[test]
    fn what_is_not_there_is_missing_and_not_an_error() {
        let names = Names::read();
        assert_eq!(fact(Path::new("/nonexistent/x"), &names).unwrap().kind, "missing");
        assert!(fact(Path::new("relative"), &names).is_none());
    }
}
