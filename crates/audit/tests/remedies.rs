//! Over a host with many weaknesses, whatever the rules: each finding that opens a way has a change that closes it, and
//! judging the facts after that change shows it gone.

use keelguard_audit::{judge, remedy};
use keelguard_host::Facts;
use keelguard_host::facts::{Container, ControlSocket, Device, DeviceRequest, Mount, Volume};
use keelguard_host::sample::{self, path_fact};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn weak() -> Facts {
    type Change = fn(&mut Container);
    let containers: &[(&str, Change)] = &[
        ("privileged", |c| c.host_config.privileged = true),
        ("capabilities", |c| {
            c.host_config.cap_add =
                texts(&["SYS_ADMIN", "SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO", "NET_ADMIN", "BPF"]);
        }),
        ("all", |c| c.host_config.cap_add.push("ALL".into())),
        ("ptrace", |c| {
            c.host_config.cap_add.push("SYS_PTRACE".into());
            c.host_config.pid_mode = "host".into();
        }),
        ("unconfined", |c| {
            c.host_config.security_opt =
                texts(&["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined", "label=disable"]);
            c.host_config.masked_paths = Some(Vec::new());
            c.host_config.readonly_paths = Some(Vec::new());
        }),
        ("namespaces", |c| {
            c.host_config.network_mode = "host".into();
            c.host_config.ipc_mode = "host".into();
            c.host_config.uts_mode = "host".into();
            c.host_config.userns_mode = "host".into();
            c.host_config.cgroupns_mode = "host".into();
        }),
        ("devices", |c| {
            for path in ["/dev/sda", "/dev/mem", "/dev/kvm"] {
                c.host_config.devices.push(Device {
                    path_on_host: path.into(),
                    path_in_container: path.into(),
                    cgroup_permissions: "rwm".into(),
                });
            }
            c.host_config.device_cgroup_rules = texts(&["b *:* rwm"]);
        }),
        ("socket", |c| c.bind("/var/run/docker.sock", "/var/run/docker.sock")),
        ("run", |c| c.bind("/var/run", "/host/run")),
        ("root", |c| c.bind("/", "/host")),
        ("root-ro", |c| c.bind_ro("/", "/host")),
        ("folders", |c| {
            for path in [
                "/etc",
                "/root",
                "/home",
                "/proc",
                "/sys",
                "/dev",
                "/var/lib/docker",
                "/var/log",
                "/usr",
                "/srv/shared",
            ] {
                c.bind(path, &format!("/host{path}"));
            }
        }),
        ("shared", |c| {
            c.host_config.cap_add.push("SYS_ADMIN".into());
            c.bind("/srv/shared", "/data");
            if let Some(mount) = c.mounts.last_mut() {
                mount.propagation = "rshared".into();
            }
            if let Some(bind) = c.host_config.binds.last_mut() {
                bind.push_str(":rshared");
            }
        }),
        ("volume", |c| {
            c.host_config.binds.push("etc:/data".into());
            c.mounts.push(Mount {
                kind: "volume".into(),
                name: "etc".into(),
                source: "/var/lib/docker/volumes/etc/_data".into(),
                destination: "/data".into(),
                rw: true,
                ..Mount::default()
            });
        }),
        ("trap", |c| c.config.working_dir = "/proc/self/fd/9".into()),
        ("gpu", |c| {
            c.config.env.push("LD_PRELOAD=/x.so".into());
            let request = DeviceRequest { driver: "nvidia".into(), count: -1, ..DeviceRequest::default() };
            c.host_config.device_requests.push(request);
        }),
        ("joined", |c| c.host_config.pid_mode = format!("container:{:064x}", 1)),
        ("published", |c| c.publish("0.0.0.0", 8080, 80)),
    ];
    let host = sample::host().with(|facts| {
        facts.host.control_sockets.push(ControlSocket {
            service: "docker".into(),
            path: "/run/docker.sock".into(),
            fact: path_fact("/run/docker.sock", "socket"),
        });
        if let Some(engine) = &mut facts.engine {
            let options = [("type", "none"), ("o", "bind"), ("device", "/etc")].map(|(a, b)| (a.into(), b.into()));
            let volume =
                Volume { name: "etc".into(), driver: "local".into(), options: options.into(), ..Volume::default() };
            engine.volumes.push(volume);
            for image in &mut engine.images {
                image.trap_links = Some(vec![("/dev/null".into(), "/proc/sysrq-trigger".into())]);
            }
        }
    });
    containers.iter().fold(host, |host, (name, change)| host.container(name, *change)).facts()
}

#[test]
fn every_way_out_has_a_change_that_closes_it() {
    let facts = weak();
    let findings = judge(&facts).findings;
    let ways: Vec<_> = findings.iter().filter(|finding| !finding.reaches.is_empty()).collect();
    assert!(ways.len() > 15, "the sample is weak in fewer ways than it should be: {}", ways.len());
    for finding in ways {
        let mut after = facts.clone();
        assert!(remedy::apply(&mut after, finding), "{} ({}) has no remedy", finding.rule, finding.title);
        let left = judge(&after).findings;
        let found = left.iter().find(|other| other.fingerprint == finding.fingerprint);
        assert!(found.is_none(), "{} on {} is still there after its fix: {found:#?}", finding.rule, finding.subject);
    }
}

#[test]
fn every_way_out_comes_with_commands() {
    for finding in judge(&weak()).findings.iter().filter(|finding| !finding.reaches.is_empty()) {
        assert!(!finding.fix.commands.is_empty(), "{} ({}) says nothing to type", finding.rule, finding.title);
    }
}

#[test]
fn fingerprints_tell_findings_apart() {
    let findings = judge(&weak()).findings;
    for finding in &findings {
        let same: Vec<_> = findings.iter().filter(|other| other.fingerprint == finding.fingerprint).collect();
        assert_eq!(same.len(), 1, "{same:#?}");
    }
}
