//! Every process, counted in several ways that must agree: by the kernel's own listing of `/proc`, by the C library's (which a
//! preloaded library may have bent), by the scheduler's count of threads, and by asking for numbers that no listing holds. What
//! only some of them know is hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::scan::text;

/// Processes that are looked at.
const MOST: usize = 100_000;
/// The inode of the machine's first namespace of processes (`PROC_PID_INIT_INO`). Elsewhere not all are seen, and none hides.
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number.
    pub pid: i32,
    /// Who began it.
    pub parent: i32,
    /// As it calls itself.
    pub name: String,
    /// Ticks (1/100 s) of processor time.
    pub ticks: u64,
    /// Ticks after the start of the machine at which it began: with the number, its identity.
    pub started: u64,
    /// Its threads.
    pub threads: u64,
    /// Whether the kernel runs it for itself.
    pub kernel: bool,
}

/// All processes at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Those that are listed, by number.
    pub tasks: BTreeMap<i32, Task>,
    /// Whether all processes of the machine can be seen from here.
    pub sees_all: bool,
    /// Threads of those that are listed.
    pub listed: u64,
    /// Threads by the scheduler's count, the lesser of before and after.
    pub scheduled: Option<u64>,
    /// Processes and threads that were begun meanwhile: whoever came after the listing is in none, and not hidden.
    pub begun: u64,
    /// In the kernel's listing, but not in that of the C library: a preloaded library takes them out.
    pub unlisted: Vec<i32>,
    /// Their folder in `/proc` is covered by a mount.
    pub covered: Vec<i32>,
    /// Beyond the bound.
    pub beyond: usize,
}

impl Census {
    /// Threads that the scheduler runs and no listing shows.
    pub fn missing(&self) -> u64 {
        if !self.sees_all || self.beyond > 0 {
            return 0;
        }
        // Who is there before and after is listed; so without anybody who hides at most those who came meanwhile are missing.
        self.scheduled.map_or(0, |scheduled| scheduled.saturating_sub(self.listed.saturating_add(self.begun)))
    }

    /// What each process has used since `before`, in ticks, the most first; none of those that began meanwhile is left out.
    pub fn used_since(&self, before: &Self) -> Vec<(&Task, u64)> {
        let mut used: Vec<(&Task, u64)> = self
            .tasks
            .values()
            .map(|task| {
                let then = before.tasks.get(&task.pid).filter(|then| then.started == task.started);
                (task, task.ticks.saturating_sub(then.map_or(0, |then| then.ticks)))
            })
            .filter(|(_, ticks)| *ticks > 0)
            .collect();
        used.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.pid.cmp(&b.0.pid)));
        used
    }
}

/// Counts all processes.
pub fn census() -> Census {
    let scheduled = || {
        let load = text("/proc/loadavg")?;
        load.split_whitespace().nth(3)?.split_once('/')?.1.parse::<u64>().ok()
    };
    let begun = || super::scan::field(&text("/proc/stat")?, "processes");
    let begun_before = begun();
    let before = scheduled();
    // The C library's first: who begins in between is in the kernel's, and is asked for once more.
    let by_library = by_library();
    let by_kernel = by_kernel();
    let mut found = Census { sees_all: sees_all(), ..Census::default() };
    for pid in by_kernel.iter().take(MOST) {
        if let Some(task) = text(format!("/proc/{pid}/stat")).and_then(|line| task(&line)) {
            found.listed += task.threads;
            found.tasks.insert(*pid, task);
        }
    }
    found.beyond = by_kernel.len().saturating_sub(MOST);
    let after = scheduled();
    // Where nobody says how many came, nobody knows whether one is missing.
    let came = begun_before.zip(begun()).map(|(before, after)| after.saturating_sub(before));
    found.begun = came.unwrap_or_default();
    found.scheduled = before.zip(after).filter(|_| came.is_some()).map(|(before, after)| before.min(after));
    found.unlisted = by_kernel.difference(&by_library).copied().collect();
    if !found.unlisted.is_empty() {
        let again = self::by_library();
        let there = |pid: &i32| Path::new(&format!("/proc/{pid}/stat")).exists();
        found.unlisted.retain(|pid| !again.contains(pid) && there(pid));
    }
    found.covered = covered(&text("/proc/self/mountinfo").unwrap_or_default());
    found
}

/// The processes that answer when they are asked for by number, though no listing of the kernel's holds them. Goes through all
/// numbers that were ever given out, so ask only where the counts do not agree.
pub fn unlisted_by_kernel(census: &Census) -> Vec<i32> {
    let most = text("/proc/sys/kernel/pid_max").and_then(|text| text.trim().parse::<i32>().ok()).unwrap_or(32_768);
    let listed = by_kernel();
    let mut hidden = Vec::new();
    for pid in 1..=most.min(4_194_304) {
        if census.tasks.contains_key(&pid) || listed.contains(&pid) {
            continue;
        }
        let Some(status) = text(format!("/proc/{pid}/status")) else { continue };
        // Threads answer, too, and are in no listing by design.
        let leader = super::scan::field(&status, "Tgid");
        if leader == u64::try_from(pid).ok()
            && !by_kernel().contains(&pid)
            && Path::new(&format!("/proc/{pid}")).exists()
        {
            hidden.push(pid);
        }
    }
    hidden
}

