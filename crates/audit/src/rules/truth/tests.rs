//! The specification: what counts as a difference, and all that must not.

use keelguard_host::facts::{CapSets, ContainerMount, Exec, Host, HostMount, ProcessConfig};
use keelguard_host::sample::{self, Sample};

use super::*;

const DEFAULTS: u64 = 0xa804_25fb;

/// Namespaces of the host: 1 to 7.
fn host_namespaces() -> Namespaces {
    Namespaces { mnt: Some(1), pid: Some(2), net: Some(3), ipc: Some(4), uts: Some(5), user: Some(6), cgroup: Some(7) }
}

/// A process as `docker run` makes it: everything its own but the users.
fn process() -> Process {
    Process {
        pid: 4242,
        comm: "app".into(),
        exe: "/app".into(),
        caps: CapSets { permitted: DEFAULTS, effective: DEFAULTS, bounding: DEFAULTS, ..CapSets::default() },
        seccomp: Some(2),
        no_new_privs: Some(false),
        namespaces: Namespaces {
            mnt: Some(11),
            pid: Some(12),
            net: Some(13),
            ipc: Some(14),
            uts: Some(15),
            user: Some(6),
            cgroup: Some(17),
        },
        uid_map: vec![(0, 0, u32::MAX)],
        apparmor: Some("docker-default (enforce)".into()),
        ..Process::default()
    }
}

fn running(processes: Vec<Process>, change: impl FnOnce(&mut Container)) -> Sample {
    sample::host().with(|facts| facts.host.namespaces = host_namespaces()).container("web", |c| {
        let processes_total = processes.len();
        c.truth = Some(Truth { processes, processes_total, ..Truth::default() });
        change(c);
    })
}

fn first(change: impl FnOnce(&mut Process)) -> Vec<Process> {
    let mut process = process();
    change(&mut process);
    vec![process]
}

fn second(change: impl FnOnce(&mut Process)) -> Vec<Process> {
    let mut later = process();
    change(&mut later);
    vec![process(), later]
}

fn ids(sample: Sample) -> Vec<(String, Severity, usize)> {
    findings(&sample.facts()).into_iter().map(|f| (f.rule, f.severity, f.reaches.len())).collect()
}

fn one(rule: &str, severity: Severity, ways: usize) -> Vec<(String, Severity, usize)> {
    vec![(rule.into(), severity, ways)]
}

#[test]
fn a_container_that_is_what_it_says_shows_no_difference() {
    assert_eq!(ids(running(vec![process()], |_| {})), []);
    let dropped = first(|p| p.caps = CapSets { bounding: 1, ..CapSets::default() });
    assert_eq!(ids(running(dropped, |c| c.host_config.cap_drop = vec!["NET_RAW".into()])), []);
}

#[test]
fn what_could_not_be_read_is_no_difference() {
    let blank = Process { pid: 1, ..Process::default() };
    let promised = |c: &mut Container| c.host_config.security_opt = vec!["no-new-privileges".into()];
    assert_eq!(ids(running(vec![blank], promised)), []);
    assert_eq!(ids(running(vec![], promised)), []);
}

#[test]
fn capabilities_beyond_the_configuration_are_named_and_weighed() {
    let facts = running(first(|p| p.caps.effective |= 1 << 21), |_| {}).facts();
    let found = findings(&facts);
    assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-B060", Severity::Critical));
    assert_eq!(found[0].evidence[1].value, "SYS_ADMIN");
    assert_eq!(found[0].reaches[0].to, Subject::host_root());
    let told = running(first(|p| p.caps.effective |= 1 << 21), |c| c.host_config.cap_add = vec!["SYS_ADMIN".into()]);
    assert_eq!(ids(told), []);
    let privileged = running(first(|p| p.caps.effective = u64::MAX), |c| c.host_config.privileged = true);
    assert_eq!(ids(privileged), []);
    let kept = running(vec![process()], |c| c.host_config.cap_drop = vec!["NET_RAW".into()]);
    assert_eq!(ids(kept), one("KG-B060", Severity::Medium, 0));
}

#[test]
fn a_privileged_session_or_a_sandbox_inside_is_not_held_against_the_container() {
    let later = || second(|p| p.caps.effective = u64::MAX >> 23);
    assert_eq!(ids(running(later(), |_| {})).len(), 1);
    let session = running(later(), |c| {
        let process_config = ProcessConfig { privileged: true, ..ProcessConfig::default() };
        c.execs.push(Exec { running: true, process_config, ..Exec::default() });
    });
    assert_eq!(ids(session), []);
    let browser = second(|p| {
        p.caps.effective = u64::MAX >> 23;
        p.namespaces.user = Some(99);
    });
    assert_eq!(ids(running(browser, |_| {})), []);
}

