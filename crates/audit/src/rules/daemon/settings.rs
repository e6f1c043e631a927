//! Settings of the engine, one function a setting (D03). A setting that is absent is only judged where all settings
//! are known; where the engine itself tells the value, its word counts.

use keelguard_host::Facts;
use keelguard_host::facts::{Engine, RegistryConfig};
use keelguard_model::{Finding, Severity, Subject, rule};
use serde_json::Value;

use super::{in_swarm, set, settings_known, words};
use crate::remedy::{Change, Remedy, daemon_file};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::INSECURE_REGISTRY,
        change: Change::Daemon("{\n  \"insecure-registries\": []\n}", |facts, finding| {
            let gone = |name: &str| finding.evidence.iter().any(|evidence| evidence.value == name);
            if let Some(config) = facts.engine.as_mut().and_then(|engine| engine.info.registry_config.as_mut()) {
                config.insecure_registry_cidrs.retain(|cidr| !gone(cidr));
                config.index_configs.retain(|name, index| index.secure || !gone(name));
            }
        }),
    },
    Remedy {
        rule: &rule::LOG_LEVEL,
        change: Change::Daemon("{\n  \"log-level\": \"info\",\n  \"debug\": false\n}", |facts, _| {
            set(facts, "log-level", "info");
            set(facts, "debug", false);
        }),
    },
    Remedy {
        rule: &rule::IPTABLES_OFF,
        change: Change::Daemon("{\n  \"iptables\": true\n}", |facts, finding| {
            for evidence in &finding.evidence {
                set(facts, &evidence.what, true);
            }
        }),
    },
    Remedy {
        rule: &rule::DIRECT_ROUTING,
        change: Change::Daemon("{\n  \"allow-direct-routing\": false\n}", |facts, _| {
            set(facts, "allow-direct-routing", false);
        }),
    },
    Remedy {
        rule: &rule::AUFS,
        change: Change::Daemon("{\n  \"storage-driver\": \"overlay2\"\n}", |facts, _| overlay2(facts)),
    },
    Remedy {
        rule: &rule::DEVICEMAPPER,
        change: Change::Daemon("{\n  \"storage-driver\": \"overlay2\"\n}", |facts, _| overlay2(facts)),
    },
    Remedy {
        rule: &rule::DEFAULT_ULIMITS,
        change: Change::Daemon(
            "{\n  \"default-ulimits\": {\n    \"nofile\": { \"Name\": \"nofile\", \"Soft\": 1024, \"Hard\": 65536 },\n    \
             \"nproc\": { \"Name\": \"nproc\", \"Soft\": 4096, \"Hard\": 4096 }\n  }\n}",
            |facts, _| set(facts, "default-ulimits", serde_json::json!({ "nofile": {}, "nproc": {} })),
        ),
    },
    Remedy {
        rule: &rule::DAEMON_CGROUP_PARENT,
        change: Change::Daemon("{\n  \"cgroup-parent\": \"\"\n}", |facts, _| set(facts, "cgroup-parent", "")),
    },
    Remedy {
        rule: &rule::LIVE_RESTORE,
        change: Change::Daemon("{\n  \"live-restore\": true\n}", |facts, _| {
            set(facts, "live-restore", true);
            facts.engine.iter_mut().for_each(|engine| engine.info.live_restore_enabled = true);
        }),
    },
    Remedy {
        rule: &rule::USERLAND_PROXY,
        change: Change::Daemon("{\n  \"userland-proxy\": false\n}", |facts, _| set(facts, "userland-proxy", false)),
    },
    Remedy {
        rule: &rule::EXPERIMENTAL,
        change: Change::Daemon("{\n  \"experimental\": false\n}", |facts, _| {
            set(facts, "experimental", false);
            facts.engine.iter_mut().for_each(|engine| engine.info.experimental_build = false);
        }),
    },
    Remedy {
        rule: &rule::LOG_DRIVER_NONE,
        change: Change::Daemon("{\n  \"log-driver\": \"local\"\n}", |facts, _| {
            set(facts, "log-driver", "local");
            facts.engine.iter_mut().for_each(|engine| engine.info.logging_driver = "local".into());
        }),
    },
];

fn overlay2(facts: &mut Facts) {
    set(facts, "storage-driver", "overlay2");
    facts.host.daemon.settings.remove("storage-opts");
    if let Some(engine) = &mut facts.engine {
        engine.info.driver = "overlay2".into();
        engine.info.driver_status.clear();
    }
}

/// Log drivers that leave the log on this machine.
const LOCAL_DRIVERS: &[&str] = &["json-file", "local", "db"];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(engine) = &facts.engine {
        found.extend(insecure_registries(engine));
        found.extend(storage(facts, engine));
        found.extend(logging(engine));
        if !engine.info.live_restore_enabled && !in_swarm(facts) {
            found.push(rule::LIVE_RESTORE.on(Subject::engine()).evidence("LiveRestoreEnabled", "false"));
        }
        if engine.info.experimental_build {
            found.push(rule::EXPERIMENTAL.on(Subject::engine()).evidence("ExperimentalBuild", "true"));
        }
    }
    if settings_known(facts) {
        found.extend(switches(facts));
    }
    found
}

