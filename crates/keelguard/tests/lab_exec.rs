//! What a real engine says of commands in containers: in its debug log, in its stream of events, and when it is asked.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests may panic, and say why skipped"
)]

mod support;

use std::time::{Duration, Instant};

use keelguard_lab::{Lab, Options};
use serde_json::{Value, json};
use support::{Home, code, stderr};

/// A lab whose engine writes its debug log; or nothing and the printed reason.
fn lab() -> Option<Lab> {
    let daemon = json!({"debug": true}).as_object().cloned().unwrap();
    match Lab::up(&Options { daemon, ..Options::default() }) {
        Ok(lab) => Some(lab),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn events(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.run(&[&["signs", "logins", "--events", "--format", "jsonl"], arguments].concat());
    assert!([0, 3].contains(&code(&output)), "{}", stderr(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Container, command and method of what was run.
fn ran(events: &[Value]) -> Vec<(String, String, String)> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let execs = events.iter().filter(|event| event["kind"] == "exec");
    execs.map(|event| (text(event, "container"), text(event, "detail"), text(event, "method"))).collect()
}

#[test]
fn commands_in_containers_are_read_from_all_that_the_engine_says() {
    let Some(mut lab) = lab() else { return };
    let run =
        ["run", "-d", "--name", "web", "--health-cmd", "true", "--health-interval", "1s", "keelguard-lab/plain:1.0"];
    lab.docker_ok(&run).unwrap();
    let healthy = Instant::now() + Duration::from_mins(1);
    while lab.docker_ok(&["inspect", "--format", "{{.State.Health.Status}}", "web"]).unwrap().trim() != "healthy" {
        assert!(Instant::now() < healthy, "no health check was run");
        std::thread::yield_now();
    }
    lab.docker_ok(&["exec", "web", "sh", "-c", "true"]).unwrap();
    lab.docker_ok(&["exec", "-d", "web", "/bin/sh"]).unwrap();
    let own = |(container, command, _): &(String, String, String)| {
        assert_eq!(container, "web");
        command != "/bin/sh -c true"
    };

    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64().to_string();
    let told = lab.docker_ok(&["events", "--since", "0", "--until", &now, "--format", "{{json .}}"]).unwrap();
    let home = Home::new();
    home.write("events.jsonl", told);
    let all = ran(&events(&home, &["events.jsonl"]));
    let of_events: Vec<String> = all.iter().filter(|ran| own(ran)).map(|(_, command, _)| command.clone()).collect();
    assert_eq!(of_events, ["sh -c true", "/bin/sh"]);
    assert!(all.len() > of_events.len(), "health checks are events, too");

    home.write("dockerd.log", std::fs::read(lab.dir().join("dockerd.log")).unwrap());
    let of_log = events(&home, &["dockerd.log"]);
    let commands: Vec<(String, String)> =
        ran(&of_log).into_iter().map(|(container, command, _)| (container, command)).collect();
    let pairs = [("web", ""), ("", "sh -c true"), ("web", ""), ("", "/bin/sh")];
    assert_eq!(commands, pairs.map(|(container, command)| (container.to_owned(), command.to_owned())));
    assert!(of_log.iter().any(|event| event["kind"] == "engine_api" && event["method"] == "POST"));

    // Asked itself, among whatever this host has recorded.
    home.write("keelguard.toml", format!("engine = '{}'\n", lab.endpoint()));
    let asked = events(&home, &["--since", "1h"]);
    let asked =
        ran(&asked).into_iter().filter(|(container, command, _)| container == "web" && command != "/bin/sh -c true");
    assert_eq!(asked.map(|(_, command, _)| command).collect::<Vec<_>>(), ["sh -c true", "/bin/sh"]);
    lab.down().unwrap();
}
