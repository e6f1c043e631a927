//! Networks: who can talk to a container from outside, and to whom it can talk on the host and around it.
//! Between containers of one network no finding is needed for an attack step: that is how networks are meant to be.

mod firewall;
mod ports;

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Endpoint, Listener, Network, Setting};
use keelguard_model::text::shell_word;
use keelguard_model::{Area, Finding, Incomplete, Rule, Severity, Subject, SubjectKind, rule};

use crate::Exposure;
use crate::capability::{granted, has};
use crate::exposure::{engine_host, host_subject, is_loopback};
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::PORT_EVERYWHERE, change: Change::Recreate(ports::bind_to_loopback) },
    Remedy { rule: &rule::PORT_PRIVILEGED, change: Change::Recreate(ports::move_up) },
    Remedy { rule: &rule::PORTS_UNNEEDED, change: Change::Recreate(ports::publish_by_name) },
    Remedy { rule: &rule::ICC, change: Change::Daemon("{\"icc\": false}", |facts, _| without_icc(facts)) },
    Remedy { rule: &rule::METADATA, change: Change::Own(drop_metadata) },
    Remedy { rule: &rule::HOST_SERVICES, change: Change::Own(|facts, _| drop_new_from_bridges(facts)) },
    Remedy {
        rule: &rule::SYSCTL,
        change: Change::Recreate(|container, finding| {
            let named = |key: &str| finding.evidence.iter().any(|e| e.what == format!("HostConfig.Sysctls[\"{key}\"]"));
            container.host_config.sysctls.retain(|key, _| !named(key));
        }),
    },
    Remedy { rule: &rule::LAYER_2, change: Change::Own(change_network) },
    Remedy { rule: &rule::DEFAULT_BRIDGE, change: Change::Own(change_network) },
];

const ICC: &str = "com.docker.network.bridge.enable_icc";

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found: Vec<_> =
        talk_on_the_default_bridge(facts).into_iter().chain(metadata(facts)).chain(host_services(facts)).collect();
    for container in facts.containers() {
        let exposure = Exposure::of(facts, container);
        found.extend(ports::findings(facts, container, exposure));
        found.extend(sysctls(container));
        found.extend(layer_2(facts, container, exposure));
        found.extend(default_bridge(container));
    }
    found
}

/// Whether a cloud's metadata service can be reached is decided by a chain that could not be read.
pub(crate) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    let blind = engine_host(facts).filter(|host| host.cloud.is_some() && host.firewall.docker_user.is_none());
    let Some(host) = blind.filter(|_| bridged(facts).next().is_some()) else { return Vec::new() };
    let why = host.firewall.error.as_deref().unwrap_or("run Keelguard as root, so that it can read the firewall");
    vec![Incomplete::new(
        Area::Breakout,
        "whether containers reach the cloud's metadata service (chain DOCKER-USER)",
        why,
    )]
}

/// The network that an endpoint of a container belongs to.
fn network<'a>(facts: &'a Facts, name: &str, endpoint: &Endpoint) -> Option<&'a Network> {
    let networks = &facts.engine.as_ref()?.networks;
    let same = |network: &&Network| {
        network.name == name || (!endpoint.network_id.is_empty() && network.id == endpoint.network_id)
    };
    networks.iter().find(same)
}

/// Containers with a network whose packets the host forwards, and that network's name: neither the host's own, nor
/// another container's, nor none, nor one without a way out.
fn bridged(facts: &Facts) -> impl Iterator<Item = (&Container, &str)> {
    facts.containers().iter().filter_map(|container| {
        let mode = container.host_config.network_mode.as_str();
        if matches!(mode, "host" | "none") || mode.starts_with("container:") {
            return None;
        }
        let way_out = |name: &str, endpoint: &Endpoint| {
            !matches!(name, "host" | "none")
                && network(facts, name, endpoint).is_none_or(|network| network.driver == "bridge" && !network.internal)
        };
        let mut networks = container.network_settings.networks.iter();
        networks.find(|(name, endpoint)| way_out(name, endpoint)).map(|(name, _)| (container, name.as_str()))
    })
}

