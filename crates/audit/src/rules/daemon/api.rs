//! The engine's API on the network (M03). What counts is who can connect: everybody, a network's neighbours and
//! containers, or this machine alone; and whether the engine asks them who they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, rule};

use super::{is_rootless, set, settings_known, words};
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::API_WITHOUT_TLS, change: Change::Own(|facts, _| close(facts)) },
    Remedy {
        rule: &rule::API_WITHOUT_CLIENT_CHECK,
        change: Change::Daemon("{\n  \"tlsverify\": true,\n  \"tlscacert\": \"/etc/docker/ca.pem\"\n}", |facts, _| {
            set(facts, "tlsverify", true);
        }),
    },
];

/// The ports that are the engine's by convention: plain and with TLS.
const USUAL_PORTS: [u16; 2] = [2375, 2376];

/// How the engine treats whoever connects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// Plain.
    None,
    /// Encrypted for anybody.
    Unverified,
    /// Asks for a client certificate.
    Verified,
}

/// Who can connect to an address, from everybody to this machine alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Processes of this host, containers on its network included.
    Loopback,
    /// Containers; the address lies on an engine network.
    Containers,
    /// Whoever can send packets to this host.
    Network,
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut by_port: BTreeMap<u16, Vec<(String, String)>> = BTreeMap::new();
    for (address, port, source) in endpoints(facts) {
        by_port.entry(port).or_default().push((address, source));
    }
    by_port.iter().filter_map(|(port, places)| judge(facts, *port, places)).collect()
}

/// Whether the engine takes commands over TCP at all.
pub(crate) fn listens_on_tcp(facts: &Facts) -> bool {
    !endpoints(facts).is_empty()
}

fn judge(facts: &Facts, port: u16, places: &[(String, String)]) -> Option<Finding> {
    let finding = match tls(facts, port) {
        Tls::Verified => return None,
        Tls::None => rule::API_WITHOUT_TLS.on(Subject::engine()),
        Tls::Unverified => rule::API_WITHOUT_CLIENT_CHECK.on(Subject::engine()),
    };
    let plain = tls(facts, port) == Tls::None;
    let reach = places.iter().map(|(address, _)| reach_of(facts, address)).max()?;
    let mut finding = finding.about(&port.to_string());
    for (address, source) in places {
        finding = finding.evidence(source, format!("tcp://{}", joined(address, port)));
    }
    if !plain {
        finding = finding.evidence("tlsverify", "false");
    }
    let on_host_network: Vec<&Container> =
        facts.containers().iter().filter(|container| shares_host_network(facts, container)).collect();
    finding.severity = match reach {
        Reach::Network | Reach::Containers if is_rootless(facts) => Severity::High,
        Reach::Network | Reach::Containers => Severity::Critical,
        Reach::Loopback if on_host_network.is_empty() => Severity::Medium,
        Reach::Loopback => Severity::High,
    };
    if plain {
        finding = commands(facts, finding);
    }
    // A rootless engine gives its user's account, which is not root on the host.
    if is_rootless(facts) {
        return Some(finding);
    }
    let how = format!("tells the engine on TCP port {port} to start a container that has the host's disk");
    if reach == Reach::Network {
        finding = finding.reaches_from(Subject::internet(), Subject::host_root(), 1, how.clone());
        if drops_by_default(facts, port) {
            finding = finding.needs(format!("the firewall lets a packet to port {port} through"));
        }
    }
    if reach == Reach::Loopback {
        for container in on_host_network {
            finding = finding.reaches_from(container.subject(), Subject::host_root(), 1, how.clone());
        }
        return Some(finding);
    }
    let (connected, cut_off): (Vec<_>, Vec<_>) =
        facts.containers().iter().partition(|container| container.host_config.network_mode != "none");
    if cut_off.is_empty() {
        finding = finding.reaches_from(Subject::any_container(), Subject::host_root(), 1, how);
    } else {
        for container in connected {
            finding = finding.reaches_from(container.subject(), Subject::host_root(), 1, how.clone());
        }
    }
    Some(finding)
}