fn switches(facts: &Facts) -> Vec<Finding> {
    let daemon = &facts.host.daemon;
    let word = |key: &str| daemon.setting(key).and_then(Value::as_str);
    let mut found = Vec::new();
    let level = word("log-level").filter(|level| *level != "info" && !level.is_empty());
    if level.is_some() || daemon.switch("debug") == Some(true) {
        let finding = rule::LOG_LEVEL.on(Subject::engine());
        found.push(match level {
            Some(level) => finding.evidence("log-level", level),
            None => finding.evidence("debug", "true"),
        });
    }
    let off: Vec<_> = ["iptables", "ip6tables"]
        .into_iter()
        .filter(|key| daemon.switch(key) == Some(false) && (*key == "iptables" || has_ip6tables(facts)))
        .collect();
    if !off.is_empty() {
        // Without IPv6 rules only IPv6 networks are open; the benchmark asks for `iptables`.
        let v4 = off.contains(&"iptables");
        let keys: serde_json::Map<String, Value> = off.iter().map(|key| ((*key).to_owned(), true.into())).collect();
        let keys = format!("{:#}", Value::Object(keys));
        let mut finding = rule::IPTABLES_OFF.on(Subject::engine()).snippet(daemon_file(facts), keys);
        if !v4 {
            finding = finding.severity(Severity::Info).cis(&[]);
        }
        found.push(off.iter().fold(finding, |finding, key| finding.evidence(*key, "false")));
    }
    if daemon.switch("allow-direct-routing") == Some(true) {
        found.push(rule::DIRECT_ROUTING.on(Subject::engine()).evidence("allow-direct-routing", "true"));
    }
    let bounded = daemon.setting("default-ulimits").and_then(Value::as_object).is_some_and(|limits| !limits.is_empty());
    if !bounded {
        found.push(rule::DEFAULT_ULIMITS.on(Subject::engine()).evidence("default-ulimits", "not set"));
    }
    let usual = ["", "docker", "/docker", "system.slice", "user.slice"];
    if let Some(parent) = word("cgroup-parent").filter(|parent| !usual.contains(parent)) {
        found.push(rule::DAEMON_CGROUP_PARENT.on(Subject::engine()).evidence("cgroup-parent", parent));
    }
    if daemon.switch("userland-proxy") != Some(false) {
        let value = if daemon.switch("userland-proxy").is_some() { "true" } else { "not set (true)" };
        found.push(rule::USERLAND_PROXY.on(Subject::engine()).evidence("userland-proxy", value));
    }
    found
}

/// Before 27, an engine refuses to start with `ip6tables` unless it is experimental, which it should not be either.
fn has_ip6tables(facts: &Facts) -> bool {
    facts.engine.as_ref().is_none_or(|engine| {
        let major = engine.info.server_version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        major.is_none_or(|major| major >= 27)
    })
}

fn insecure_registries(engine: &Engine) -> Vec<Finding> {
    let Some(RegistryConfig { insecure_registry_cidrs, index_configs, .. }) = &engine.info.registry_config else {
        return Vec::new();
    };
    let ranges = insecure_registry_cidrs.iter().filter(|cidr| !loopback_range(cidr)).map(|cidr| {
        // A prefix of zero trusts every registry there is.
        let severity = if cidr.ends_with("/0") { Severity::High } else { Severity::Medium };
        (severity, "RegistryConfig.InsecureRegistryCIDRs", cidr)
    });
    let names = index_configs
        .iter()
        .filter(|(name, index)| !index.secure && !loopback_name(name))
        .map(|(name, _)| (Severity::Medium, "RegistryConfig.IndexConfigs[].Name", name));
    ranges
        .chain(names)
        .map(|(severity, what, name)| {
            rule::INSECURE_REGISTRY.on(Subject::engine()).about(name).severity(severity).evidence(what, name)
        })
        .collect()
}

/// A range within `127.0.0.0/8` or `::1/128`: wider ones are not this machine alone.
fn loopback_range(cidr: &str) -> bool {
    let Some((address, prefix)) = cidr.split_once('/') else { return loopback_name(cidr) };
    match (address.parse(), prefix.parse::<u8>()) {
        (Ok(std::net::IpAddr::V4(ip)), Ok(bits)) => ip.is_loopback() && bits >= 8,
        (Ok(std::net::IpAddr::V6(ip)), Ok(bits)) => ip.is_loopback() && bits >= 128,
        _ => false,
    }
}

fn loopback_name(name: &str) -> bool {
    let host = match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => name,
    };
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn storage(facts: &Facts, engine: &Engine) -> Option<Finding> {
    match engine.info.driver.as_str() {
        "aufs" => Some(rule::AUFS.on(Subject::engine()).evidence("Driver", "aufs")),
        "devicemapper" => {
            let loop_file = engine
                .info
                .driver_status
                .iter()
                .find(|pair| pair.first().is_some_and(|name| name.to_ascii_lowercase().contains("loop file")));
            let base_size = words(facts, "storage-opts").into_iter().find(|option| option.starts_with("dm.basesize"));
            let finding = rule::DEVICEMAPPER.on(Subject::engine()).evidence("Driver", "devicemapper");
            match (loop_file, base_size) {
                (None, None) => None,
                (Some(pair), _) => Some(finding.evidence("DriverStatus", pair.join(": "))),
                (None, Some(option)) => Some(finding.evidence("storage-opts", option)),
            }
        }
        _ => None,
    }
}

fn logging(engine: &Engine) -> Option<Finding> {
    match engine.info.logging_driver.as_str() {
        "" => None,
        "none" => Some(rule::LOG_DRIVER_NONE.on(Subject::engine()).evidence("LoggingDriver", "none")),
        driver if LOCAL_DRIVERS.contains(&driver) => {
            Some(rule::LOCAL_LOGS.on(Subject::engine()).evidence("LoggingDriver", driver))
        }
        _ => None,
    }
}
