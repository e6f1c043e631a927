//! The specification of the network rules.

use keelguard_host::sample::{self, Sample};

use super::*;

fn ids(sample: Sample) -> Vec<(String, String, Severity)> {
    findings(&sample.facts()).into_iter().map(|f| (f.rule, f.subject.name, f.severity)).collect()
}

fn on_own_network(container: &mut Container) {
    container.network_settings.networks = [("own".to_owned(), Endpoint::default())].into();
    container.host_config.network_mode = "own".into();
}

fn with_own_networks() -> Sample {
    sample::host().with(|facts| {
        let engine = facts.engine.as_mut().unwrap();
        for (name, driver) in [("own", "bridge"), ("lan", "macvlan")] {
            engine.networks.push(Network {
                id: format!("{name}0123456789ab"),
                name: name.into(),
                driver: driver.into(),
                ..Network::default()
            });
        }
    })
}

fn published(address: &str, outside: u16, inside: u16) -> Sample {
    let address = address.to_owned();
    with_own_networks().container("web", move |c| {
        on_own_network(c);
        c.publish(&address, outside, inside);
    })
}

#[test]
fn containers_on_the_default_bridge_reach_each_other_unless_the_daemon_keeps_them_apart() {
    let one = sample::host().container("web", |_| {});
    assert_eq!(ids(one.clone()), [("KG-B053".into(), "web".into(), Severity::Info)]);
    let two = one.container("db", |_| {});
    assert_eq!(ids(two.clone())[0], ("KG-B045".into(), "bridge".into(), Severity::Low));
    let apart = two.with(without_icc);
    assert!(!ids(apart).iter().any(|(rule, ..)| rule == "KG-B045"));
}

#[test]
fn a_port_weighs_by_what_stands_behind_it_and_is_a_way_in_from_the_internet() {
    for (address, outside, inside, severity) in [
        ("", 8080, 8080, Severity::Low),
        ("0.0.0.0", 8080, 80, Severity::Info),
        ("::", 5432, 5432, Severity::Medium),
        ("0.0.0.0", 12345, 6379, Severity::Medium),
        ("0.0.0.0", 2375, 12345, Severity::Medium),
    ] {
        let facts = published(address, outside, inside).facts();
        let found = findings(&facts);
        assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-B047", severity), "{outside}:{inside}");
        let reach = &found[0].reaches[0];
        assert_eq!((&reach.from, reach.to.name.as_str(), reach.cost), (&Subject::internet(), "web", 5));
        assert_eq!(reach.needs, [format!("a flaw in the service behind port {inside}/tcp")]);
    }
}

#[test]
fn a_port_on_loopback_or_on_one_address_is_not_on_every_interface() {
    assert_eq!(ids(published("127.0.0.1", 5432, 5432)), []);
    assert_eq!(ids(published("::1", 80, 80)), []);
    assert_eq!(ids(published("10.0.0.5", 5432, 5432)), []);
    let by_daemon = published("", 5432, 5432).with(|facts| {
        let ip = Setting { value: "127.0.0.1".into(), from: "file".into() };
        facts.host.daemon.settings.insert("ip".into(), ip);
    });
    assert_eq!(ids(by_daemon), []);
}

#[test]
fn a_port_that_docker_user_keeps_strangers_from_is_no_way_in() {
    let facts = published("0.0.0.0", 5432, 5432)
        .with(|facts| facts.host.firewall.docker_user = Some(vec!["-A DOCKER-USER -i eth0 -j DROP".into()]))
        .facts();
    let found = findings(&facts);
    assert_eq!((found[0].severity, found[0].reaches.len()), (Severity::Info, 0));
}

#[test]
fn privileged_ports_are_told_apart_from_those_of_web_servers() {
    let privileged = |port| {
        let found = ids(published("10.0.0.5", port, 9999));
        found.into_iter().map(|(rule, _, severity)| (rule, severity)).collect::<Vec<_>>()
    };
    assert_eq!(privileged(443), [("KG-B048".into(), Severity::Info)]);
    assert_eq!(privileged(25), [("KG-B048".into(), Severity::Low)]);
    assert_eq!(privileged(1024), []);
}

#[test]
fn ports_that_nobody_named_are_found() {
    let expose = |facts: &mut Facts| {
        let image = &mut facts.engine.as_mut().unwrap().images[0];
        image.config.exposed_ports.insert("9090/tcp".into(), serde_json::json!({}));
    };
    let odd = published("10.0.0.5", 9999, 9999).with(expose);
    assert_eq!(ids(odd), [("KG-B049".into(), "web".into(), Severity::Info)]);
    assert_eq!(ids(published("10.0.0.5", 9090, 9090).with(expose)), []);
    let all = with_own_networks().container("web", |c| {
        on_own_network(c);
        c.publish("0.0.0.0", 49153, 9090);
        c.host_config.port_bindings.clear();
        c.host_config.publish_all_ports = true;
    });
    let found = findings(&all.facts());
    assert_eq!((found[0].rule.as_str(), found[0].reaches.len()), ("KG-B049", 1));
}

