//! The bounds that a process's cgroups really have in force, in either hierarchy or both.

use std::path::Path;

use super::read;
use crate::facts::{CgroupLimits, HostMount};

/// cgroup v1 prints this (rounded to a page) where there is no bound.
const V1_UNLIMITED: u64 = 0x7fff_ffff_ffff_0000;

pub(super) fn limits(pid: i32, mounts: &[HostMount]) -> CgroupLimits {
    let text = read::text(format!("/proc/{pid}/cgroup").as_ref(), 64 << 10).unwrap_or_default();
    let mut limits = CgroupLimits::default();
    for line in text.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else { continue };
        if path.split('/').any(|part| part == "..") {
            continue;
        }
        if controllers.is_empty() {
            if let Some(v2) = mounts.iter().find(|mount| mount.fstype == "cgroup2") {
                read_v2(&mut limits, &format!("{}{path}", v2.mount_point), path);
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
                    read_v1(&mut limits, controller, &format!("{}{path}", mount.mount_point), path);
                }
            }
        }
    }
    limits
}

fn number(folder: &str, file: &str) -> Option<u64> {
    read::word(Path::new(folder).join(file))?.parse().ok()
}

/// A v2 bound: a number, or `max` for none. The outer option is whether the file was there.
fn bound(folder: &str, file: &str) -> Option<Option<u64>> {
    let word = read::word(Path::new(folder).join(file))?;
    if word == "max" { Some(None) } else { word.parse().ok().map(Some) }
}

fn read_v2(limits: &mut CgroupLimits, folder: &str, path: &str) {
    if let Some(memory) = bound(folder, "memory.max") {
        limits.memory_max = memory;
        limits.swap_max = bound(folder, "memory.swap.max").flatten();
        limits.memory_current = number(folder, "memory.current");
        limits.read.push("memory".into());
    }
    if let Some((quota, period)) =
        read::word(Path::new(folder).join("cpu.max")).as_deref().and_then(|line| line.split_once(' '))
    {
        limits.cpu_quota = quota.parse().ok();
        limits.cpu_period = period.parse().ok();
        limits.read.push("cpu".into());
    }
    if let Some(pids) = bound(folder, "pids.max") {
        limits.pids_max = pids;
        limits.pids_current = number(folder, "pids.current");
        limits.read.push("pids".into());
    }
    if !limits.read.is_empty() {
        path.clone_into(&mut limits.path);
    }
}

fn read_v1(limits: &mut CgroupLimits, controller: &str, folder: &str, path: &str) {
    let limited = |value: u64| (value < V1_UNLIMITED).then_some(value);
    match controller {
        "memory" => {
            let Some(memory) = number(folder, "memory.limit_in_bytes") else { return };
            limits.memory_max = limited(memory);
            limits.memory_current = number(folder, "memory.usage_in_bytes");
            // v1 bounds memory and swap together.
            limits.swap_max =
                number(folder, "memory.memsw.limit_in_bytes").and_then(limited).map(|both| both.saturating_sub(memory));
        }
        "cpu" => {
            let Some(quota) = read::word(Path::new(folder).join("cpu.cfs_quota_us")) else { return };
            limits.cpu_quota = quota.parse().ok();
            limits.cpu_period = number(folder, "cpu.cfs_period_us");
        }
        "pids" => {
            let Some(pids) = bound(folder, "pids.max") else { return };
            limits.pids_max = pids;
            limits.pids_current = number(folder, "pids.current");
        }
        _ => return,
    }
    limits.read.push(controller.to_owned());
    path.clone_into(&mut limits.path);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v2_bounds_are_read_and_max_is_none() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in
            [("memory.max", "536870912"), ("memory.swap.max", "0"), ("cpu.max", "max 100000"), ("pids.max", "max")]
        {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let mut limits = CgroupLimits::default();
        read_v2(&mut limits, folder.path().to_str().unwrap(), "/docker/x");
        assert_eq!(
            (limits.memory_max, limits.swap_max, limits.cpu_quota, limits.pids_max),
            (Some(512 << 20), Some(0), None, None)
        );
        assert_eq!(limits.read, ["memory", "cpu", "pids"]);
    }

    #[test]
    fn v1_bounds_are_read_and_huge_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("memory.limit_in_bytes"), "9223372036854771712").unwrap();
        std::fs::write(folder.path().join("cpu.cfs_quota_us"), "-1").unwrap();
        let mut limits = CgroupLimits::default();
        read_v1(&mut limits, "memory", folder.path().to_str().unwrap(), "/docker/x");
        read_v1(&mut limits, "cpu", folder.path().to_str().unwrap(), "/docker/x");
        read_v1(&mut limits, "pids", folder.path().to_str().unwrap(), "/docker/x");
        assert_eq!((limits.memory_max, limits.cpu_quota), (None, None));
        assert_eq!(limits.read, ["memory", "cpu"], "what is not there is not taken for unlimited");
    }
}
