//! Namespaces that a container shares with the host or with another container, by its configuration.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Endpoint};
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

use super::capabilities::can_trace;
use crate::Exposure;
use crate::capability::{granted, has};
use crate::exposure::engine_host;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::PID_HOST, change: Change::Recreate(|c, _| c.host_config.pid_mode.clear()) },
    Remedy { rule: &rule::PID_SHARED, change: Change::Recreate(|c, _| c.host_config.pid_mode.clear()) },
    Remedy { rule: &rule::NET_HOST, change: Change::Recreate(|c, _| onto_a_bridge(c)) },
    Remedy { rule: &rule::NET_SHARED, change: Change::Recreate(|c, _| onto_a_bridge(c)) },
    Remedy { rule: &rule::IPC_HOST, change: Change::Recreate(|c, _| c.host_config.ipc_mode = "private".into()) },
    Remedy { rule: &rule::IPC_SHARED, change: Change::Recreate(|c, _| c.host_config.ipc_mode = "private".into()) },
    Remedy { rule: &rule::IPC_SHAREABLE, change: Change::Recreate(|c, _| c.host_config.ipc_mode = "private".into()) },
    Remedy { rule: &rule::UTS_HOST, change: Change::Recreate(|c, _| c.host_config.uts_mode.clear()) },
    Remedy {
        rule: &rule::CGROUPNS_HOST,
        change: Change::Recreate(|c, _| c.host_config.cgroupns_mode = "private".into()),
    },
    Remedy { rule: &rule::CGROUP_PARENT, change: Change::Recreate(|c, _| c.host_config.cgroup_parent.clear()) },
    Remedy { rule: &rule::USERNS_HOST, change: Change::Recreate(|c, _| c.host_config.userns_mode.clear()) },
];

/// The engine's default network in place of the host's or another container's.
fn onto_a_bridge(container: &mut Container) {
    container.host_config.network_mode = "bridge".into();
    container.network_settings.networks.remove("host");
    container.network_settings.networks.insert("bridge".into(), Endpoint::default());
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for container in facts.containers() {
        let exposure = Exposure::of(facts, container);
        found.extend(processes(facts, container, exposure));
        found.extend(network(facts, container, exposure));
        found.extend(shared_memory(facts, container, exposure));
        found.extend(host_name(container, exposure));
        found.extend(cgroups(facts, container));
        found.extend(users(facts, container));
    }
    found
}

/// The container that `container:ID` or `container:NAME` means.
fn other<'a>(facts: &'a Facts, mode: &str) -> Option<&'a Container> {
    let reference = mode.strip_prefix("container:")?.trim_start_matches('/');
    let by_short_id = |c: &&Container| reference.len() >= 12 && c.id.starts_with(reference);
    let all = facts.containers();
    all.iter().find(|c| c.name == reference || c.id == reference).or_else(|| all.iter().find(by_short_id))
}

/// A finding on a container that stands in another's namespace. What one can do to the other, the other can do to it.
fn shared(
    facts: &Facts,
    container: &Container,
    rule: &Rule,
    (field, mode): (&str, &str),
    (cost, how): (u32, &str),
) -> Finding {
    let finding = rule.on(container.subject()).evidence(field, mode);
    let Some(other) = other(facts, mode).filter(|other| other.id != container.id) else { return finding };
    finding.title(format!("{} ({})", rule.title, other.name)).reaches(other.subject(), cost, how).reaches_from(
        other.subject(),
        container.subject(),
        cost,
        how,
    )
}

fn processes(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let mode = container.host_config.pid_mode.as_str();
    if mode == "host" {
        return Some(
            rule::PID_HOST
                .on(container.subject())
                .severity(exposure.weigh(Severity::High))
                .evidence("HostConfig.PidMode", "host"),
        );
    }
    mode.starts_with("container:").then(|| {
        let traces = can_trace(container);
        let how = if traces { "injects code into its processes" } else { "enters its files through /proc/PID/root" };
        let severity = if traces { Severity::High } else { Severity::Medium };
        shared(facts, container, &rule::PID_SHARED, ("HostConfig.PidMode", mode), (if traces { 1 } else { 2 }, how))
            .severity(exposure.weigh(severity))
    })
}

