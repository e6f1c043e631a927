//! What mounts give away, row by row of the table of vectors.

use keelguard_host::Facts;
use keelguard_host::facts::{Below, BindOptions, Container, ControlSocket, Mount, MountSpec, PathFact, Volume};
use keelguard_host::sample::{self, Sample, path_fact};
use keelguard_model::{Severity, Subject};

use super::{findings, gaps};

/// A host on which sensitive paths and the engine's socket were looked up.
fn host() -> Sample {
    let mut host = sample::host().with(|facts| {
        for (service, path) in [("docker", "/run/docker.sock"), ("containerd", "/run/containerd/containerd.sock")] {
            facts.host.control_sockets.push(ControlSocket {
                service: service.into(),
                path: path.into(),
                fact: path_fact(path, "socket"),
            });
        }
    });
    for path in
        ["/", "/etc", "/etc/shadow", "/etc/cron.d", "/root", "/home", "/proc", "/sys", "/dev", "/usr", "/var/log"]
    {
        host = host.sensitive(path, "dir");
    }
    host.sensitive("/var/lib/docker", "dir").sensitive("/proc/sys/kernel/core_pattern", "file")
}

/// `rule severity [edge cost]` of each finding on a host where `source` leads to `resolved` and is mounted rw.
fn of(source: &str, resolved: &str, kind: &str) -> Vec<String> {
    told(&host().path(source, resolved, kind).container("web", |c| c.bind(source, "/x")).facts())
}

fn of_ro(source: &str, kind: &str) -> Vec<String> {
    told(&host().path(source, source, kind).container("web", |c| c.bind_ro(source, "/x")).facts())
}

fn told(facts: &Facts) -> Vec<String> {
    findings(facts)
        .iter()
        .map(|finding| {
            let edge = finding.reaches.iter().find(|reach| reach.to == Subject::host_root());
            let cost = edge.map_or(String::new(), |reach| format!(" {}", reach.cost));
            format!("{} {}{cost}", finding.rule, finding.severity)
        })
        .collect()
}

#[test]
fn m01_the_engines_socket_is_root_by_whatever_name_it_comes() {
    for (source, resolved, kind) in [
        ("/run/docker.sock", "/run/docker.sock", "socket"),
        ("/var/run/docker.sock", "/run/docker.sock", "socket"),
        ("/srv/innocent.sock", "/run/docker.sock", "socket"),
    ] {
        assert_eq!(of(source, resolved, kind), ["KG-B001 critical 1"], "{source}");
    }
}

#[test]
fn m01_a_bind_of_the_directory_above_the_socket_is_as_good_as_the_socket() {
    let found = of("/var/run", "/run", "dir");
    assert!(found.contains(&"KG-B001 critical 1".to_owned()), "{found:?}");
    assert!(found.iter().any(|f| f.starts_with("KG-B002")), "{found:?}");
}

#[test]
fn m01_a_socket_that_is_mounted_read_only_is_as_good_as_writable() {
    assert_eq!(of_ro("/run/docker.sock", "socket"), ["KG-B001 critical 1"]);
}

#[test]
fn m01_an_alias_directory_with_the_same_inode_is_the_directory_itself() {
    let facts = host()
        .with(|facts| {
            let mut alias = path_fact("/srv/alias", "dir");
            alias.chain[0].1 = path_fact("/run", "dir").chain[0].1;
            facts.host.paths.insert("/srv/alias".into(), alias);
        })
        .container("web", |c| c.bind("/srv/alias", "/x"))
        .facts();
    assert!(told(&facts).contains(&"KG-B001 critical 1".to_owned()), "{:?}", told(&facts));
}

#[test]
fn m01_a_hard_link_to_the_socket_below_an_app_directory_is_the_socket() {
    let facts = host()
        .with(|facts| {
            let mut app = path_fact("/srv/app", "dir");
            app.below.push(Below {
                path: "/srv/app/tmp/s".into(),
                kind: "socket".into(),
                ident: path_fact("/run/docker.sock", "socket").chain[0].1,
                rdev: None,
            });
            facts.host.paths.insert("/srv/app".into(), app);
        })
        .container("web", |c| c.bind_ro("/srv/app", "/x"))
        .facts();
    assert_eq!(told(&facts), ["KG-B001 critical 1"]);
}

