//! The lab's own cgroup. Engine and containers live below it in every hierarchy, so it is an exact list of what is
//! ours: no process id can be taken for another, even after a crash.

use std::fs;
use std::path::{Path, PathBuf};

use crate::LabError;

/// Every name starts so; nothing else is ever emptied or removed.
pub(crate) const PREFIX: &str = "kg-lab-";

/// One mounted hierarchy: the unified one, or one controller's of version 1.
struct Hierarchy {
    root: PathBuf,
    unified: bool,
}

fn hierarchies() -> Vec<Hierarchy> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    mounts.lines().filter_map(hierarchy).collect()
}

/// `36 24 0:30 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids`
fn hierarchy(line: &str) -> Option<Hierarchy> {
    let (mount, kind) = line.split_once(" - ")?;
    let unified = match kind.split(' ').next()? {
        "cgroup2" => true,
        "cgroup" => false,
        _ => return None,
    };
    Some(Hierarchy { root: PathBuf::from(mount.split(' ').nth(4)?), unified })
}

/// Makes the cgroup and the leaf in which the engine itself runs. The leaf is in one hierarchy only: that suffices to
/// find its processes.
pub(crate) fn create(name: &str) -> Result<PathBuf, LabError> {
    let mut all = hierarchies();
    // The unified hierarchy first, then those without any limits of their own to inherit.
    all.sort_by_key(|one| (!one.unified, !one.root.ends_with("pids"), !one.root.ends_with("freezer")));
    let mut why = "no cgroup file system is mounted".to_owned();
    for hierarchy in all {
        let leaf = hierarchy.root.join(name).join("engine");
        match fs::create_dir_all(&leaf) {
            Ok(()) => return Ok(leaf.join("cgroup.procs")),
            Err(error) => why = format!("{}: {error}", leaf.display()),
        }
    }
    Err(LabError::NoCgroups { why })
}

/// Whether a cgroup can be made at all, without leaving one behind.
pub(crate) fn writable() -> Result<(), LabError> {
    let name = format!("{PREFIX}try-{}", std::process::id());
    let tried = create(&name);
    remove(&name);
    tried.map(drop)
}

/// Every folder of the cgroup in every hierarchy, deepest first.
fn folders(name: &str) -> Vec<PathBuf> {
    if !name.starts_with(PREFIX) || name.contains('/') {
        return Vec::new();
    }
    let mut found = Vec::new();
    for hierarchy in hierarchies() {
        walk(&hierarchy.root.join(name), &mut found);
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), found);
        }
    }
    found.push(folder.to_owned());
}

/// The processes below it, each once.
pub(crate) fn processes(name: &str) -> Vec<i32> {
    let mut pids: Vec<i32> = folders(name)
        .iter()
        .filter_map(|folder| fs::read_to_string(folder.join("cgroup.procs")).ok())
        .flat_map(|text| text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<_>>())
        .filter(|pid| *pid > 1)
        .collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}

/// A frozen process of version 1 does not die: lets all of them run on.
pub(crate) fn thaw(name: &str) {
    for folder in folders(name) {
        let state = folder.join("freezer.state");
        if state.exists() {
            // A cgroup may vanish in between, which is as good.
            let _ = fs::write(state, "THAWED");
        }
    }
}

/// Removes the cgroup in every hierarchy. True when nothing is left of it.
pub(crate) fn remove(name: &str) -> bool {
    for folder in folders(name) {
        let _ = fs::remove_dir(folder);
    }
    folders(name).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_cgroups_are_recognised_and_nothing_else_is() {
        let one = hierarchy("36 24 0:30 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids").unwrap();
        assert_eq!((one.root.as_path(), one.unified), (Path::new("/sys/fs/cgroup/pids"), false));
        let two = hierarchy("36 24 0:30 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw").unwrap();
        assert_eq!((two.root.as_path(), two.unified), (Path::new("/sys/fs/cgroup"), true));
        assert!(hierarchy("36 24 0:30 / /tmp rw - tmpfs cgroup rw").is_none());
        assert!(hierarchy("").is_none());
    }

    #[test]
    fn a_name_that_is_not_a_labs_is_never_walked() {
        assert!(folders("").is_empty());
        assert!(folders("docker").is_empty());
        assert!(folders("kg-lab-/../docker").is_empty());
    }
}
