//! Where the cgroups of containers are: by their ids in the names of folders, as every engine makes them (`docker/ID`,
//! `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, `kubepods/…/ID`). No engine has to be asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::group::Files;
use super::scan::text;

/// Hexadecimal digits of a container's id.
const DIGITS: usize = 64;
/// Folders that are looked into: a host of 2,000 containers in slices of their own has fewer.
const MOST_FOLDERS: usize = 50_000;
/// Folders one in another; Kubernetes has five.
const DEEPEST: usize = 8;

/// A hierarchy of cgroups.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hierarchy {
    root: PathBuf,
    /// Of v1, such as `cpu`, `cpuacct`; none of v2.
    controllers: Vec<String>,
}

/// What is known of where containers are.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// By id.
    pub(super) containers: BTreeMap<String, Files>,
}

impl Places {
    /// Looks for containers that have come, and forgets those that have gone.
    pub(super) fn look(&mut self) {
        let mounts = text("/proc/self/mounts").unwrap_or_default();
        let mut found: BTreeMap<String, Vec<(Vec<String>, PathBuf)>> = BTreeMap::new();
        for hierarchy in hierarchies(&mounts) {
            let mut left = MOST_FOLDERS;
            walk(&hierarchy.root, DEEPEST, &mut left, &mut |id, folder| {
                found.entry(id).or_default().push((hierarchy.controllers.clone(), folder));
            });
        }
        self.containers.retain(|id, files| found.get(id).is_some_and(|places| files.is_at(places)));
        for (id, places) in found {
            self.containers.entry(id).or_insert_with(|| Files::open(places));
        }
    }
}

/// The hierarchies that are mounted, each once.
fn hierarchies(mounts: &str) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (Some(_), Some(place), Some(kind), Some(options)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let controllers = match kind {
            "cgroup2" => Vec::new(),
            "cgroup" => {
                let known = ["cpu", "cpuacct", "memory", "blkio", "pids"];
                let named: Vec<String> =
                    options.split(',').filter(|name| known.contains(name)).map(str::to_owned).collect();
                if named.is_empty() {
                    continue;
                }
                named
            }
            _ => continue,
        };
        let hierarchy = Hierarchy { root: PathBuf::from(place), controllers };
        // One hierarchy may be mounted at several places.
        if !found.iter().any(|known| known.controllers == hierarchy.controllers) {
            found.push(hierarchy);
        }
    }
    found
}

/// The id in a folder's name.
pub(super) fn id_in(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".scope").unwrap_or(name);
    // `libpod-conmon-ID` is the watcher beside the container.
    if name.contains("conmon") {
        return None;
    }
    let id = name.rsplit(['-', ':']).next()?;
    (id.len() == DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

fn walk(folder: &Path, deep: usize, left: &mut usize, found: &mut impl FnMut(String, PathBuf)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if *left == 0 {
            return;
        }
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        *left -= 1;
        let name = entry.file_name();
        match name.to_str().and_then(id_in) {
            // Whatever a container nests is within it.
            Some(id) => found(id.to_owned(), entry.path()),
            None if deep > 0 => walk(&entry.path(), deep - 1, left, found),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

    #[test]
    fn ids_are_found_as_every_engine_writes_them() {
        for name in [
            ID.to_owned(),
            format!("docker-{ID}.scope"),
            format!("libpod-{ID}.scope"),
            format!("cri-containerd-{ID}.scope"),
            format!("kubepods-besteffort-pod1.slice:cri-containerd:{ID}"),
        ] {
            assert_eq!(id_in(&name), Some(ID), "{name}");
        }
        for other in [format!("libpod-conmon-{ID}.scope"), "docker".to_owned(), format!("docker-{}.scope", &ID[1..])] {
            assert_eq!(id_in(&other), None, "{other}");
        }
    }

    #[test]
    fn v1_v2_and_both_are_told_apart_and_the_bare_systemd_hierarchy_is_none() {
        let mounts = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n\
                      cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0\n\
                      cgroup /elsewhere cgroup rw,relatime,cpu,cpuacct 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        let found = hierarchies(mounts);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].controllers, ["cpu", "cpuacct"]);
        assert!(found[1].controllers.is_empty());
    }

    #[test]
    fn a_walk_ends_at_containers_and_at_its_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(format!("system.slice/docker-{ID}.scope/init/{ID}"));
        std::fs::create_dir_all(own).unwrap();
        let mut found = Vec::new();
        walk(folder.path(), DEEPEST, &mut 100, &mut |id, at| found.push((id, at)));
        assert_eq!(found.len(), 1, "what a container nests is no other container");
        let mut none = Vec::new();
        walk(folder.path(), DEEPEST, &mut 1, &mut |id, at| none.push((id, at)));
        assert!(none.is_empty(), "the bound is kept");
    }
}
