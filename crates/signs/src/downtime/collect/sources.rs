//! Which files tell of starts and ends.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::downtime::event::{Channel, Happening, Kind, Scope};
use crate::read::{is_piece_of, logs_in};

/// Names of logs in `/var/log`: of the system, of logins and of packages, the last two as evidence.
const TEXTS: &[&str] = &[
    "syslog",
    "messages",
    "kern.log",
    "daemon.log",
    "docker.log",
    "auth.log",
    "secure",
    "dpkg.log",
    "dnf.log",
    "dnf.rpm.log",
];
/// Boots and shutdowns.
const RECORDS: &[&str] = &["wtmp"];
/// Those that hold what the journal holds.
const COPIED: &[&str] = &["syslog", "messages"];
/// Those whose lines `syslog` holds as well, where it is there.
const REPEATED: &[&str] = &["kern.log", "daemon.log"];

/// This host's logs below `root` (mostly `/`). What two of them hold is read from one only: it would count twice.
pub fn default_sources(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("var/log");
    let names = logs_in(&folder);
    // What is there but empty, nobody writes any more.
    let has_content = |name: &str| std::fs::metadata(folder.join(name)).map_or(true, |meta| meta.len() > 0);
    let copied = names.iter().any(|name| is_piece_of(name, COPIED) && has_content(name));
    let mut found: Vec<PathBuf> = names
        .iter()
        .filter(|name| is_piece_of(name, TEXTS) || is_piece_of(name, RECORDS))
        .filter(|name| !copied || !is_piece_of(name, REPEATED))
        .map(|name| folder.join(name))
        .collect();
    if !copied {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

/// What the running kernel says: since when it runs, and that it runs now.
pub fn running_since(root: &Path, now: Timestamp) -> Vec<Happening> {
    let event = |kind, time| Happening::new(kind, Scope::Host, Channel::Kernel, Some(time));
    let stat = std::fs::read_to_string(root.join("proc/stat")).unwrap_or_default();
    let second = stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
    let booted = second.and_then(|second| Timestamp::from_second(second).ok()).filter(|booted| *booted <= now);
    let name = std::fs::read_to_string(root.join("proc/sys/kernel/hostname")).unwrap_or_default();
    let host = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let booted =
        booted.map(|booted| Happening { line: "/proc/stat: btime".to_owned(), ..event(Kind::Started, booted) });
    booted.into_iter().chain([event(Kind::Alive, now)]).map(|told| Happening { host: host.clone(), ..told }).collect()
}
