//! Which files tell of starts and ends.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::downtime::event::{Channel, Happening, Kind, Scope};
use crate::read::{Reading, is_piece_of, logs_in, piece_of};

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

/// Where sysstat keeps its daily files, by distribution.
const SAMPLES: [&str; 2] = ["var/log/sysstat", "var/log/sa"];

/// sysstat's daily files: `sa24`, `sa20261124`, and those that are packed. Beside them lie reports made of them (`sar24`).
fn samples(root: &Path) -> impl Iterator<Item = PathBuf> {
    SAMPLES.iter().map(|folder| root.join(folder)).flat_map(|folder| samples_in(&folder))
}

/// The same in one folder.
pub(super) fn samples_in(folder: &Path) -> Vec<PathBuf> {
    let is_daily = |name: &String| {
        let day = piece_of(name).0.strip_prefix("sa").map(str::to_owned).unwrap_or_default();
        matches!(day.len(), 2 | 8) && day.bytes().all(|byte| byte.is_ascii_digit())
    };
    logs_in(folder).into_iter().filter(is_daily).map(|name| folder.join(name)).collect()
}

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
    // Newer systems note boots in a database, and leave an empty file behind.
    let database = root.join("var/lib/wtmpdb/wtmp.db");
    if database.is_file() && !names.iter().any(|name| is_piece_of(name, RECORDS) && has_content(name)) {
        found.push(database);
    }
    if !copied {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found.extend(samples(root));
    found
}

/// What the running kernel says: since when it runs, and that it runs now.
pub fn running_since(root: &Path, reading: &Reading) -> Vec<Happening> {
    let event = |kind, time| Happening::new(kind, Scope::Host, Channel::Kernel, Some(time));
    let stat = std::fs::read_to_string(root.join("proc/stat")).unwrap_or_default();
    let second = stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
    let booted = second.and_then(|second| Timestamp::from_second(second).ok()).filter(|booted| *booted <= reading.now);
    let booted = booted.map(|booted| match reading.since {
        // It ran all the time that is asked for.
        Some(since) if booted < since => event(Kind::Alive, since),
        _ => Happening { line: "/proc/stat: btime".to_owned(), ..event(Kind::Started, booted) },
    });
    let name = std::fs::read_to_string(root.join("proc/sys/kernel/hostname")).unwrap_or_default();
    let host = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let now = event(Kind::Alive, reading.now);
    booted.into_iter().chain([now]).map(|told| Happening { host: host.clone(), ..told }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_that_ran_before_the_time_asked_for_ran_in_all_of_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("proc/sys/kernel")).unwrap();
        std::fs::write(root.path().join("proc/stat"), "cpu 1 2 3\nbtime 1764000000\nprocesses 9\n").unwrap();
        std::fs::write(root.path().join("proc/sys/kernel/hostname"), "edge\n").unwrap();
        let now = Timestamp::from_second(1_764_100_000).unwrap();
        let since = Timestamp::from_second(1_764_050_000).unwrap();
        let told = |reading: &Reading| -> Vec<(Kind, i64)> {
            let told = running_since(root.path(), reading);
            assert!(told.iter().all(|one| one.host.as_deref() == Some("edge")));
            told.iter().map(|one| (one.kind, one.time.unwrap().as_second())).collect()
        };
        let everything = Reading::everything(now);
        assert_eq!(told(&everything), [(Kind::Started, 1_764_000_000), (Kind::Alive, 1_764_100_000)]);
        let part = Reading { since: Some(since), ..everything };
        assert_eq!(told(&part), [(Kind::Alive, 1_764_050_000), (Kind::Alive, 1_764_100_000)]);
    }
}
