//! The bounds that a process's cgroups really have in force, in either hierarchy or both. A bound holds for everything
//! below it: a process that has moved into a cgroup of its own stays within those above, up to its container's.

use std::path::Path;

use super::read;
use crate::facts::{CgroupLimits, HostMount};

/// cgroup v1 prints this (rounded to a page) where there is no bound.
const V1_UNLIMITED: u64 = 0x7fff_ffff_ffff_0000;
/// Cgroups of one container, one inside the other, that are looked at, its own first. Whoever nests deeper can only
/// bound himself further.
const MOST_LEVELS: usize = 64;

/// The bounds of process `pid` within the container of the id `container`.
pub(super) fn limits(pid: i32, container: &str, mounts: &[HostMount]) -> CgroupLimits {
    let text = read::text(format!("/proc/{pid}/cgroup").as_ref(), 64 << 10).unwrap_or_default();
    in_force(&text, container, mounts)
}

/// The same by the text of `/proc/PID/cgroup`.
fn in_force(text: &str, container: &str, mounts: &[HostMount]) -> CgroupLimits {
    let mut limits = CgroupLimits::default();
    for line in text.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else { continue };
        if path.split('/').any(|part| part == "..") {
            continue;
        }
        if controllers.is_empty() {
            if let Some(v2) = mounts.iter().find(|mount| mount.fstype == "cgroup2") {
                for level in levels(path, container) {
                    read_v2(&mut limits, &format!("{}{level}", v2.mount_point), level);
                }
            }
        } else {
            for controller in controllers.split(',') {
                let at = mounts.iter().filter(|mount| mount.fstype == "cgroup").find(|mount| {
                    mount
                        .mount_point
                        .rsplit('/')
                        .next()
                        .is_some_and(|names| names.split(',').any(|name| name == controller))
                });
                if let Some(mount) = at {
                    for level in levels(path, container) {
                        read_v1(&mut limits, controller, &format!("{}{level}", mount.mount_point), level);
                    }
                }
            }
        }
    }
    limits
}

/// The cgroups from the container's own, whose name holds its id, down to `path`. Only `path` itself where no name does;
/// what lies above the container's own is shared with others.
fn levels<'a>(path: &'a str, container: &str) -> impl Iterator<Item = &'a str> {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    let all: Vec<&str> = ends.filter_map(|end| path.get(..end)).collect();
    let own = all.iter().position(|level| {
        !container.is_empty() && level.rsplit('/').next().is_some_and(|name| name.contains(container))
    });
    let first = own.unwrap_or(all.len().saturating_sub(1));
    all.into_iter().skip(first).take(MOST_LEVELS)
}

fn number(folder: &str, file: &str) -> Option<u64> {
    read::word(Path::new(folder).join(file))?.parse().ok()
}

/// A v2 bound: a number, or `max` for none. The outer option is whether the file was there.
fn bound(folder: &str, file: &str) -> Option<Option<u64>> {
    let word = read::word(Path::new(folder).join(file))?;
    if word == "max" { Some(None) } else { word.parse().ok().map(Some) }
}

/// The smaller bound; none is no bound.
fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}

/// Keeps that quota which leaves less of each period.
fn tighten_cpu(limits: &mut CgroupLimits, quota: Option<u64>, period: Option<u64>) {
    let share = |quota: u64, other: Option<u64>| u128::from(quota) * u128::from(other.unwrap_or(1).max(1));
    let tighter = match (limits.cpu_quota, quota) {
        (Some(old), Some(new)) => share(new, limits.cpu_period) < share(old, period),
        (None, Some(_)) => true,
        (_, None) => limits.cpu_quota.is_none() && limits.cpu_period.is_none(),
    };
    if tighter {
        (limits.cpu_quota, limits.cpu_period) = (quota, period);
    }
}

/// Remembers that a controller was read, and at the first time where: the container's own cgroup.
fn note(limits: &mut CgroupLimits, controller: &str, path: &str) {
    if limits.path.is_empty() {
        path.clone_into(&mut limits.path);
    }
    if !limits.read.iter().any(|read| read == controller) {
        limits.read.push(controller.to_owned());
    }
}

