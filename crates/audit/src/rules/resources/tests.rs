//! What threat 3 claims, on sample hosts.

use keelguard_host::facts::{
    CgroupLimits, Container, Disk, MountSpec, Process, Setting, ThrottleDevice, TmpfsOptions, Truth, Ulimit,
};
use keelguard_host::{Facts, sample};
use keelguard_model::{Finding, Severity, SubjectKind};

use super::findings;
use crate::remedy;

type Change = fn(&mut Container);

/// A container with every bound set.
fn bounded(c: &mut Container) {
    let config = &mut c.host_config;
    config.memory = 512 << 20;
    config.memory_swap = 512 << 20;
    config.nano_cpus = 2_000_000_000;
    config.pids_limit = Some(256);
    config.ulimits = vec![Ulimit { name: "nofile".into(), soft: 1024, hard: 65_536 }];
    config.log_config.config.insert("max-size".into(), "10m".into());
    config.log_config.config.insert("max-file".into(), "3".into());
    config.readonly_rootfs = true;
    config.tmpfs.insert("/tmp".into(), "rw,size=64m".into());
    config.restart_policy.name = "on-failure".into();
    config.restart_policy.maximum_retry_count = 5;
}

fn one(change: impl FnOnce(&mut Container)) -> Facts {
    sample::host()
        .container("web", |c| {
            bounded(c);
            c.host_config.blkio_weight = 300;
            change(c);
        })
        .facts()
}

fn ids(facts: &Facts) -> Vec<String> {
    findings(facts).into_iter().map(|finding| finding.rule).collect()
}

fn truth(c: &mut Container, change: impl FnOnce(&mut CgroupLimits)) {
    let cgroup = CgroupLimits {
        path: "/docker/x".into(),
        memory_max: Some(512 << 20),
        swap_max: Some(0),
        cpu_quota: Some(200_000),
        cpu_period: Some(100_000),
        pids_max: Some(256),
        read: ["memory", "cpu", "pids"].map(String::from).into(),
        ..CgroupLimits::default()
    };
    let truth = c.truth.insert(Truth { cgroup, ..Truth::default() });
    change(&mut truth.cgroup);
}

/// Applies the remedy of every finding in turn and says what is left of those rules.
fn left_after_remedies(mut facts: Facts) -> Vec<String> {
    let first = ids(&facts);
    for _ in 0..first.len() {
        let Some(finding) = findings(&facts).into_iter().next() else { break };
        assert!(remedy::apply(&mut facts, &finding), "{} has no remedy", finding.rule);
        assert!(
            !findings(&facts).iter().any(|after| after.fingerprint == finding.fingerprint),
            "{} is still there after its remedy",
            finding.rule
        );
    }
    ids(&facts)
}

fn command(facts: &Facts, rule: &str) -> String {
    let mut found: Vec<Finding> = findings(facts).into_iter().filter(|finding| finding.rule == rule).collect();
    remedy::complete(facts, &mut found);
    found[0].fix.commands.join("\n")
}

#[test]
fn a_container_with_all_bounds_set_yields_nothing_not_even_info() {
    assert_eq!(ids(&one(|_| {})), Vec::<String>::new());
    assert_eq!(ids(&one(|c| truth(c, |_| {}))), Vec::<String>::new());
}

#[test]
fn docker_run_without_options_lacks_each_bound_once() {
    let facts = sample::host().container("web", |_| {}).facts();
    let found = ids(&facts);
    assert_eq!(found, ["KG-R001", "KG-R002", "KG-R003", "KG-R015", "KG-R010", "KG-R012", "KG-R020"]);
    assert_eq!(left_after_remedies(facts), Vec::<String>::new());
}