/// Addresses and ports that take commands, with where that stands. A socket that listens says more than a setting: a
/// setting whose port is seen listening is only named as the source.
fn endpoints(facts: &Facts) -> Vec<(String, u16, String)> {
    let mut found = Vec::new();
    if !facts.engine_is_local() {
        // Another machine's engine that answered on the plain port: nothing else is known about it.
        let remote = facts.engine.as_ref().and_then(|engine| tcp(&engine.endpoint, 2375));
        found
            .extend(remote.filter(|(_, port)| *port == 2375).map(|(address, port)| (address, port, "endpoint".into())));
        return found;
    }
    let default = if tls_switches(facts) == Tls::None { 2375 } else { 2376 };
    let mut configured: Vec<(String, u16)> =
        words(facts, "hosts").into_iter().filter_map(|host| tcp(host, default)).collect();
    configured.extend(flags(&facts.host.daemon.cmdline).into_iter().filter_map(|host| tcp(host, default)));
    configured.sort();
    configured.dedup();
    let listening: Vec<(String, u16)> = facts
        .host
        .listening
        .iter()
        .filter(|socket| socket.protocol.starts_with("tcp") && socket.program.as_deref() == Some("dockerd"))
        .filter(|socket| USUAL_PORTS.contains(&socket.port) || configured.iter().any(|(_, port)| *port == socket.port))
        .map(|socket| (socket.address.clone(), socket.port))
        .collect();
    for (address, port) in configured {
        let seen = listening.iter().any(|(_, other)| *other == port);
        // `localhost` or a name tells less than the socket that came of it.
        if !seen || address.parse::<IpAddr>().is_ok() {
            found.push((address, port, "hosts".to_owned()));
        }
    }
    for (address, port) in listening {
        if !found.iter().any(|(known, other, _)| *known == address && *other == port) {
            found.push((address, port, "listening socket of dockerd".to_owned()));
        }
    }
    found
}

/// The values of `-H` and `--host`.
fn flags(cmdline: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut previous = "";
    for word in cmdline {
        if matches!(previous, "-H" | "--host") {
            found.push(word.as_str());
        } else if let Some(value) = word.strip_prefix("--host=").or_else(|| word.strip_prefix("-H")) {
            found.push(value.trim_start_matches('='));
        }
        previous = word;
    }
    found
}

/// Address and port of a `tcp://` host. No address is this machine alone, as dockerd reads it.
fn tcp(host: &str, default_port: u16) -> Option<(String, u16)> {
    let rest = host.strip_prefix("tcp://")?.split('/').next().unwrap_or_default();
    let (address, port) = match rest.rsplit_once(':') {
        Some((address, port)) if !port.contains(']') => (address, port.parse().ok()?),
        _ => (rest, default_port),
    };
    let address = address.trim_start_matches('[').trim_end_matches(']');
    Some((if address.is_empty() { "127.0.0.1" } else { address }.to_owned(), port))
}

fn joined(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn tls(facts: &Facts, port: u16) -> Tls {
    if settings_known(facts) {
        tls_switches(facts)
    } else if port == 2376 {
        // The port for TLS, and nothing known that speaks against it.
        Tls::Verified
    } else {
        Tls::None
    }
}

/// dockerd speaks TLS as soon as `tlsverify` is set at all, even to false.
fn tls_switches(facts: &Facts) -> Tls {
    let daemon = &facts.host.daemon;
    let flag = |name: &str| {
        daemon.cmdline.iter().find_map(|word| {
            let rest = word.strip_prefix(name)?;
            if rest.is_empty() { Some(true) } else { rest.strip_prefix('=')?.parse().ok() }
        })
    };
    match (flag("--tlsverify").or(daemon.switch("tlsverify")), flag("--tls").or(daemon.switch("tls"))) {
        (Some(true), _) => Tls::Verified,
        (Some(false), _) | (None, Some(true)) => Tls::Unverified,
        _ => Tls::None,
    }
}

fn reach_of(facts: &Facts, address: &str) -> Reach {
    if address == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
        return Reach::Loopback;
    }
    let gateway = facts
        .engine
        .iter()
        .flat_map(|engine| &engine.networks)
        .flat_map(|network| &network.ipam.config)
        .any(|config| config.gateway.split('/').next() == Some(address));
    if gateway { Reach::Containers } else { Reach::Network }
}