fn sees_all() -> bool {
    std::fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link.as_os_str() == FIRST_NAMESPACE)
}

fn by_library() -> BTreeSet<i32> {
    crate::collect::process::pids().collect()
}

/// By the kernel's call itself: what a library preloaded into this process does to `readdir` changes nothing here.
fn by_kernel() -> BTreeSet<i32> {
    use rustix::fs::{Mode, OFlags, openat};
    let mut pids = BTreeSet::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = openat(rustix::fs::CWD, "/proc", flags, Mode::empty()) else { return pids };
    let Ok(entries) = rustix::fs::Dir::read_from(folder) else { return pids };
    for entry in entries.flatten() {
        pids.extend(entry.file_name().to_str().ok().and_then(|name| name.parse::<i32>().ok()));
    }
    pids
}

/// Processes over whose folder something is mounted, by the text of `mountinfo`.
fn covered(mounts: &str) -> Vec<i32> {
    mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(4)?.strip_prefix("/proc/")?.split('/').next()?.parse().ok())
        .collect::<BTreeSet<i32>>()
        .into_iter()
        .collect()
}

/// A line of `/proc/PID/stat`. The name stands in brackets and may hold any character.
fn task(line: &str) -> Option<Task> {
    let (pid, rest) = line.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // Fields as proc(5) numbers them, less the three before: 4 is the parent, 9 flags, 14 and 15 times, 20 threads, 22 start.
    Some(Task {
        pid: pid.trim().parse().ok()?,
        parent: fields.get(1)?.parse().ok()?,
        // A process may write anything there, line ends too.
        name: name.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(64).collect(),
        ticks: number(11)?.wrapping_add(number(12)?),
        threads: number(17)?,
        started: number(19)?,
        kernel: number(6)? & 0x0020_0000 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_brackets_and_spaces() {
        let line =
            "42 (a) R (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 100 50 0 0 20 0 3 0 777 1000 10 18446744073709551615\n";
        let found = task(line).unwrap();
        assert_eq!((found.pid, found.parent, found.name.as_str()), (42, 7, "a) R (b) c"));
        assert_eq!((found.ticks, found.threads, found.started, found.kernel), (150, 3, 777, false));
        assert_eq!(task(&line.replace("a) R (b) c", "xmrig\n")).unwrap().name, "xmrig", "a line end hides nobody");
        assert_eq!(task("42 (x"), None);
        assert_eq!(task(""), None);
    }

    #[test]
    fn on_this_machine_every_process_is_seen() {
        let found = census();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(found.tasks.contains_key(&own));
        assert!(found.unlisted.is_empty() && found.covered.is_empty(), "{found:?}");
    }

    #[test]
    fn on_a_host_that_begins_processes_all_the_time_none_is_missing() {
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        let _ = std::thread::Builder::new().spawn(|| {}).map(std::thread::JoinHandle::join);
                    }
                });
            }
            let missing: Vec<u64> = (0..200).map(|_| census().missing()).collect();
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(missing.iter().all(|count| *count == 0), "{missing:?}");
        });
    }

    #[test]
    fn a_number_that_was_given_out_anew_is_another_process() {
        let census = |ticks, started| {
            let task = Task { pid: 5, ticks, started, ..Task::default() };
            Census { tasks: BTreeMap::from([(5, task)]), ..Census::default() }
        };
        assert_eq!(census(150, 1).used_since(&census(100, 1))[0].1, 50);
        assert_eq!(census(30, 2).used_since(&census(100, 1))[0].1, 30);
    }

    #[test]
    fn what_is_mounted_over_a_process_covers_it() {
        let mounts = "22 1 0:21 / /proc rw - proc proc rw\n99 22 8:1 /empty /proc/1234 rw - ext4 /dev/sda1 rw\n23 22 0:5 / /proc/sys/fs/binfmt_misc rw - x x rw\n";
        assert_eq!(covered(mounts), [1234]);
    }

    #[test]
    fn threads_that_nobody_lists_are_missing_only_where_all_could_be_seen() {
        let seen = Census { sees_all: true, listed: 10, scheduled: Some(12), ..Census::default() };
        assert_eq!(seen.missing(), 2);
        assert_eq!(Census { sees_all: false, ..seen.clone() }.missing(), 0);
        assert_eq!(Census { begun: 2, ..seen.clone() }.missing(), 0, "they came after the listing");
        assert_eq!(Census { scheduled: Some(9), ..seen }.missing(), 0);
    }
}
