use keelguard_host::facts::{Context, DockerGroup, IndexConfig, Listener, Plugin, Setting};
use keelguard_host::sample;
use keelguard_model::Severity;
use serde_json::json;

use super::*;
use crate::rules::{files, swarm};

/// All findings of the engine's themes.
fn all(facts: &Facts) -> Vec<keelguard_model::Finding> {
    [
        accounts::findings,
        api::findings,
        isolation::findings,
        plugins::findings,
        settings::findings,
        sources::findings,
        files::audited::findings,
        files::permissions::findings,
        files::upkeep::findings,
        swarm::findings,
    ]
    .iter()
    .flat_map(|theme| theme(facts))
    .collect()
}

fn find(facts: &Facts, id: &str) -> Option<keelguard_model::Finding> {
    all(facts).into_iter().find(|finding| finding.rule == id)
}

/// A host whose daemon was found, with one more setting.
fn daemon(key: &str, value: Value) -> sample::Sample {
    sample::host().with(|f| {
        f.host.daemon.pid = Some(800);
        f.host.daemon.settings.insert(key.into(), Setting { value, from: "file".into() });
    })
}

/// The finding is there, and its remedy makes it and its edges go away.
fn found_and_fixed(facts: &Facts, id: &str) -> Severity {
    let finding = find(facts, id).unwrap_or_else(|| panic!("{id} is not found"));
    let mut after = facts.clone();
    assert!(crate::remedy::apply(&mut after, &finding), "{id} has no remedy");
    assert!(
        all(&after).iter().all(|other| other.fingerprint != finding.fingerprint),
        "{id} is still there after its fix"
    );
    finding.severity
}

#[test]
fn a_well_kept_engine_has_nothing_above_info() {
    let facts = daemon("log-level", json!("info")).facts();
    let loud: Vec<_> = all(&facts).into_iter().filter(|f| f.severity > Severity::Info).map(|f| f.title).collect();
    assert_eq!(loud, [""; 0]);
}

#[test]
fn the_api_without_tls_on_every_interface_is_root_for_the_internet_and_every_container() {
    let facts = daemon("hosts", json!(["fd://", "tcp://0.0.0.0:2375"])).container("web", |_| {}).facts();
    let finding = find(&facts, "KG-B100").unwrap();
    assert_eq!(
        finding.reaches.iter().map(|r| r.from.to_string()).collect::<Vec<_>>(),
        ["internet internet", "container *"]
    );
    assert_eq!(found_and_fixed(&facts, "KG-B100"), Severity::Critical);
}

#[test]
fn a_listening_socket_of_dockerd_tells_as_much_as_its_settings() {
    let facts = sample::host()
        .with(|f| {
            f.host.listening.push(Listener {
                protocol: "tcp6".into(),
                address: "::".into(),
                port: 2375,
                program: Some("dockerd".into()),
                ..Listener::default()
            });
        })
        .container("cut-off", |c| c.host_config.network_mode = "none".into())
        .facts();
    let finding = find(&facts, "KG-B100").unwrap();
    assert_eq!(finding.reaches.len(), 1, "a container without a network cannot connect");
    assert_eq!(found_and_fixed(&facts, "KG-B100"), Severity::Critical);
}

#[test]
fn on_loopback_only_containers_on_the_hosts_network_reach_the_api() {
    let facts = sample::host()
        .with(|f| {
            f.host.daemon.pid = Some(800);
            f.host.daemon.cmdline = ["dockerd", "-H", "tcp://127.0.0.1:2375", "-H", "fd://"].map(String::from).into();
        })
        .container("web", |_| {})
        .container("near", |c| c.host_config.network_mode = "host".into())
        .facts();
    let finding = find(&facts, "KG-B100").unwrap();
    assert_eq!(finding.reaches.iter().map(|r| r.from.name.as_str()).collect::<Vec<_>>(), ["near"]);
    assert!(finding.fix.snippets[0].text.contains("ExecStart=dockerd -H fd://\n"));
    assert_eq!(found_and_fixed(&facts, "KG-B100"), Severity::High);
}

