//! The rendered commands say what the container's options say, as words of a shell and as YAML.

use keelguard_host::Facts;
use keelguard_host::facts::{
    Container, Device, DeviceRequest, Endpoint, Healthcheck, Mount, MountSpec, OwnAddresses, ThrottleDevice, Ulimit,
};
use keelguard_host::sample;

use super::{compose, run_line};

/// The words of a line as a POSIX shell would split it: blanks, single quotes, backslashes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => word.get_or_insert_default().extend(rest.by_ref().take_while(|c| *c != '\'')),
            '\\' => word.get_or_insert_default().extend(rest.next()),
            c if "\n;&|$`\"()<>*?[]#~!{}".contains(c) => panic!("{c:?} is not quoted in {line}"),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The values that follow `flag`.
fn values<'w>(words: &'w [String], flag: &str) -> Vec<&'w str> {
    words.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1].as_str()).collect()
}

fn one(change: impl FnOnce(&mut Container)) -> Facts {
    sample::host().container("web", change).facts()
}

fn run(facts: &Facts) -> Vec<String> {
    run_line::render(facts, &facts.containers()[0])
}

#[test]
fn a_container_without_options_is_a_line_without_options() {
    assert_eq!(run(&one(|_| {})), ["docker run -d --name web app:1.0"]);
}

#[test]
fn a_container_that_does_not_run_is_created_and_not_started() {
    for status in ["created", "exited"] {
        assert_eq!(run(&one(|c| c.state.status = status.into())), ["docker create --name web app:1.0"]);
    }
}

#[test]
fn whatever_the_image_brings_is_left_out() {
    let image = |facts: &mut Facts| {
        let config = &mut facts.engine.as_mut().unwrap().images[0].config;
        config.env.push("PATH=/bin".into());
        config.cmd = vec!["serve".into()];
        config.entrypoint = vec!["/init".into()];
        config.user = "app".into();
        config.working_dir = "/app".into();
    };
    let like_image = |c: &mut Container| {
        c.config.env = vec!["PATH=/bin".into()];
        c.config.cmd = vec!["serve".into()];
        c.config.entrypoint = vec!["/init".into()];
        c.config.user = "app".into();
        c.config.working_dir = "/app".into();
    };
    assert_eq!(
        run(&sample::host().with(image).container("web", like_image).facts()),
        ["docker run -d --name web app:1.0"]
    );
    let other = sample::host().with(image).container("web", |c| {
        like_image(c);
        c.config.env.push("MODE=fast".into());
        c.config.entrypoint = vec!["sh".into(), "-c".into()];
        c.config.user = String::new();
    });
    assert_eq!(
        run(&other.facts()),
        ["docker run -d --name web --user 0 --env MODE=fast --entrypoint sh app:1.0 -c serve"]
    );
}

