//! Where the kernel's word about a container differs from the engine's. A value that could not be read is no difference.

mod mounts;

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Engine, Namespaces, Process, Truth};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

use super::capabilities::worst_of;
use super::execs::privileged;
use crate::capability::{granted, names};
use crate::exposure::engine_host;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::TRUTH_CAPABILITIES, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_SECCOMP, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_NEW_PRIVILEGES, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_NAMESPACE, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_USERNS, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_APPARMOR, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_ESCAPED, change: Change::Own(start_anew) },
    Remedy { rule: &rule::TRUTH_MOUNT, change: Change::Own(start_anew) },
];

/// New processes, made by the engine: what the kernel said was about the old ones.
fn start_anew(facts: &mut Facts, finding: &Finding) {
    let containers = facts.engine.iter_mut().flat_map(|engine| &mut engine.containers);
    for container in containers.filter(|container| container.subject() == finding.subject) {
        container.truth = None;
    }
}

/// A finding on a container that a restart puts right.
fn differs(container: &Container, rule: &Rule) -> Finding {
    rule.on(container.subject()).command(format!("docker restart {}", shell_word(&container.name)))
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = facts.engine.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    for container in &engine.containers {
        let Some(truth) = container.truth.as_ref().filter(|_| shows_its_processes(engine, container)) else { continue };
        let Some(init) = truth.init() else { continue };
        found.extend(capabilities(container, truth, init));
        found.extend(seccomp(facts, container, init));
        found.extend(new_privileges(container, init));
        found.extend(namespaces(facts, container, init));
        found.extend(users(engine, container, init));
        found.extend(apparmor(container, init));
        found.extend(escaped(facts, container, truth));
        found.extend(mounts::unknown(facts, container, truth));
    }
    found
}

/// Runtimes whose containers are ordinary processes of this kernel. The others (virtual machines, kernels in user space)
/// show the processes of their sandbox, which are none of the container's.
const ORDINARY: &[&str] = &["runc", "crun", "youki", "nvidia-container-runtime", "nvidia-container-runtime.cdi"];

fn shows_its_processes(engine: &Engine, container: &Container) -> bool {
    let asked = container.host_config.runtime.as_str();
    let name = if asked.is_empty() { engine.info.default_runtime.as_str() } else { asked };
    let path = engine.info.runtimes.get(name).and_then(|runtime| runtime.get("path")).and_then(|path| path.as_str());
    let program = path.unwrap_or(name).rsplit('/').next().unwrap_or_default();
    program.is_empty()
        || ORDINARY.contains(&program)
        || program.starts_with("io.containerd.runc.")
        || (path.is_none() && program == "nvidia")
}

fn capabilities(container: &Container, truth: &Truth, init: &Process) -> Option<Finding> {
    let allowed = granted(&container.host_config);
    let held = |process: &Process| {
        process.caps.effective | process.caps.permitted | process.caps.ambient | process.caps.bounding
    };
    let session = container.execs.iter().any(privileged);
    // Inside a user namespace of its own (a browser's sandbox, a rootless engine) a process holds everything and can do
    // nothing with it outside.
    let same_users = |process: &&Process| process.namespaces.user == init.namespaces.user;
    let candidates =
        std::iter::once(init).chain(truth.processes.iter().skip(1).filter(same_users).filter(|_| !session));
    let process =
        candidates.filter(|process| held(process) & !allowed != 0).max_by_key(|p| (held(p) & !allowed).count_ones())?;
    let excess = held(process) & !allowed;
    let (severity, way) = worst_of(excess);
    let is_first = std::ptr::eq(process, init);
    let finding = differs(container, &rule::TRUTH_CAPABILITIES)
        .severity(severity)
        .evidence(
            if is_first { "/proc/PID/status CapEff, CapPrm, CapBnd" } else { "/proc/PID/status of a later process" },
            format!("{:#x}, {:#x}, {:#x}", process.caps.effective, process.caps.permitted, process.caps.bounding),
        )
        .evidence("beyond the configuration", names(excess).join(", "));
    let mapped = !init.uid_map.is_empty() && !maps_root_to_root(init);
    Some(match way {
        Some((cost, gives)) if !mapped => finding.reaches(Subject::host_root(), cost, gives),
        _ => finding,
    })
}

fn seccomp(facts: &Facts, container: &Container, init: &Process) -> Option<Finding> {
    let promised = !container.host_config.privileged
        && crate::exposure::seccomp_profile(facts, container) != Some("unconfined")
        && facts
            .engine
            .as_ref()
            .is_some_and(|engine| engine.info.security_options.iter().any(|option| option.starts_with("name=seccomp")));
    (promised && init.seccomp == Some(0)).then(|| {
        differs(container, &rule::TRUTH_SECCOMP)
            .evidence("/proc/PID/status Seccomp", "0")
            .evidence("HostConfig.SecurityOpt", container.host_config.security_opt.join(" "))
    })
}

fn new_privileges(container: &Container, init: &Process) -> Option<Finding> {
    let promised =
        container.security_opt("no-new-privileges").last().is_some_and(|value| !matches!(value, "false" | "0"));
    (promised && init.no_new_privs == Some(false)).then(|| {
        differs(container, &rule::TRUTH_NEW_PRIVILEGES)
            .evidence("/proc/PID/status NoNewPrivs", "0")
            .evidence("HostConfig.SecurityOpt", container.host_config.security_opt.join(" "))
    })
}

