//! Linux capabilities: names, numbers, and Docker's default set.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_known_under_every_spelling() {
        for spelling in ["SYS_ADMIN", "CAP_SYS_ADMIN", "cap_sys_admin", " sys_admin"] {
            assert_eq!(number(&canonical(spelling)), Some(21), "{spelling}");
        }
        assert!(has(1 << 21, "SYS_ADMIN") && !has(1 << 21, "SYS_MODULE"));
    }
}
