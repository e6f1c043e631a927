//! Which logs this host has.

use std::path::{Path, PathBuf};

use crate::read::{is_piece_of, logs_in};

/// The system's own, in `/var/log`.
const SYSTEM: &[&str] = &[
    "syslog",
    "messages",
    "auth.log",
    "secure",
    "kern.log",
    "daemon.log",
    "cron",
    "cron.log",
    "user.log",
    "mail.log",
    "maillog",
    "mail.err",
    "mail.warn",
    "mail.info",
    "debug",
    "docker.log",
    "dpkg.log",
    "wtmp",
    "btmp",
];
/// What is no log of lines, or is written anew each time.
const OTHERS: &[&str] = &["lastlog", "faillog", "tallylog", "dmesg", "boot.log", "README", "eipp.log"];
/// Folders that others look at, or that hold what is no log.
const FOLDERS: &[&str] = &["journal", "private", "sysstat", "sa", "installer", "pods", "containers"];
/// More files are not looked at.
const MOST: usize = 4000;

/// The logs below `root`: the system's own, and where everything is asked for those of programs and containers.
pub fn default_sources(root: &Path, thorough: bool) -> Vec<PathBuf> {
    let folder = root.join("var/log");
    let mut found = Vec::new();
    for name in logs_in(&folder) {
        let path = folder.join(&name);
        if path.is_dir() && !path.is_symlink() {
            if thorough && !FOLDERS.contains(&name.as_str()) || name == "audit" {
                files_in(&path, &mut found);
            }
        } else if is_piece_of(&name, SYSTEM) || thorough && !is_piece_of(&name, OTHERS) {
            push(path, &mut found);
        }
    }
    let journals = [folder.join("journal"), root.join("run/log/journal")];
    found.extend(journals.into_iter().filter(|folder| holds_machines(folder)));
    if thorough {
        let containers = root.join("var/lib/docker/containers");
        for id in logs_in(&containers) {
            files_in(&containers.join(&id), &mut found);
        }
        found.retain(|path| !path.starts_with(&containers) || is_container_log(path));
    }
    found.truncate(MOST);
    found
}

/// `ID-json.log`, `ID-json.log.1`
pub(super) fn is_container_log(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    crate::read::piece_of(&name).0.ends_with("-json.log")
}

fn files_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for name in logs_in(folder) {
        push(folder.join(name), found);
    }
}

/// A file, not a link: what that leads to has a name of its own.
fn push(path: PathBuf, found: &mut Vec<PathBuf>) {
    if found.len() < MOST && path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        found.push(path);
    }
}

/// A journal's folder has one for each machine; without any there is no journal.
fn holds_machines(folder: &Path) -> bool {
    logs_in(folder).iter().any(|name| folder.join(name).is_dir())
}
