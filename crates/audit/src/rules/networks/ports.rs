//! Published ports: on which addresses of the host, by whose decision, and what stands behind them.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, PortBinding};
use keelguard_model::{Finding, Severity, Subject, rule};

use super::firewall;
use crate::Exposure;
use crate::exposure::{bound_address, engine_host, is_loopback};

/// Ports of databases, caches, consoles and remote shells: what listens there is not meant for strangers.
const INTERNAL: &[u16] = &[
    21, 22, 23, 111, 135, 139, 389, 445, 512, 513, 514, 636, 873, 1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306,
    3389, 4243, 5432, 5601, 5672, 5900, 5984, 6379, 6443, 8086, 8500, 9042, 9092, 9200, 9300, 10250, 10255, 11211,
    15672, 26379, 27017, 27018, 28015, 50070,
];
/// Ports of web servers, which are there to be reached.
const WEB: &[u16] = &[80, 443];
/// Below, ports belong to root.
const PRIVILEGED: u16 = 1024;

const FIELD: &str = "HostConfig.PortBindings[\"";

/// `80/tcp` → 80.
fn number(port: &str) -> u16 {
    port.split(['/', '-']).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn is_everywhere(facts: &Facts, binding: &PortBinding) -> bool {
    matches!(bound_address(facts, &binding.host_ip), "0.0.0.0" | "::")
}

fn shown(facts: &Facts, binding: &PortBinding) -> String {
    let address = bound_address(facts, &binding.host_ip);
    let port = if binding.host_port.is_empty() { "any" } else { &binding.host_port };
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// Whether `port` of the host leads into a container.
pub(super) fn is_published(facts: &Facts, port: u16) -> bool {
    let of = |bindings: &Option<Vec<PortBinding>>| bindings.iter().flatten().any(|b| number(&b.host_port) == port);
    facts
        .containers()
        .iter()
        .any(|c| c.host_config.port_bindings.values().any(of) || c.network_settings.ports.values().any(of))
}

pub(super) fn findings(facts: &Facts, container: &Container, exposure: Exposure) -> Vec<Finding> {
    // Ports mean nothing where the network is not its own.
    let mode = &container.host_config.network_mode;
    if mode == "host" || mode.starts_with("container:") {
        return Vec::new();
    }
    let mut found: Vec<_> = all_exposed(facts, container).into_iter().collect();
    for (port, bindings) in &container.host_config.port_bindings {
        let bindings = bindings.as_deref().unwrap_or_default();
        found.extend(everywhere(facts, container, exposure, port, bindings));
        found.extend(privileged(facts, container, port, bindings));
        found.extend(unknown_to_image(facts, container, port, bindings));
    }
    found
}

fn keeps_out(facts: &Facts, inside: u16, outside: u16) -> bool {
    let rules = engine_host(facts).and_then(|host| host.firewall.docker_user.as_deref());
    rules.is_some_and(|rules| firewall::keeps_out(rules, inside, outside))
}

fn everywhere(
    facts: &Facts,
    container: &Container,
    exposure: Exposure,
    port: &str,
    bindings: &[PortBinding],
) -> Option<Finding> {
    let open: Vec<_> = bindings.iter().enumerate().filter(|(_, binding)| is_everywhere(facts, binding)).collect();
    let inside = number(port);
    let outside = number(&open.first()?.1.host_port);
    let kept_out = open.iter().all(|(_, binding)| keeps_out(facts, inside, number(&binding.host_port)));
    let base = if INTERNAL.contains(&inside) || INTERNAL.contains(&outside) {
        Severity::Medium
    } else if WEB.contains(&inside) || WEB.contains(&outside) {
        Severity::Info
    } else {
        Severity::Low
    };
    let mut finding = rule::PORT_EVERYWHERE
        .on(container.subject())
        .about(port)
        .title(format!("Port {port} is published on every interface"))
        .severity(if kept_out { Severity::Info } else { exposure.weigh(base) });
    for (index, binding) in open {
        finding = finding.evidence(format!("{FIELD}{port}\"][{index}]"), shown(facts, binding));
    }
    Some(if kept_out {
        finding.evidence("DOCKER-USER", "keeps strangers from it")
    } else {
        finding
            .reaches_from(
                Subject::internet(),
                container.subject(),
                5,
                format!("attacks what listens behind port {port}"),
            )
            .needs(format!("a flaw in the service behind port {port}"))
    })
}

fn privileged(facts: &Facts, container: &Container, port: &str, bindings: &[PortBinding]) -> Option<Finding> {
    let low = |binding: &PortBinding| (1..PRIVILEGED).contains(&number(&binding.host_port));
    let (index, binding) = bindings
        .iter()
        .enumerate()
        .find(|(_, binding)| low(binding) && !is_loopback(bound_address(facts, &binding.host_ip)))?;
    let web = WEB.contains(&number(&binding.host_port));
    Some(
        rule::PORT_PRIVILEGED
            .on(container.subject())
            .about(port)
            .severity(if web { Severity::Info } else { Severity::Low })
            .evidence(format!("{FIELD}{port}\"][{index}].HostPort"), &binding.host_port),
    )
}

/// A port that was published although the image says nothing of it, while it does name others.
fn unknown_to_image(facts: &Facts, container: &Container, port: &str, bindings: &[PortBinding]) -> Option<Finding> {
    let image = facts.engine.as_ref()?.images.iter().find(|image| image.id == container.image)?;
    let exposed = &image.config.exposed_ports;
    let outward = bindings.iter().any(|binding| !is_loopback(bound_address(facts, &binding.host_ip)));
    (outward && !exposed.is_empty() && !exposed.contains_key(port)).then(|| {
        rule::PORTS_UNNEEDED
            .on(container.subject())
            .about(port)
            .severity(Severity::Info)
            .title(format!("Port {port} is published, and the image does not expose it"))
            .evidence(
                format!("{FIELD}{port}\"]"),
                bindings.iter().map(|b| shown(facts, b)).collect::<Vec<_>>().join(", "),
            )
            .evidence("Image Config.ExposedPorts", exposed.keys().cloned().collect::<Vec<_>>().join(", "))
    })
}

fn all_exposed(facts: &Facts, container: &Container) -> Option<Finding> {
    if !container.host_config.publish_all_ports {
        return None;
    }
    let chosen = &container.host_config.port_bindings;
    let mut finding = rule::PORTS_UNNEEDED
        .on(container.subject())
        .about("all")
        .title("Container publishes all ports that its image exposes")
        .evidence("HostConfig.PublishAllPorts", "true");
    for (port, bindings) in container.network_settings.ports.iter().filter(|(port, _)| !chosen.contains_key(*port)) {
        let open = bindings.iter().flatten().find(|binding| is_everywhere(facts, binding));
        let Some(binding) = open.filter(|b| !keeps_out(facts, number(port), number(&b.host_port))) else { continue };
        finding = finding
            .evidence(format!("NetworkSettings.Ports[\"{port}\"]"), shown(facts, binding))
            .reaches_from(
                Subject::internet(),
                container.subject(),
                5,
                format!("attacks what listens behind port {port}"),
            )
            .needs(format!("a flaw in the service behind port {port}"));
    }
    Some(finding)
}

/// The port that the evidence names.
fn named(finding: &Finding) -> Option<&str> {
    finding.evidence.iter().find_map(|e| e.what.strip_prefix(FIELD)?.split('"').next())
}

/// Both as asked for and as it is.
fn change(container: &mut Container, port: &str, with: fn(&mut PortBinding)) {
    for map in [&mut container.host_config.port_bindings, &mut container.network_settings.ports] {
        map.get_mut(port).into_iter().flatten().flatten().for_each(with);
    }
}

pub(super) fn bind_to_loopback(container: &mut Container, finding: &Finding) {
    let Some(port) = named(finding) else { return };
    change(container, port, |binding| {
        if matches!(binding.host_ip.as_str(), "" | "0.0.0.0" | "::") {
            binding.host_ip = "127.0.0.1".into();
        }
    });
    for map in [&mut container.host_config.port_bindings, &mut container.network_settings.ports] {
        map.get_mut(port).into_iter().flatten().for_each(Vec::dedup);
    }
}

/// 80 → 8080, 443 → 8443.
pub(super) fn move_up(container: &mut Container, finding: &Finding) {
    let Some(port) = named(finding) else { return };
    change(container, port, |binding| {
        let outside = number(&binding.host_port);
        if (1..PRIVILEGED).contains(&outside) {
            binding.host_port = (outside + 8000).to_string();
        }
    });
}

pub(super) fn publish_by_name(container: &mut Container, finding: &Finding) {
    if let Some(port) = named(finding) {
        container.host_config.port_bindings.remove(port);
        container.network_settings.ports.remove(port);
    } else {
        container.host_config.publish_all_ports = false;
        let chosen = &container.host_config.port_bindings;
        container.network_settings.ports.retain(|port, _| chosen.contains_key(port));
    }
}