#[test]
fn tls_that_asks_for_no_client_certificate_is_nearly_as_bad_as_none() {
    let with =
        |verify: bool| daemon("hosts", json!(["tcp://0.0.0.0:2376"])).with(|f| set(f, "tlsverify", verify)).facts();
    assert_eq!(found_and_fixed(&with(false), "KG-B101"), Severity::Critical);
    assert!(find(&with(true), "KG-B101").is_none() && find(&with(true), "KG-B100").is_none());
}

#[test]
fn each_setting_is_found_and_its_fix_closes_it() {
    let cases = [
        ("log-level", json!("debug"), "KG-B105", Severity::Info),
        ("debug", json!(true), "KG-B105", Severity::Info),
        ("iptables", json!(false), "KG-B106", Severity::Medium),
        ("ip6tables", json!(false), "KG-B106", Severity::Info),
        ("allow-direct-routing", json!(true), "KG-B107", Severity::Low),
        ("default-ulimits", json!({}), "KG-B110", Severity::Info),
        ("cgroup-parent", json!("/mine"), "KG-B111", Severity::Info),
        ("userland-proxy", json!(true), "KG-B113", Severity::Info),
        ("no-new-privileges", json!(false), "KG-B120", Severity::Info),
    ];
    for (key, value, id, severity) in cases {
        assert_eq!(found_and_fixed(&daemon(key, value).facts(), id), severity, "{key}");
    }
}

#[test]
fn what_the_engine_says_of_itself_is_found_and_its_fix_closes_it() {
    type Edit = fn(&mut keelguard_host::facts::Info);
    let cases: [(Edit, &str, Severity); 10] = [
        (|i| i.driver = "aufs".into(), "KG-B108", Severity::Low),
        (
            |i| {
                i.driver = "devicemapper".into();
                i.driver_status.push(vec!["Data loop file".into(), "/var/lib/docker/data".into()]);
            },
            "KG-B109",
            Severity::Low,
        ),
        (|_| {}, "KG-B112", Severity::Info),
        (|i| i.experimental_build = true, "KG-B114", Severity::Info),
        (|i| i.logging_driver = "none".into(), "KG-B115", Severity::Low),
        (|_| {}, "KG-B118", Severity::Info),
        (|i| i.security_options.retain(|o| !o.contains("seccomp")), "KG-B119", Severity::High),
        (
            |i| {
                i.security_options.retain(|o| !o.contains("seccomp"));
                i.security_options.push("name=seccomp,profile=unconfined".into());
            },
            "KG-B119",
            Severity::High,
        ),
        (
            |i| i.registry_config.as_mut().unwrap().insecure_registry_cidrs.push("10.0.0.0/8".into()),
            "KG-B102",
            Severity::Medium,
        ),
        (
            |i| i.registry_config.as_mut().unwrap().insecure_registry_cidrs.push("0.0.0.0/0".into()),
            "KG-B102",
            Severity::High,
        ),
    ];
    for (edit, id, severity) in cases {
        let facts = sample::host().with(|f| edit(&mut f.engine.as_mut().unwrap().info)).facts();
        assert_eq!(found_and_fixed(&facts, id), severity, "{id}");
    }
}

#[test]
fn a_registry_on_this_machine_may_do_without_tls() {
    let with = |name: &str| {
        sample::host()
            .with(|f| {
                let config = f.engine.as_mut().unwrap().info.registry_config.as_mut().unwrap();
                config.index_configs.insert(name.into(), IndexConfig { name: name.into(), secure: false });
            })
            .facts()
    };
    assert!(find(&with("localhost:5000"), "KG-B102").is_none());
    assert!(find(&with("[::1]:5000"), "KG-B102").is_none());
    assert_eq!(found_and_fixed(&with("registry.test:5000"), "KG-B102"), Severity::Medium);
}

