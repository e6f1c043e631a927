//! Rules about one container, seen from outside: what a well-kept one and a plain one yield, that every vector has a
//! rule, and that each fix makes its finding go away.
#![allow(clippy::unwrap_used, reason = "where the sample has no engine there is nothing to test")]

use std::collections::{BTreeMap, BTreeSet};

use keelguard_audit::{judge, remedy};
use keelguard_host::Facts;
use keelguard_host::facts::{
    CapSets, Container, ContainerMount, Device, DeviceRequest, Endpoint, Exec, Healthcheck, Listener, Namespaces,
    Network, Process, ProcessConfig, Truth,
};
use keelguard_host::sample::{self, Sample};
use keelguard_model::{Finding, Severity, Subject};

/// The rules of this theme: `KG-B003` to `KG-B069`.
fn is_ours(rule: &str) -> bool {
    rule.strip_prefix("KG-B")
        .and_then(|number| number.parse::<u32>().ok())
        .is_some_and(|number| (3..70).contains(&number))
}

fn ours(facts: &Facts) -> Vec<Finding> {
    judge(facts).findings.into_iter().filter(|finding| is_ours(&finding.rule)).collect()
}

fn well_kept(c: &mut Container) {
    c.config.user = "1000".into();
    c.config.healthcheck =
        Some(Healthcheck { test: vec!["CMD".into(), "/app".into(), "--check".into()], ..Healthcheck::default() });
    c.host_config.cap_drop = vec!["ALL".into()];
    c.host_config.security_opt = vec!["no-new-privileges:true".into()];
    c.host_config.readonly_rootfs = true;
    c.host_config.network_mode = "own".into();
    c.host_config.memory = 256 << 20;
    c.host_config.pids_limit = Some(100);
    c.host_config.nano_cpus = 500_000_000;
    c.network_settings.networks = [("own".to_owned(), Endpoint::default())].into();
    c.publish("127.0.0.1", 8080, 8080);
    let process = Process {
        pid: 7,
        comm: "app".into(),
        exe: "/app".into(),
        uids: [1000; 4],
        seccomp: Some(2),
        no_new_privs: Some(true),
        namespaces: Namespaces { mnt: Some(11), pid: Some(12), net: Some(13), user: Some(6), ..Namespaces::default() },
        uid_map: vec![(0, 0, u32::MAX)],
        apparmor: Some("docker-default (enforce)".into()),
        ..Process::default()
    };
    truth(c, process);
}

fn host() -> Sample {
    sample::host().with(|facts| {
        facts.host.namespaces =
            Namespaces { mnt: Some(1), pid: Some(2), net: Some(3), user: Some(6), ..Namespaces::default() };
        facts.host.firewall.docker_user = Some(vec!["-N DOCKER-USER".into(), "-A DOCKER-USER -j RETURN".into()]);
        facts.host.firewall.input = Some(vec!["-P INPUT ACCEPT".into()]);
        let engine = facts.engine.as_mut().unwrap();
        for (name, driver) in [("own", "bridge"), ("lan", "macvlan")] {
            let (id, driver) = (format!("{name}0123456789"), driver.to_owned());
            engine.networks.push(Network { id, name: name.into(), driver, ..Network::default() });
        }
    })
}

