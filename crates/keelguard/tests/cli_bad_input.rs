//! Input that cannot be used: a sentence, exit code 2, and never a panic or a wait without end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic"
)]

mod support;

use support::{Home, code, mixed, stderr};

#[test]
fn facts_that_cannot_be_used_are_refused_with_a_sentence() {
    let home = Home::new();
    let whole = serde_json::to_vec(&mixed()).unwrap();
    home.write("cut.json", &whole[..whole.len() / 2]);
    home.write("newer.json", String::from_utf8(whole).unwrap().replacen("keelguard.facts/1", "keelguard.facts/2", 1));
    home.write("deep.json", "[".repeat(200_000));
    home.write("deep-inside.json", format!(r#"{{"schema":"keelguard.facts/1","host":{}"#, r#"{"a":"#.repeat(50_000)));
    home.write("text.json", "\u{1b}[2Jhello");
    home.write("empty.json", "");
    std::fs::create_dir(home.path("folder")).unwrap();
    let mut shown = String::new();
    let files = ["cut", "newer", "deep", "deep-inside", "text", "empty", "missing"].map(|name| format!("{name}.json"));
    for file in files.iter().map(String::as_str).chain(["folder"]) {
        let said = home.says(&["check", "--facts", file]);
        assert!(said.starts_with("exit 2\n"), "{file}: {said}");
        assert!(!said.contains('\u{1b}') && !said.contains("panicked"), "{file}: {said}");
        shown.push_str(&format!("# {file}\n{said}\n"));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn facts_from_a_pipe_that_nobody_writes_to_are_not_waited_for() {
    let home = Home::new();
    let made = std::process::Command::new("mkfifo").arg(home.path("pipe")).status().unwrap();
    assert!(made.success());
    insta::assert_snapshot!(home.says(&["check", "--facts", "pipe"]));
}

#[test]
fn a_baseline_that_cannot_be_used_is_refused_with_a_sentence() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    home.write("damaged.json", r#"{"schema":"keelguard.report/1","findings":[{"#);
    home.write("newer.json", r#"{"schema":"keelguard.report/2","findings":[]}"#);
    let mut shown = String::new();
    for baseline in ["damaged.json", "newer.json", "missing.json", "facts.json"] {
        let said = home.says(&["check", "--facts", "facts.json", "--baseline", baseline]);
        assert!(said.starts_with("exit 2\n"), "{baseline}: {said}");
        shown.push_str(&format!("# {baseline}\n{said}\n"));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn an_engine_that_cannot_be_spoken_to_is_wrong_usage_with_advice() {
    let home = Home::new();
    let mut ssh = home.command(&["check"]);
    ssh.env("DOCKER_HOST", "ssh://admin@example.org");
    let ssh = home.output(ssh);
    assert_eq!(code(&ssh), 2, "{}", stderr(&ssh));
    let nonsense = home.says(&["check", "--engine", "nonsense"]);
    assert!(nonsense.starts_with("exit 2\n"), "{nonsense}");
    insta::assert_snapshot!(format!("# ssh\n{}\n# nonsense\n{nonsense}", home.shown(&ssh)));
}

#[test]
fn without_an_engine_nothing_about_containers_is_called_clean() {
    let home = Home::new();
    let mut command = home.command(&["check", "--format", "json"]);
    command.env("DOCKER_HOST", "unix:///nonexistent.sock");
    let output = home.output(command);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for area in report["areas"].as_array().unwrap() {
        assert_ne!(area["verdict"], "green", "{area}");
    }
    let breakout = report["areas"].as_array().unwrap().iter().find(|area| area["area"] == "breakout").unwrap();
    assert!(breakout["verdict"] != "green", "{breakout}");
    assert!(!report["incomplete"].as_array().unwrap().is_empty());
}