#[test]
fn logs_that_stay_here_and_an_engine_of_root_are_only_mentioned() {
    let facts = sample::host().facts();
    for id in ["KG-B116", "KG-B117", "KG-B125"] {
        assert_eq!(find(&facts, id).map(|f| f.severity), Some(Severity::Info), "{id}");
    }
    let rootless = sample::host().with(|f| {
        f.engine.as_mut().unwrap().info.security_options.push("name=rootless".into());
    });
    let rootless = rootless.facts();
    assert!(find(&rootless, "KG-B117").is_none() && find(&rootless, "KG-B118").is_none());
}

#[test]
fn selinux_that_the_engine_does_not_use_is_found() {
    let facts = sample::host().with(|f| f.host.selinux = Some("enforcing".into())).facts();
    assert_eq!(found_and_fixed(&facts, "KG-B121"), Severity::Low);
}

#[test]
fn a_guard_runtime_is_passed_by_where_a_plain_one_is_there_for_the_asking() {
    let with = |names: &[&str]| {
        sample::host()
            .with(|f| {
                let info = &mut f.engine.as_mut().unwrap().info;
                info.default_runtime = "runsc".into();
                info.runtimes = names.iter().map(|name| ((*name).to_owned(), json!({ "path": name }))).collect();
            })
            .facts()
    };
    assert_eq!(find(&with(&["runc", "runsc"]), "KG-B122").unwrap().severity, Severity::Medium);
    assert!(find(&with(&["runsc"]), "KG-B122").is_none());
    assert!(find(&sample::host().facts(), "KG-B122").is_none(), "runc as the default is no guard");
}

#[test]
fn a_plugin_with_powers_of_root_is_told_apart_from_one_that_only_has_the_hosts_network() {
    let with = |capability: &str| {
        sample::host()
            .with(|f| {
                let mut plugin = Plugin { name: "v/sshfs:latest".into(), enabled: true, ..Plugin::default() };
                plugin.config.linux.capabilities.push(capability.into());
                f.engine.as_mut().unwrap().plugins.push(plugin);
                f.engine
                    .as_mut()
                    .unwrap()
                    .info
                    .plugins
                    .insert("Volume".into(), Some(vec!["local".into(), "v/sshfs".into()]));
            })
            .facts()
    };
    assert_eq!(found_and_fixed(&with("CAP_SYS_ADMIN"), "KG-B123"), Severity::Medium);
    assert_eq!(found_and_fixed(&with("CAP_NET_ADMIN"), "KG-B123"), Severity::Info);
    assert!(find(&with("CAP_SYS_ADMIN"), "KG-B124").is_none(), "a managed plugin is no unmanaged one");
}

#[test]
fn a_plugin_of_the_old_kind_is_mentioned() {
    let facts = sample::host().with(|f| {
        f.engine.as_mut().unwrap().info.plugins.insert("Volume".into(), Some(vec!["local".into(), "nfs".into()]));
    });
    assert_eq!(find(&facts.facts(), "KG-B124").unwrap().subject.name, "nfs");
}

#[test]
fn members_of_the_docker_group_are_one_finding_and_root_is_no_member() {
    let with = |members: &[&str]| {
        let members = members.iter().map(ToString::to_string).collect();
        sample::host().with(|f| f.host.docker_group = Some(DockerGroup { members, ..DockerGroup::default() })).facts()
    };
    assert!(find(&with(&["root"]), "KG-B126").is_none());
    let facts = with(&["root", "ann", "$(reboot)"]);
    assert_eq!(
        find(&facts, "KG-B126").unwrap().fix.commands,
        ["gpasswd -d ann docker", "gpasswd -d '$(reboot)' docker"]
    );
    assert_eq!(found_and_fixed(&facts, "KG-B126"), Severity::Medium);
}

#[test]
fn who_has_the_docker_group_as_primary_group_gets_another_one() {
    let facts = sample::host().with(|f| {
        let name = || vec!["ann".to_owned()];
        f.host.docker_group = Some(DockerGroup { members: name(), primary: name(), ..DockerGroup::default() });
    });
    let facts = facts.facts();
    let commands = find(&facts, "KG-B126").unwrap().fix.commands;
    assert_eq!(commands, ["groupadd -f -- ann", "usermod -g ann -- ann"]);
    assert_eq!(found_and_fixed(&facts, "KG-B126"), Severity::Medium);
}

