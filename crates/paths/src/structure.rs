//! Steps that no finding opens: how containers reach one another over networks, and what root on the host can do.
//!
//! Only running containers have services to attack, and processes to attack from, so only they stand on networks; the
//! steps of findings count in every state.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Network};
use keelguard_model::{Subject, SubjectKind};

use crate::build::Draft;

/// An exploit of an unknown service.
const UNKNOWN_SERVICE: u32 = 5;
/// How many `--network container:X` in a row are followed; the engine allows one, a facts file may hold a circle.
const LONGEST_CHAIN: usize = 8;

/// What a container's network namespace is attached to.
enum Stand<'a> {
    /// The host's own.
    Host,
    /// Engine networks, by name, with their id where the engine tells it.
    Networks(Vec<(&'a str, &'a str)>),
}

/// Who reaches whom over the engine's networks. A network is a place between its members; where the engine keeps them
/// apart (`enable_icc=false`) its members cannot enter that place, but the host's own network can.
pub(crate) fn networks(facts: &Facts, draft: &mut Draft) {
    let Some(engine) = facts.engine.as_ref() else { return };
    let mut by_name: HashMap<&str, &Container> = HashMap::new();
    let mut by_id: BTreeMap<&str, &Container> = BTreeMap::new();
    for container in &engine.containers {
        by_name.entry(&container.name).or_insert(container);
        by_id.entry(&container.id).or_insert(container);
    }
    let find = |reference: &str| {
        by_name.get(reference).copied().or_else(|| {
            let (id, container) = by_id.range(reference..).next()?;
            (!reference.is_empty() && id.starts_with(reference)).then_some(*container)
        })
    };
    let mut on_host = Vec::new();
    let mut members: BTreeMap<&str, (&str, BTreeSet<usize>)> = BTreeMap::new();
    for container in engine.containers.iter().filter(|container| container.is_running()) {
        let node = draft.place(&container.subject());
        match stand(container, find) {
            Stand::Host => on_host.push(node),
            Stand::Networks(networks) => {
                for (name, id) in networks {
                    let (known, here) = members.entry(name).or_default();
                    here.insert(node);
                    if known.is_empty() {
                        *known = id;
                    }
                }
            }
        }
    }
    let services_of_host = (!on_host.is_empty()).then(|| {
        let hinge = draft.hinge();
        for &container in &on_host {
            draft.given(hinge, container, UNKNOWN_SERVICE, "exploits a flaw in a service on the host's own addresses");
        }
        hinge
    });
    let host_network = (!on_host.is_empty()).then(|| {
        let node = draft.place(&Subject::new(SubjectKind::Network, "host"));
        for &container in &on_host {
            draft.given(container, node, 0, "stands in the host's own network");
            draft.given(node, container, UNKNOWN_SERVICE, "exploits a flaw in a service on the host's own addresses");
        }
        node
    });
    for (name, (id, here)) in members {
        let network =
            engine.networks.iter().find(|network| network.name == name || (!id.is_empty() && network.id == id));
        let driver = network.map_or("bridge", |network| network.driver.as_str());
        if matches!(driver, "host" | "null") {
            continue;
        }
        let mut subject = Subject::new(SubjectKind::Network, name);
        subject.id = network.map(|network| network.id.clone());
        let node = draft.place(&subject);
        let open = network.is_none_or(lets_members_talk);
        for &container in &here {
            if open {
                draft.given(container, node, 0, "sends packets on a network that both share");
            }
            draft.given(node, container, UNKNOWN_SERVICE, "exploits a flaw in a service of the container");
            if let (Some(services), "bridge") = (services_of_host, driver) {
                draft.silent(container, services);
            }
        }
        if let (Some(host), "bridge") = (host_network, driver) {
            draft.given(host, node, 0, "sends packets from the host into the bridge");
        }
    }
    links(&engine.containers, find, draft);
}

/// `--link` opens one container to another where the network keeps them apart.
fn links<'a>(containers: &'a [Container], find: impl Fn(&str) -> Option<&'a Container>, draft: &mut Draft) {
    for container in containers.iter().filter(|container| container.is_running()) {
        for link in &container.host_config.links {
            let name = link.split(':').next().unwrap_or_default().trim_start_matches('/');
            if let Some(other) = find(name).filter(|other| other.is_running()) {
                let (from, to) = (draft.place(&container.subject()), draft.place(&other.subject()));
                draft.given(from, to, UNKNOWN_SERVICE, "exploits a flaw in a service of the container it is linked to");
            }
        }
    }
}

fn stand<'a>(container: &'a Container, find: impl Fn(&str) -> Option<&'a Container>) -> Stand<'a> {
    let mut at = container;
    for _ in 0..LONGEST_CHAIN {
        let Some(owner) = at.host_config.network_mode.strip_prefix("container:").and_then(&find) else { break };
        at = owner;
    }
    if at.host_config.network_mode == "host" || at.network_settings.networks.contains_key("host") {
        return Stand::Host;
    }
    let networks = &at.network_settings.networks;
    Stand::Networks(networks.iter().map(|(name, end)| (name.as_str(), end.network_id.as_str())).collect())
}

fn lets_members_talk(network: &Network) -> bool {
    network.options.get("com.docker.network.bridge.enable_icc").is_none_or(|value| value != "false")
}

/// What follows from owning the host or its engine. Root on the host owns every container, and is the machine in the
/// cloud account; whoever commands the engine is root on the host.
pub(crate) fn powers(draft: &mut Draft) {
    let host = draft.place(&Subject::host_root());
    if let Some(engine) = draft.known(&Subject::engine()) {
        draft.given(engine, host, 1, "asks the engine for a container with the host's disk");
    }
    if let Some(cloud) = draft.known(&Subject::cloud()) {
        draft.given(host, cloud, 1, "asks the metadata service as the machine itself");
    }
    for container in draft.containers() {
        draft.given(host, container, 1, "enters any container of the host");
    }
}