/// On the host's network, itself or through the container whose network it joins.
fn shares_host_network(facts: &Facts, container: &Container) -> bool {
    let mode = container.host_config.network_mode.as_str();
    if mode == "host" {
        return true;
    }
    let Some(other) = mode.strip_prefix("container:") else { return false };
    facts.containers().iter().any(|c| (c.id == other || c.name == other) && c.host_config.network_mode == "host")
}

/// INPUT drops what no rule lets in, and no rule names the port.
fn drops_by_default(facts: &Facts, port: u16) -> bool {
    let port = port.to_string();
    facts.host.firewall.input.as_ref().is_some_and(|rules| {
        rules.iter().any(|line| line.starts_with("-P INPUT DROP") || line.starts_with("-P INPUT REJECT"))
            && !rules.iter().any(|line| line.contains("ACCEPT") && line.split([' ', ',']).any(|word| word == port))
    })
}

/// Without the TCP addresses: the file's list where it stands there, and the unit's command where it stands there.
fn commands(facts: &Facts, mut finding: Finding) -> Finding {
    let daemon = &facts.host.daemon;
    if !facts.engine_is_local() {
        return finding;
    }
    let in_flags = flags(&daemon.cmdline).iter().any(|host| host.starts_with("tcp://"));
    if in_flags {
        let mut line = String::new();
        for word in without_tcp(&daemon.cmdline) {
            let _ = write!(line, "{}{}", if line.is_empty() { "" } else { " " }, shell_word(&word));
        }
        finding = finding.snippet(
            "/etc/systemd/system/docker.service.d/zz-no-tcp.conf",
            format!("[Service]\nExecStart=\nExecStart={line}\n"),
        );
    } else {
        let text = serde_json::json!({ "hosts": local_hosts(facts) });
        let file = daemon.file.clone().unwrap_or_else(|| "/etc/docker/daemon.json".to_owned());
        finding = finding.snippet(file, format!("{text:#}"));
    }
    finding.command("systemctl daemon-reload").command("systemctl restart docker")
}

/// The hosts that are no TCP address; the usual socket where none is left.
fn local_hosts(facts: &Facts) -> Vec<String> {
    let mut hosts: Vec<String> =
        words(facts, "hosts").into_iter().filter(|host| !host.starts_with("tcp://")).map(str::to_owned).collect();
    if hosts.is_empty() {
        hosts.push("unix:///var/run/docker.sock".to_owned());
    }
    hosts
}

/// The command line without its TCP addresses.
fn without_tcp(cmdline: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in cmdline {
        let value = word.strip_prefix("--host=").or_else(|| word.strip_prefix("-H")).map(|v| v.trim_start_matches('='));
        if value.is_some_and(|value| value.starts_with("tcp://")) {
            continue;
        }
        if word.starts_with("tcp://") && kept.last().is_some_and(|flag| matches!(flag.as_str(), "-H" | "--host")) {
            kept.pop();
            continue;
        }
        kept.push(word.clone());
    }
    kept
}

/// The facts after the TCP addresses are gone.
fn close(facts: &mut Facts) {
    let ports: Vec<u16> = endpoints(facts).into_iter().map(|(_, port, _)| port).collect();
    let hosts = local_hosts(facts);
    set(facts, "hosts", hosts);
    facts.host.daemon.cmdline = without_tcp(&facts.host.daemon.cmdline);
    facts.host.listening.retain(|socket| socket.program.as_deref() != Some("dockerd") || !ports.contains(&socket.port));
}