/// One row a weakness: how it comes about, the rule, its severity.
#[test]
fn each_weakness_alone_is_found_and_gone_after_its_remedy() {
    let rows: &[(&str, &str, Severity, Change)] = &[
        ("X02 memory", "KG-R001", Severity::Medium, |c| c.host_config.memory = 0),
        ("X02 memory of the whole host", "KG-R007", Severity::Low, |c| {
            c.host_config.memory = 23 << 30;
            c.host_config.memory_swap = 23 << 30;
        }),
        ("X01 pids null", "KG-R002", Severity::Medium, |c| c.host_config.pids_limit = None),
        ("X01 pids -1", "KG-R002", Severity::Medium, |c| c.host_config.pids_limit = Some(-1)),
        ("X01 pids 0", "KG-R002", Severity::Medium, |c| c.host_config.pids_limit = Some(0)),
        ("X01 pids of half the host", "KG-R008", Severity::Low, |c| c.host_config.pids_limit = Some(16_384)),
        ("X03 cpu", "KG-R003", Severity::Low, |c| c.host_config.nano_cpus = 0),
        ("X03 the default weight is none", "KG-R003", Severity::Low, |c| {
            c.host_config.nano_cpus = 0;
            c.host_config.cpu_shares = 1024;
        }),
        ("X03 a weight above the default bounds nobody", "KG-R003", Severity::Low, |c| {
            c.host_config.nano_cpus = 0;
            c.host_config.cpu_shares = 262_144;
        }),
        ("X03 quota of all CPUs", "KG-R009", Severity::Low, |c| c.host_config.nano_cpus = 8_000_000_000),
        ("X09 swap -1 on a host without swap", "KG-R004", Severity::Info, |c| c.host_config.memory_swap = -1),
        ("X02 OOM killer, v2 ignores it", "KG-R005", Severity::Low, |c| c.host_config.oom_kill_disable = Some(true)),
        ("X02 OOM score", "KG-R006", Severity::Low, |c| c.host_config.oom_score_adj = -500),
        ("X02 OOM score -1000", "KG-R006", Severity::Medium, |c| c.host_config.oom_score_adj = -1000),
        ("X04 X11 log", "KG-R010", Severity::Low, |c| c.host_config.log_config.config.clear()),
        ("X04 log of 20 GiB", "KG-R010", Severity::Low, |c| {
            c.host_config.log_config.config.insert("max-size".into(), "20g".into());
        }),
        ("X04 layer", "KG-R012", Severity::Info, |c| c.host_config.readonly_rootfs = false),
        ("X04 tmpfs", "KG-R013", Severity::Info, |c| {
            c.host_config.tmpfs.insert("/run".into(), "rw,noexec".into());
        }),
        ("X04 tmpfs of size 0", "KG-R013", Severity::Info, |c| {
            c.host_config.tmpfs.insert("/run".into(), "size=0".into());
        }),
        ("X04 tmpfs by the long form", "KG-R013", Severity::Info, |c| {
            c.host_config.mounts.push(MountSpec {
                kind: "tmpfs".into(),
                target: "/cache".into(),
                tmpfs_options: Some(TmpfsOptions::default()),
                ..MountSpec::default()
            });
        }),
        ("X04 shm", "KG-R014", Severity::Info, |c| c.host_config.shm_size = 12 << 30),
        ("X05 ulimit absent", "KG-R015", Severity::Info, |c| c.host_config.ulimits.clear()),
        ("X05 ulimit of everything", "KG-R015", Severity::Info, |c| c.host_config.ulimits[0].hard = 1_048_576),
        ("X05 ulimit -1", "KG-R015", Severity::Info, |c| c.host_config.ulimits[0].hard = -1),
        ("X04 tmpfs of half the host", "KG-R013", Severity::Info, |c| {
            c.host_config.tmpfs.insert("/run".into(), "size=12g".into());
        }),
        ("X08 always", "KG-R016", Severity::Info, |c| c.host_config.restart_policy.name = "always".into()),
        ("X08 on-failure without end", "KG-R016", Severity::Info, |c| {
            c.host_config.restart_policy.maximum_retry_count = 0;
        }),
        ("X10 real time", "KG-R018", Severity::Low, |c| c.host_config.cpu_realtime_runtime = 950_000),
        ("X10 SYS_NICE", "KG-R019", Severity::Low, |c| c.host_config.cap_add.push("cap_sys_nice".into())),
        ("C18 SYS_RESOURCE", "KG-R019", Severity::Medium, |c| c.host_config.cap_add.push("SYS_RESOURCE".into())),
        ("C18 IPC_LOCK", "KG-R019", Severity::Low, |c| c.host_config.cap_add.push("IPC_LOCK".into())),
        ("memory not in force", "KG-R024", Severity::Medium, |c| truth(c, |cgroup| cgroup.memory_max = None)),
        ("pids not in force", "KG-R024", Severity::Medium, |c| truth(c, |cgroup| cgroup.pids_max = Some(9999))),
        ("cpu not in force", "KG-R024", Severity::Medium, |c| truth(c, |cgroup| cgroup.cpu_quota = None)),
    ];
    for (case, rule, severity, change) in rows {
        let facts = one(change);
        let found: Vec<_> = findings(&facts).into_iter().map(|f| (f.rule, f.severity)).collect();
        assert_eq!(found, [((*rule).to_owned(), *severity)], "{case}");
        assert_eq!(left_after_remedies(facts), Vec::<String>::new(), "{case}");
    }
}