#[test]
fn a_context_over_plain_tcp_or_without_verification_is_found() {
    let with = |host: &str, tls, skip_verify| {
        let context = Context { name: "prod".into(), user: "ann".into(), host: host.into(), tls, skip_verify };
        sample::host().with(|f| f.host.contexts.push(context)).facts()
    };
    assert_eq!(found_and_fixed(&with("tcp://10.0.0.5:2375", false, false), "KG-B127"), Severity::Medium);
    assert_eq!(found_and_fixed(&with("tcp://10.0.0.5:2376", true, true), "KG-B127"), Severity::Medium);
    for safe in [with("tcp://10.0.0.5:2376", true, false), with("ssh://ann@h", false, false)] {
        assert!(find(&safe, "KG-B127").is_none());
    }
}

#[test]
fn ip6tables_are_asked_for_only_of_an_engine_that_starts_with_them() {
    let keys = |version: &str, off: &[&str]| {
        let facts = sample::host().with(|f| {
            f.engine.as_mut().unwrap().info.server_version = version.into();
            for key in off {
                set(f, key, false);
            }
        });
        let snippet = find(&facts.facts(), "KG-B106").map(|finding| finding.fix.snippets[0].text.clone());
        snippet.map(|text| serde_json::from_str::<Value>(&text).unwrap())
    };
    assert_eq!(keys("20.10.24+dfsg1", &["iptables", "ip6tables"]), Some(json!({ "iptables": true })));
    assert_eq!(keys("20.10.24+dfsg1", &["ip6tables"]), None);
    assert_eq!(keys("28.1.1", &["iptables", "ip6tables"]), Some(json!({ "iptables": true, "ip6tables": true })));
    assert_eq!(keys("28.1.1", &["ip6tables"]), Some(json!({ "ip6tables": true })));
}

#[test]
fn build_entitlements_are_found_one_by_one() {
    let facts = sample::host().with(|f| f.host.build_entitlements = vec!["security.insecure".into()]).facts();
    assert_eq!(found_and_fixed(&facts, "KG-B128"), Severity::Medium);
}

#[test]
fn a_file_that_does_not_parse_is_a_fault_and_one_that_may_not_be_read_is_none() {
    let with = |error: &str| sample::host().with(|f| f.host.daemon.file_error = Some(error.into())).facts();
    assert_eq!(found_and_fixed(&with("it is no JSON: expected value"), "KG-B103"), Severity::Low);
    assert!(find(&with("it cannot be read: permission denied"), "KG-B103").is_none());
}

#[test]
fn sources_that_contradict_each_other_are_found() {
    let facts =
        sample::host().with(|f| f.host.daemon.conflicts.push("icc is set in the file and as a flag".into())).facts();
    assert_eq!(found_and_fixed(&facts, "KG-B104"), Severity::Low);
}

#[test]
fn a_file_that_is_checked_is_checked_by_what_the_engine_of_that_version_has() {
    let commands = |version: &str| {
        let facts = sample::host().with(|f| {
            f.engine.as_mut().unwrap().info.server_version = version.into();
            f.host.daemon.file = Some("/etc/docker/daemon.json".into());
            f.host.daemon.conflicts.push("it changed after the daemon started; restart it".into());
        });
        find(&facts.facts(), "KG-B104").unwrap().fix.commands
    };
    let restart = "systemctl restart docker";
    assert_eq!(commands("28.1.1"), ["dockerd --validate --config-file /etc/docker/daemon.json", restart]);
    assert_eq!(commands("20.10.24+dfsg1"), ["python3 -m json.tool /etc/docker/daemon.json", restart]);
}

#[test]
fn hostile_settings_do_no_harm() {
    for host in ["tcp://", "tcp://:", "tcp://[", "tcp://]:2375", "tcp://[::]:99999", "tcp://é:2375/x", "-H"] {
        let _ = all(&daemon("hosts", json!([host, 7, null])).facts());
    }
}
