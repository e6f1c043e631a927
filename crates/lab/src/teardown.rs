//! Taking a lab down: its processes, mounts, cgroups, strays and its directory, whoever started it and whatever state
//! it is in.

use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal, kill_process};

use crate::state::State;
use crate::{LabError, cgroup};

const PATIENCE: Duration = Duration::from_secs(15);

/// Removes everything that the state names. A directory without a lab in it is left alone.
pub(crate) fn remove(dir: &Path, state: &State) -> Result<(), LabError> {
    let left = |what: String| LabError::Left { dir: dir.to_owned(), what };
    let shim_sockets = shim_sockets(&state.cgroup);
    stop(&state.cgroup).map_err(left)?;
    unmount_below(dir).map_err(left)?;
    for socket in shim_sockets {
        let _ = fs::remove_file(socket);
    }
    if !another_engine() {
        for socket in dead_shim_sockets() {
            let _ = fs::remove_file(socket);
        }
        for stray in &state.strays {
            // Refused where somebody has put something there.
            let _ = fs::remove_dir(stray);
        }
    }
    let deadline = Instant::now() + PATIENCE;
    while !cgroup::remove(&state.cgroup) {
        if Instant::now() > deadline {
            return Err(left(format!("the cgroup {} cannot be removed", state.cgroup)));
        }
        sleep(Duration::from_millis(5));
    }
    fs::remove_dir_all(dir).map_err(LabError::io(format!("remove {}", dir.display())))
}

/// Kills everything in the cgroup. The engine would restart what dies, so it takes more than one round.
fn stop(name: &str) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let pids = cgroup::processes(name);
        if pids.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("processes {pids:?} do not end"));
        }
        cgroup::thaw(name);
        for pid in pids.into_iter().filter_map(Pid::from_raw) {
            // Gone already is what we want.
            let _ = kill_process(pid, Signal::KILL);
        }
        sleep(Duration::from_millis(5));
    }
}

const SHIM_SOCKETS: &str = "/run/containerd/s";

/// The runtime's sockets lie outside the directory, in one folder with those of other engines. The kernel lists them by
/// network namespace, and the lab's is its own; whoever still runs of the lab shows it.
fn shim_sockets(cgroup: &str) -> Vec<PathBuf> {
    let own = fs::read_link("/proc/self/ns/net").ok();
    let tables = cgroup::processes(cgroup).into_iter().filter_map(|pid| {
        // A process that has only just been started, or one that stayed in the host's namespace, must not speak for it.
        let theirs = fs::read_link(format!("/proc/{pid}/ns/net")).ok()?;
        (Some(theirs) != own).then(|| fs::read_to_string(format!("/proc/{pid}/net/unix")).ok())?
    });
    let mut sockets: Vec<_> = tables
        .flat_map(|table| {
            table.lines().filter_map(|line| line.split_whitespace().nth(7).map(PathBuf::from)).collect::<Vec<_>>()
        })
        .filter(|path| path.starts_with(SHIM_SOCKETS))
        .collect();
    sockets.sort_unstable();
    sockets.dedup();
    sockets
}

/// Whether an engine runs: the host's, or another lab's. What engines share is left to the last one.
fn another_engine() -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    processes.filter(|process| fs::read(process.join("cmdline")).is_ok_and(|line| !line.is_empty())).any(|process| {
        fs::read_to_string(process.join("comm")).is_ok_and(|name| matches!(name.trim(), "dockerd" | "containerd"))
    })
}

/// Sockets that nobody listens on: left by a runtime that was killed while it started.
fn dead_shim_sockets() -> Vec<PathBuf> {
    let sockets = fs::read_dir(SHIM_SOCKETS).into_iter().flatten().flatten().map(|entry| entry.path());
    let refused = |error: std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    sockets.filter(|socket| UnixStream::connect(socket).is_err_and(refused)).collect()
}

/// Unmounts what is mounted below, innermost first. What is still there afterwards must not be deleted: it might be a
/// folder of the host.
fn unmount_below(dir: &Path) -> Result<(), String> {
    for _ in 0..3 {
        for place in mounts_below(dir).into_iter().rev() {
            let _ = unmount(&place, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW);
        }
        if mounts_below(dir).is_empty() {
            return Ok(());
        }
    }
    let left: Vec<_> = mounts_below(dir).iter().map(|place| place.display().to_string()).collect();
    Err(format!("{} still mounted", left.join(", ")))
}

/// In the order in which they were mounted.
pub(crate) fn mounts_below(dir: &Path) -> Vec<PathBuf> {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    table
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(unescape)
        .filter(|place| place.starts_with(dir) && place.as_os_str().len() > dir.as_os_str().as_bytes().len())
        .collect()
}

/// The kernel writes blank, tab, line feed and backslash as three octal digits.
fn unescape(field: &[u8]) -> PathBuf {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                Some((((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), tail))
            }
            _ => None,
        };
        let (byte, tail) = escaped.unwrap_or((*first, after));
        plain.push(byte);
        rest = tail;
    }
    PathBuf::from(std::ffi::OsString::from_vec(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_as_the_kernel_escapes_them() {
        assert_eq!(unescape(br"/a\040b\134"), Path::new(r"/a b\"));
        assert_eq!(unescape(br"/a\9\04"), Path::new(r"/a\9\04"));
    }

    #[test]
    fn only_what_lies_below_counts_as_mounted_below() {
        assert!(mounts_below(Path::new("/proc/no-such-place")).is_empty());
        assert!(!mounts_below(Path::new("/")).contains(&PathBuf::from("/")));
    }
}