#[test]
fn what_bounds_in_another_way_is_no_false_alarm() {
    let rows: &[(&str, Change)] = &[
        ("a weight", |c| (c.host_config.nano_cpus, c.host_config.cpu_shares) = (0, 512)),
        ("a set of CPUs", |c| {
            c.host_config.nano_cpus = 0;
            c.host_config.cpuset_cpus = "0-1".into();
        }),
        ("a quota", |c| (c.host_config.nano_cpus, c.host_config.cpu_quota) = (0, 50_000)),
        ("the log driver local", |c| {
            c.host_config.log_config.kind = "local".into();
            c.host_config.log_config.config.clear();
        }),
        ("no log here", |c| {
            c.host_config.log_config.kind = "journald".into();
            c.host_config.log_config.config.clear();
        }),
        ("a layer with a size", |c| {
            c.host_config.readonly_rootfs = false;
            c.host_config.storage_opt.insert("size".into(), "10G".into());
        }),
        ("never restarted", |c| c.host_config.restart_policy.name = "no".into()),
        ("twice the memory with swap, but the host has no swap", |c| c.host_config.memory_swap = 1 << 30),
        ("a bound that only the kernel knows", |c| {
            c.host_config.memory = 0;
            c.host_config.pids_limit = None;
            c.host_config.nano_cpus = 0;
            truth(c, |_| {});
        }),
        ("a bound rounded to pages", |c| {
            c.host_config.memory = (512 << 20) - 100;
            c.host_config.memory_swap = c.host_config.memory;
            truth(c, |_| {});
        }),
        ("a controller that could not be read", |c| {
            truth(c, |cgroup| (cgroup.memory_max, cgroup.read) = (None, vec!["pids".into(), "cpu".into()]));
        }),
        ("the kernel's word on open files", |c| {
            c.host_config.ulimits.clear();
            truth(c, |_| {});
            let init = Process {
                limits: [("Max open files".to_owned(), (Some(1024), Some(4096)))].into(),
                ..Process::default()
            };
            c.truth.as_mut().unwrap().processes.push(init);
        }),
    ];
    for (case, change) in rows {
        assert_eq!(ids(&one(change)), Vec::<String>::new(), "{case}");
    }
}

#[test]
fn default_ulimits_of_the_engine_count_and_their_absence_fails_section_2_8() {
    let facts = one(|c| c.host_config.ulimits.clear());
    assert_eq!(findings(&facts)[0].refs.cis, ["2.8", "5.19"]);
    for value in [
        serde_json::json!({"nofile": {"Name": "nofile", "Hard": 64000, "Soft": 64000}}),
        serde_json::json!(["nofile=1024:64000"]),
    ] {
        let mut facts = facts.clone();
        facts.host.daemon.settings.insert("default-ulimits".into(), Setting { value, from: "file".into() });
        assert_eq!(ids(&facts), Vec::<String>::new());
    }
}

