//! Files that are odd by their name and mode.

use keelguard_model::{Finding, Subject, rule};

use crate::Examined;
use crate::scan::{OddFile, Oddity};

/// Programs that distributions install setuid or setgid and that log in, mount or change passwords. Sources: the packages
/// login, passwd, mount, util-linux, shadow-utils, sudo, openssh, at, cron, pam and dbus of Debian 12, Alpine 3.20 and
/// AlmaLinux 9.
const USUAL_SETUID: &[&str] = &[
    "at",
    "bbsuid",
    "chage",
    "chfn",
    "chsh",
    "crontab",
    "dbus-daemon-launch-helper",
    "doas",
    "expiry",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "mount",
    "mount.nfs",
    "newgidmap",
    "newgrp",
    "newuidmap",
    "pam_timestamp_check",
    "passwd",
    "ping",
    "pkexec",
    "polkit-agent-helper-1",
    "ssh-agent",
    "ssh-keysign",
    "su",
    "sudo",
    "umount",
    "unix_chkpwd",
    "userhelper",
    "utempter",
    "wall",
    "write",
    "write.ul",
];

/// Folders in which anybody may put files, by design.
const SHARED_FOLDERS: &[&str] = &["tmp", "var/tmp", "run/lock", "dev/shm", "dev/mqueue", "var/lock", "run/screen"];

/// Paths that stand in the evidence.
const SHOWN: usize = 5;

pub(super) fn findings(examined: &Examined, subject: &Subject) -> Vec<Finding> {
    let of = |oddity: Oddity| examined.odd.iter().filter(move |file| file.oddity == oddity);
    let mut findings = Vec::new();
    for trap in of(Oddity::LinkTrap) {
        let path = format!("/{}", trap.path);
        findings.push(rule::MOUNT_TRAP.on(subject.clone()).evidence("symbolic link", &path).about(&path));
    }
    for file in of(Oddity::Credentials) {
        let path = format!("/{}", file.path);
        findings.push(rule::CREDENTIALS_FILE.on(subject.clone()).evidence("file", &path).about(&path));
    }
    let setuid: Vec<&OddFile> = of(Oddity::Setuid).filter(|file| !is_usual(&file.path)).collect();
    findings
        .extend(list(&setuid).map(|shown| rule::SETUID_FILES.on(subject.clone()).evidence("setuid or setgid", shown)));
    let writable: Vec<&OddFile> = of(Oddity::WorldWritable)
        .filter(|file| !SHARED_FOLDERS.iter().any(|folder| is_below(&file.path, folder)))
        .collect();
    findings.extend(list(&writable).map(|shown| rule::WORLD_WRITABLE.on(subject.clone()).evidence("mode o+w", shown)));
    let caches: Vec<&OddFile> = of(Oddity::PackageCache).collect();
    let bytes: u64 = caches.iter().map(|file| file.size).sum();
    findings.extend(list(&caches).map(|shown| {
        let mib = bytes.div_ceil(1 << 20);
        rule::PACKAGE_CACHES.on(subject.clone()).evidence("files", shown).evidence("size", format!("{mib} MiB"))
    }));
    findings
}

fn is_usual(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_system = ["bin/", "sbin/", "usr/", "lib/", "lib64/"].iter().any(|folder| path.starts_with(folder));
    in_system && !path.starts_with("usr/local/") && USUAL_SETUID.contains(&name)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `/a, /b and 3 more`; none where there is nothing.
fn list(files: &[&OddFile]) -> Option<String> {
    let shown: Vec<String> = files.iter().take(SHOWN).map(|file| format!("/{}", file.path)).collect();
    match files.len() {
        0 => None,
        count if count > SHOWN => Some(format!("{} and {} more", shown.join(", "), count - SHOWN)),
        _ => Some(shown.join(", ")),
    }
}