fn on_default_bridge(container: &Container) -> bool {
    container.network_settings.networks.contains_key("bridge")
}

fn talk_on_the_default_bridge(facts: &Facts) -> Option<Finding> {
    let networks = &facts.engine.as_ref()?.networks;
    let bridge = networks.iter().find(|network| network.name == "bridge")?;
    let apart = bridge.options.get(ICC).is_some_and(|value| value == "false");
    let members: Vec<_> = facts.containers().iter().filter(|c| on_default_bridge(c)).map(|c| c.name.as_str()).collect();
    (!apart && members.len() >= 2).then(|| {
        let shown: Vec<_> = members.iter().take(8).copied().collect();
        let more = members.len().saturating_sub(shown.len());
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        rule::ICC
            .on(Subject::new(SubjectKind::Network, "bridge"))
            .evidence(format!("Network.Options[\"{ICC}\"]"), bridge.options.get(ICC).map_or("not set", String::as_str))
            .evidence("members", format!("{}{rest}", shown.join(", ")))
    })
}

fn without_icc(facts: &mut Facts) {
    facts.host.daemon.settings.insert("icc".into(), Setting { value: false.into(), from: "file".into() });
    for network in facts.engine.iter_mut().flat_map(|engine| &mut engine.networks).filter(|n| n.name == "bridge") {
        network.options.insert(ICC.into(), "false".into());
    }
}

/// Where a cloud answers with the machine's identity.
fn metadata_addresses(cloud: &str) -> &'static [&'static str] {
    match cloud {
        "aws" => &["169.254.169.254", "fd00:ec2::254"],
        "alibaba" => &["100.100.100.200"],
        "azure" => &["169.254.169.254", "168.63.129.16"],
        _ => &["169.254.169.254"],
    }
}

fn open_addresses(facts: &Facts) -> Option<Vec<&'static str>> {
    let host = engine_host(facts)?;
    let rules = host.firewall.docker_user.as_deref()?;
    let ipv6 = facts.engine.as_ref()?.networks.iter().any(|network| network.enable_ipv6);
    let all = metadata_addresses(host.cloud.as_deref()?).iter().copied();
    Some(all.filter(|to| (ipv6 || !to.contains(':')) && !firewall::drops_to(rules, to)).collect())
}

fn metadata(facts: &Facts) -> Option<Finding> {
    let open = open_addresses(facts)?;
    let cloud = engine_host(facts)?.cloud.as_deref()?;
    let reaching: Vec<_> = bridged(facts).collect();
    if open.is_empty() || reaching.is_empty() {
        return None;
    }
    let mut finding = rule::METADATA
        .on(host_subject(facts))
        .evidence("cloud", cloud)
        .evidence("DOCKER-USER has no rule for", open.join(", "));
    for address in &open {
        let tool = if address.contains(':') { "ip6tables" } else { "iptables" };
        finding = finding.command(format!("{tool} -I DOCKER-USER -d {address} -j DROP"));
    }
    for (container, _) in reaching {
        finding = finding
            .reaches_from(
                container.subject(),
                Subject::cloud(),
                2,
                "asks the metadata service for the machine's credentials",
            )
            .needs("an identity that is attached to this machine, and answers that travel more than one hop");
    }
    Some(finding)
}

fn drop_metadata(facts: &mut Facts, _: &Finding) {
    let open = open_addresses(facts).unwrap_or_default();
    let rules = facts.host.firewall.docker_user.get_or_insert_default();
    for address in open {
        rules.insert(0, format!("-A DOCKER-USER -d {address} -j DROP"));
    }
}

/// The interface of a bridge network on the host.
fn interface(network: &Network) -> String {
    network.options.get("com.docker.network.bridge.name").cloned().unwrap_or_else(|| {
        if network.name == "bridge" {
            "docker0".to_owned()
        } else {
            format!("br-{}", network.id.chars().take(12).collect::<String>())
        }
    })
}

