use keelguard_host::facts::{Listener, Network, Swarm, SwarmService};
use keelguard_host::{Facts, sample};
use keelguard_model::Severity;

use super::findings;

fn swarm(managers: i64, nodes: i64, change: impl FnOnce(&mut Facts)) -> Facts {
    sample::host()
        .with(|f| {
            let engine = f.engine.as_mut().unwrap();
            engine.info.swarm.local_node_state = "active".into();
            engine.info.swarm.control_available = true;
            engine.info.swarm.managers = managers;
            engine.info.swarm.nodes = nodes;
            let service = SwarmService { name: "web".into(), ..SwarmService::default() };
            engine.swarm = Some(Swarm { auto_lock_managers: true, services: vec![service], ..Swarm::default() });
            change(f);
        })
        .facts()
}

fn found(facts: &Facts) -> Vec<(String, Severity)> {
    let found = findings(facts);
    for finding in &found {
        let mut after = facts.clone();
        if crate::remedy::apply(&mut after, finding) {
            assert!(findings(&after).iter().all(|other| other.fingerprint != finding.fingerprint), "{}", finding.rule);
        }
    }
    found.into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

fn manager(facts: &mut Facts) -> &mut Swarm {
    facts.engine.as_mut().unwrap().swarm.as_mut().unwrap()
}

#[test]
fn a_well_kept_swarm_and_a_host_without_one_have_nothing() {
    assert_eq!(found(&swarm(3, 5, |_| {})), []);
    assert_eq!(found(&sample::host().facts()), []);
}

#[test]
fn a_swarm_of_one_node_without_services_is_not_needed() {
    assert_eq!(found(&swarm(1, 1, |f| manager(f).services.clear())), [("KG-B140".into(), Severity::Info)]);
    assert_eq!(found(&swarm(1, 1, |_| {})), []);
}

#[test]
fn an_even_number_of_managers_or_more_than_seven_is_found() {
    for managers in [2, 4, 8, 9] {
        assert_eq!(found(&swarm(managers, 20, |_| {})), [("KG-B141".into(), Severity::Info)], "{managers}");
    }
}

#[test]
fn swarm_ports_on_every_interface_are_found() {
    let listen = |address: &str| {
        let socket = Listener { protocol: "tcp".into(), address: address.into(), port: 2377, ..Listener::default() };
        swarm(3, 5, |f| f.host.listening.push(socket))
    };
    assert_eq!(found(&listen("::")), [("KG-B142".into(), Severity::Low)]);
    assert_eq!(found(&listen("10.0.0.5")), []);
}

#[test]
fn overlays_are_encrypted_with_an_option_that_has_no_value() {
    let overlay = |nodes, options: &[(&str, &str)]| {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (driver, scope) = ("overlay".into(), "swarm".into());
        let network = Network { name: "ingress".into(), driver, scope, ingress: true, options, ..Network::default() };
        swarm(3, nodes, |f| f.engine.as_mut().unwrap().networks.push(network))
    };
    assert_eq!(found(&overlay(5, &[])), [("KG-B143".into(), Severity::Low)]);
    assert_eq!(found(&overlay(1, &[])), [("KG-B143".into(), Severity::Info)]);
    assert_eq!(found(&overlay(5, &[("encrypted", "")])), []);
}

#[test]
fn a_secret_in_the_environment_is_told_apart_from_a_path_to_one() {
    let env = |name: &str| swarm(3, 5, |f| manager(f).services[0].env.push(name.into()));
    assert_eq!(found(&env("DB_PASSWORD")), [("KG-B144".into(), Severity::Low)]);
    assert_eq!(found(&env("DB_PASSWORD_FILE")), []);
    assert_eq!(found(&env("LANG")), []);
}

#[test]
fn unlocked_managers_and_long_lived_certificates_are_found() {
    assert_eq!(found(&swarm(3, 5, |f| manager(f).auto_lock_managers = false)), [("KG-B145".into(), Severity::Low)]);
    let year = 365 * 24 * 3600 * 1_000_000_000;
    assert_eq!(found(&swarm(3, 5, |f| manager(f).node_cert_expiry = year)), [("KG-B146".into(), Severity::Info)]);
}