#[test]
fn swap_is_worse_where_there_is_some() {
    let mut facts = one(|c| c.host_config.memory_swap = -1);
    facts.host.capacity.swap = 4 << 30;
    assert_eq!(findings(&facts)[0].severity, Severity::Low);
    assert_eq!(command(&facts, "KG-R004"), "docker update --memory 512m --memory-swap 512m web");
}

#[test]
fn without_the_oom_killer_and_without_a_bound_the_host_dies_first() {
    let mut facts = one(|c| (c.host_config.memory, c.host_config.oom_kill_disable) = (0, Some(true)));
    facts.engine.as_mut().unwrap().info.cgroup_version = "1".into();
    let oom = findings(&facts).into_iter().find(|f| f.rule == "KG-R005").unwrap();
    assert_eq!(oom.severity, Severity::High);
}

#[test]
fn a_published_root_container_without_seccomp_makes_missing_bounds_worse() {
    let facts = one(|c| {
        c.host_config.memory = 0;
        c.host_config.security_opt.push("seccomp=unconfined".into());
        c.publish("0.0.0.0", 80, 80);
    });
    assert_eq!(findings(&facts)[0].severity, Severity::High);
}

#[test]
fn docker_update_gets_memory_and_swap_together_and_no_swap_without_accounting() {
    let mut facts = one(|c| (c.host_config.memory, c.host_config.memory_swap) = (0, 0));
    assert_eq!(command(&facts, "KG-R001"), "docker update --memory 2g --memory-swap 2g web");
    facts.engine.as_mut().unwrap().info.swap_limit = false;
    assert_eq!(command(&facts, "KG-R001"), "docker update --memory 2g web");
}

#[test]
fn docker_update_keeps_to_the_quota_where_the_engine_would_refuse_cpus() {
    let facts = one(|c| (c.host_config.nano_cpus, c.host_config.cpu_quota) = (0, 900_000));
    assert_eq!(command(&facts, "KG-R009"), "docker update --cpu-quota 400000 web");
    let facts = one(|c| (c.host_config.nano_cpus, c.host_config.cpu_period) = (0, 50_000));
    assert_eq!(command(&facts, "KG-R003"), "docker update --cpu-quota 200000 web");
    let facts = one(|c| c.host_config.nano_cpus = 0);
    assert_eq!(command(&facts, "KG-R003"), "docker update --cpus 4 web");
    let mut facts = one(|c| c.host_config.nano_cpus = 0);
    facts.host.capacity.cpus = 1;
    assert_eq!(command(&facts, "KG-R003"), "docker update --cpus 0.5 web");
}

#[test]
fn suggestions_follow_what_the_container_uses_and_never_fall_below_it() {
    let uses = |current: u64| {
        one(move |c| {
            c.host_config.memory = 0;
            truth(c, |cgroup| (cgroup.memory_max, cgroup.memory_current) = (None, Some(current)));
        })
    };
    for (current, value) in [(1 << 20, "64m"), (200 << 20, "512m"), (9 << 30, "12g"), (16 << 30, "20g")] {
        let expected = format!("docker update --memory {value} --memory-swap {value} web");
        assert_eq!(command(&uses(current), "KG-R001"), expected);
    }
    let facts = one(|c| {
        c.host_config.pids_limit = None;
        truth(c, |cgroup| (cgroup.pids_max, cgroup.pids_current) = (None, Some(300)));
    });
    assert_eq!(command(&facts, "KG-R002"), "docker update --pids-limit 2048 web");
}

#[test]
fn a_bound_that_is_not_in_force_is_written_again_as_it_was() {
    let facts = one(|c| truth(c, |cgroup| (cgroup.memory_max, cgroup.pids_max, cgroup.cpu_quota) = (None, None, None)));
    assert_eq!(
        command(&facts, "KG-R024"),
        "docker update --memory 512m --memory-swap 512m --pids-limit 256 --cpus 2 web"
    );
}