/// Interfaces of bridges with containers from which new connections to the host are not dropped; sorted.
fn open_interfaces(facts: &Facts) -> Vec<String> {
    let networks = facts.engine.as_ref().map(|engine| engine.networks.as_slice()).unwrap_or_default();
    let mut used: Vec<&str> = bridged(facts).map(|(_, name)| name).collect();
    used.sort_unstable();
    used.dedup();
    let rules = facts.host.firewall.input.as_deref().unwrap_or_default();
    networks
        .iter()
        .filter(|network| used.contains(&network.name.as_str()))
        .map(interface)
        .filter(|interface| !firewall::input_drops(rules, interface))
        .collect()
}

/// Services of the host that answer on every address, or on a bridge's own: containers reach them past any outer
/// firewall. Published ports are not among them: those lead into containers.
fn host_services(facts: &Facts) -> Option<Finding> {
    let host = engine_host(facts)?;
    let engine = facts.engine.as_ref()?;
    let gateways: Vec<&str> =
        engine.networks.iter().flat_map(|network| &network.ipam.config).map(|config| config.gateway.as_str()).collect();
    let reachable = |listener: &&Listener| {
        let address = listener.address.as_str();
        (matches!(address, "0.0.0.0" | "::" | "*") || (!address.is_empty() && gateways.contains(&address)))
            && !is_loopback(address)
            && listener.program.as_deref() != Some("docker-proxy")
            && !ports::is_published(facts, listener.port)
            && listener.protocol.starts_with("tcp")
    };
    let mut services: Vec<String> = host
        .listening
        .iter()
        .filter(reachable)
        .map(|listener| format!("{}/{}", listener.program.as_deref().unwrap_or("port"), listener.port))
        .collect();
    services.sort();
    services.dedup();
    let interfaces = open_interfaces(facts);
    if services.is_empty() || interfaces.is_empty() {
        return None;
    }
    let known = host.firewall.input.is_some();
    let mut finding = rule::HOST_SERVICES
        .on(host_subject(facts))
        // Where INPUT could not be read, it may well be closed.
        .severity(if known { Severity::Low } else { Severity::Info })
        .evidence("listening", services.iter().take(12).cloned().collect::<Vec<_>>().join(", "))
        .evidence("INPUT", if known { "lets new connections from bridges through" } else { "could not be read" });
    for interface in interfaces {
        let interface = shell_word(&interface).into_owned();
        finding = finding.command(format!("iptables -I INPUT -i {interface} -m conntrack --ctstate NEW -j DROP"));
    }
    Some(finding)
}

fn drop_new_from_bridges(facts: &mut Facts) {
    let interfaces = open_interfaces(facts);
    let rules = facts.host.firewall.input.get_or_insert_default();
    for interface in interfaces {
        rules.insert(0, format!("-A INPUT -i {interface} -m conntrack --ctstate NEW -j DROP"));
    }
}

/// Parameters that bound what the IPC namespace of a container holds; they open nothing.
const BOUNDS: &[&str] = &["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."];

/// What a kernel parameter opens: beginning and end of its name, severity.
const SYSCTLS: &[(&str, &str, Severity, &str)] = &[
    ("net.ipv4.conf.", ".route_localnet", Severity::Medium, "neighbours reach what listens on its loopback address"),
    ("net.ipv4.ip_forward", "", Severity::Low, "it forwards packets between its networks"),
    ("net.ipv4.conf.", ".forwarding", Severity::Low, "it forwards packets between its networks"),
    ("net.ipv6.conf.", ".forwarding", Severity::Low, "it forwards packets between its networks"),
    ("net.ipv4.conf.", ".accept_source_route", Severity::Low, "senders choose the way of their packets"),
    ("net.ipv6.conf.", ".accept_source_route", Severity::Low, "senders choose the way of their packets"),
    ("net.ipv4.conf.", ".accept_redirects", Severity::Low, "neighbours change its routes"),
    ("net.ipv6.conf.", ".accept_redirects", Severity::Low, "neighbours change its routes"),
    ("net.ipv6.conf.", ".accept_ra", Severity::Low, "neighbours change its routes"),
    ("net.ipv4.conf.", ".proxy_arp", Severity::Low, "it answers for the addresses of others"),
];

