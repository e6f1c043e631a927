//! Plugins of the engine: what they were granted, and those that nobody confines (D06).

use keelguard_host::Facts;
use keelguard_host::facts::{Plugin, PluginConfig};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};
use serde_json::Value;

use crate::capability::canonical;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[Remedy {
    rule: &rule::PLUGIN_POWERS,
    change: Change::Own(|facts, finding| {
        let plugins = facts.engine.iter_mut().flat_map(|engine| engine.plugins.iter_mut());
        plugins.filter(|plugin| plugin.name == finding.subject.name).for_each(|plugin| plugin.enabled = false);
    }),
}];

/// Capabilities with which a process of the host's own namespaces is root in one step.
const ROOT_CAPABILITIES: &[&str] =
    &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "MKNOD"];

/// Host paths whose mount makes a plugin root.
const ROOT_PATHS: &[&str] =
    &["/", "/etc", "/dev", "/proc", "/sys", "/root", "/var/run/docker.sock", "/run/docker.sock", "/var/lib/docker"];

/// Plugins that come with the engine.
const BUILT_IN: &[&str] = &["local", "bridge", "host", "ipvlan", "macvlan", "null", "overlay"];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let mut found: Vec<Finding> = engine.plugins.iter().filter(|plugin| plugin.enabled).filter_map(powers).collect();
    for kind in ["Volume", "Network"] {
        let names = engine.info.plugins.get(kind).and_then(Option::as_ref).into_iter().flatten();
        for name in names.filter(|name| !BUILT_IN.contains(&name.as_str())) {
            if !engine.plugins.iter().any(|plugin| same(&plugin.name, name)) {
                let subject = Subject::new(SubjectKind::Plugin, name.as_str());
                found.push(rule::UNMANAGED_PLUGIN.on(subject).about(kind).evidence(format!("Plugins.{kind}"), name));
            }
        }
    }
    if !has_authorization(facts) {
        found.push(rule::NO_AUTHORIZATION.on(Subject::engine()).evidence("Plugins.Authorization", "none"));
    }
    found
}

/// Whether something decides which client may do what.
pub(super) fn has_authorization(facts: &Facts) -> bool {
    facts.engine.as_ref().is_some_and(|engine| {
        engine.info.plugins.get("Authorization").and_then(Option::as_ref).is_some_and(|names| !names.is_empty())
    })
}

/// With and without the tag: `vieux/sshfs` is `vieux/sshfs:latest`.
fn same(managed: &str, listed: &str) -> bool {
    managed == listed
        || managed.strip_suffix(":latest").unwrap_or(managed) == listed.strip_suffix(":latest").unwrap_or(listed)
}

fn powers(plugin: &Plugin) -> Option<Finding> {
    let PluginConfig { linux, network, mounts, pid_host, ipc_host } = &plugin.config;
    let mut root = Vec::new();
    let mut some = Vec::new();
    for capability in &linux.capabilities {
        let name = canonical(capability);
        let list = if ROOT_CAPABILITIES.contains(&name.as_str()) { &mut root } else { &mut some };
        if name != "NET_BIND_SERVICE" {
            list.push(("Config.Linux.Capabilities", name));
        }
    }
    if linux.allow_all_devices {
        root.push(("Config.Linux.AllowAllDevices", "true".to_owned()));
    }
    if *pid_host {
        root.push(("Config.PidHost", "true".to_owned()));
    }
    if *ipc_host {
        some.push(("Config.IpcHost", "true".to_owned()));
    }
    for source in mounts.iter().filter_map(|mount| mount.get("Source")?.as_str()) {
        let trimmed = if source == "/" { source } else { source.trim_end_matches('/') };
        if ROOT_PATHS.contains(&trimmed) {
            root.push(("Config.Mounts[].Source", source.to_owned()));
        }
    }
    if network.get("Type").and_then(Value::as_str) == Some("host") {
        some.push(("Config.Network.Type", "host".to_owned()));
    }
    let severity = match (root.is_empty(), some.is_empty()) {
        (true, true) => return None,
        (false, _) => Severity::Medium,
        // What volume and network drivers need to do their work at all.
        (true, false) => Severity::Info,
    };
    let mut finding = rule::PLUGIN_POWERS
        .on(Subject::new(SubjectKind::Plugin, plugin.name.as_str()))
        .severity(severity)
        .command(format!("docker plugin disable {}", shell_word(&plugin.name)));
    if severity == Severity::Info {
        finding = finding.title("A plugin has some powers over the host");
    }
    for (what, value) in root.into_iter().chain(some) {
        finding = finding.evidence(what, value);
    }
    Some(finding)
}
