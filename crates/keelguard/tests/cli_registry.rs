//! `keelguard registry` and `keelguard trust` as a user types them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]
#![allow(
    clippy::print_stderr,
    clippy::format_collect,
    dead_code,
    reason = "what is skipped is said; the registry is shared with other tests"
)]

#[path = "../../registry/tests/probe/lab.rs"]
mod registry;
mod support;

use std::io::Write as _;
use std::process::Stdio;

use keelguard_host::facts::Image;
use keelguard_host::sample;
use registry::Registry;
use serde_json::Value;
use support::Home;

fn run(home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let output = home.output(home.command(arguments));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The same, with something on standard input.
fn fed(home: &Home, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = home.command(arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_screen_says_what_anybody_may_do_and_what_to_type() {
    if !registry::is_here() {
        return;
    }
    let (home, shelf) = (Home::new(), Registry::open());
    shelf.push("shop/web");
    let (code, out, _) = run(&home, &["registry", &format!("http://{}", shelf.address)]);
    assert_eq!(code, 0);
    let shown = out.replace(&shelf.address, "ADDRESS");
    insta::assert_snapshot!("an_open_registry", shown);
    assert_eq!(run(&home, &["registry", &shelf.address, "--fail-on", "critical"]).0, 1);
}

#[test]
fn the_answer_is_valid_by_its_schema_and_comes_in_every_format() {
    if !registry::is_here() {
        return;
    }
    let (home, shelf) = (Home::new(), Registry::with_login());
    let ask = |format: &str| run(&home, &["registry", &shelf.address, "--format", format]);
    let (code, json, said) = ask("json");
    assert_eq!(code, 0, "{said}");
    let report: Value = serde_json::from_str(&json).unwrap();
    support::follows("registry", json.as_bytes());
    assert_eq!((report["verdict"].as_str(), report["findings"][0]["rule"].as_str()), (Some("red"), Some("KG-A106")));
    for format in ["jsonl", "sarif", "junit", "markdown", "html", "github"] {
        let (code, out, said) = ask(format);
        assert!(code == 0 && out.contains("KG-A106"), "{format}: {said}");
    }
}

#[test]
fn a_password_is_read_from_standard_input_and_shown_nowhere() {
    if !registry::is_here() {
        return;
    }
    let (home, shelf) = (Home::new(), Registry::with_login());
    let login = ["registry", &shelf.address, "--username", "shelf", "--password-stdin"];
    for format in ["table", "json", "jsonl", "sarif", "junit", "markdown", "html", "github"] {
        let arguments = [&login[..], &["--format", format, "--verbose"]].concat();
        let (code, out, said) = fed(&home, &arguments, "s3cret-sw0rdfish\n");
        assert_eq!(code, 3, "{format}: {said}");
        assert!(!out.contains("sw0rdfish") && !said.contains("sw0rdfish"), "{format}");
    }
    let (code, out, _) = fed(&home, &[&login[..], &["--format", "json"]].concat(), "shelf\n");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["registries"][0]["with_login"]["taken"]), (0, &Value::Bool(true)));
    let (code, _, said) = fed(&home, &login, "");
    assert!(code == 2 && said.contains("there is none"), "{said}");
    assert_eq!(run(&home, &login[..4]).0, 2, "a password is never an argument");
}

#[test]
fn what_cannot_be_asked_is_said_in_a_sentence() {
    let home = Home::new();
    let (code, out, _) = run(&home, &["registry", "127.0.0.1:1"]);
    assert!(code == 3 && out.contains("what is not seen is not judged clean") && out.contains("UNKNOWN"), "{out}");
    for (address, sentence) in [
        ("ftp://x.example", "no way to speak to a registry"),
        ("https://me:hunter2@x.example", "--password-stdin"),
        ("", "use the address"),
        ("x.example/A B", "no name of a repository"),
    ] {
        let (code, _, said) = run(&home, &["registry", address]);
        assert!(code == 2 && said.contains(sentence) && !said.contains("hunter2"), "{address}: {said}");
    }
    let mut command = home.command(&["registry", "127.0.0.1:1"]);
    command.env("KEELGUARD_OFFLINE", "true");
    assert!(String::from_utf8(home.output(command).stderr).unwrap().contains("the setting offline forbids it"));
    let (code, _, said) =
        fed(&home, &["registry", "a.example", "b.example", "--username", "me", "--password-stdin"], "x");
    assert!(code == 2 && said.contains("name one registry"), "{said}");
}

#[test]
fn publishers_are_accepted_listed_and_revoked() {
    let home = Home::new();
    let trust = |arguments: &[&str]| {
        let mut command = home.command(&[&["trust"], arguments].concat());
        command.env("KEELGUARD_DATA_DIR", home.path("data"));
        let output = home.output(command);
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert!(trust(&["list"]).1.contains("nobody is accepted yet"));
    assert_eq!(trust(&["accept", "grafana", "ghcr.io/home", "--reason", "dashboards"]), (0, String::new()));
    let (code, shown) = trust(&["list"]);
    assert!(code == 0 && shown.contains("docker.io/grafana") && shown.contains("dashboards"), "{shown}");
    let json = support::follows("trust", trust(&["list", "--format", "json"]).1.as_bytes());
    assert_eq!(json["publishers"][1]["name"], "ghcr.io/home");
    assert!(trust(&["accept", "docker.io/grafana"]).1.contains("was accepted already"));
    assert_eq!(trust(&["revoke", "docker.io/grafana"]).0, 0);
    let (code, said) = trust(&["revoke", "docker.io/grafana"]);
    assert!(code == 2 && said.contains("not on the list"), "{said}");
    assert_eq!(trust(&["accept", "no publisher"]).0, 2);
    let file = home.write("data/trust.json", "{");
    let (code, said) = trust(&["accept", "grafana"]);
    assert!(code == 2 && said.contains("repair it or move it away"), "{said}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "{", "a damaged list is not overwritten");
}

#[test]
fn a_new_publisher_is_a_finding_of_recorded_facts_until_the_host_has_accepted_it() {
    let home = Home::new();
    let facts = |accepted: &[&str]| {
        let image = |name: &str| Image {
            id: format!("sha256:{name}"),
            repo_tags: vec![format!("{name}:1")],
            repo_digests: vec![format!("{name}@sha256:00")],
            ..Image::default()
        };
        sample::host()
            .with(|facts| {
                facts.engine.as_mut().unwrap().images = vec![image("who/knows"), image("nginx"), image("who/else")];
                let accepted = accepted.iter().map(|name| (*name).to_owned()).collect();
                facts.registries = Some(keelguard_model::registry::Registries { accepted, ..Default::default() });
            })
            .facts()
    };
    let found = |name: &str| {
        let (_, out, _) = run(&home, &["check", "--facts", name, "--only", "iam", "--format", "json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        let names = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["subject"]["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), report["areas"][1]["verdict"].as_str().unwrap().to_owned())
    };
    home.facts("new.json", &facts(&[]));
    home.facts("known.json", &facts(&["docker.io/who", "docker.io/library"]));
    assert_eq!(found("new.json"), (vec!["docker.io/who".into(), "docker.io/library".into()], "amber".into()));
    // Identities are not looked at here: that is not green.
    assert_eq!(found("known.json"), (vec![], "unknown".into()));
}