#[test]
fn a_well_kept_container_yields_nothing_not_even_info() {
    let found = ours(&host().container("web", well_kept).facts());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_plain_container_yields_few_and_mild_findings_and_no_way_to_the_host() {
    let found = ours(&host().container("web", |_| {}).facts());
    assert!(found.len() <= 6, "{found:#?}");
    assert!(found.iter().all(|finding| finding.severity <= Severity::Low && finding.reaches.is_empty()), "{found:#?}");
}

type Edit = fn(&mut Container);

/// Well kept but for its user: whatever else is wrong shows by itself.
fn as_root(c: &mut Container) {
    well_kept(c);
    c.truth = None;
    c.config.user = "0".into();
}

/// Everything that can be wrong with a container, one thing a container, and a few things at once.
fn everything() -> Facts {
    let mut sample = host()
        .with(|facts| {
            facts.host.cloud = Some("aws".into());
            facts.host.abstract_sockets = vec!["@/containerd-shim/moby/1/shim.sock".into()];
            let address = "0.0.0.0".into();
            facts.host.listening =
                vec![Listener { protocol: "tcp".into(), address, port: 22, uid: 0, program: Some("sshd".into()) }];
        })
        .container("plain", |_| {})
        .container("plain-too", |_| {})
        .container("db", |c| c.host_config.ipc_mode = "shareable".into())
        .container("privileged", |c| c.host_config.privileged = true)
        .container("worst", |c| {
            c.host_config.privileged = true;
            c.host_config.cap_add = ["ALL", "SYS_ADMIN", "SYS_PTRACE"].map(String::from).into();
            c.host_config.security_opt = ["seccomp=unconfined", "apparmor=unconfined"].map(String::from).into();
            c.host_config.pid_mode = "host".into();
            c.host_config.network_mode = "host".into();
            c.host_config.device_cgroup_rules = vec!["b *:* rwm".into()];
            c.host_config.masked_paths = Some(Vec::new());
            c.host_config.readonly_paths = Some(Vec::new());
            c.bind("/srv", "/srv");
        });
    for capability in keelguard_audit::capability::NAMES {
        let name = format!("cap-{}", capability.to_lowercase());
        sample = sample.container(&name, |c| {
            as_root(c);
            c.host_config.cap_add = vec![capability.into()];
        });
    }
    let profile = r#"seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]}"#;
    for option in ["seccomp=unconfined", "apparmor=unconfined", profile] {
        let name = format!("option-{}", option.chars().filter(char::is_ascii_alphabetic).take(9).collect::<String>());
        let name = format!("{name}-{}", option.len());
        sample = sample.container(&name, |c| {
            as_root(c);
            c.host_config.security_opt.push(option.into());
        });
    }
    let changes: [(&str, Edit); 28] = [
        ("pid-host", |c| c.host_config.pid_mode = "host".into()),
        ("pid-shared", |c| c.host_config.pid_mode = "container:db".into()),
        ("net-host", |c| c.host_config.network_mode = "host".into()),
        ("net-shared", |c| c.host_config.network_mode = "container:db".into()),
        ("ipc-host", |c| c.host_config.ipc_mode = "host".into()),
        ("ipc-shared", |c| c.host_config.ipc_mode = "container:db".into()),
        ("uts-host", |c| c.host_config.uts_mode = "host".into()),
        ("userns-host", |c| c.host_config.userns_mode = "host".into()),
        ("cgroupns-host", |c| c.host_config.cgroupns_mode = "host".into()),
        ("cgroup-parent", |c| c.host_config.cgroup_parent = "/".into()),
        ("paths", |c| c.host_config.masked_paths = Some(Vec::new())),
        ("disk", |c| c.host_config.devices = vec![device("/dev/sda"), device("/dev/kvm")]),
        ("rule", |c| {
            c.host_config.device_cgroup_rules = vec!["a".into(), "c 1:1 rw".into()];
            c.host_config.cap_drop.clear();
        }),
        ("gpu", |c| c.host_config.device_requests = vec![DeviceRequest { count: -1, ..DeviceRequest::default() }]),
        ("published", |c| c.publish("0.0.0.0", 5432, 5432)),
        ("published-low", |c| c.publish("", 25, 2525)),
        ("published-all", |c| {
            c.publish("0.0.0.0", 49153, 9090);
            c.host_config.port_bindings.clear();
            c.host_config.publish_all_ports = true;
        }),
        ("sysctl", |c| {
            c.host_config.sysctls.insert("net.ipv4.conf.all.route_localnet".into(), "1".into());
        }),
        ("lan", |c| c.network_settings.networks = [("lan".to_owned(), Endpoint::default())].into()),
        ("writer", |c| {
            c.bind("/srv/data", "/data");
            c.host_config.cap_drop.clear();
        }),
        ("ssh", |c| c.config.cmd = vec!["/usr/sbin/sshd".into(), "-D".into()]),
        ("session", |c| {
            let process_config = ProcessConfig { privileged: true, ..ProcessConfig::default() };
            c.execs = vec![Exec { running: true, process_config, ..Exec::default() }];
        }),
        ("root-session", |c| {
            c.config.user = "app".into();
            let process_config = ProcessConfig { user: "root".into(), ..ProcessConfig::default() };
            c.execs = vec![Exec { process_config, ..Exec::default() }];
        }),
        ("truth-caps", |c| {
            let caps = CapSets { effective: u64::MAX >> 23, ..CapSets::default() };
            truth(c, Process { caps, ..Process::default() });
        }),
        ("truth-confinement", |c| {
            c.host_config.security_opt = vec!["no-new-privileges".into()];
            let apparmor = Some("unconfined".into());
            truth(c, Process { seccomp: Some(0), no_new_privs: Some(false), apparmor, ..Process::default() });
        }),
        ("truth-namespace", |c| {
            let namespaces = Namespaces { mnt: Some(1), pid: Some(2), net: Some(3), ..Namespaces::default() };
            truth(c, Process { namespaces, ..Process::default() });
        }),
        ("truth-escaped", |c| {
            truth(c, Process::default());
            let namespaces = Namespaces { mnt: Some(1), ..Namespaces::default() };
            c.truth.as_mut().unwrap().processes.push(Process { namespaces, ..Process::default() });
        }),
        ("truth-mount", |c| {
            truth(c, Process::default());
            let mount = ContainerMount { mount_point: "/x".into(), fstype: "ext4".into(), ..ContainerMount::default() };
            c.truth.as_mut().unwrap().mounts = vec![mount];
        }),
    ];
    for (name, change) in changes {
        sample = sample.container(name, |c| {
            as_root(c);
            change(c);
        });
    }
    sample.facts()
}

/// What shows only on hosts of another kind.
fn other_hosts() -> Vec<Facts> {
    let without_modules = host().with(|facts| {
        facts.engine.as_mut().unwrap().info.security_options = vec!["name=seccomp,profile=builtin".into()];
    });
    let selinux = host().with(|facts| {
        facts.host.selinux = Some("enforcing".into());
        facts.engine.as_mut().unwrap().info.security_options = vec!["name=seccomp,profile=builtin".into()];
    });
    let mapped = host().with(|facts| facts.engine.as_mut().unwrap().info.security_options.push("name=userns".into()));
    vec![
        without_modules.container("web", |c| c.host_config.readonly_paths = Some(Vec::new())).facts(),
        selinux.container("web", |c| c.host_config.security_opt = vec!["label=disable".into()]).facts(),
        mapped.container("web", |c| truth(c, Process { uid_map: vec![(0, 0, 1)], ..Process::default() })).facts(),
    ]
}

fn device(path: &str) -> Device {
    Device { path_on_host: path.into(), path_in_container: path.into(), cgroup_permissions: "rwm".into() }
}

fn truth(container: &mut Container, process: Process) {
    container.truth = Some(Truth { processes: vec![process], processes_total: 1, ..Truth::default() });
}

/// Rules whose fix is a change of the image, which no edit of the facts can show.
const WITHOUT_REMEDY: &[&str] = &["KG-B057"];

/// The findings that open a way to root on the host, by fingerprint.
fn ways(found: &[Finding]) -> BTreeSet<(String, String)> {
    let to_host = |f: &&Finding| f.reaches.iter().any(|reach| reach.to == Subject::host_root());
    found.iter().filter(to_host).map(|f| (f.fingerprint.clone(), f.rule.clone())).collect()
}

#[test]
fn every_fix_makes_its_finding_go_away_and_opens_no_new_way_to_the_host() {
    for facts in std::iter::once(everything()).chain(other_hosts()) {
        let found = ours(&facts);
        let before = ways(&found);
        for finding in &found {
            let mut after = facts.clone();
            let applied = remedy::apply(&mut after, finding);
            assert_eq!(applied, !WITHOUT_REMEDY.contains(&finding.rule.as_str()), "{}", finding.rule);
            if applied {
                let left = ours(&after);
                let same = left.iter().find(|other| other.fingerprint == finding.fingerprint);
                assert!(same.is_none(), "{} on {}: {same:#?}", finding.rule, finding.subject);
                let new: Vec<_> = ways(&left).difference(&before).cloned().collect();
                assert!(new.is_empty(), "fixing {} on {} opens {new:?}", finding.rule, finding.subject);
                assert!(!finding.fix.commands.is_empty(), "{} has no commands", finding.rule);
            }
        }
    }
}

#[test]
fn no_two_findings_have_one_fingerprint() {
    for facts in std::iter::once(everything()).chain(other_hosts()) {
        let mut seen: BTreeMap<String, Finding> = BTreeMap::new();
        for finding in ours(&facts) {
            if let Some(other) = seen.insert(finding.fingerprint.clone(), finding.clone()) {
                panic!("{other:#?} and {finding:#?}");
            }
        }
    }
}

#[test]
fn every_rule_of_this_theme_is_shown_by_the_sample() {
    let shown: BTreeSet<String> =
        std::iter::once(everything()).chain(other_hosts()).flat_map(|facts| ours(&facts)).map(|f| f.rule).collect();
    let all: BTreeSet<String> =
        keelguard_model::rules().map(|rule| rule.id.to_owned()).filter(|id| is_ours(id)).collect();
    let silent: Vec<_> = all.difference(&shown).collect();
    assert!(silent.is_empty(), "no facts show {silent:?}");
}

#[test]
fn every_vector_of_this_theme_has_a_rule() {
    let covered: BTreeSet<&str> =
        keelguard_model::rules().filter(|rule| is_ours(rule.id)).flat_map(|rule| rule.covers).copied().collect();
    let numbered = |letter: &str, range: std::ops::RangeInclusive<u32>| -> Vec<String> {
        range.map(|number| format!("{letter}{number:02}")).collect()
    };
    let rows = [numbered("C", 1..=25), numbered("N", 1..=7), numbered("W", 1..=5)].concat();
    for row in rows.iter().map(String::as_str).chain(["W07", "M10", "R01", "R05", "R10", "R12"]) {
        assert!(covered.contains(row), "{row}");
    }
}

#[test]
fn every_check_of_the_benchmark_about_one_container_has_a_rule() {
    let failed: BTreeSet<&str> =
        keelguard_model::rules().filter(|rule| is_ours(rule.id)).flat_map(|rule| rule.cis).copied().collect();
    for section in [
        "4.1", "5.2", "5.3", "5.4", "5.5", "5.7", "5.8", "5.9", "5.10", "5.13", "5.14", "5.16", "5.17", "5.18", "5.21",
        "5.22", "5.23", "5.24", "5.25", "5.26", "5.27", "5.30", "5.31",
    ] {
        assert!(failed.contains(section), "{section}");
    }
}

#[test]
fn hostile_names_and_values_are_judged_without_a_crash() {
    let hostile = ["\u{1b}[2J", "", "container:", ":", "../..", "9999999999999999999999", "\u{202e}", "a\nb"];
    let mut sample = host();
    for text in hostile {
        sample = sample.container(text, |c| {
            let config = &mut c.host_config;
            for field in [&mut config.pid_mode, &mut config.ipc_mode, &mut config.uts_mode, &mut config.network_mode] {
                *field = text.into();
            }
            config.cap_add = vec![text.into()];
            config.security_opt = vec![text.into(), format!("seccomp={text}"), format!("{text}={text}")];
            config.devices = vec![device(text)];
            config.device_cgroup_rules = vec![text.into(), format!("b {text} {text}")];
            config.sysctls.insert(text.into(), text.into());
            config.port_bindings.insert(text.into(), None);
            c.config.user = text.into();
            c.config.cmd = vec![text.into()];
            c.publish(text, 80, 80);
            truth(c, Process { comm: text.into(), exe: text.into(), ..Process::default() });
        });
    }
    let facts = sample.facts();
    let found = judge(&facts).findings;
    assert!(!found.is_empty());
    for finding in found {
        remedy::apply(&mut facts.clone(), &finding);
    }
}
