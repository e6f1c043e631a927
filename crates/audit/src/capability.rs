//! Linux capabilities: names, numbers, Docker's default set, and what a container's configuration adds up to.

use keelguard_host::facts::HostConfig;

/// Names by number, without `CAP_` (capability.h of Linux 6.18).
pub const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// What Docker gives a container that asks for nothing (`oci/caps/defaults.go`).
pub const DEFAULT: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

/// The canonical name of a capability as a user may write it: `cap_sys_admin` is `SYS_ADMIN`.
pub fn canonical(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// The number of a capability by its canonical name.
pub fn number(name: &str) -> Option<u32> {
    NAMES.iter().position(|known| *known == name).and_then(|index| u32::try_from(index).ok())
}

/// Whether `mask` holds the capability called `name`.
pub fn has(mask: u64, name: &str) -> bool {
    number(name).is_some_and(|bit| mask & (1 << bit) != 0)
}

/// All capabilities this table knows, as a mask.
pub const ALL: u64 = (1 << NAMES.len()) - 1;

/// The mask of a list of names in any spelling; unknown ones count for nothing.
pub fn mask<'a>(names: impl IntoIterator<Item = &'a str>) -> u64 {
    names.into_iter().filter_map(|name| number(&canonical(name))).fold(0, |mask, bit| mask | 1 << bit)
}

/// The names in a mask, by number; bits beyond the table as `CAP_41`.
pub fn names(mask: u64) -> Vec<String> {
    (0..u64::BITS)
        .filter(|bit| mask & (1 << bit) != 0)
        .map(|bit| {
            let known = usize::try_from(bit).ok().and_then(|index| NAMES.get(index));
            known.map_or_else(|| format!("CAP_{bit}"), ToString::to_string)
        })
        .collect()
}

/// What the engine gives a container of this configuration: the arithmetic of `oci/caps/utils.go` (`TweakCapabilities`).
pub fn granted(host_config: &HostConfig) -> u64 {
    let listed = |list: &[String], name: &str| list.iter().any(|entry| canonical(entry) == name);
    let added = mask(host_config.cap_add.iter().map(String::as_str));
    let dropped = mask(host_config.cap_drop.iter().map(String::as_str));
    if host_config.privileged {
        u64::MAX
    } else if listed(&host_config.cap_add, "ALL") {
        ALL & !dropped
    } else if listed(&host_config.cap_drop, "ALL") {
        added
    } else {
        (mask(DEFAULT) & !dropped) | added
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_gets_is_what_the_engine_would_compute() {
        let config = |add: &[&str], drop: &[&str]| HostConfig {
            cap_add: add.iter().map(ToString::to_string).collect(),
            cap_drop: drop.iter().map(ToString::to_string).collect(),
            ..HostConfig::default()
        };
        assert_eq!(granted(&config(&[], &[])), 0xa804_25fb, "the mask that Docker containers show in CapBnd");
        assert_eq!(names(granted(&config(&["cap_chown"], &["all"]))), ["CHOWN"]);
        assert_eq!(names(ALL & !granted(&config(&["ALL"], &["sys_admin"]))), ["SYS_ADMIN"]);
        assert_eq!(names(mask(["net_raw", "nonsense"]) | 1 << 50), ["NET_RAW", "CAP_50"]);
    }

    #[test]
    fn capabilities_are_known_under_every_spelling() {
        for spelling in ["SYS_ADMIN", "CAP_SYS_ADMIN", "cap_sys_admin", " sys_admin"] {
            assert_eq!(number(&canonical(spelling)), Some(21), "{spelling}");
        }
        assert!(has(1 << 21, "SYS_ADMIN") && !has(1 << 21, "SYS_MODULE"));
    }
}