/// Every option at once.
fn everything(c: &mut Container) {
    c.config.env = vec!["A=b c".into(), "TOKEN=<redacted>".into()];
    c.config.cmd = vec!["sh".into(), "-c".into(), "echo $HOME; reboot".into()];
    c.config.user = "1000:1000".into();
    c.config.healthcheck = Some(Healthcheck {
        test: vec!["CMD".into(), "curl".into(), "a b".into()],
        interval: 30_000_000_000,
        timeout: 1_500_000_000,
        retries: 3,
    });
    c.config.hostname = "web.local".into();
    c.config.stop_signal = "SIGINT".into();
    c.config.labels.insert("org.example".into(), "$x".into());
    c.publish("127.0.0.1", 8080, 80);
    c.publish("::1", 8443, 443);
    c.bind_ro("/srv/my data", "/data");
    let h = &mut c.host_config;
    h.cap_drop = vec!["ALL".into()];
    h.cap_add = vec!["NET_BIND_SERVICE".into()];
    h.security_opt = vec!["no-new-privileges".into(), "seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}".into()];
    h.devices = vec![Device {
        path_on_host: "/dev/fuse".into(),
        path_in_container: "/dev/fuse".into(),
        cgroup_permissions: "rw".into(),
    }];
    h.device_cgroup_rules = vec!["c 10:229 rw".into()];
    h.device_requests =
        vec![DeviceRequest { count: -1, capabilities: vec![vec!["gpu".into()]], ..DeviceRequest::default() }];
    h.mounts = vec![MountSpec {
        kind: "bind".into(),
        source: "/srv/a,b".into(),
        target: "/ab".into(),
        read_only: true,
        ..MountSpec::default()
    }];
    h.tmpfs.insert("/tmp".into(), "size=64m".into());
    h.restart_policy.name = "on-failure".into();
    h.restart_policy.maximum_retry_count = 5;
    h.memory = 512 << 20;
    h.memory_swap = 512 << 20;
    h.nano_cpus = 1_500_000_000;
    h.pids_limit = Some(200);
    h.ulimits = vec![Ulimit { name: "nofile".into(), soft: 1024, hard: 2048 }];
    h.blkio_device_write_bps = vec![ThrottleDevice { path: "/dev/sda".into(), rate: 1 << 20 }];
    h.log_config.config.insert("max-size".into(), "10m".into());
    h.readonly_rootfs = true;
    h.init = Some(true);
    h.pid_mode = "host".into();
    h.sysctls.insert("net.core.somaxconn".into(), "1024".into());
    h.extra_hosts = vec!["db:10.0.0.2".into()];
    h.group_add = vec!["998".into()];
}

#[test]
fn every_option_comes_back_as_its_flag() {
    let facts = one(everything);
    let lines = run(&facts);
    let words = words(&lines[0]);
    for (flag, expected) in [
        ("--env", &["A=b c"][..]),
        ("--env-file", &["web.env"]),
        ("--user", &["1000:1000"]),
        ("--hostname", &["web.local"]),
        ("--stop-signal", &["SIGINT"]),
        ("--label", &["org.example=$x"]),
        ("--health-cmd", &["curl 'a b'"]),
        ("--health-interval", &["30s"]),
        ("--health-timeout", &["1500ms"]),
        ("--publish", &["[::1]:8443:443", "127.0.0.1:8080:80"]),
        ("--volume", &["/srv/my data:/data:ro"]),
        ("--mount", &["type=bind,\"source=/srv/a,b\",target=/ab,readonly"]),
        ("--tmpfs", &["/tmp:size=64m"]),
        ("--cap-drop", &["ALL"]),
        ("--cap-add", &["NET_BIND_SERVICE"]),
        ("--security-opt", &["no-new-privileges", "seccomp=profile.json"]),
        ("--device", &["/dev/fuse:/dev/fuse:rw"]),
        ("--device-cgroup-rule", &["c 10:229 rw"]),
        ("--gpus", &["all"]),
        ("--restart", &["on-failure:5"]),
        ("--memory", &["512m"]),
        ("--memory-swap", &["512m"]),
        ("--cpus", &["1.5"]),
        ("--pids-limit", &["200"]),
        ("--ulimit", &["nofile=1024:2048"]),
        ("--device-write-bps", &["/dev/sda:1048576"]),
        ("--log-opt", &["max-size=10m"]),
        ("--pid", &["host"]),
        ("--sysctl", &["net.core.somaxconn=1024"]),
        ("--add-host", &["db:10.0.0.2"]),
        ("--group-add", &["998"]),
    ] {
        assert_eq!(values(&words, flag), expected, "{flag}");
    }
    assert!(words.contains(&"--read-only".into()) && words.contains(&"--init".into()));
    assert_eq!(words[words.len() - 4..], ["app:1.0", "sh", "-c", "echo $HOME; reboot"]);
}

