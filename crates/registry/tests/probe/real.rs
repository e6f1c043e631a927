//! Debian's docker-registry: open, with logins, with TLS, read-only, with its debugging port.

use keelguard_distribution::Access;
use keelguard_model::registry::{Asks, Look};
use keelguard_registry::collect::{Depth, Options, Target};

use super::lab::{self, Registry, certify};
use super::{ask, ask_target, options};

#[test]
fn an_open_registry_is_found_open_in_all_four_ways_and_keeps_no_trace_of_being_asked() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::open();
    registry.push("shop/web");
    let before = registry.kept();
    assert!(before.len() > 10);
    let found = ask(&format!("http://{}", registry.address), &options());
    let probe = &found.probe;
    assert_eq!([probe.pull, probe.catalogue, probe.push, probe.delete], [Look::Open; 4], "{}", found.missed());
    assert_eq!((probe.repository.as_deref(), probe.listed), (Some("shop/web"), Some(1)));
    assert_eq!((probe.asks, probe.software.as_str()), (Asks::Nothing, "distribution"));
    assert_eq!(found.rules(), ["KG-A101", "KG-A102", "KG-A103", "KG-A104", "KG-A105"]);
    assert_eq!(found.missed(), "");
    assert_eq!(registry.kept(), before);
}

#[test]
fn a_registry_without_images_is_found_open_and_stays_empty() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::open();
    let found = ask(&registry.address, &options());
    assert_eq!([found.probe.push, found.probe.delete, found.probe.pull], [Look::Open; 3], "{}", found.missed());
    assert_eq!(registry.kept(), []);
}

#[test]
fn deleting_that_is_switched_off_is_told_from_deleting_that_is_refused() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::start(tempfile::tempdir().unwrap(), "", "", "");
    registry.push("web");
    let found = ask(&registry.address, &options());
    assert_eq!((found.probe.delete, found.probe.push), (Look::Off, Look::Open));
    assert!(!found.rules().contains(&"KG-A102"));
    let registry = Registry::with_login();
    assert_eq!(ask(&registry.address, &options()).probe.delete, Look::Refused);
}

#[test]
fn a_registry_that_only_reads_takes_and_deletes_nothing() {
    if !lab::is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let readonly = "  delete: {enabled: true}\n  maintenance: {readonly: {enabled: true}}\n";
    let registry = Registry::start(folder, readonly, "", "");
    let found = ask(&registry.address, &options());
    assert_eq!((found.probe.push, found.probe.delete), (Look::Off, Look::Off), "{}", found.missed());
    assert_eq!(found.rules(), ["KG-A103", "KG-A104", "KG-A105"]);
}

#[test]
fn a_registry_with_logins_refuses_everything_and_asks_for_them_in_plain() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::with_login();
    let found = ask(&registry.address, &options());
    let probe = &found.probe;
    assert_eq!([probe.pull, probe.catalogue, probe.push, probe.delete], [Look::Refused; 4]);
    assert_eq!((probe.asks, found.rules()), (Asks::Basic, vec!["KG-A106"]));
    assert_eq!((probe.tried, found.missed().as_str()), (0, ""), "nothing is tried that nobody asked for");

    let login = |password: &str| Some(("shelf".to_owned(), password.to_owned()));
    let good = ask(&registry.address, &Options { login: login("shelf"), ..options() });
    let look = good.probe.with_login.as_ref().unwrap();
    assert_eq!((look.taken, look.delete), (true, Look::Open));
    assert_eq!(good.rules(), ["KG-A106", "KG-A116"]);
    let bad = ask(&registry.address, &Options { login: login("sw0rdfish"), ..options() });
    assert!(!bad.probe.with_login.as_ref().unwrap().taken);
    assert!(bad.missed().contains("it is not taken") && !bad.said().contains("sw0rdfish"), "{}", bad.missed());
}

