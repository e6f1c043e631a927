//! `/proc`: what the kernel says about the processes of each running container.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use keelguard_model::{Area, Incomplete};

use super::cgroup::limits;
use super::host::parse_mountinfo;
use super::host::sockets::listening;
use super::read;
use crate::facts::{CapSets, Container, ContainerMount, Host, Namespaces, Process, Truth};

/// Processes of one container that are looked at.
const MOST_PROCESSES: usize = 64;
/// Links in `/proc/*/fd` that are looked at for the owners of sockets.
const MOST_LINKS: usize = 200_000;

/// All pids.
pub(crate) fn pids() -> impl Iterator<Item = i32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Gives each running container the kernel's word on it.
pub(super) fn attach_truth(containers: &mut [Container], host: &Host, gaps: &mut Vec<Incomplete>) {
    if !containers.iter().any(Container::is_running) {
        return;
    }
    let by_container = by_container();
    let mut unseen = Vec::new();
    for container in containers.iter_mut().filter(|container| container.is_running()) {
        let first = i32::try_from(container.state.pid).unwrap_or_default();
        let mut pids: Vec<i32> = by_container.get(&container.id).cloned().unwrap_or_default();
        if first > 0 && Path::new(&format!("/proc/{first}")).exists() && belongs(first, &container.id) {
            pids.retain(|pid| *pid != first);
            pids.insert(0, first);
        }
        let total = pids.len();
        let processes: Vec<Process> = pids.iter().take(MOST_PROCESSES).filter_map(|pid| process(*pid)).collect();
        if processes.is_empty() {
            // Between two restarts there are no processes, and nothing that could not be read.
            if first > 0 {
                unseen.push(container.name.clone());
            }
            continue;
        }
        if total > MOST_PROCESSES {
            let why = format!("it has {total}, the bound is {MOST_PROCESSES}");
            gaps.push(Incomplete::new(Area::Breakout, format!("some processes of {}", container.name), why));
        }
        let pid = processes.first().map(|process| process.pid).unwrap_or_default();
        let mut truth = Truth {
            mounts: mounts(pid),
            cgroup: limits(pid, &container.id, &host.mounts),
            processes,
            processes_total: total,
        };
        let own_net = truth.init().map(|init| init.namespaces.net);
        if own_net != Some(host.namespaces.net)
            && let Some(init) = truth.processes.first_mut()
        {
            init.listening = listening(init.pid, false);
        }
        container.truth = Some(truth);
    }
    // Where others are seen, those whose process is gone have ended since the engine was asked.
    if containers.iter().any(|container| container.truth.is_some()) {
        let there = |name: &String| {
            let pids =
                containers.iter().filter(|container| container.name == *name).map(|container| container.state.pid);
            pids.into_iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists())
        };
        unseen.retain(there);
    }
    if !unseen.is_empty() {
        let what = format!("the kernel's word on {}", name_some(&unseen));
        let why = "their processes are not in this /proc; they ended, or the engine or Keelguard has a pid namespace of its own";
        gaps.push(Incomplete::new(Area::Breakout, what.clone(), why));
        gaps.push(Incomplete::new(Area::Resources, what, why));
    }
    let blind: Vec<String> = containers
        .iter()
        .filter(|container| {
            container.truth.as_ref().and_then(Truth::init).is_some_and(|init| init.namespaces.mnt.is_none())
        })
        .map(|container| container.name.clone())
        .collect();
    if !blind.is_empty() {
        let what = format!("namespaces of {}", name_some(&blind));
        gaps.push(Incomplete::new(Area::Breakout, what, "that needs root; run keelguard with sudo"));
    }
}