#[test]
fn m01_a_created_container_counts_and_one_that_cannot_connect_counts_less() {
    let facts = host()
        .with(|facts| {
            let stat = keelguard_host::facts::Stat { mode: 0o660, gid: 998, ..Default::default() };
            facts.host.control_sockets[0].fact.stat = Some(stat);
        })
        .path("/run/docker.sock", "/run/docker.sock", "socket")
        .container("created", |c| {
            c.state.status = "created".into();
            c.bind("/run/docker.sock", "/s");
        })
        .container("tight", |c| {
            c.config.user = "1000".into();
            c.host_config.security_opt.push("no-new-privileges".into());
            c.bind("/run/docker.sock", "/s");
        })
        .facts();
    assert_eq!(told(&facts), ["KG-B001 critical 1", "KG-B001 medium"]);
}

#[test]
fn m02_other_control_sockets_are_told_from_the_engines() {
    assert_eq!(
        of("/run/containerd/containerd.sock", "/run/containerd/containerd.sock", "socket")[0],
        "KG-B002 critical 2"
    );
    assert_eq!(of("/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket", "socket")[0], "KG-B002 critical 2");
}

#[test]
fn m05_a_read_only_mount_of_root_still_leaks_host_secrets() {
    let rw = of("/", "/", "dir");
    assert!(rw.contains(&"KG-B070 critical 1".to_owned()) && rw.contains(&"KG-B001 critical 1".to_owned()), "{rw:?}");
    assert!(of_ro("/", "dir").contains(&"KG-B070 high 3".to_owned()));
}

#[test]
fn m05_another_mount_of_the_root_filesystem_is_root_too() {
    let facts = host()
        .with(|facts| {
            let mut disk = path_fact("/mnt/disk", "dir");
            disk.chain[0].1 = path_fact("/", "dir").chain[0].1;
            facts.host.paths.insert("/mnt/disk".into(), disk);
        })
        .container("web", |c| c.bind("/mnt/disk", "/x"))
        .facts();
    assert!(told(&facts).contains(&"KG-B070 critical 1".to_owned()));
}

#[test]
fn m06_to_m13_folders_are_told_by_class_and_by_what_may_be_written() {
    for (path, rw, ro) in [
        ("/etc", "KG-B071 critical 2", Some("KG-B071 high 3")),
        ("/etc/cron.d", "KG-B071 critical 2", Some("KG-B071 low")),
        ("/etc/cron.d/job", "KG-B071 critical 2", None),
        ("/root", "KG-B072 critical 2", Some("KG-B072 medium")),
        ("/root/.ssh", "KG-B072 critical 2", Some("KG-B072 high")),
        ("/home/ann", "KG-B072 high 3", Some("KG-B072 medium")),
        ("/home/ann/.aws", "KG-B072 high", Some("KG-B072 high")),
        ("/proc", "KG-B073 critical 2", Some("KG-B073 medium")),
        ("/proc/sys/kernel/core_pattern", "KG-B073 critical 2", None),
        ("/sys", "KG-B074 high 3", Some("KG-B074 low")),
        ("/dev", "KG-B075 high", Some("KG-B075 high")),
        ("/var/lib/docker", "KG-B076 critical 2", Some("KG-B076 high")),
        ("/var/log", "KG-B077 medium 3", Some("KG-B077 low")),
        ("/usr", "KG-B078 critical 2", Some("KG-B078 low")),
        ("/usr/local/bin", "KG-B078 critical 2", None),
    ] {
        assert_eq!(of(path, path, "dir"), [rw], "{path} rw");
        assert_eq!(of_ro(path, "dir"), ro.into_iter().collect::<Vec<_>>(), "{path} ro");
    }
}

#[test]
fn m09_cgroup_v1_has_release_agent_and_v2_has_not() {
    let mount = |version: &str| {
        let facts = host()
            .with(|facts| facts.host.cgroup.version = version.into())
            .path("/sys/fs/cgroup", "/sys/fs/cgroup", "dir")
            .container("web", |c| c.bind("/sys/fs/cgroup", "/x"));
        told(&facts.facts())
    };
    assert_eq!(mount("hybrid"), ["KG-B074 critical 2"]);
    assert_eq!(mount("v2"), ["KG-B074 medium"]);
}