#[test]
fn a_filter_that_is_not_there_is_found_where_one_was_promised() {
    let none = || first(|p| p.seccomp = Some(0));
    assert_eq!(ids(running(none(), |_| {})), one("KG-B061", Severity::High, 0));
    let said = running(none(), |c| c.host_config.security_opt = vec!["seccomp=unconfined".into()]);
    assert_eq!(ids(said), []);
    let engine_without = running(none(), |_| {}).with(|facts| {
        facts.engine.as_mut().unwrap().info.security_options = vec!["name=seccomp,profile=unconfined".into()];
    });
    assert_eq!(ids(engine_without), []);
}

#[test]
fn no_new_privileges_that_is_off_is_found_where_it_was_set() {
    let set = running(vec![process()], |c| c.host_config.security_opt = vec!["no-new-privileges:true".into()]);
    assert_eq!(ids(set), one("KG-B062", Severity::Medium, 0));
}

/// Puts a process into one of the host's namespaces.
type Share = fn(&mut Namespaces, Namespaces);

#[test]
fn each_namespace_of_the_host_is_a_difference_where_the_mode_says_private() {
    let host = host_namespaces();
    let cases: [(&str, Share, Severity, usize); 6] = [
        ("mnt", |own, host| own.mnt = host.mnt, Severity::Critical, 1),
        ("pid", |own, host| own.pid = host.pid, Severity::High, 0),
        ("net", |own, host| own.net = host.net, Severity::High, 0),
        ("ipc", |own, host| own.ipc = host.ipc, Severity::Medium, 0),
        ("uts", |own, host| own.uts = host.uts, Severity::Medium, 0),
        ("cgroup", |own, host| own.cgroup = host.cgroup, Severity::Medium, 0),
    ];
    for (name, share, severity, ways) in cases {
        let shared = || first(|p| share(&mut p.namespaces, host));
        assert_eq!(ids(running(shared(), |_| {})), one("KG-B063", severity, ways), "{name}");
        let said = running(shared(), |c| {
            let config = &mut c.host_config;
            for mode in [&mut config.pid_mode, &mut config.network_mode, &mut config.ipc_mode, &mut config.uts_mode] {
                *mode = "host".into();
            }
            config.cgroupns_mode = "host".into();
        });
        assert_eq!(ids(said).len(), ways, "{name}: no mode says that mounts are shared");
    }
}

#[test]
fn the_engines_own_namespaces_count_as_the_hosts() {
    let shared = running(first(|p| p.namespaces.net = Some(33)), |_| {}).with(|facts| {
        facts.host.engine_namespaces = Some(Namespaces { net: Some(33), ..Namespaces::default() });
    });
    assert_eq!(ids(shared), one("KG-B063", Severity::High, 0));
}

#[test]
fn facts_of_another_machine_prove_nothing() {
    let shared = running(first(|p| p.namespaces = host_namespaces()), |_| {})
        .with(|facts| facts.engine.as_mut().unwrap().local = false);
    assert_eq!(ids(shared), []);
}

#[test]
fn a_promised_mapping_that_is_not_there_is_found() {
    let claimed = |mode: &'static str| {
        running(vec![process()], |c| c.host_config.userns_mode = mode.into()).with(|facts| {
            facts.engine.as_mut().unwrap().info.security_options.push("name=userns".into());
        })
    };
    assert_eq!(ids(claimed("")), one("KG-B064", Severity::High, 0));
    assert_eq!(ids(claimed("host")), []);
}

#[test]
fn a_promised_profile_that_is_not_in_force_is_found() {
    let unconfined = || first(|p| p.apparmor = Some("unconfined".into()));
    assert_eq!(ids(running(unconfined(), |_| {})), one("KG-B065", Severity::High, 0));
    assert_eq!(ids(running(unconfined(), |c| c.app_armor_profile = "unconfined".into())), []);
    assert_eq!(ids(running(unconfined(), |c| c.app_armor_profile.clear())), []);
}

