//! Attributes as people read them.

use keelguard_model::text::printable;

use crate::data::tree::{FLAGS, Time};

/// Names and values from files: bytes that are not UTF-8 are written as `\xff`, and what a terminal might obey is escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&printable(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// Sixteen digits tell one content from another; the whole is in the baseline.
pub(super) fn digest(digest: &[u8; 32]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// `4755`, with letters for the three that matter: `4755 setuid`.
pub(super) fn mode(mode: u16) -> String {
    let bits = [(0o4000, " setuid"), (0o2000, " setgid"), (0o1000, " sticky")];
    let words: String = bits.iter().filter(|(bit, _)| mode & bit != 0).map(|(_, word)| *word).collect();
    format!("{mode:04o}{words}")
}

/// As `lsattr` has them: `ia`; `-` for none.
pub(super) fn flags(flags: u32) -> String {
    let letters: String = FLAGS.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, letter)| *letter).collect();
    if letters.is_empty() { "-".to_owned() } else { letters }
}

/// `2026-11-24T08:10:02.123456789Z`
pub(super) fn time(time: Time) -> String {
    let nano = i32::try_from(time.nano).unwrap_or_default();
    jiff::Timestamp::new(time.second, nano)
        .map_or_else(|_| format!("{}.{:09}", time.second, time.nano), |time| time.to_string())
}

/// Capabilities by name, others as text or as digits.
pub(super) fn attribute(name: &[u8], value: &[u8]) -> String {
    if name == b"security.capability"
        && let Some(words) = capabilities(value)
    {
        return words;
    }
    let value = value.strip_suffix(b"\0").unwrap_or(value);
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => value.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

const CAPABILITIES: &[&str] = &[
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// `struct vfs_cap_data`: a word with version and the effective bit, then permitted and inheritable, low words first.
fn capabilities(value: &[u8]) -> Option<String> {
    let word = |at: usize| Some(u32::from_le_bytes(value.get(at * 4..at * 4 + 4)?.try_into().ok()?));
    let head = word(0)?;
    let sets = |first: usize| Some(u64::from(word(first)?) | u64::from(word(first + 2).unwrap_or(0)) << 32);
    let (permitted, inheritable) = (sets(1)?, sets(2)?);
    let names = |set: u64| {
        let name =
            |bit: usize| CAPABILITIES.get(bit).map_or_else(|| format!("cap_{bit}"), |name| format!("cap_{name}"));
        let names: Vec<String> = (0..64).filter(|bit| set >> bit & 1 != 0).map(name).collect();
        names.join(",")
    };
    let mut words = names(permitted);
    words.push_str(if head & 1 != 0 { "=ep" } else { "=p" });
    if inheritable != 0 {
        words.extend([" ", &names(inheritable), "+i"]);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_capability_is_read_as_getcap_prints_it() {
        // What `setcap cap_net_raw+ep` writes.
        let value = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(attribute(b"security.capability", &value), "cap_net_raw=ep");
        assert_eq!(attribute(b"security.capability", &[1, 2]), "0102");
    }

    #[test]
    fn a_name_that_is_not_utf8_is_told_byte_by_byte() {
        assert_eq!(shown(b"a\xff\xfeb"), "a\\xff\\xfeb");
        assert!(!shown(b"a\x1b[2J").contains('\x1b'));
    }
}