fn name_some(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Pids by the container that their cgroup names.
fn by_container() -> BTreeMap<String, Vec<i32>> {
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for pid in pids() {
        if let Ok(text) = read::text(format!("/proc/{pid}/cgroup").as_ref(), 64 << 10)
            && let Some(id) = container_id(&text)
        {
            found.entry(id).or_default().push(pid);
        }
    }
    for pids in found.values_mut() {
        pids.sort_unstable();
    }
    found
}

/// The outermost container in a `/proc/PID/cgroup` text: 64 hexadecimal digits, whatever surrounds them
/// (`/docker/ID`, `/system.slice/docker-ID.scope`). An engine inside a container nests its own below.
fn container_id(text: &str) -> Option<String> {
    let in_path = |path: &str| {
        // Podman's monitor of a container is a process of the host (`libpod-conmon-ID.scope`).
        let folders = path.split('/').filter(|folder| !folder.contains("conmon"));
        folders.flat_map(|folder| folder.split(['-', '.', ':'])).find(|part| is_full_id(part)).map(str::to_owned)
    };
    text.lines().filter_map(|line| line.splitn(3, ':').nth(2)).find_map(in_path)
}

fn is_full_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether any of the containers has the process here that the engine says it has.
pub(super) fn any_is_here(containers: &[Container]) -> bool {
    let first = |container: &Container| i32::try_from(container.state.pid).ok().filter(|pid| *pid > 0);
    containers.iter().any(|container| first(container).is_some_and(|pid| belongs(pid, &container.id)))
}

fn belongs(pid: i32, id: &str) -> bool {
    read::text(format!("/proc/{pid}/cgroup").as_ref(), 64 << 10)
        .is_ok_and(|text| container_id(&text).as_deref() == Some(id))
}

/// Namespace inodes of a process.
pub(crate) fn namespaces(pid: i32) -> Namespaces {
    let inode = |name: &str| {
        let link = std::fs::read_link(format!("/proc/{pid}/ns/{name}")).ok()?;
        link.to_str()?.split_once('[')?.1.strip_suffix(']')?.parse().ok()
    };
    Namespaces {
        mnt: inode("mnt"),
        pid: inode("pid"),
        net: inode("net"),
        ipc: inode("ipc"),
        uts: inode("uts"),
        user: inode("user"),
        cgroup: inode("cgroup"),
    }
}

/// Namespaces of the host: pid 1's. Where they cannot be read (pid 1 has capabilities that Keelguard has not), the
/// initial namespaces are known by their fixed inodes (`include/linux/proc_ns.h`), and Keelguard's own mount and network
/// namespaces are the host's if all its others are initial.
pub(crate) fn namespaces_of_host() -> Namespaces {
    let first = namespaces(1);
    if first.mnt.is_some() {
        return first;
    }
    let initial = Namespaces {
        ipc: Some(0xefff_ffff),
        uts: Some(0xefff_fffe),
        user: Some(0xefff_fffd),
        pid: Some(0xefff_fffc),
        cgroup: Some(0xefff_fffb),
        ..Namespaces::default()
    };
    let own = namespaces(std::process::id().cast_signed());
    let is_initial = Namespaces { mnt: None, net: None, ..own } == initial;
    if is_initial { own } else { Namespaces::default() }
}

fn process(pid: i32) -> Option<Process> {
    let status = read::text(format!("/proc/{pid}/status").as_ref(), 64 << 10).ok()?;
    let mut process = parse_status(&status);
    // A zombie has neither memory nor limits; it says nothing about the container.
    if status.lines().any(|line| line.starts_with("State:") && line.contains('Z')) {
        return None;
    }
    process.pid = pid;
    process.exe =
        std::fs::read_link(format!("/proc/{pid}/exe")).map(|path| path.display().to_string()).unwrap_or_default();
    process.namespaces = namespaces(pid);
    process.uid_map = parse_uid_map(&read::text(format!("/proc/{pid}/uid_map").as_ref(), 64 << 10).unwrap_or_default());
    process.apparmor = label(pid);
    process.limits = parse_limits(&read::text(format!("/proc/{pid}/limits").as_ref(), 64 << 10).unwrap_or_default());
    process.oom_score_adj =
        read::word(format!("/proc/{pid}/oom_score_adj")).and_then(|word| word.parse().ok()).unwrap_or_default();
    Some(process)
}

/// The AppArmor label; without AppArmor the file may hold another module's, or nothing.
fn label(pid: i32) -> Option<String> {
    let dedicated = read::word(format!("/proc/{pid}/attr/apparmor/current"));
    dedicated.filter(|label| !label.is_empty()).map(|label| label.trim_end_matches('\0').to_owned())
}

fn parse_status(text: &str) -> Process {
    let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim);
    let mask = |key: &str| field(key).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default();
    let mut uids = [0; 4];
    for (place, value) in uids.iter_mut().zip(field("Uid").unwrap_or_default().split_whitespace()) {
        *place = value.parse().unwrap_or_default();
    }
    Process {
        comm: field("Name").unwrap_or_default().to_owned(),
        uids,
        caps: CapSets {
            inheritable: mask("CapInh"),
            permitted: mask("CapPrm"),
            effective: mask("CapEff"),
            bounding: mask("CapBnd"),
            ambient: mask("CapAmb"),
        },
        seccomp: field("Seccomp").and_then(|mode| mode.parse().ok()),
        no_new_privs: field("NoNewPrivs").map(|value| value == "1"),
        ..Process::default()
    }
}