#[test]
fn hostile_names_and_values_stay_one_word_each() {
    for hostile in ["$(reboot)", "a'b", "x\ny", "`id`", "; rm -rf /", "\\", "a\"b", "*", "&& x", "é#"] {
        let facts = sample::host()
            .container(hostile, |c| {
                c.config.env = vec![format!("{hostile}={hostile}")];
                c.config.cmd = vec![hostile.into()];
                c.config.labels.insert(hostile.into(), hostile.into());
                c.config.user = hostile.into();
                c.bind(hostile, "/x");
                c.network_settings.networks.insert(hostile.into(), Endpoint::default());
            })
            .facts();
        let lines = run(&facts);
        assert_eq!(lines.len(), 3, "created, connected, started");
        let split = words(&lines[0]);
        assert_eq!(values(&split, "--name"), [hostile]);
        assert_eq!(values(&split, "--env"), [format!("{hostile}={hostile}")]);
        assert_eq!(split.last().map(String::as_str), Some(hostile));
        assert_eq!(words(&lines[1]), ["docker", "network", "connect", hostile, hostile]);
        assert_eq!(words(&lines[2]), ["docker", "start", hostile]);
        for line in compose::render(&facts, &facts.containers()[0]).lines() {
            assert!(line.trim_start().starts_with(|c: char| c.is_ascii_lowercase() || "\"-".contains(c)), "{line}");
        }
    }
}

#[test]
fn namespaces_of_other_containers_are_named_not_numbered() {
    let facts = sample::host()
        .container("web", |c| {
            let id = format!("container:{:064x}", 2);
            c.host_config.network_mode.clone_from(&id);
            c.host_config.pid_mode = id;
            c.network_settings.networks.clear();
        })
        .container("side", |_| {})
        .facts();
    assert_eq!(run(&facts), ["docker run -d --name web --network container:side --pid container:side app:1.0"]);
}

#[test]
fn an_anonymous_volume_keeps_its_data() {
    let facts = one(|c| {
        c.mounts.push(Mount {
            kind: "volume".into(),
            name: "f00d".into(),
            destination: "/var/lib/db".into(),
            rw: true,
            ..Mount::default()
        });
    });
    assert_eq!(run(&facts), ["docker run -d --name web --volume f00d:/var/lib/db app:1.0"]);
}

#[test]
fn a_compose_fragment_quotes_what_yaml_and_compose_would_misread() {
    let facts = one(|c| {
        c.config.user = "1000".into();
        c.config.cmd = vec!["echo $HOME".into(), "no".into()];
        c.bind("/srv/a", "/a");
        c.host_config.memory = 1 << 30;
        c.host_config.ulimits = vec![Ulimit { name: "nofile".into(), soft: 1, hard: 2 }];
    });
    let text = compose::render(&facts, &facts.containers()[0]);
    for line in [
        "services:",
        "  web:",
        "    image: \"app:1.0\"",
        "    container_name: \"web\"",
        "      - \"echo $$HOME\"",
        "      - \"no\"",
        "    user: \"1000\"",
        "      - \"/srv/a:/a\"",
        "    mem_limit: \"1g\"",
        "        hard: 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} is missing in\n{text}");
    }
}

#[test]
fn who_made_a_container_makes_it_anew() {
    let facts = sample::host()
        .container("plain", |c| c.host_config.privileged = true)
        .container("shop-web-1", |c| {
            c.host_config.privileged = true;
            for (key, value) in
                [("project", "shop"), ("service", "web"), ("project.config_files", "/srv/shop/compose.yml")]
            {
                c.config.labels.insert(format!("com.docker.compose.{key}"), value.into());
            }
        })
        .container("job.1", |c| {
            c.host_config.privileged = true;
            c.config.labels.insert("com.docker.swarm.service.name".into(), "job".into());
        })
        .facts();
    let found = crate::judge(&facts).findings;
    let fix = |name: &str| &found.iter().find(|f| f.rule == "KG-B003" && f.subject.name == name).unwrap().fix;
    assert_eq!(
        fix("plain").commands,
        [
            "docker stop plain",
            "docker rename plain plain-before",
            "docker run -d --name plain app:1.0",
            "docker rm plain-before"
        ]
    );
    assert_eq!(fix("shop-web-1").commands, ["docker compose -p shop -f /srv/shop/compose.yml up -d web"]);
    assert_eq!(fix("shop-web-1").snippets[0].file, "/srv/shop/compose.yml");
    assert!(fix("job.1").commands[0].starts_with("docker service update --force job"));
}