#[test]
fn m10_a_disk_counts_by_its_numbers_and_opens_where_the_device_cgroup_lets_it() {
    let disk = |change: fn(&mut Container)| {
        let facts = host()
            .with(|facts| {
                let fact = PathFact { rdev: Some((8, 0)), ..path_fact("/srv/node", "block") };
                facts.host.paths.insert("/srv/node".into(), fact);
            })
            .container("web", |c| {
                c.bind_ro("/srv/node", "/x");
                change(c);
            });
        told(&facts.facts())
    };
    assert_eq!(disk(|_| {}), ["KG-B075 high"]);
    assert_eq!(disk(|c| c.host_config.device_cgroup_rules.push("b *:* rwm".into())), ["KG-B075 critical 2"]);
}

#[test]
fn c07_a_user_without_a_way_to_root_writes_nothing_of_roots() {
    let facts = host()
        .path("/etc", "/etc", "dir")
        .container("web", |c| {
            c.config.user = "1000".into();
            c.host_config.security_opt.push("no-new-privileges".into());
            c.bind("/etc", "/x");
        })
        .facts();
    assert_eq!(told(&facts), ["KG-B071 medium"]);
}

#[test]
fn a_volume_that_binds_a_host_folder_is_that_folder() {
    let volume = |options: &[(&str, &str)]| {
        let options = options.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let mountpoint = "/var/lib/docker/volumes/v/_data".to_owned();
        let facts = host()
            .with(|facts| {
                let volume = Volume { name: "v".into(), mountpoint: mountpoint.clone(), options, ..Volume::default() };
                facts.engine.as_mut().unwrap().volumes.push(volume);
                facts.host.mounts.push(keelguard_host::facts::HostMount {
                    mount_point: "/".into(),
                    root: "/".into(),
                    source: "/dev/vda1".into(),
                    ..Default::default()
                });
            })
            .container("web", |c| c.mounts.push(volume_mount("v", &mountpoint, true)));
        told(&facts.facts())
    };
    assert_eq!(volume(&[("type", "none"), ("o", "bind"), ("device", "/etc")]), ["KG-B071 critical 2"]);
    assert!(volume(&[("type", "ext4"), ("device", "/dev/vda1")]).contains(&"KG-B070 critical 1".to_owned()));
    assert_eq!(
        volume(&[("type", "overlay"), ("o", "lowerdir=/etc,upperdir=/srv/u,workdir=/srv/w")]),
        ["KG-B071 high 3"]
    );
    assert!(volume(&[]).is_empty(), "an ordinary volume is no engine storage");
}

fn volume_mount(name: &str, source: &str, rw: bool) -> Mount {
    Mount {
        kind: "volume".into(),
        name: name.into(),
        source: source.into(),
        destination: "/data".into(),
        driver: "local".into(),
        rw,
        ..Mount::default()
    }
}

#[test]
fn well_kept_mounts_of_applications_yield_nothing() {
    let facts = ["/srv/app", "/opt/app/data", "/home/ann/project", "/var/log/nginx", "/data"]
        .into_iter()
        .enumerate()
        .fold(host(), |host, (index, path)| {
            host.path(path, path, "dir").container(&format!("app{index}"), |c| c.bind(path, "/x"))
        });
    let facts = ["/etc/localtime", "/etc/ssl/certs", "/etc/hosts", "/etc/nginx", "/usr/share/zoneinfo", "/lib/modules"]
        .into_iter()
        .enumerate()
        .fold(facts, |host, (index, path)| {
            host.path(path, path, "dir").container(&format!("ro{index}"), |c| c.bind_ro(path, "/x"))
        });
    let facts = facts
        .path("/dev/null", "/dev/null", "char")
        .container("null", |c| c.bind("/dev/null", "/x"))
        .container("tmpfs", |c| {
            c.mounts.push(Mount { kind: "tmpfs".into(), destination: "/t".into(), ..Mount::default() });
        })
        .container("volume", |c| c.mounts.push(volume_mount("v", "/var/lib/docker/volumes/v/_data", true)))
        .facts();
    assert_eq!(told(&facts), Vec::<String>::new());
    assert_eq!(gaps(&facts), []);
}

#[test]
fn m14_shared_propagation_is_a_way_out_only_for_who_can_mount() {
    let facts = host()
        .path("/srv", "/srv", "dir")
        .container("plain", |c| {
            c.bind("/srv", "/x");
            c.mounts[0].propagation = "rshared".into();
        })
        .container("admin", |c| {
            c.host_config.cap_add.push("CAP_SYS_ADMIN".into());
            c.bind_ro("/srv", "/x");
            c.mounts[0].propagation = "shared".into();
        })
        .facts();
    let found: Vec<_> = told(&facts).into_iter().filter(|f| f.starts_with("KG-B079")).collect();
    assert_eq!(found, ["KG-B079 medium", "KG-B079 high 2"]);
}

