//! Control sockets within a mount's reach (M01, M02). Connecting ignores `ro`, so read-only mounts count in full.

use std::collections::BTreeMap;

use keelguard_host::Facts;
use keelguard_host::facts::Stat;
use keelguard_host::sensitive::CONTROL_SOCKETS;
use keelguard_model::{Finding, Severity, rule};

use super::access::{Access, WRITE};
use super::place::{Place, Relation, normalised};
use super::with_evidence;

/// What a service gives to whoever may talk to it.
struct Service {
    name: &'static str,
    /// As a sentence names it.
    label: &'static str,
    severity: Severity,
    cost: u32,
    how: &'static str,
    needs: &'static str,
}

/// One row a service; the order is that of their worth.
const SERVICES: &[Service] = &[
    Service {
        name: "docker",
        label: "the Docker engine",
        severity: Severity::Critical,
        cost: 1,
        how: "starts a container with the host's disk mounted",
        needs: "",
    },
    Service {
        name: "podman",
        label: "Podman",
        severity: Severity::Critical,
        cost: 1,
        how: "starts a container with the host's disk mounted",
        needs: "",
    },
    Service {
        name: "lxd",
        label: "LXD",
        severity: Severity::Critical,
        cost: 1,
        how: "starts a privileged LXD container with the host's disk",
        needs: "",
    },
    Service {
        name: "incus",
        label: "Incus",
        severity: Severity::Critical,
        cost: 1,
        how: "starts a privileged Incus container with the host's disk",
        needs: "",
    },
    Service {
        name: "containerd",
        label: "containerd",
        severity: Severity::Critical,
        cost: 2,
        how: "starts a privileged task through containerd",
        needs: "",
    },
    Service {
        name: "crio",
        label: "CRI-O",
        severity: Severity::Critical,
        cost: 2,
        how: "starts a privileged pod through CRI-O",
        needs: "",
    },
    Service {
        name: "cri-dockerd",
        label: "cri-dockerd",
        severity: Severity::Critical,
        cost: 2,
        how: "starts a privileged pod through cri-dockerd",
        needs: "",
    },
    Service {
        name: "systemd",
        label: "systemd",
        severity: Severity::Critical,
        cost: 2,
        how: "has systemd start a unit as root",
        needs: "",
    },
    Service {
        name: "dbus",
        label: "the system bus",
        severity: Severity::Critical,
        cost: 2,
        how: "has systemd start a unit through the system bus",
        needs: "",
    },
    Service {
        name: "snapd",
        label: "snapd",
        severity: Severity::Critical,
        cost: 2,
        how: "installs a snap without confinement",
        needs: "",
    },
    Service {
        name: "docker-plugin",
        label: "an engine plugin",
        severity: Severity::High,
        cost: 3,
        how: "answers the engine in a plugin's place, or commands the plugin",
        needs: "a plugin that runs as root, or a writable plugin folder",
    },
    Service {
        name: "buildkit",
        label: "BuildKit",
        severity: Severity::High,
        cost: 3,
        how: "builds with the builder's own rights",
        needs: "the entitlement security.insecure, or a flaw of the builder",
    },
];

/// A control socket that this host has, or may have.
pub(super) struct Known<'a> {
    service: &'static Service,
    path: String,
    stat: Option<&'a Stat>,
    /// It is there: otherwise only a mount of exactly this path, or one that nobody could look at, counts.
    there: bool,
}

/// All control sockets: those found here, the one that the engine answered on, and the usual places.
pub(super) fn known(facts: &Facts) -> Vec<Known<'_>> {
    let service = |name: &str| SERVICES.iter().find(|service| service.name == name);
    let mut sockets: BTreeMap<String, Known> = BTreeMap::new();
    for socket in &facts.host.control_sockets {
        let Some(service) = service(&socket.service) else { continue };
        let path =
            if socket.fact.resolved.is_empty() { normalised(&socket.path) } else { socket.fact.resolved.clone() };
        sockets.entry(path.clone()).or_insert(Known { service, path, stat: socket.fact.stat.as_ref(), there: true });
    }
    let endpoint = facts.engine.iter().filter_map(|engine| engine.endpoint.strip_prefix("unix://"));
    let usual = CONTROL_SOCKETS.iter().map(|(name, path)| (*name, *path, false));
    for (name, path, there) in endpoint.map(|path| ("docker", path, true)).chain(usual) {
        let Some(service) = service(name) else { continue };
        let path = normalised(path);
        let there = there && facts.engine_is_local();
        sockets.entry(path.clone()).or_insert(Known { service, path, stat: None, there });
    }
    sockets.into_values().collect()
}

pub(super) fn findings(facts: &Facts, place: &Place, known: &[Known]) -> Vec<Finding> {
    let mut reached: Vec<&Known> = known
        .iter()
        .filter(|socket| match place.relation(&socket.path) {
            Some(Relation::Same) => true,
            Some(Relation::Above) => socket.there || place.by_name,
            // The plugin "socket" may be the folder with all of them.
            Some(Relation::Inside(_)) => socket.service.name == "docker-plugin",
            None => false,
        })
        .collect();
    reached.sort_by_key(|socket| SERVICES.iter().position(|service| service.name == socket.service.name));
    let (engine, others): (Vec<_>, Vec<_>) = reached.into_iter().partition(|socket| socket.service.name == "docker");
    [(&rule::ENGINE_SOCKET, engine), (&rule::CONTROL_SOCKET, others)]
        .into_iter()
        .filter_map(|(rule, sockets)| {
            let first = sockets.first()?;
            let service = first.service;
            let mut finding = with_evidence(rule.on(place.container.subject()), place);
            for socket in &sockets {
                finding = finding.evidence(format!("control socket of {}", socket.service.label), &socket.path);
            }
            if rule.id == rule::CONTROL_SOCKET.id {
                finding = finding.title(format!("Container can talk to {} of the host", service.label));
            }
            let stat = first.stat.or_else(|| place.fact.filter(|f| f.kind == "socket").and_then(|f| f.stat.as_ref()));
            let exposure = place.exposure;
            let rootless = facts
                .engine
                .as_ref()
                .is_some_and(|engine| engine.info.security_options.iter().any(|option| option.contains("rootless")));
            if rootless && exposure.root && service.name == "docker" {
                // A rootless engine's root inside is the engine's own user outside, who owns that socket.
                return Some(
                    finding
                        .severity(Severity::High)
                        .reaches(
                            keelguard_model::Subject::host_root(),
                            3,
                            "commands the rootless engine and has its user's account",
                        )
                        .needs("that user can become root (sudo, other groups)"),
                );
            }
            let access = Access::of(place.container, exposure, stat, WRITE);
            let severity = access.weigh(exposure, service.severity);
            Some(access.reaches(finding.severity(severity), service.cost, service.how.to_owned(), service.needs))
        })
        .collect()
}