#[test]
fn a_restart_loop_is_one_only_while_it_goes_on() {
    let looping = |started: &str| {
        let mut facts = one(|c| {
            c.host_config.restart_policy.name = "always".into();
            c.restart_count = 40;
            c.state.started_at = started.into();
        });
        facts.collected = "2026-01-01T00:05:00Z".parse().unwrap();
        facts
    };
    assert_eq!(ids(&looping("2026-01-01T00:04:00Z")), ["KG-R016", "KG-R017"]);
    assert_eq!(ids(&looping("2025-12-01T00:00:00Z")), ["KG-R016"]);
    assert_eq!(ids(&looping("not a time")), ["KG-R016"]);
    let facts = looping("2026-01-01T00:04:00Z");
    assert_eq!(command(&facts, "KG-R017"), "docker update --restart on-failure:5 web");
    assert_eq!(left_after_remedies(facts), Vec::<String>::new());
}

#[test]
fn a_log_that_grew_is_found_with_what_it_was_rotated_to() {
    let log = |bytes: u64, free: u64| {
        let mut facts = one(|c| c.log_path = "/var/lib/docker/c/x-json.log".into());
        facts.host.log_sizes.insert("/var/lib/docker/c/x-json.log".into(), bytes / 2);
        facts.host.log_sizes.insert("/var/lib/docker/c/x-json.log.1".into(), bytes / 2);
        facts.host.log_sizes.insert("/var/lib/docker/c/x-json.logbook".into(), 1 << 40);
        facts.host.capacity.engine_disk = Some(Disk { total: 100 << 30, free, ..Disk::default() });
        facts
    };
    assert_eq!(ids(&log(2 << 30, 50 << 30)), ["KG-R011"]);
    assert_eq!(ids(&log(200 << 20, 1 << 30)), ["KG-R011"]);
    assert_eq!(ids(&log(1 << 20, 0)), Vec::<String>::new());
    assert_eq!(left_after_remedies(log(2 << 30, 50 << 30)), Vec::<String>::new());
    assert!(command(&log(2 << 30, 0), "KG-R011").starts_with("truncate -s 0 /var/lib/docker/c/x-json.log\n"));
}

#[test]
fn bounds_that_do_not_fit_together_are_found_once_for_the_host() {
    let facts = |pids: i64| {
        let mut host = sample::host();
        for index in 0..4 {
            host = host.container(&format!("c{index}"), |c| {
                bounded(c);
                c.config.user = "1000".into();
                c.host_config.blkio_weight = 300;
                c.host_config.memory = 10 << 30;
                c.host_config.memory_swap = 10 << 30;
                c.host_config.pids_limit = Some(pids);
            });
        }
        host.facts()
    };
    assert_eq!(ids(&facts(256)), ["KG-R022"]);
    assert_eq!(ids(&facts(10_000)), ["KG-R022", "KG-R023"]);
    assert_eq!(left_after_remedies(facts(10_000)), Vec::<String>::new());
    assert!(findings(&facts(256)).iter().all(|finding| finding.subject.kind == SubjectKind::Engine));
    assert_eq!(command(&facts(256), "KG-R022").lines().count(), 4);
}

#[test]
fn disk_io_without_any_bound_is_one_finding_for_the_host() {
    let facts = sample::host().container("a", bounded).container("b", bounded).facts();
    assert_eq!(ids(&facts), ["KG-R020"]);
    assert_eq!(left_after_remedies(facts), Vec::<String>::new());
    let throttled = |c: &mut Container| c.host_config.blkio_device_write_bps.push(ThrottleDevice::default());
    assert_eq!(ids(&one(throttled)), Vec::<String>::new());
}

#[test]
fn tables_counted_per_user_are_shared_by_containers_of_the_hosts_root() {
    let mut host = sample::host();
    for name in ["a", "b", "c"] {
        host = host.container(name, |c| {
            bounded(c);
            c.host_config.blkio_weight = 300;
        });
    }
    let facts = host.with(|f| _ = f.host.sysctls.insert("kernel.keys.maxkeys".into(), "200".into())).facts();
    let found = findings(&facts);
    assert_eq!(ids(&facts), ["KG-R021"]);
    assert!(found[0].evidence.iter().any(|e| e.what == "kernel.keys.maxkeys" && e.value == "200"));
    assert_eq!(left_after_remedies(facts), Vec::<String>::new());
}