fn sysctls(container: &Container) -> Option<Finding> {
    let judged = |key: &str, value: &str| {
        let key = key.replace('/', ".");
        let on = !matches!(value.trim(), "0" | "");
        if key.starts_with("kernel.") || key.starts_with("fs.") || key.starts_with("vm.") {
            let bound = BOUNDS.iter().any(|beginning| key.starts_with(beginning));
            let name = matches!(key.as_str(), "kernel.hostname" | "kernel.domainname");
            // Not part of any namespace: the whole machine's.
            return (!bound && !name).then_some((Severity::High, "it is a parameter of the whole machine"));
        }
        let row = SYSCTLS.iter().find(|(start, end, ..)| {
            key.starts_with(start) && if end.is_empty() { key == *start } else { key.ends_with(end) }
        })?;
        on.then_some((row.2, row.3))
    };
    let set = &container.host_config.sysctls;
    let found: Vec<_> = set.iter().filter_map(|(key, value)| Some((key, value, judged(key, value)?))).collect();
    let worst = found.iter().map(|(_, _, (severity, _))| *severity).max()?;
    let mut finding = rule::SYSCTL.on(container.subject()).severity(worst);
    for (key, value, (_, opens)) in found {
        finding = finding.evidence(format!("HostConfig.Sysctls[\"{key}\"]"), format!("{value} ({opens})"));
    }
    Some(finding)
}

fn layer_2(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let networks = container.network_settings.networks.iter();
    let (name, network) = networks
        .filter_map(|(name, endpoint)| Some((name, network(facts, name, endpoint)?)))
        .find(|(_, network)| matches!(network.driver.as_str(), "macvlan" | "ipvlan"))?;
    // Raw sockets on the host's own network pose as any of its machines.
    let raw = has(granted(&container.host_config), "NET_RAW");
    let finding = rule::LAYER_2
        .on(container.subject())
        .severity(exposure.weigh(if raw { Severity::Medium } else { Severity::Low }))
        .evidence(format!("NetworkSettings.Networks[\"{name}\"] driver"), &network.driver)
        .evidence("parent", network.options.get("parent").map_or("", String::as_str));
    Some(with_own_network(finding, container, name))
}

fn default_bridge(container: &Container) -> Option<Finding> {
    let rule: &Rule = &rule::DEFAULT_BRIDGE;
    on_default_bridge(container).then(|| {
        let finding = rule.on(container.subject()).evidence("NetworkSettings.Networks", "bridge");
        with_own_network(finding, container, "bridge")
    })
}

/// The commands that give a container a network of its own while it runs.
fn with_own_network(finding: Finding, container: &Container, old: &str) -> Finding {
    let (own, name, old) = (format!("{}-net", container.name), shell_word(&container.name), shell_word(old));
    let own = shell_word(&own);
    finding
        .command(format!("docker network create {own}"))
        .command(format!("docker network connect {own} {name}"))
        .command(format!("docker network disconnect {old} {name}"))
}

/// The effect of those commands.
fn change_network(facts: &mut Facts, finding: &Finding) {
    let Some(engine) = &mut facts.engine else { return };
    let layer_2 = |network: &&Network| matches!(network.driver.as_str(), "macvlan" | "ipvlan");
    let physical: Vec<String> = engine.networks.iter().filter(layer_2).map(|network| network.name.clone()).collect();
    let own = format!("{}-net", finding.subject.name);
    for container in engine.containers.iter_mut().filter(|container| container.subject() == finding.subject) {
        let networks = &mut container.network_settings.networks;
        if finding.rule == rule::DEFAULT_BRIDGE.id {
            networks.remove("bridge");
        } else {
            networks.retain(|name, _| !physical.contains(name));
        }
        networks.insert(own.clone(), Endpoint::default());
    }
    if !engine.networks.iter().any(|network| network.name == own) {
        let (driver, scope) = ("bridge".into(), "local".into());
        engine.networks.push(Network { id: own.clone(), name: own, driver, scope, ..Network::default() });
    }
}

#[cfg(test)]
mod tests;