#[test]
fn m15_storage_is_a_way_between_containers_from_whoever_writes_it() {
    let facts = host()
        .path("/srv/a", "/srv/a", "dir")
        .path("/srv/a/sub", "/srv/a/sub", "dir")
        .container("writer", |c| c.bind("/srv/a", "/x"))
        .container("reader", |c| c.bind_ro("/srv/a/sub", "/y"))
        .container("one", |c| c.mounts.push(volume_mount("v", "/var/lib/docker/volumes/v/_data", true)))
        .container("two", |c| c.mounts.push(volume_mount("v", "/var/lib/docker/volumes/v/_data", true)))
        .facts();
    let found = findings(&facts);
    let edges: Vec<_> = found
        .iter()
        .flat_map(|f| f.reaches.iter().map(move |r| format!("{}>{} {}", r.from.name, r.to.name, f.severity)))
        .collect();
    assert_eq!(edges, ["writer>reader low", "one>two medium", "two>one medium"]);
    assert!(found.iter().all(|f| f.rule == "KG-B080" && f.reaches.iter().all(|r| r.cost == 3)));
}

#[test]
fn a_remote_engines_mounts_are_judged_by_name_and_that_is_said() {
    let facts = host()
        .with(|facts| facts.engine.as_mut().unwrap().local = false)
        .container("web", |c| c.bind("/var/run", "/x"))
        .container("etc", |c| c.bind("//etc/../etc/cron.d", "/x"))
        .facts();
    let found = told(&facts);
    assert!(
        found.contains(&"KG-B001 critical 1".to_owned()) && found.contains(&"KG-B071 critical 2".to_owned()),
        "{found:?}"
    );
    let gaps = gaps(&facts);
    assert!(
        gaps.len() == 1 && gaps[0].what.contains("etc, web") && gaps[0].why.contains("another machine"),
        "{gaps:?}"
    );
}

#[test]
fn hostile_paths_and_names_neither_panic_nor_match() {
    for source in ["", "/", "....", "/\u{0}", "a:b:c:d", "\u{202e}/cte", &"/x".repeat(50_000)] {
        let facts = host().container("web", |c| c.bind(source, source)).facts();
        findings(&facts);
        gaps(&facts);
    }
}

/// Applies the fix of every finding and judges again: that finding must be gone, the rest must not have grown.
fn each_fix_closes_its_finding(facts: &Facts) {
    for finding in findings(facts) {
        let mut after = facts.clone();
        assert!(crate::remedy::apply(&mut after, &finding), "{} has no remedy", finding.rule);
        let left = findings(&after);
        assert!(left.iter().all(|other| other.fingerprint != finding.fingerprint), "{} is still there", finding.title);
    }
}

#[test]
fn every_fix_closes_its_finding_however_the_mount_was_spelled() {
    let facts = host()
        .container("bind", |c| {
            c.bind("/var/run/docker.sock", "/s");
            c.bind("/etc", "/host/etc/");
            c.bind("/srv/a", "/x");
        })
        .container("long", |c| {
            c.bind("/", "/host");
            c.mounts[0].propagation = "rshared".into();
            c.host_config.cap_add.push("SYS_ADMIN".into());
            c.host_config.binds.clear();
            c.host_config.mounts.push(MountSpec {
                kind: "bind".into(),
                source: "/".into(),
                target: "/host".into(),
                bind_options: Some(BindOptions { propagation: "rshared".into(), ..BindOptions::default() }),
                ..MountSpec::default()
            });
        })
        .container("inherits", |c| {
            c.bind("/srv/a", "/x");
            c.bind("/root", "/r");
            c.host_config.binds.clear();
            c.host_config.volumes_from.push("bind".into());
        })
        .facts();
    let found = findings(&facts);
    assert!(found.len() >= 6 && found.iter().any(|f| f.severity == Severity::Critical), "{found:#?}");
    each_fix_closes_its_finding(&facts);
    let inherited = found.iter().find(|f| f.subject.name == "inherits" && f.rule == "KG-B072").unwrap();
    let mut after = facts;
    crate::remedy::apply(&mut after, inherited);
    let container = &after.containers()[2];
    assert!(container.host_config.volumes_from.is_empty(), "what it inherits is spelled out");
    assert_eq!(container.host_config.binds, ["/srv/a:/x"]);
}
