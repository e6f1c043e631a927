//! Which cgroup hierarchies there are, and what they can bound.

use super::read;
use crate::facts::{Cgroups, HostMount};

pub(super) fn hierarchies(mounts: &[HostMount]) -> Cgroups {
    let v2 = mounts.iter().find(|mount| mount.fstype == "cgroup2");
    // The bare `name=systemd` hierarchy bounds nothing.
    let mut controllers: Vec<String> = mounts
        .iter()
        .filter(|mount| mount.fstype == "cgroup")
        .filter_map(|mount| {
            Some(mount.mount_point.rsplit('/').next()?.split(',').map(str::to_owned).collect::<Vec<_>>())
        })
        .flatten()
        .filter(|name| name != "systemd")
        .collect();
    let version = match (v2, controllers.is_empty()) {
        (Some(_), true) => "v2",
        (Some(_), false) => "hybrid",
        (None, false) => "v1",
        (None, true) => "",
    };
    if let Some(v2) = v2 {
        let own = read::word(format!("{}/cgroup.controllers", v2.mount_point)).unwrap_or_default();
        controllers.extend(own.split_whitespace().map(str::to_owned));
    }
    controllers.sort();
    controllers.dedup();
    Cgroups { version: version.into(), controllers }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(fstype: &str, mount_point: &str) -> HostMount {
        HostMount { fstype: fstype.into(), mount_point: mount_point.into(), ..HostMount::default() }
    }

    #[test]
    fn one_hierarchy_two_or_none_are_told_apart() {
        let hybrid = [mount("cgroup", "/c/cpu,cpuacct"), mount("cgroup", "/c/systemd"), mount("cgroup2", "/c/unified")];
        assert_eq!(hierarchies(&hybrid).version, "hybrid");
        assert_eq!(hierarchies(&hybrid).controllers, ["cpu", "cpuacct"]);
        assert_eq!(hierarchies(&[mount("cgroup", "/c/systemd"), mount("cgroup2", "/c")]).version, "v2");
        assert_eq!(hierarchies(&[mount("cgroup", "/c/memory")]).version, "v1");
        assert_eq!(hierarchies(&[]).version, "");
    }
}