fn read_v2(limits: &mut CgroupLimits, folder: &str, path: &str) {
    if let Some(memory) = bound(folder, "memory.max") {
        limits.memory_max = least(limits.memory_max, memory);
        limits.swap_max = least(limits.swap_max, bound(folder, "memory.swap.max").flatten());
        limits.memory_current = limits.memory_current.or_else(|| number(folder, "memory.current"));
        note(limits, "memory", path);
    }
    if let Some((quota, period)) =
        read::word(Path::new(folder).join("cpu.max")).as_deref().and_then(|line| line.split_once(' '))
    {
        tighten_cpu(limits, quota.parse().ok(), period.parse().ok());
        note(limits, "cpu", path);
    }
    if let Some(pids) = bound(folder, "pids.max") {
        limits.pids_max = least(limits.pids_max, pids);
        limits.pids_current = limits.pids_current.or_else(|| number(folder, "pids.current"));
        note(limits, "pids", path);
    }
}

fn read_v1(limits: &mut CgroupLimits, controller: &str, folder: &str, path: &str) {
    let limited = |value: u64| (value < V1_UNLIMITED).then_some(value);
    match controller {
        "memory" => {
            let Some(memory) = number(folder, "memory.limit_in_bytes") else { return };
            // v1 bounds memory and swap together; the sum above bounds the sum below.
            let before = limits.memory_max.zip(limits.swap_max).map(|(memory, swap)| memory.saturating_add(swap));
            let both = least(before, number(folder, "memory.memsw.limit_in_bytes").and_then(limited));
            limits.memory_max = least(limits.memory_max, limited(memory));
            limits.swap_max = both.map(|both| both.saturating_sub(limits.memory_max.unwrap_or(both)));
            limits.memory_current = limits.memory_current.or_else(|| number(folder, "memory.usage_in_bytes"));
        }
        "cpu" => {
            let Some(quota) = read::word(Path::new(folder).join("cpu.cfs_quota_us")) else { return };
            tighten_cpu(limits, quota.parse().ok(), number(folder, "cpu.cfs_period_us"));
        }
        "pids" => {
            let Some(pids) = bound(folder, "pids.max") else { return };
            limits.pids_max = least(limits.pids_max, pids);
            limits.pids_current = limits.pids_current.or_else(|| number(folder, "pids.current"));
        }
        _ => return,
    }
    note(limits, controller, path);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

    /// A cgroup filesystem of plain folders, mounted somewhere.
    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(cgroups: &[(&str, &[(&str, &str)])]) -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for (cgroup, files) in cgroups {
                let folder = tree.0.path().join(cgroup);
                std::fs::create_dir_all(&folder).unwrap();
                for (file, text) in *files {
                    std::fs::write(folder.join(file), format!("{text}\n")).unwrap();
                }
            }
            tree
        }

        fn mounted(&self, fstype: &str, name: &str) -> HostMount {
            let mount_point = self.0.path().join(name).display().to_string();
            HostMount { mount_point, fstype: fstype.into(), ..HostMount::default() }
        }
    }

    #[test]
    fn v2_bounds_are_read_and_max_is_none() {
        let tree = Tree::new(&[(
            "docker/x",
            &[("memory.max", "536870912"), ("memory.swap.max", "0"), ("cpu.max", "max 100000"), ("pids.max", "max")],
        )]);
        let limits = in_force("0::/docker/x", "x", &[tree.mounted("cgroup2", "")]);
        assert_eq!(
            (limits.memory_max, limits.swap_max, limits.cpu_quota, limits.pids_max),
            (Some(512 << 20), Some(0), None, None)
        );
        assert_eq!(limits.read, ["memory", "cpu", "pids"]);
    }

    #[test]
    fn v1_bounds_are_read_and_huge_is_none() {
        let tree = Tree::new(&[
            ("memory/docker/x", &[("memory.limit_in_bytes", "9223372036854771712")]),
            ("cpu,cpuacct/docker/x", &[("cpu.cfs_quota_us", "-1")]),
        ]);
        let text = "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n3:pids:/docker/x\n";
        let mounts = ["memory", "cpu,cpuacct", "pids"].map(|name| tree.mounted("cgroup", name));
        let limits = in_force(text, "x", &mounts);
        assert_eq!((limits.memory_max, limits.cpu_quota), (None, None));
        assert_eq!(limits.read, ["memory", "cpu"], "what is not there is not taken for unlimited");
    }

    #[test]
    fn a_process_in_a_v2_cgroup_of_its_own_is_bound_by_its_containers() {
        let own = format!("system.slice/docker-{ID}.scope");
        let tree = Tree::new(&[
            ("system.slice", &[("memory.max", "1000"), ("pids.max", "1"), ("cpu.max", "1 100000")]),
            (
                &own,
                &[
                    ("memory.max", "536870912"),
                    ("memory.swap.max", "4096"),
                    ("memory.current", "300"),
                    ("cpu.max", "50000 100000"),
                    ("pids.max", "100"),
                    ("pids.current", "7"),
                ],
            ),
            // The middle one bounds the processor further (a tenth, in a longer period), the innermost nothing at all.
            (&format!("{own}/app"), &[("memory.max", "max"), ("cpu.max", "100000 1000000"), ("pids.max", "500")]),
            (
                &format!("{own}/app/worker"),
                &[("memory.max", "max"), ("memory.current", "20"), ("cpu.max", "max 100000"), ("pids.max", "max")],
            ),
        ]);
        let limits = in_force(&format!("0::/{own}/app/worker\n"), ID, &[tree.mounted("cgroup2", "")]);
        let expected = CgroupLimits {
            path: format!("/{own}"),
            memory_max: Some(512 << 20),
            swap_max: Some(4096),
            memory_current: Some(300),
            cpu_quota: Some(100_000),
            cpu_period: Some(1_000_000),
            pids_max: Some(100),
            pids_current: Some(7),
            read: vec!["memory".into(), "cpu".into(), "pids".into()],
        };
        assert_eq!(limits, expected, "the slice above is shared, and not this container's bound");
    }

    #[test]
    fn a_v2_controller_that_is_not_handed_down_is_read_where_it_is() {
        let tree =
            Tree::new(&[(&format!("docker/{ID}"), &[("memory.max", "4096")]), (&format!("docker/{ID}/sub"), &[])]);
        let limits = in_force(&format!("0::/docker/{ID}/sub"), ID, &[tree.mounted("cgroup2", "")]);
        assert_eq!((limits.memory_max, limits.read), (Some(4096), vec!["memory".to_owned()]));
    }

    #[test]
    fn a_process_in_v1_cgroups_of_its_own_is_bound_by_its_containers() {
        let none = "9223372036854771712";
        let (own, sub) = (format!("docker/{ID}"), format!("docker/{ID}/sub"));
        let tree = Tree::new(&[
            ("memory/docker", &[("memory.limit_in_bytes", "10")]),
            (&format!("memory/{own}"), &[("memory.limit_in_bytes", "1000"), ("memory.memsw.limit_in_bytes", "1500")]),
            (&format!("memory/{sub}"), &[("memory.limit_in_bytes", "800"), ("memory.memsw.limit_in_bytes", none)]),
            (&format!("cpu,cpuacct/{own}"), &[("cpu.cfs_quota_us", "20000"), ("cpu.cfs_period_us", "100000")]),
            (&format!("cpu,cpuacct/{sub}"), &[("cpu.cfs_quota_us", "-1"), ("cpu.cfs_period_us", "100000")]),
            (&format!("pids/{own}"), &[("pids.max", "64")]),
            (&format!("pids/{sub}"), &[("pids.max", "max")]),
        ]);
        let text = format!("9:memory:/{sub}\n4:cpu,cpuacct:/{sub}\n3:pids:/{sub}\n0::/\n");
        let mounts = ["memory", "cpu,cpuacct", "pids"].map(|name| tree.mounted("cgroup", name));
        let limits = in_force(&text, ID, &mounts);
        assert_eq!((limits.memory_max, limits.swap_max), (Some(800), Some(700)), "1500 together, 800 of it memory");
        assert_eq!((limits.cpu_quota, limits.cpu_period, limits.pids_max), (Some(20_000), Some(100_000), Some(64)));
        assert_eq!(limits.path, format!("/{own}"));
    }

    #[test]
    fn the_levels_are_those_from_the_containers_own_cgroup_down() {
        let levels = |path: &str, id: &str| levels(path, id).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(levels("/a/docker-x7.scope/b", "x7"), ["/a/docker-x7.scope", "/a/docker-x7.scope/b"]);
        assert_eq!(levels("/a/b", "x7"), ["/a/b"], "nothing tells where the container's own is");
        assert_eq!(levels("/", ""), ["/"]);
        assert_eq!(levels("", ""), [""]);
        assert_eq!(levels(&format!("/x7{}", "/a".repeat(2000)), "x7").len(), MOST_LEVELS);
    }
}