fn network(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let mode = container.host_config.network_mode.as_str();
    if mode.starts_with("container:") {
        let step = (5, "talks to what it offers on its loopback address");
        let mut finding = shared(facts, container, &rule::NET_SHARED, ("HostConfig.NetworkMode", mode), step);
        for reach in &mut finding.reaches {
            reach.needs.push("a flaw in a service that trusts its loopback address".into());
        }
        return Some(finding.severity(exposure.weigh(Severity::Medium)));
    }
    (mode == "host").then(|| on_the_hosts_network(facts, container, exposure))
}

fn on_the_hosts_network(facts: &Facts, container: &Container, exposure: Exposure) -> Finding {
    let mut finding = rule::NET_HOST
        .on(container.subject())
        .evidence("HostConfig.NetworkMode", "host")
        .reaches_from(Subject::internet(), container.subject(), 5, "attacks a port that it opened on the host itself")
        .needs("a flaw in what the container listens with");
    let mut severity = Severity::Medium;
    let api = engine_api(facts);
    if let Some(address) = &api {
        severity = Severity::High;
        finding = finding.evidence("daemon hosts", address).reaches(
            Subject::host_root(),
            1,
            format!("asks the engine for a container with the host's disk, at {address}"),
        );
    }
    let shim = engine_host(facts)
        .and_then(|host| host.abstract_sockets.iter().find(|socket| socket.contains("/containerd-shim/")));
    if let Some(socket) = shim {
        severity = Severity::High;
        finding = exposure.opens(
            finding.evidence("/proc/net/unix", socket),
            3,
            "asks a containerd shim for a process of its own, over its abstract socket (CVE-2020-15257)",
        );
    } else {
        finding.refs.cve.clear();
    }
    // The metadata service is dropped, if at all, where packets of bridges are forwarded; these are the host's own.
    if facts.host.cloud.is_some() && engine_host(facts).is_some() {
        finding = finding
            .reaches(Subject::cloud(), 2, "asks the metadata service for the machine's credentials")
            .needs("an identity that is attached to this machine");
    }
    finding.severity(exposure.weigh(severity))
}

/// The engine's TCP address, where it answers without asking who is there.
fn engine_api(facts: &Facts) -> Option<String> {
    let host = engine_host(facts)?;
    if host.daemon.switch("tlsverify") == Some(true) {
        return None;
    }
    let hosts = host.daemon.setting("hosts").map(|hosts| match hosts {
        serde_json::Value::Array(list) => list.iter().filter_map(|entry| entry.as_str()).collect(),
        serde_json::Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    });
    let named = hosts.into_iter().flatten().find(|address| address.starts_with("tcp://")).map(ToString::to_string);
    named.or_else(|| {
        let dockerd = host.listening.iter().find(|listener| {
            listener.port == 2375
                && listener.protocol.starts_with("tcp")
                && listener.program.as_deref() != Some("docker-proxy")
        })?;
        Some(format!("tcp://{}:{}", dockerd.address, dockerd.port))
    })
}

fn shared_memory(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let mode = container.host_config.ipc_mode.as_str();
    if mode.starts_with("container:") {
        let step = (3, "changes what it keeps in shared memory");
        return Some(
            shared(facts, container, &rule::IPC_SHARED, ("HostConfig.IpcMode", mode), step)
                .severity(exposure.weigh(Severity::Medium)),
        );
    }
    let on = |rule: &Rule| rule.on(container.subject()).evidence("HostConfig.IpcMode", mode);
    match mode {
        "host" => Some(on(&rule::IPC_HOST).severity(exposure.weigh(Severity::Medium))),
        "shareable" => {
            let user = facts.containers().iter().find(|c| {
                c.id != container.id && other(facts, &c.host_config.ipc_mode).is_some_and(|it| it.id == container.id)
            });
            Some(match user {
                Some(user) => on(&rule::IPC_SHAREABLE).severity(Severity::Low).evidence("used by", &user.name),
                None => on(&rule::IPC_SHAREABLE),
            })
        }
        _ => None,
    }
}

fn host_name(container: &Container, exposure: Exposure) -> Option<Finding> {
    let base = if has(granted(&container.host_config), "SYS_ADMIN") { Severity::Medium } else { Severity::Low };
    (container.host_config.uts_mode == "host").then(|| {
        rule::UTS_HOST.on(container.subject()).severity(exposure.weigh(base)).evidence("HostConfig.UTSMode", "host")
    })
}

