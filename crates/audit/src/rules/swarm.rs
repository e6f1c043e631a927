//! The swarm (D08): whether it is needed, who can reach its ports, what travels and lies unencrypted.

use keelguard_host::Facts;
use keelguard_host::facts::{Engine, Swarm, SwarmService};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

use super::daemon::in_swarm;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::SWARM_UNUSED,
        change: Change::Own(|facts, _| {
            facts.host.listening.retain(|socket| !is_swarm_port(socket.port));
            if let Some(engine) = &mut facts.engine {
                engine.info.swarm = keelguard_host::facts::SwarmInfo {
                    local_node_state: "inactive".into(),
                    ..keelguard_host::facts::SwarmInfo::default()
                };
                engine.swarm = None;
                engine.networks.retain(|network| network.scope != "swarm");
            }
        }),
    },
    Remedy {
        rule: &rule::SWARM_PLAIN_OVERLAY,
        change: Change::Own(|facts, finding| {
            let networks = facts.engine.iter_mut().flat_map(|engine| engine.networks.iter_mut());
            for network in networks.filter(|network| network.name == finding.subject.name) {
                network.options.insert("encrypted".into(), String::new());
            }
        }),
    },
    Remedy {
        rule: &rule::SWARM_AUTOLOCK,
        change: Change::Own(|facts, _| edit(facts, |swarm| swarm.auto_lock_managers = true)),
    },
    Remedy {
        rule: &rule::SWARM_CERTIFICATES,
        change: Change::Own(|facts, _| edit(facts, |swarm| swarm.node_cert_expiry = NINETY_DAYS)),
    },
];

fn edit(facts: &mut Facts, change: impl Fn(&mut Swarm)) {
    facts.engine.iter_mut().filter_map(|engine| engine.swarm.as_mut()).for_each(change);
}

/// The default expiry of node certificates, in nanoseconds.
const NINETY_DAYS: i64 = 90 * 24 * 3600 * 1_000_000_000;

/// Managing and gossip. 4789 (VXLAN) belongs to the kernel and is judged by the networks' encryption.
const fn is_swarm_port(port: u16) -> bool {
    matches!(port, 2377 | 7946)
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let Some(engine) = facts.engine.as_ref().filter(|_| in_swarm(facts)) else { return Vec::new() };
    let mut found: Vec<Finding> = all_interfaces(facts).into_iter().collect();
    found.extend(plain_overlays(engine));
    if let Some(swarm) = &engine.swarm {
        found.extend(as_manager(engine, swarm));
    }
    found
}

fn as_manager(engine: &Engine, swarm: &Swarm) -> Vec<Finding> {
    let mut found = Vec::new();
    let info = &engine.info.swarm;
    if info.nodes <= 1 && swarm.services.is_empty() {
        found.push(
            rule::SWARM_UNUSED
                .on(Subject::engine())
                .evidence("Swarm.Nodes", info.nodes.to_string())
                .evidence("services", "none")
                .command("docker swarm leave --force"),
        );
    }
    if info.managers > 7 || (info.managers > 0 && info.managers % 2 == 0) {
        found.push(rule::SWARM_MANAGERS.on(Subject::engine()).evidence("Swarm.Managers", info.managers.to_string()));
    }
    if !swarm.auto_lock_managers {
        found.push(
            rule::SWARM_AUTOLOCK
                .on(Subject::engine())
                .evidence("Spec.EncryptionConfig.AutoLockManagers", "false")
                .command("docker swarm update --autolock=true"),
        );
    }
    if swarm.node_cert_expiry > NINETY_DAYS {
        let days = swarm.node_cert_expiry / (NINETY_DAYS / 90);
        found.push(
            rule::SWARM_CERTIFICATES
                .on(Subject::engine())
                .evidence("Spec.CAConfig.NodeCertExpiry", format!("{days} days"))
                .command("docker swarm update --cert-expiry 2160h"),
        );
    }
    found.extend(swarm.services.iter().filter_map(secret_in_environment));
    found
}

fn all_interfaces(facts: &Facts) -> Option<Finding> {
    let open = facts.host.listening.iter().filter(|socket| {
        is_swarm_port(socket.port)
            && matches!(socket.address.as_str(), "0.0.0.0" | "::" | "*")
            && socket.program.as_deref().is_none_or(|program| program == "dockerd")
    });
    let mut finding = rule::SWARM_ALL_INTERFACES.on(Subject::engine());
    for socket in open {
        finding =
            finding.evidence(format!("listening {}", socket.protocol), format!("{}:{}", socket.address, socket.port));
    }
    (!finding.evidence.is_empty()).then_some(finding)
}

fn plain_overlays(engine: &Engine) -> Vec<Finding> {
    engine
        .networks
        .iter()
        .filter(|network| network.driver == "overlay" && network.scope == "swarm")
        // `--opt encrypted` alone leaves the value empty.
        .filter(|network| network.options.get("encrypted").is_none_or(|value| value == "false"))
        .map(|network| {
            let name = shell_word(&network.name);
            let ingress = if network.ingress { " --ingress" } else { "" };
            let attachable = if network.attachable { " --attachable" } else { "" };
            let finding = rule::SWARM_PLAIN_OVERLAY
                .on(Subject::new(SubjectKind::Network, network.name.as_str()))
                .evidence("Options.encrypted", "not set");
            let finding = if network.ingress {
                // The command line asks before it removes the network of published ports, and the managers take a
                // moment to agree that it is gone.
                finding
                    .command(format!("echo y | docker network rm {name}"))
                    .command(format!("while docker network inspect {name} >/dev/null 2>&1; do sleep 1; done"))
            } else {
                finding.command(format!("docker network rm {name}"))
            };
            let finding = finding
                .command(format!("docker network create --driver overlay --opt encrypted{ingress}{attachable} {name}"));
            // With one node nothing leaves this machine yet.
            if engine.info.swarm.nodes == 1 { finding.severity(Severity::Info) } else { finding }
        })
        .collect()
}

fn secret_in_environment(service: &SwarmService) -> Option<Finding> {
    let secret: Vec<_> = service.env.iter().filter(|name| names_a_secret(name)).take(20).collect();
    let mut finding = rule::SWARM_SECRET_IN_ENV.on(Subject::new(SubjectKind::Service, service.name.as_str()));
    for name in &secret {
        finding = finding.evidence("Spec.TaskTemplate.ContainerSpec.Env[]", name.as_str());
    }
    (!secret.is_empty()).then_some(finding)
}

/// `DB_PASSWORD`, not `DB_PASSWORD_FILE`, which points to a secret as it should be.
fn names_a_secret(name: &str) -> bool {
    let name = name.split('=').next().unwrap_or_default().to_ascii_uppercase();
    let parts = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY"];
    let named = parts.iter().any(|part| name.contains(part)) || name.ends_with("TOKEN") || name.ends_with("_PASS");
    named && !name.ends_with("_FILE") && !name.ends_with("_PATH")
}

#[cfg(test)]
#[path = "swarm_tests.rs"]
mod tests;
