//! `keelguard signs data logs` and `keelguard log` as their users run them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod support;

use std::fs;
use std::process::Output;

use support::{Home, code, stderr};

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn run(home: &Home, arguments: &[&str]) -> Output {
    home.command(arguments).output().unwrap()
}

/// Ten hours of a log by the clock.
fn log() -> String {
    (0..200)
        .map(|number| {
            format!(
                "2026-11-23T{:02}:{:02}:00Z edge CRON[{number}]: (root) CMD (x)\n",
                2 + number / 20,
                number % 20 * 3
            )
        })
        .chain((0..200).map(|number| {
            format!("2026-11-23T{:02}:{:02}:01Z edge systemd[1]: tick\n", 2 + number / 20, number % 20 * 3)
        }))
        .collect()
}

#[test]
fn what_became_of_a_log_is_told_at_the_second_look_and_ends_as_scripts_expect() {
    let home = Home::new();
    let mut lines: Vec<String> = log().lines().map(str::to_owned).collect();
    lines.sort_by_key(|line| line[..20].to_owned());
    let path = home.write("syslog", lines.join("\n") + "\n").display().to_string();
    let first = run(&home, &["signs", "data", "logs", &path, "--fail-on", "low"]);
    assert_eq!(code(&first), 0, "{}{}", stdout(&first), stderr(&first));
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("CRON[7]", "CRON[8]")).unwrap();
    let second = run(&home, &["signs", "data", "logs", &path, "--fail-on", "high", "--format", "json"]);
    assert_eq!(code(&second), 1, "{}", stderr(&second));
    let report: serde_json::Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "KG-D064");
    assert_eq!(report["findings"][0]["kind"], "detection");
    let unkept = run(&home, &["signs", "data", "logs", "--no-state", &path]);
    assert_eq!(code(&unkept), 0);
    let missing = run(&home, &["signs", "data", "logs", "/nonexistent/syslog"]);
    assert_eq!(code(&missing), 3, "what is not there was not looked at");
    assert!(stdout(&missing).contains("there is no such file"), "{}", stdout(&missing));
}

#[test]
fn what_keelguard_did_is_in_its_own_log_and_whoever_changes_that_is_found_out() {
    let home = Home::new();
    let path = home.write("syslog", log()).display().to_string();
    for _ in 0..3 {
        run(&home, &["signs", "data", "logs", "--no-state", &path]);
    }
    let whole = run(&home, &["log", "verify", "--format", "json"]);
    assert_eq!(code(&whole), 0, "{}", stderr(&whole));
    let told: serde_json::Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!((told["records"].as_u64(), told["whole"].as_bool()), (Some(3), Some(true)));
    let hash = told["hash"].as_str().unwrap().to_owned();
    assert_eq!(code(&run(&home, &["log", "verify", "--expect", &hash])), 0);
    assert_eq!(code(&run(&home, &["log", "verify", "--expect", &hash.replace(char::is_alphabetic, "0")])), 1);
    assert_eq!(code(&run(&home, &["log", "verify", "--expect", "x"])), 2);
    assert!(stdout(&run(&home, &["log", "show"])).contains("signs data"));
    let own = home.path(".local/share/keelguard/log/keelguard.jsonl");
    let text = fs::read_to_string(&own).unwrap();
    fs::write(&own, text.split_inclusive('\n').skip(1).collect::<String>()).unwrap();
    let cut = run(&home, &["log", "verify"]);
    assert_eq!(code(&cut), 1);
    assert!(stdout(&cut).contains("record 1 is missing"), "{}", stdout(&cut));
}

#[test]
fn a_place_that_cannot_be_written_is_said_once_and_stops_nothing() {
    let home = Home::new();
    let path = home.write("syslog", log()).display().to_string();
    let taken = home.write("taken", "a file where a folder should be").display().to_string();
    let mut command = home.command(&["signs", "data", "logs", "--no-state", &path]);
    let output = command.env("KEELGUARD_DATA_DIR", &taken).output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("is not in Keelguard's own log").count(), 1, "{}", stderr(&output));
    let mut command = home.command(&["signs", "data", "logs", "--no-state", &path]);
    let output = command.env("KEELGUARD_OWN_LOG", "false").env("KEELGUARD_DATA_DIR", &taken).output().unwrap();
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}