#[test]
fn metadata_is_asked_about_only_in_a_known_cloud() {
    let host = |cloud: Option<&str>, rules: Option<&[&str]>| {
        let cloud = cloud.map(String::from);
        let rules = rules.map(|rules| rules.iter().map(ToString::to_string).collect());
        with_own_networks()
            .with(|facts| {
                facts.host.cloud = cloud;
                facts.host.firewall.docker_user = rules;
            })
            .container("web", on_own_network)
            .container("alone", |c| {
                c.host_config.network_mode = "none".into();
                c.network_settings.networks = [("none".to_owned(), Endpoint::default())].into();
            })
            .facts()
    };
    assert!(findings(&host(None, Some(&[]))).is_empty() && gaps(&host(None, None)).is_empty());
    let open = findings(&host(Some("aws"), Some(&["-N DOCKER-USER"])));
    assert_eq!((open[0].rule.as_str(), open[0].reaches.len()), ("KG-B046", 1));
    assert_eq!((open[0].reaches[0].from.name.as_str(), &open[0].reaches[0].to), ("web", &Subject::cloud()));
    assert_eq!(open[0].fix.commands, ["iptables -I DOCKER-USER -d 169.254.169.254 -j DROP"]);
    assert!(findings(&host(Some("aws"), Some(&["-A DOCKER-USER -d 169.254.169.254/32 -j DROP"]))).is_empty());
    let alibaba = findings(&host(Some("alibaba"), Some(&["-A DOCKER-USER -d 169.254.169.254/32 -j DROP"])));
    assert_eq!(alibaba[0].evidence[1].value, "100.100.100.200");
    let blind = host(Some("aws"), None);
    assert!(findings(&blind).is_empty(), "what cannot be told is not claimed");
    assert_eq!(gaps(&blind).len(), 1);
}

#[test]
fn services_of_the_host_are_one_finding_without_published_ports_and_closed_by_input() {
    let host = |input: Option<&[&str]>| {
        let input = input.map(|rules| rules.iter().map(ToString::to_string).collect());
        with_own_networks()
            .with(|facts| {
                facts.host.firewall.input = input;
                for (address, port, program) in [
                    ("0.0.0.0", 22, Some("sshd")),
                    ("::", 9100, None),
                    ("127.0.0.1", 5432, Some("postgres")),
                    ("0.0.0.0", 8080, Some("docker-proxy")),
                    ("0.0.0.0", 8081, Some("dockerd")),
                ] {
                    facts.host.listening.push(Listener {
                        protocol: "tcp".into(),
                        address: address.into(),
                        port,
                        uid: 0,
                        program: program.map(String::from),
                    });
                }
            })
            .container("web", |c| {
                on_own_network(c);
                c.publish("10.0.0.5", 8081, 9999);
            })
    };
    let found = findings(&host(Some(&["-P INPUT ACCEPT"])).facts());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-B050", Severity::Low));
    assert_eq!(found[0].evidence[0].value, "port/9100, sshd/22");
    assert_eq!(found[0].fix.commands, ["iptables -I INPUT -i br-own012345678 -m conntrack --ctstate NEW -j DROP"]);
    assert_eq!(ids(host(Some(&["-P INPUT DROP"]))), []);
    assert_eq!(ids(host(None))[0].2, Severity::Info);
    let nobody = host(Some(&[])).with(|facts| facts.engine.as_mut().unwrap().containers.clear());
    assert_eq!(ids(nobody), []);
}

#[test]
fn sysctls_that_open_something_are_told_apart_from_bounds() {
    let set = |key: &str, value: &str| {
        let (key, value) = (key.to_owned(), value.to_owned());
        let sample = with_own_networks().container("web", |c| {
            on_own_network(c);
            c.host_config.sysctls.insert(key, value);
        });
        ids(sample).into_iter().map(|(rule, _, severity)| (rule, severity)).collect::<Vec<_>>()
    };
    assert_eq!(set("net.ipv4.conf.eth0.route_localnet", "1"), [("KG-B051".into(), Severity::Medium)]);
    assert_eq!(set("net.ipv4.ip_forward", "1"), [("KG-B051".into(), Severity::Low)]);
    assert_eq!(set("kernel.core_pattern", "|/x"), [("KG-B051".into(), Severity::High)]);
    assert_eq!(set("fs.suid_dumpable", "2"), [("KG-B051".into(), Severity::High)]);
    for (key, value) in [
        ("net.ipv4.conf.all.route_localnet", "0"),
        ("net.core.somaxconn", "1024"),
        ("net.ipv4.ip_unprivileged_port_start", "0"),
        ("kernel.shmmax", "68719476736"),
        ("fs.mqueue.msg_max", "100"),
    ] {
        assert_eq!(set(key, value), [], "{key}");
    }
}

#[test]
fn a_container_on_the_physical_network_is_found() {
    let on_lan = |drop: &'static str| {
        with_own_networks().container("web", move |c| {
            c.network_settings.networks = [("lan".to_owned(), Endpoint::default())].into();
            c.host_config.cap_drop = vec![drop.into()];
        })
    };
    assert_eq!(ids(on_lan("MKNOD")), [("KG-B052".into(), "web".into(), Severity::Medium)]);
    assert_eq!(ids(on_lan("NET_RAW")), [("KG-B052".into(), "web".into(), Severity::Low)]);
}

#[test]
fn a_hostile_name_stays_one_word_in_the_commands() {
    let facts = sample::host().container("a;reboot", |_| {}).facts();
    let found = findings(&facts);
    assert_eq!(found[0].fix.commands[1], "docker network connect 'a;reboot-net' 'a;reboot'");
}