#[test]
fn a_login_that_everybody_knows_is_found_when_that_is_asked_for() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::with_login();
    let found = ask(&registry.address, &Options { try_defaults: true, ..options() });
    assert_eq!(found.probe.default_logins, ["admin"]);
    assert!(found.probe.tried > 5 && !found.probe.slowed);
    assert_eq!(found.rules(), ["KG-A106", "KG-A112", "KG-A114"]);
    assert!(!found.said().contains("Harbor12345"));
    let open = Registry::open();
    let found = ask(&open.address, &Options { try_defaults: true, ..options() });
    assert_eq!(found.probe.tried, 0, "it would take any");
}

#[test]
fn versions_of_tls_and_the_certificate_are_those_of_the_registry() {
    if !lab::is_here() {
        return;
    }
    let tls = |more: &str| format!("  tls: {{certificate: HERE/cert.pem, key: HERE/key.pem{more}}}\n");
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "rsa:2048", "-sha256");
    let registry = Registry::start(folder, "", &tls(""), "");
    let found = ask(&registry.address, &options());
    let https = found.probe.https.as_ref().unwrap();
    assert_eq!(https.versions, ["TLS 1.2", "TLS 1.3"]);
    assert!(https.untrusted.as_ref().unwrap().contains("has signed it"), "{https:?}");
    let own = &https.chain[0];
    assert_eq!((own.subject.as_str(), own.issuer.as_str(), own.names[0].as_str()), ("CN=shelf", "CN=ca", "127.0.0.1"));
    assert_eq!((own.bits, own.signed_with.as_str()), (Some(2048), "SHA-256"));
    assert!(found.probe.plain.is_none(), "what a port for TLS says to plain HTTP is no registry");
    assert_eq!(found.rules(), ["KG-A101", "KG-A103", "KG-A104", "KG-A108", "KG-A109"]);

    let access = Access { ca_file: Some(registry.path("ca.pem")), ..options().access };
    let trusted = ask(&registry.address, &Options { access, ..options() });
    assert_eq!(trusted.probe.https.as_ref().unwrap().untrusted, None);
    assert!(!trusted.rules().contains(&"KG-A108"));

    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "rsa:1024", "-sha1");
    let old = Registry::start(
        folder,
        "",
        &tls(
            ", minimumtls: tls1.0, ciphersuites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
        ),
        "",
    );
    let found = ask(&old.address, &options());
    let https = found.probe.https.as_ref().unwrap();
    assert_eq!(https.versions, ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"]);
    assert_eq!((https.chain[0].bits, https.chain[0].signed_with.as_str()), (Some(1024), "SHA-1"));
    assert!(found.rules().contains(&"KG-A107") && found.rules().contains(&"KG-A110"), "{:?}", found.rules());
}

#[test]
fn profiles_variables_and_metrics_on_the_port_for_debugging_are_found() {
    if !lab::is_here() {
        return;
    }
    let debug = "  debug: {addr: \"127.0.0.1:NEXT\", prometheus: {enabled: true}}\n";
    let registry = Registry::start(tempfile::tempdir().unwrap(), "", debug, "");
    let found = ask(&registry.address, &options());
    let kinds: Vec<&str> = found.probe.open_endpoints.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["profiles", "variables", "metrics"]);
    assert_eq!(found.rules().iter().filter(|rule| **rule == "KG-A111").count(), 3);
    assert!(!found.said().contains("registry.yml"), "what the variables say is not kept");
}

#[test]
fn a_registry_that_is_only_read_is_not_written_to() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::open();
    registry.push("web");
    let target = Target { depth: Some(Depth::Reading), ..Target::named(&registry.address, "image web:1") };
    let found = ask_target(target, &options());
    assert_eq!([found.probe.push, found.probe.delete], [Look::NotAsked; 2]);
    assert_eq!([found.probe.pull, found.probe.catalogue], [Look::Open; 2]);
    let greeted = Target { depth: Some(Depth::Greeting), ..Target::named(&registry.address, "image web:1") };
    assert_eq!(ask_target(greeted, &options()).probe.pull, Look::NotAsked);
}