#[test]
fn a_host_that_ignores_bounds_is_found_and_its_gap_where_nothing_is_known() {
    let mut facts = one(|_| {});
    facts.engine.as_mut().unwrap().info.swap_limit = false;
    assert_eq!(findings(&facts).iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Low]);
    facts.engine.as_mut().unwrap().info.memory_limit = false;
    facts.engine.as_mut().unwrap().info.cgroup_driver = "none".into();
    assert_eq!(findings(&facts)[0].severity, Severity::Medium);
    assert_eq!(left_after_remedies(facts.clone()), Vec::<String>::new());
    assert!(super::gaps(&facts).is_empty());
    facts.engine.as_mut().unwrap().info.server_version.clear();
    assert_eq!((ids(&facts).len(), super::gaps(&facts).len()), (0, 1));
}

#[test]
fn hostile_numbers_neither_panic_nor_overflow() {
    for value in [i64::MIN, -1, 0, 1, i64::MAX] {
        let facts = one(|c| {
            let config = &mut c.host_config;
            config.memory = value;
            config.memory_swap = value;
            config.memory_reservation = value;
            config.nano_cpus = value;
            config.cpu_quota = value;
            config.cpu_period = value;
            config.pids_limit = Some(value);
            config.shm_size = value;
            config.restart_policy.maximum_retry_count = value;
            config.tmpfs.insert("/x".into(), "size=%,size=ü,,size=9999999999999999999999g".into());
            config.log_config.config.insert("max-size".into(), "9e9g".into());
            c.restart_count = value;
            truth(c, |cgroup| {
                cgroup.memory_current = Some(u64::MAX);
                cgroup.cpu_quota = Some(u64::MAX);
                cgroup.cpu_period = Some(0);
            });
        });
        let mut found = findings(&facts);
        remedy::complete(&facts, &mut found);
        assert!(!found.is_empty());
    }
}

#[test]
fn what_some_containers_use_is_taken_from_the_room_of_the_others() {
    let mut host = sample::host().container("huge", |c| {
        bounded(c);
        c.host_config.memory = 512 << 30;
    });
    for n in 0..2 {
        host = host.container(&format!("small{n}"), |c| {
            bounded(c);
            c.host_config.memory = 64 << 20;
        });
    }
    let facts = host.facts();
    let finding = findings(&facts).into_iter().find(|f| f.rule == "KG-R022").unwrap();
    let mut after = facts.clone();
    for command in &finding.fix.commands {
        let words: Vec<&str> = command.split(' ').collect();
        let megabytes: i64 = words[3].trim_end_matches('m').parse().unwrap();
        let containers = &mut after.engine.as_mut().unwrap().containers;
        containers.iter_mut().find(|c| Some(&c.name.as_str()) == words.last()).unwrap().host_config.memory =
            megabytes << 20;
    }
    assert!(!ids(&after).contains(&"KG-R022".to_owned()), "{:?}", finding.fix.commands);
}

#[test]
fn a_weight_is_asked_for_only_where_the_kernel_knows_weights() {
    let commands = |version: &str, release: &str, warning: &str| {
        let facts = sample::host()
            .with(|facts| {
                facts.host.kernel.release = release.into();
                let info = &mut facts.engine.as_mut().unwrap().info;
                info.cgroup_version = version.into();
                info.warnings.push(warning.into());
            })
            .container("web", bounded)
            .facts();
        findings(&facts).into_iter().find(|f| f.rule == "KG-R020").unwrap().fix.commands
    };
    assert_eq!(commands("2", "6.1.0-9-amd64", ""), ["docker update --blkio-weight 300 web"]);
    assert_eq!(commands("1", "4.19.0", ""), ["docker update --blkio-weight 300 web"]);
    assert_eq!(commands("1", "6.1.0-9-amd64", ""), [""; 0]);
    assert_eq!(commands("2", "6.1.0-9-amd64", "WARNING: No io.weight support"), [""; 0]);
}