#[test]
fn any_process_of_the_container_in_the_hosts_namespaces_has_escaped() {
    let out = second(|p| p.namespaces.mnt = Some(1));
    assert_eq!(ids(running(out, |_| {})), one("KG-B066", Severity::Critical, 1));
    let seen = second(|p| p.namespaces.pid = Some(2));
    assert_eq!(ids(running(seen, |_| {})), one("KG-B066", Severity::Critical, 1));
}

#[test]
fn the_runtime_on_its_way_in_has_not_escaped() {
    for (comm, exe) in
        [("runc:[1:CHILD]", "/usr/bin/runc"), ("runc:[2:INIT]", "/memfd:runc_cloned:/proc/self/exe (deleted)")]
    {
        let entering = second(|p| {
            p.comm = comm.into();
            p.exe = exe.into();
            p.namespaces.mnt = Some(1);
            p.namespaces.pid = Some(2);
        });
        assert_eq!(ids(running(entering, |_| {})), [], "{comm}");
    }
    let liar = second(|p| {
        p.comm = "runc:[1:CHILD]".into();
        p.exe = "/bin/bash".into();
        p.namespaces.mnt = Some(1);
    });
    assert_eq!(ids(running(liar, |_| {})).len(), 1, "its name alone excuses nobody");
}

#[test]
fn sandboxed_runtimes_show_their_sandbox_and_are_not_judged_by_it() {
    let sandbox = |runtime: &'static str| {
        running(first(|p| p.namespaces = host_namespaces()), |c| c.host_config.runtime = runtime.into())
    };
    assert_eq!(ids(sandbox("kata-runtime")), []);
    assert_eq!(ids(sandbox("runsc")), []);
    assert!(!ids(sandbox("io.containerd.runc.v2")).is_empty());
    let renamed = sandbox("guarded").with(|facts| {
        let runtimes = &mut facts.engine.as_mut().unwrap().info.runtimes;
        runtimes.insert("guarded".into(), serde_json::json!({"path": "/usr/sbin/runc"}));
    });
    assert!(!ids(renamed).is_empty());
}

fn mounted(point: &str, fstype: &str) -> ContainerMount {
    ContainerMount {
        mount_point: point.into(),
        root: "/srv".into(),
        device: "8:1".into(),
        fstype: fstype.into(),
        source: "/dev/sda1".into(),
        rw: true,
    }
}

fn with_mounts(mounts: Vec<ContainerMount>) -> Sample {
    running(vec![process()], |c| {
        c.bind("/srv/data", "/data");
        c.truth.as_mut().unwrap().mounts = mounts;
    })
}

#[test]
fn mounts_that_every_container_has_or_that_its_settings_name_are_known() {
    let usual = [
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/hostname",
        "/run/secrets/password",
        "/sbin/docker-init",
        "/dev/console",
        "/data",
        "/data/below",
        "/usr/bin/nvidia-smi",
        "/usr/lib/x86_64-linux-gnu/libcuda.so.580",
    ];
    assert_eq!(ids(with_mounts(usual.map(|point| mounted(point, "ext4")).into())), []);
    assert_eq!(ids(with_mounts(vec![mounted("/cache", "tmpfs"), mounted("/x", "overlay")])), []);
    let config =
        ContainerMount { root: format!("/containers/{:064x}/mounts/configs/1", 1), ..mounted("/app.conf", "ext4") };
    assert_eq!(ids(with_mounts(vec![config])), []);
    let node = ContainerMount { root: "/null".into(), ..mounted("/proc/kcore", "devtmpfs") };
    assert_eq!(ids(with_mounts(vec![node])), []);
}

#[test]
fn a_mount_that_nothing_explains_is_found_and_the_hosts_disk_is_the_host() {
    assert_eq!(ids(with_mounts(vec![mounted("/database", "ext4")])), one("KG-B067", Severity::Medium, 0));
    let devices = ContainerMount { root: "/".into(), ..mounted("/dev", "devtmpfs") };
    assert_eq!(ids(with_mounts(vec![devices])), one("KG-B067", Severity::Medium, 0));
    let disk = ContainerMount { root: "/".into(), ..mounted("/mnt", "ext4") };
    let root = with_mounts(vec![disk]).with(|facts| {
        let mount =
            HostMount { mount_point: "/".into(), root: "/".into(), device: "8:1".into(), ..HostMount::default() };
        facts.host = Host { mounts: vec![mount], ..std::mem::take(&mut facts.host) };
    });
    assert_eq!(ids(root), one("KG-B067", Severity::Critical, 1));
}
