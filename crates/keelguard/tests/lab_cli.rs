//! The built program against a real engine.

#![allow(clippy::indexing_slicing, clippy::print_stderr, clippy::unwrap_used, reason = "a skipped part says why")]

mod lab;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keelguard_lab::{Lab, Set};
use serde_json::Value;

/// The program, with nothing of this user's settings.
fn keelguard(lab: &Lab, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.args(arguments).args(["--engine", &lab.endpoint(), "--quiet"]);
    alone(&mut command, lab.dir()).output().unwrap()
}

fn offline(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.args(arguments).arg("--quiet");
    alone(&mut command, dir).output().unwrap()
}

/// With a cache of its own, and no advisories from elsewhere.
fn alone<'a>(command: &'a mut Command, dir: &Path) -> &'a mut Command {
    command.current_dir(dir).env("KEELGUARD_CACHE_DIR", dir.join("cache")).env("KEELGUARD_OFFLINE", "true")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Done, or done in part: this machine hides something or other from everybody, and there are no advisories.
fn done(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 3 | 4))
}

fn fingerprints(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_command_says_the_same_of_one_engine() {
    let Some(mut lab) = lab::lab() else { return };
    lab.populate(Set::Demo).unwrap();
    formats(&lab);
    recorded_facts_give_the_same_report(&lab);
    selections(&lab);
    paths(&lab);
    a_fix_shows_against_the_baseline(&lab);
    without_permission_nothing_reads_as_clean(&lab);
    lab.down().unwrap();
}

fn formats(lab: &Lab) {
    for format in ["table", "json", "jsonl", "sarif", "junit", "markdown", "html", "github"] {
        let output = keelguard(lab, &["check", "--format", format]);
        assert!(done(&output), "{format}: {:?} {}", output.status, said(&output));
        let text = text(&output);
        assert!(text.contains("dashboard"), "{format} does not name a risky container");
        match format {
            "json" => assert_eq!(json(&output)["schema"], "keelguard.report/1"),
            "sarif" => assert_eq!(json(&output)["version"], "2.1.0"),
            "jsonl" => assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())),
            _ => {}
        }
    }
    let doctor = keelguard(lab, &["doctor", "--format", "json"]);
    assert!(done(&doctor) && json(&doctor)["sights"].is_array(), "{}", said(&doctor));
}

fn recorded_facts_give_the_same_report(lab: &Lab) {
    let facts = keelguard(lab, &["facts", "--output", "facts.json"]);
    assert!(done(&facts), "{}", said(&facts));
    let check = ["check", "--facts", "facts.json", "--format", "json"];
    let (once, again) = (offline(lab.dir(), &check), offline(lab.dir(), &check));
    assert!(once.stdout == again.stdout, "the same facts gave two reports");
    // Facts taken at another time differ in their times only.
    let live = json(&keelguard(lab, &["check", "--format", "json"]));
    let (mut live, mut replayed) = (fingerprints(&live), fingerprints(&json(&once)));
    live.sort();
    replayed.sort();
    assert_eq!(live, replayed);
}

fn selections(lab: &Lab) {
    let failing = keelguard(lab, &["check", "--fail-on", "critical"]);
    assert_eq!(failing.status.code(), Some(1), "{}", said(&failing));
    let only = json(&keelguard(lab, &["check", "--only", "resources", "--format", "json"]));
    let findings = only["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["area"] == "resources"));
    let benchmark = json(&keelguard(lab, &["check", "--benchmark", "cis", "--format", "json"]));
    let rows = ["checks", "rows"].iter().find_map(|name| benchmark[*name].as_array()).map(Vec::len);
    assert_eq!(rows, Some(117), "{benchmark:#}");
}

fn paths(lab: &Lab) {
    for (format, sign) in
        [("table", "host root"), ("json", "{"), ("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg")]
    {
        let output = keelguard(lab, &["paths", "--format", format]);
        assert!(done(&output) && text(&output).contains(sign), "{format}: {} {}", said(&output), text(&output));
    }
    let one = keelguard(lab, &["paths", "--from", "builder", "--to", "host"]);
    assert!(done(&one) && text(&one).contains("builder"), "{}", said(&one));
}

fn a_fix_shows_against_the_baseline(lab: &Lab) {
    let before = lab.dir().join("before.json");
    let saved = keelguard(lab, &["check", "--format", "json", "--output", "before.json"]);
    assert!(done(&saved) && before.exists(), "{}", said(&saved));
    lab.docker_ok(&["rm", "--force", "builder"]).unwrap();
    let after = json(&keelguard(lab, &["check", "--format", "json"]));
    let old: Value = serde_json::from_slice(&fs::read(before).unwrap()).unwrap();
    let of_builder = |report: &Value| {
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["subject"]["name"] == "builder").count()
    };
    assert!(of_builder(&old) > 0 && of_builder(&after) == 0);
    let compared = keelguard(lab, &["check", "--baseline", "before.json", "--fail-on", "info"]);
    // Nothing is new, so nothing fails.
    assert!(done(&compared), "{:?} {}", compared.status, said(&compared));
    assert!(text(&compared).contains("fixed"), "{}", text(&compared));
}

fn without_permission_nothing_reads_as_clean(lab: &Lab) {
    // The folders on the way to the program may be closed to others.
    let folder = tempfile::Builder::new().prefix("kg-cli-").tempdir_in("/tmp").unwrap();
    let program = folder.path().join("keelguard");
    fs::copy(env!("CARGO_BIN_EXE_keelguard"), &program).unwrap();
    assert!(Command::new("chmod").args(["755"]).arg(folder.path()).status().unwrap().success());
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["check", "--format", "json", "--engine", &lab.endpoint()])
        .current_dir("/")
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no setpriv here");
        return;
    };
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let report = json(&output);
    assert!(report["incomplete"].to_string().to_lowercase().contains("permission"), "{:#}", report["incomplete"]);
    let breakout = report["areas"].as_array().unwrap().iter().find(|area| area["area"] == "breakout").unwrap();
    assert_ne!(breakout["verdict"], "green");
}
