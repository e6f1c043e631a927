//! One process from close by: for the few that work the most.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::peers::ends;
use super::places::id_in;
use super::scan::{field, text};

/// Open files of one process that are looked at.
const MOST_FILES: usize = 4_096;
/// The most of a command line that is kept.
const MOST_COMMAND: usize = 4_096;
/// Connections of one process that are told.
const MOST_ENDS: usize = 64;

/// What `/proc` tells of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Its program; ends in ` (deleted)` where that is gone.
    pub program: String,
    /// How it was called, with spaces between the arguments.
    pub command: String,
    /// The user it runs as, by the host's number.
    pub uid: Option<u32>,
    /// The container it runs in, by id.
    pub container: Option<String>,
    /// Whether it has a processor's registers open.
    pub registers: bool,
    /// Bytes of huge pages that it holds.
    pub huge_pages: u64,
    /// The other ends of its connections.
    pub ends: Vec<(IpAddr, u16)>,
}

/// Looks at process `pid`; what cannot be read is left empty.
pub fn close(pid: i32) -> Close {
    let folder = format!("/proc/{pid}");
    let status = text(format!("{folder}/status")).unwrap_or_default();
    let link = |name: &str| std::fs::read_link(format!("{folder}/{name}")).ok().map(|link| link.display().to_string());
    let bytes =
        crate::collect::read::bytes(Path::new(&format!("{folder}/cmdline")), MOST_COMMAND as u64).unwrap_or_default();
    let command = String::from_utf8_lossy(&bytes).replace('\0', " ").trim().to_owned();
    let mut found = Close {
        program: link("exe").unwrap_or_default(),
        command,
        uid: field(&status, "Uid").and_then(|uid| uid.try_into().ok()),
        container: text(format!("{folder}/cgroup")).and_then(|text| container(&text)),
        huge_pages: field(&status, "HugetlbPages").unwrap_or_default().saturating_mul(1024),
        ..Close::default()
    };
    let mut sockets = BTreeSet::new();
    for entry in std::fs::read_dir(format!("{folder}/fd")).into_iter().flatten().flatten().take(MOST_FILES) {
        let Ok(target) = std::fs::read_link(entry.path()) else { continue };
        let Some(target) = target.to_str() else { continue };
        if let Some(inode) = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')) {
            sockets.extend(inode.parse::<u64>());
        }
        found.registers |= target.starts_with("/dev/cpu/") && target.ends_with("/msr");
    }
    if !sockets.is_empty() {
        found.ends = ends(pid, &sockets, MOST_ENDS);
    }
    found
}

/// The id in the text of `/proc/PID/cgroup`.
fn container(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.splitn(3, ':').nth(2)?.split('/').find_map(id_in).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    const ID: &str = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

    #[test]
    fn this_process_is_seen_with_its_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let found = close(i32::try_from(std::process::id()).unwrap());
        assert!(found.ends.contains(&("127.0.0.1".parse().unwrap(), port)), "{found:?}");
        assert!(found.program.contains("keelguard_host") && !found.command.is_empty());
        assert_eq!(found.uid, Some(rustix::process::geteuid().as_raw()));
        assert!(!found.registers);
    }

    #[test]
    fn the_container_is_named_by_either_hierarchy() {
        assert_eq!(container(&format!("0::/system.slice/docker-{ID}.scope/init\n")).as_deref(), Some(ID));
        assert_eq!(container(&format!("5:pids:/docker/{ID}\n0::/\n")).as_deref(), Some(ID));
        assert_eq!(container("0::/user.slice\n"), None);
    }

    #[test]
    fn who_is_gone_is_empty() {
        assert_eq!(close(i32::MAX), Close::default());
    }
}