fn parse_uid_map(text: &str) -> Vec<(u32, u32, u32)> {
    let line = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    text.lines().filter_map(line).take(340).collect()
}

fn parse_limits(text: &str) -> BTreeMap<String, (Option<u64>, Option<u64>)> {
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let name = line.get(..26)?.trim();
            let mut values = line.get(26..)?.split_whitespace().map(|value| value.parse().ok());
            Some((name.to_owned(), (values.next()?, values.next()?)))
        })
        .collect()
}

/// Filesystems that are part of every container.
const USUAL_TYPES: &[&str] = &["proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "tmpfs", "ramfs"];

fn mounts(pid: i32) -> Vec<ContainerMount> {
    let text = read::text(format!("/proc/{pid}/mountinfo").as_ref(), 4 << 20).unwrap_or_default();
    parse_mountinfo(&text)
        .filter(|mount| mount.mount_point != "/" && !USUAL_TYPES.contains(&mount.fstype.as_str()))
        .take(512)
        .map(|mount| ContainerMount {
            // The filesystem may be read-only where the mount is not.
            rw: mount.options.iter().any(|option| option == "rw") && !mount.options.iter().any(|option| option == "ro"),
            mount_point: mount.mount_point,
            root: mount.root,
            device: mount.device,
            fstype: mount.fstype,
            source: mount.source,
        })
        .collect()
}

/// Calls `found` with the program that holds each of the sockets.
pub(crate) fn owners_of_sockets(wanted: &BTreeSet<u64>, mut found: impl FnMut(u64, String)) {
    let mut links = 0;
    for pid in pids() {
        let Ok(folder) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        for entry in folder.flatten() {
            links += 1;
            if links > MOST_LINKS {
                return;
            }
            let Ok(link) = std::fs::read_link(entry.path()) else { continue };
            let inode = link.to_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            if let Some(inode) = inode.filter(|inode| wanted.contains(inode)) {
                found(inode, read::word(format!("/proc/{pid}/comm")).unwrap_or_default());
            }
        }
    }
}

/// Gives `text` to each parser of this file, for fuzzing.
pub(super) fn parse_all(text: &str) {
    container_id(text);
    parse_status(text);
    parse_uid_map(text);
    parse_limits(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_from_its_status() {
        let text = "Name:\tsleep\nUid:\t1000\t0\t0\t0\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n";
        let found = parse_status(text);
        assert_eq!((found.comm.as_str(), found.uids), ("sleep", [1000, 0, 0, 0]));
        assert_eq!((found.caps.effective, found.seccomp, found.no_new_privs), (0xa804_25fb, Some(2), Some(true)));
    }

    #[test]
    fn a_kernel_that_does_not_say_is_not_taken_for_a_no() {
        let found = parse_status("Name:\tx\n");
        assert_eq!((found.seccomp, found.no_new_privs), (None, None));
    }

    #[test]
    fn the_outermost_container_owns_a_nested_one() {
        let (outer, inner) = ("a".repeat(64), "b".repeat(64));
        for text in [
            format!("12:memory:/docker/{outer}\n"),
            format!("0::/system.slice/docker-{outer}.scope\n"),
            format!("0::/docker/{outer}/docker/{inner}\n"),
            format!("1:name=systemd:/\n0::/lab/{outer}\n"),
        ] {
            assert_eq!(container_id(&text), Some(outer.clone()), "{text}");
        }
        let rootless = format!("0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{outer}.scope\n");
        assert_eq!(container_id(&rootless), Some(outer.clone()));
        let podman = format!("0::/machine.slice/libpod-{outer}.scope/container\n");
        assert_eq!(container_id(&podman), Some(outer.clone()));
        assert_eq!(container_id(&format!("0::/machine.slice/libpod-conmon-{outer}.scope\n")), None);
        let long = format!("13:name=systemd:/{}\n0::/docker/{outer}\n", "x".repeat(80));
        assert_eq!(container_id(&long), Some(outer.clone()), "a long path of another hierarchy is no container");
        assert_eq!(container_id("0::/user.slice/user-0.slice/session-1.scope\n"), None);
    }

    #[test]
    fn limits_are_read_with_unlimited_as_none() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max open files            1024                 unlimited            files     \n";
        assert_eq!(parse_limits(text)["Max open files"], (Some(1024), None));
    }

    #[test]
    fn this_very_process_can_be_read() {
        let pid = std::process::id().cast_signed();
        let own = process(pid).unwrap();
        assert!(own.namespaces.mnt.is_some() && !own.limits.is_empty() && own.pid == pid);
    }
}
