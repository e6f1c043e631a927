//! Links to /dev/null, histories, and logs that are open though they were removed.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::data::logs::detect::{Trap, Watched, switches_history_off};
use crate::read::{Age, logs_in, piece_of, shown};

const HISTORIES: &[&str] =
    &[".bash_history", ".zsh_history", ".ash_history", ".sh_history", ".ksh_history", ".local/share/fish/fish_history"];
const START_UPS: &[&str] =
    &[".bashrc", ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zshenv", ".zprofile", ".bash_logout"];
const COMMON: &[&str] = &["etc/profile", "etc/bash.bashrc", "etc/bashrc", "etc/zsh/zshrc", "etc/environment"];
/// Programs that write syslog's files.
const DAEMONS: &[&str] = &["rsyslogd", "syslog-ng", "syslogd", "busybox-syslogd", "metalog", "socklog"];
const USERS: usize = 10_000;
const PROCESSES: usize = 100_000;

/// What keeps records from being kept.
pub(super) fn read(root: &Path, watched: &Watched, now: i64) -> Vec<Trap> {
    let mut found = Vec::new();
    nowhere(&root.join("var/log"), 2, &mut found);
    for (user, home) in homes(root) {
        for name in HISTORIES {
            let path = home.join(name);
            if is_nowhere(&path) {
                found.push(Trap::HistoryNowhere { user: user.clone(), path: shown(&path) });
            }
        }
        for name in START_UPS {
            switched_off(&home.join(name), Some(&user), &mut found);
        }
    }
    for name in COMMON {
        switched_off(&root.join(name), None, &mut found);
    }
    let folder = root.join("etc/profile.d");
    for name in logs_in(&folder) {
        switched_off(&folder.join(name), None, &mut found);
    }
    processes(root, watched, now, &mut found);
    found
}

/// The users' histories that are files, and how long they are.
pub(super) fn histories(root: &Path) -> Vec<(String, PathBuf, u64)> {
    let of_user = |(user, home): (String, PathBuf)| {
        let length =
            |path: &PathBuf| path.symlink_metadata().ok().filter(std::fs::Metadata::is_file).map(|meta| meta.len());
        let files = HISTORIES.iter().map(move |name| home.join(name));
        files.filter_map(move |path| Some((user.clone(), path.clone(), length(&path)?))).collect::<Vec<_>>()
    };
    homes(root).into_iter().flat_map(of_user).collect()
}

/// Users who may log in, and their homes; each home once.
fn homes(root: &Path) -> Vec<(String, PathBuf)> {
    let passwd = std::fs::read(root.join("etc/passwd")).unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd).into_owned();
    let user = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, _, _, _, home, shell] = fields.as_slice() else { return None };
        let may = !shell.is_empty() && !["nologin", "false", "sync"].iter().any(|no| shell.ends_with(no));
        let home = home.strip_prefix('/').filter(|home| may && !home.is_empty())?;
        Some(((*name).to_owned(), root.join(home)))
    };
    let mut homes: Vec<(String, PathBuf)> = passwd.lines().take(USERS).filter_map(user).collect();
    let mut seen = std::collections::HashSet::new();
    homes.retain(|(_, home)| seen.insert(home.clone()));
    homes
}

/// Whether a path is /dev/null, or a link to it.
fn is_nowhere(path: &Path) -> bool {
    let Ok(meta) = path.symlink_metadata() else { return false };
    if meta.is_symlink() {
        return std::fs::read_link(path).is_ok_and(|target| target == Path::new("/dev/null"));
    }
    // Major 1, minor 3.
    meta.file_type().is_char_device() && meta.rdev() == 0x103
}

fn nowhere(folder: &Path, deeper: u32, found: &mut Vec<Trap>) {
    for name in logs_in(folder) {
        let path = folder.join(name);
        if is_nowhere(&path) {
            found.push(Trap::LogNowhere { path: shown(&path) });
        } else if deeper > 0 && path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            nowhere(&path, deeper - 1, found);
        }
    }
}

fn switched_off(path: &Path, user: Option<&str>, found: &mut Vec<Trap>) {
    if !path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 1 << 20) {
        return;
    }
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    if let Some(line) = text.lines().find(|line| switches_history_off(line)) {
        let line = line.trim().chars().take(200).collect();
        found.push(Trap::HistoryOff { user: user.map(str::to_owned), path: shown(path), line });
    }
}

/// Processes that write to logs that were removed, and whether a log daemon runs.
fn processes(root: &Path, watched: &Watched, now: i64, found: &mut Vec<Trap>) {
    let proc = root.join("proc");
    let mine = std::fs::read_link(proc.join("self/ns/mnt")).ok();
    let mut daemon = false;
    let mut any = false;
    for name in logs_in(&proc).into_iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).take(PROCESSES)
    {
        let folder = proc.join(&name);
        let Ok(process) = name.parse::<u32>() else { continue };
        let program = std::fs::read_to_string(folder.join("comm")).unwrap_or_default().trim().to_owned();
        any = true;
        // A container's daemon writes a container's logs.
        let is_here = std::fs::read_link(folder.join("ns/mnt")).ok() == mine;
        daemon |= DAEMONS.contains(&program.as_str());
        if is_here {
            open_files(&shown(&root.join("var/log")), &folder, process, &program, found);
        }
    }
    let syslog = watched.logs.iter().find(|log| {
        let recent = log.last().is_some_and(|last| (3600..7 * 86_400).contains(&(now - last)));
        log.is_syslog()
            && recent
            && log.name.starts_with(&*shown(&root.join("var/log")))
            && !log.name.contains("/journal")
    });
    let installed =
        ["usr/sbin/rsyslogd", "usr/sbin/syslog-ng", "sbin/syslogd"].iter().any(|path| root.join(path).exists());
    if let Some(log) = syslog.filter(|_| any && !daemon && installed) {
        found.push(Trap::NoDaemon { path: log.name.clone() });
    }
}

fn open_files(logs: &str, folder: &Path, process: u32, program: &str, found: &mut Vec<Trap>) {
    let files = folder.join("fd");
    for number in logs_in(&files) {
        let Ok(target) = std::fs::read_link(files.join(&number)) else { continue };
        let target = target.to_string_lossy().into_owned();
        let Some(path) = target.strip_suffix(" (deleted)") else { continue };
        let name = path.rsplit('/').next().unwrap_or_default();
        // A rotated piece that went while somebody still had it open was renamed before.
        let is_log = path.starts_with(logs) && !path.contains("/journal/") || path.ends_with("-json.log");
        let is_passing =
            name.starts_with('.') || name.contains("tmp") && !name.starts_with("wtmp") && !name.starts_with("btmp");
        if !is_log || is_passing || piece_of(name).1 != Age::Current {
            continue;
        }
        let flags = std::fs::read_to_string(folder.join("fdinfo").join(&number)).unwrap_or_default();
        let flags = flags.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
        if flags.is_some_and(|flags| flags & 3 != 0)
            && let Ok(file) = number.parse()
        {
            found.push(Trap::Unlinked { path: path.to_owned(), process, program: program.to_owned(), file });
        }
    }
}