#[test]
fn values_that_the_facts_do_not_hold_are_carried_over_by_the_commands() {
    let facts = one(|c| {
        c.host_config.privileged = true;
        c.config.env = vec!["DB_PASSWORD=<redacted>".into(), "LANG=C".into()];
    });
    let found = crate::judge(&facts).findings;
    let commands = &found.iter().find(|f| f.rule == "KG-B003").unwrap().fix.commands;
    assert!(commands[0].ends_with("web | grep -E '^(DB_PASSWORD)=' > web.env)"), "{commands:?}");
    assert!(commands.iter().any(|command| command.contains("--env LANG=C") && command.contains("--env-file web.env")));
    assert_eq!(commands.last().map(String::as_str), Some("rm web.env"));
}

#[test]
fn several_fixes_of_one_container_are_one_change() {
    let facts = one(|c| {
        c.host_config.privileged = true;
        c.host_config.pid_mode = "host".into();
    });
    let found = crate::judge(&facts).findings;
    let both: Vec<&keelguard_model::Finding> =
        found.iter().filter(|f| f.rule == "KG-B003" || f.rule == "KG-B030").collect();
    assert_eq!(both.len(), 2);
    assert_eq!(super::joint(both[0]), super::joint(both[1]));
    let run = super::together(&facts, &both).commands.iter().find(|c| c.starts_with("docker run")).cloned().unwrap();
    assert!(!run.contains("--privileged") && !run.contains("--pid"), "{run}");
}

#[test]
fn several_settings_of_the_daemon_are_one_file_and_one_restart() {
    let facts = one(|_| {});
    let finding = |rule: &keelguard_model::Rule| rule.on(keelguard_model::Subject::engine());
    let daemon: Vec<keelguard_model::Finding> = crate::rules::REMEDIES
        .iter()
        .flat_map(|table| table.iter())
        .filter(|remedy| matches!(remedy.change, super::Change::Daemon(..)))
        .map(|remedy| finding(remedy.rule))
        .collect();
    assert!(daemon.len() > 1);
    let fix = super::together(&facts, &daemon.iter().collect::<Vec<_>>());
    assert_eq!(fix.commands, ["systemctl restart docker"]);
    let merged: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&fix.snippets[0].text).unwrap();
    assert!(merged.len() > 1);
}

/// In a network of its own, with everything about names and addresses that can be chosen.
fn addressed(c: &mut Container) {
    let own = OwnAddresses {
        ipv4_address: "10.9.0.5".into(),
        ipv6_address: "fd00:9::5".into(),
        link_local: vec!["169.254.9.5".into()],
    };
    c.host_config.network_mode = "back".into();
    c.network_settings.networks.clear();
    let endpoint = Endpoint { aliases: vec!["db".into()], ipam_config: Some(own), ..Endpoint::default() };
    c.network_settings.networks.insert("back".into(), endpoint);
    c.config.domainname = "example.org".into();
    c.config.mac_address = "02:42:0a:09:00:05".into();
    c.host_config.dns = vec!["10.9.0.2".into()];
    c.host_config.dns_options = vec!["ndots:2".into()];
    c.host_config.dns_search = vec![".".into()];
    c.host_config.extra_hosts = vec!["cache:10.9.0.7".into()];
}

#[test]
fn chosen_addresses_and_name_servers_come_back() {
    let facts = one(addressed);
    let lines = run(&facts);
    let words = words(&lines[0]);
    for (flag, expected) in [
        ("--network", "back"),
        ("--network-alias", "db"),
        ("--ip", "10.9.0.5"),
        ("--ip6", "fd00:9::5"),
        ("--link-local-ip", "169.254.9.5"),
        ("--domainname", "example.org"),
        ("--mac-address", "02:42:0a:09:00:05"),
        ("--dns", "10.9.0.2"),
        ("--dns-option", "ndots:2"),
        ("--dns-search", "."),
        ("--add-host", "cache:10.9.0.7"),
    ] {
        assert_eq!(values(&words, flag), [expected], "{flag}");
    }
    let text = compose::render(&facts, &facts.containers()[0]);
    for line in [
        "        ipv4_address: \"10.9.0.5\"",
        "        ipv6_address: \"fd00:9::5\"",
        "          - \"169.254.9.5\"",
        "    domainname: \"example.org\"",
        "    mac_address: \"02:42:0a:09:00:05\"",
        "      - \"10.9.0.2\"",
        "      - \"ndots:2\"",
        "      - \".\"",
        "      - \"cache:10.9.0.7\"",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} is missing in\n{text}");
    }
}