/// A kind of namespace: its name, where it stands, and whether the configuration calls it the container's own.
type Wall = (&'static str, fn(&Namespaces) -> Option<u64>, fn(&Container) -> bool);

const WALLS: &[Wall] = &[
    ("mnt", |ns| ns.mnt, |_| true),
    ("pid", |ns| ns.pid, |c| c.host_config.pid_mode.is_empty() || c.host_config.pid_mode == "private"),
    (
        "net",
        |ns| ns.net,
        |c| c.host_config.network_mode != "host" && !c.host_config.network_mode.starts_with("container:"),
    ),
    ("ipc", |ns| ns.ipc, |c| matches!(c.host_config.ipc_mode.as_str(), "" | "private" | "shareable" | "none")),
    ("uts", |ns| ns.uts, |c| c.host_config.uts_mode.is_empty()),
    ("cgroup", |ns| ns.cgroup, |c| c.host_config.cgroupns_mode == "private"),
];

/// The host's namespace of this kind, if the process is in it: that of pid 1, or that of the engine, which may differ.
fn shared_with_host(facts: &Facts, process: &Process, of: fn(&Namespaces) -> Option<u64>) -> Option<u64> {
    let host = engine_host(facts)?;
    let own = of(&process.namespaces)?;
    let theirs = [of(&host.namespaces), host.engine_namespaces.as_ref().and_then(of)];
    theirs.contains(&Some(own)).then_some(own)
}

fn namespaces(facts: &Facts, container: &Container, init: &Process) -> Vec<Finding> {
    if is_runtime(init) {
        return Vec::new();
    }
    let shared = |(name, of, is_private): &Wall| {
        let inode = shared_with_host(facts, init, *of).filter(|_| is_private(container))?;
        let finding = differs(container, &rule::TRUTH_NAMESPACE)
            .about(name)
            .title(format!("Container shares the host's {name} namespace, which the engine calls private"))
            .evidence(format!("/proc/PID/ns/{name}"), format!("{name}:[{inode}], the host's"));
        Some(if *name == "mnt" {
            finding.reaches(Subject::host_root(), 2, "writes to the host's files, which are its own")
        } else {
            finding.severity(if *name == "pid" || *name == "net" { Severity::High } else { Severity::Medium })
        })
    };
    WALLS.iter().filter_map(shared).collect()
}

fn maps_root_to_root(init: &Process) -> bool {
    init.uid_map.iter().any(|&(inside, outside, count)| inside == 0 && outside == 0 && count > 0)
}

fn users(engine: &Engine, container: &Container, init: &Process) -> Option<Finding> {
    let claimed = engine.info.security_options.iter().any(|option| option.starts_with("name=userns"))
        && container.host_config.userns_mode != "host"
        // The engine makes these with the host's user namespace by itself.
        && !container.host_config.privileged;
    (claimed && maps_root_to_root(init)).then(|| {
        let map = init.uid_map.iter().take(4).map(|(inside, outside, count)| format!("{inside} {outside} {count}"));
        differs(container, &rule::TRUTH_USERNS)
            .evidence("/proc/PID/uid_map", map.collect::<Vec<_>>().join("; "))
            .evidence("Info.SecurityOptions", "name=userns")
    })
}

fn apparmor(container: &Container, init: &Process) -> Option<Finding> {
    let profile = container.app_armor_profile.as_str();
    let promised = !container.host_config.privileged && !matches!(profile, "" | "unconfined");
    let label = init.apparmor.as_deref()?.trim();
    (promised && label == "unconfined").then(|| {
        differs(container, &rule::TRUTH_APPARMOR)
            .evidence("/proc/PID/attr/current", label)
            .evidence("AppArmorProfile", profile)
    })
}

/// The runtime itself, on its way into the container: it stands in the container's cgroup and in the host's namespaces
/// for some milliseconds.
fn is_runtime(process: &Process) -> bool {
    let program = process.exe.trim_end_matches(" (deleted)").rsplit('/').next().unwrap_or_default();
    let known = ["runc", "crun", "youki", "runc_cloned:", "exe"].iter().any(|name| program.starts_with(name));
    (process.comm.starts_with("runc")
        || process.comm.starts_with("crun")
        || process.comm == "youki"
        || process.comm == "exe")
        && (known || process.exe.is_empty() || process.exe.contains("memfd:"))
}

/// Any process of the container's cgroup in the host's mounts or processes, whatever way it came there.
fn escaped(facts: &Facts, container: &Container, truth: &Truth) -> Vec<Finding> {
    let init_in_host = |of: fn(&Namespaces) -> Option<u64>| {
        truth.init().is_some_and(|init| shared_with_host(facts, init, of).is_some())
    };
    let [Some(mnt), Some(pid)] = ["mnt", "pid"].map(|name| WALLS.iter().find(|wall| wall.0 == name)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, of, is_private) in [mnt, pid] {
        // Where the first process is there too, the container was made so, and that is another finding.
        if !is_private(container) || init_in_host(*of) {
            continue;
        }
        let mut out = truth.processes.iter().skip(1).filter(|process| !is_runtime(process));
        let Some((process, inode)) = out.find_map(|p| Some((p, shared_with_host(facts, p, *of)?))) else { continue };
        let name_in_shell = shell_word(&container.name);
        let finding = rule::TRUTH_ESCAPED
            .on(container.subject())
            .about(name)
            .title(format!("A process of the container is in the host's {name} namespace"))
            .evidence("process", format!("{} {} ({})", process.pid, process.comm, process.exe))
            .evidence(format!("/proc/PID/ns/{name}"), format!("{name}:[{inode}], the host's"))
            .command(format!("docker pause {name_in_shell}"))
            .command(format!("docker kill {name_in_shell}"));
        found.push(finding.reaches(Subject::host_root(), 1, format!("is in the host's {name} namespace already")));
    }
    found
}

#[cfg(test)]
mod tests;
