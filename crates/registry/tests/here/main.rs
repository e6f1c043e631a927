//! Registries that run on this host, found as programs: Debian's docker-registry, with its own configuration.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]
#![allow(dead_code, reason = "the registry is shared with other tests")]

#[path = "../probe/lab.rs"]
mod lab;

use keelguard_host::Facts;
use keelguard_model::registry::{HttpSecret, Registries, Served};
use keelguard_registry::collect::{Here, here, named};
use keelguard_registry::rules;
use lab::Registry;

/// What is found here of the registry at this address.
fn found(registry: &Registry) -> Option<Served> {
    let (registries, _) = here(&Facts::empty(), &Here::of_this_process());
    registries.served.into_iter().find(|one| one.reached_at == [registry.address.clone()])
}

fn rules_of(served: Served) -> Vec<String> {
    let registries = Registries { served: vec![served], ..Registries::default() };
    let facts = Facts { registries: Some(registries), ..Facts::empty() };
    rules::of_host(&facts).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_program_is_found_with_its_configuration_and_where_it_is_reached() {
    if !lab::is_here() {
        return;
    }
    let registry = Registry::with_login();
    let served = found(&registry).unwrap();
    assert!(served.known && served.config_from[0].ends_with("registry.yml"), "{:?}", served.config_from);
    assert_eq!(served.config["storage.delete.enabled"], "true");
    assert_eq!(served.http_secret, HttpSecret::Set);
    let file = served.htpasswd.as_ref().unwrap();
    assert_eq!((file.exists, file.users, file.least_cost, served.invented_user), (Some(true), 2, Some(5), false));
    let said = serde_json::to_string(&served).unwrap();
    assert!(!said.contains("$2y$") && !said.contains("0123456789abcdef"), "{said}");

    let facts = Facts::empty();
    let targets = named(&facts, &Registries { served: vec![served.clone()], ..Registries::default() });
    assert_eq!(
        (targets[0].authority.as_str(), targets[0].named_by[0].as_str()),
        (registry.address.as_str(), "it runs here")
    );
    assert_eq!(rules_of(served), ["KG-A178", "KG-A173"]);
}

#[test]
fn a_registry_whose_logins_are_missing_invents_a_user_and_that_is_found_by_what_it_leaves() {
    if !lab::is_here() {
        return;
    }
    let auth = "auth:\n  htpasswd: {realm: shelf, path: HERE/invented/htpasswd}\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("invented")).unwrap();
    let registry = Registry::start(folder, "", "", auth);
    let served = found(&registry).unwrap();
    assert!(served.invented_user, "{:?}", served.htpasswd);
    assert!(rules_of(served).contains(&"KG-A171".to_owned()));
}