#[test]
fn an_address_in_a_second_network_is_asked_for_where_it_is_joined() {
    let facts = one(|c| {
        let own = OwnAddresses { ipv4_address: "10.9.0.5".into(), ..OwnAddresses::default() };
        let endpoint = Endpoint { ipam_config: Some(own), ..Endpoint::default() };
        c.network_settings.networks.insert("back".into(), endpoint);
    });
    assert_eq!(run(&facts)[1], "docker network connect --ip 10.9.0.5 back web");
}

#[test]
fn single_gpus_are_asked_for_by_their_ids() {
    let request = |change: fn(&mut DeviceRequest)| {
        let mut request = DeviceRequest { capabilities: vec![vec!["gpu".into()]], ..DeviceRequest::default() };
        change(&mut request);
        one(|c| c.host_config.device_requests = vec![request])
    };
    let two = request(|r| r.device_ids = vec!["0".into(), "GPU-3a1e".into()]);
    let line = words(&run(&two)[0]);
    assert_eq!(values(&line, "--gpus"), ["\"device=0,GPU-3a1e\""]);
    let text = compose::render(&two, &two.containers()[0]);
    assert!(text.contains("device_ids:") && text.contains("- \"GPU-3a1e\"") && !text.contains("count:"), "{text}");
    let with_options = request(|r| {
        r.count = 2;
        r.options.insert("mode".into(), "shared".into());
    });
    let line = words(&run(&with_options)[0]);
    assert_eq!(values(&line, "--gpus"), ["count=2,options=mode=shared"]);
}

#[test]
fn a_hidden_value_that_overrides_a_hidden_one_of_the_image_is_not_lost() {
    let with = |overridden: &[&str]| {
        sample::host()
            .with(|facts| {
                let config = &mut facts.engine.as_mut().unwrap().images[0].config;
                config.env = vec!["DB_PASSWORD=<redacted>".into(), "VERSION=<redacted>".into()];
            })
            .container("web", |c| {
                c.config.env = vec!["DB_PASSWORD=<redacted>".into(), "VERSION=<redacted>".into()];
                c.overridden = overridden.iter().map(ToString::to_string).collect();
            })
            .facts()
    };
    let facts = with(&["DB_PASSWORD"]);
    assert_eq!(run(&facts), ["docker run -d --name web --env-file web.env app:1.0"]);
    let (fill, _) = super::environment::carry_environment(&facts, &facts.containers()[0]).unwrap();
    assert!(fill.contains("grep -E '^(DB_PASSWORD)='"), "{fill}");
    assert!(compose::render(&facts, &facts.containers()[0]).contains("- \"DB_PASSWORD\""));
    assert_eq!(run(&with(&[])), ["docker run -d --name web app:1.0"], "the image's own values stay the image's");
}

#[test]
fn names_of_hidden_values_are_taken_literally_or_shown() {
    let facts = one(|c| {
        c.config.env = vec!["a.b$(x)=<redacted>".into(), "two words=<redacted>".into(), "#c=<redacted>".into()];
    });
    let (fill, _) = super::environment::carry_environment(&facts, &facts.containers()[0]).unwrap();
    assert!(fill.contains(r"grep -E '^(a\.b\$\(x\))='"), "{fill}");
    let line = &run(&facts)[0];
    for shown in ["--env 'two words=<redacted>'", "--env '#c=<redacted>'"] {
        assert!(line.contains(shown), "{line}");
    }
}