fn cgroups(facts: &Facts, container: &Container) -> Vec<Finding> {
    let mut found = Vec::new();
    if container.host_config.cgroupns_mode == "host" {
        found.push(rule::CGROUPNS_HOST.on(container.subject()).evidence("HostConfig.CgroupnsMode", "host"));
    }
    let parent = container.host_config.cgroup_parent.as_str();
    let of_daemon = facts.host.daemon.setting("cgroup-parent").and_then(|value| value.as_str());
    if !parent.is_empty() && !["docker", "/docker", "system.slice"].contains(&parent) && of_daemon != Some(parent) {
        let climbs = parent == "/" || parent == "-.slice" || parent.split('/').any(|step| step == "..");
        found.push(
            rule::CGROUP_PARENT
                .on(container.subject())
                .severity(if climbs { Severity::Medium } else { Severity::Info })
                .evidence("HostConfig.CgroupParent", parent),
        );
    }
    found
}

fn users(facts: &Facts, container: &Container) -> Option<Finding> {
    let maps = |option: &String| option.starts_with("name=userns");
    let mapped = facts.engine.as_ref().is_some_and(|engine| engine.info.security_options.iter().any(maps));
    (container.host_config.userns_mode == "host").then(|| {
        let finding = rule::USERNS_HOST.on(container.subject()).evidence("HostConfig.UsernsMode", "host");
        if mapped {
            finding.severity(Severity::Medium).evidence("Info.SecurityOptions", "name=userns")
        } else {
            // Without a mapping there is nothing to opt out of, until somebody sets one up.
            finding.severity(Severity::Info)
        }
    })
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::{HostConfig, Listener, Setting};
    use keelguard_host::sample::{self, Sample};

    use super::*;

    fn web(change: impl FnOnce(&mut HostConfig)) -> Sample {
        sample::host().container("web", |c| change(&mut c.host_config))
    }

    fn ids(sample: Sample) -> Vec<(String, Severity)> {
        findings(&sample.facts()).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
    }

    fn ways(sample: Sample) -> Vec<(String, String, u32)> {
        let all = findings(&sample.facts());
        all.iter().flat_map(|f| &f.reaches).map(|r| (r.from.name.clone(), r.to.name.clone(), r.cost)).collect()
    }

    #[test]
    fn an_ordinary_container_shares_nothing() {
        assert_eq!(ids(web(|_| {})), []);
    }

    #[test]
    fn the_hosts_processes_shared_memory_and_name_are_found() {
        assert_eq!(ids(web(|c| c.pid_mode = "host".into())), [("KG-B030".into(), Severity::High)]);
        assert_eq!(ids(web(|c| c.ipc_mode = "host".into())), [("KG-B034".into(), Severity::Medium)]);
        assert_eq!(ids(web(|c| c.uts_mode = "host".into())), [("KG-B037".into(), Severity::Low)]);
        let named = web(|c| {
            c.uts_mode = "host".into();
            c.cap_add = vec!["SYS_ADMIN".into()];
        });
        assert_eq!(ids(named), [("KG-B037".into(), Severity::Medium)]);
    }

    #[test]
    fn the_hosts_network_is_no_way_to_root_by_itself() {
        let sample = web(|c| c.network_mode = "host".into());
        assert_eq!(ids(sample.clone()), [("KG-B032".into(), Severity::Medium)]);
        assert_eq!(ways(sample), [("internet".into(), "web".into(), 5)]);
    }

    #[test]
    fn the_hosts_network_with_the_engines_api_on_loopback_is_a_documented_command() {
        let listening = |program: &str| {
            web(|c| c.network_mode = "host".into()).with(|facts| {
                facts.host.listening.push(Listener {
                    protocol: "tcp".into(),
                    address: "127.0.0.1".into(),
                    port: 2375,
                    uid: 0,
                    program: Some(program.into()),
                });
            })
        };
        assert!(ways(listening("dockerd")).contains(&("web".into(), "root".into(), 1)));
        assert!(!ways(listening("docker-proxy")).contains(&("web".into(), "root".into(), 1)));
        let tls = listening("dockerd").with(|facts| {
            let on = Setting { value: true.into(), from: "flag".into() };
            facts.host.daemon.settings.insert("tlsverify".into(), on);
        });
        assert_eq!(ids(tls), [("KG-B032".into(), Severity::Medium)]);
    }

    #[test]
    fn the_hosts_network_with_abstract_shim_sockets_is_cve_2020_15257() {
        let sample = web(|c| c.network_mode = "host".into())
            .with(|facts| facts.host.abstract_sockets = vec!["@/containerd-shim/moby/4f1c/shim.sock".into()]);
        let found = findings(&sample.clone().facts());
        assert_eq!(found[0].refs.cve, ["CVE-2020-15257"]);
        assert!(ways(sample).contains(&("web".into(), "root".into(), 3)));
    }

    #[test]
    fn the_hosts_network_reaches_the_metadata_service_past_every_rule_for_bridges() {
        let sample = web(|c| c.network_mode = "host".into()).with(|facts| {
            facts.host.cloud = Some("aws".into());
            facts.host.firewall.docker_user = Some(vec!["-A DOCKER-USER -d 169.254.169.254/32 -j DROP".into()]);
        });
        assert!(ways(sample).contains(&("web".into(), Subject::cloud().name, 2)));
    }

    #[test]
    fn two_containers_in_one_process_namespace_reach_each_other_by_id_or_name() {
        for reference in [format!("{:064x}", 1), format!("{:064x}", 1)[..12].to_owned(), "db".to_owned()] {
            let sample = sample::host().container("db", |_| {}).container("web", |c| {
                c.host_config.pid_mode = format!("container:{reference}");
            });
            assert_eq!(ids(sample.clone()), [("KG-B031".into(), Severity::Medium)], "{reference}");
            assert_eq!(ways(sample), [("web".into(), "db".into(), 2), ("db".into(), "web".into(), 2)]);
        }
        let tracing = sample::host().container("db", |_| {}).container("web", |c| {
            c.host_config.pid_mode = "container:db".into();
            c.host_config.cap_add = vec!["SYS_PTRACE".into()];
        });
        assert_eq!(ids(tracing), [("KG-B031".into(), Severity::High)]);
    }

    #[test]
    fn a_shared_network_or_shared_memory_is_a_way_between_containers() {
        let both =
            sample::host().container("db", |c| c.host_config.ipc_mode = "shareable".into()).container("web", |c| {
                c.host_config.ipc_mode = "container:db".into();
                c.host_config.network_mode = "container:db".into();
            });
        assert_eq!(
            ids(both.clone()),
            [
                ("KG-B036".into(), Severity::Low),
                ("KG-B033".into(), Severity::Medium),
                ("KG-B035".into(), Severity::Medium)
            ]
        );
        assert_eq!(ways(both).len(), 4);
    }

    #[test]
    fn a_namespace_of_a_container_that_is_gone_or_its_own_adds_no_way() {
        assert_eq!(ways(web(|c| c.pid_mode = "container:gone".into())), []);
        assert_eq!(ways(web(|c| c.pid_mode = "container:web".into())), []);
        assert_eq!(ways(web(|c| c.pid_mode = "container:".into())), []);
    }

    #[test]
    fn shareable_memory_that_nobody_uses_is_good_to_know() {
        assert_eq!(ids(web(|c| c.ipc_mode = "shareable".into())), [("KG-B036".into(), Severity::Info)]);
    }

    #[test]
    fn the_hosts_cgroups_and_an_unusual_parent_are_found() {
        assert_eq!(ids(web(|c| c.cgroupns_mode = "host".into())), [("KG-B038".into(), Severity::Low)]);
        assert_eq!(ids(web(|c| c.cgroup_parent = "batch.slice".into())), [("KG-B039".into(), Severity::Info)]);
        assert_eq!(ids(web(|c| c.cgroup_parent = "/docker/../..".into())), [("KG-B039".into(), Severity::Medium)]);
        let chosen = web(|c| c.cgroup_parent = "batch.slice".into()).with(|facts| {
            let parent = Setting { value: "batch.slice".into(), from: "file".into() };
            facts.host.daemon.settings.insert("cgroup-parent".into(), parent);
        });
        assert_eq!(ids(chosen), [], "the daemon puts all containers there");
    }

    #[test]
    fn opting_out_of_mapped_users_matters_where_users_are_mapped() {
        let sample = web(|c| c.userns_mode = "host".into());
        assert_eq!(ids(sample.clone()), [("KG-B028".into(), Severity::Info)]);
        let mapped = sample.with(|facts| {
            if let Some(engine) = &mut facts.engine {
                engine.info.security_options.push("name=userns".into());
            }
        });
        assert_eq!(ids(mapped), [("KG-B028".into(), Severity::Medium)]);
    }
}
