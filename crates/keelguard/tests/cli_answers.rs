//! What the commands answer: exit codes, settings, exceptions, baselines, screens, and hostile names in every format.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic"
)]

mod support;

use keelguard_host::sample;
use support::{Home, code, mixed, stderr, well_kept};

/// A home with the mixed host's facts.
fn with_facts() -> Home {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    home
}

fn exit_of(home: &Home, arguments: &[&str]) -> i32 {
    code(&home.run(&[&["check", "--facts", "facts.json", "--quiet"], arguments].concat()))
}

#[test]
fn findings_fail_a_run_only_where_that_was_asked_for() {
    let home = with_facts();
    let plain = exit_of(&home, &[]);
    assert!(plain == 0 || plain == 3, "{plain}");
    assert_eq!(exit_of(&home, &["--fail-on", "high"]), 1);
    assert_eq!(exit_of(&home, &["--fail-on", "high", "--only", "spam"]), 0, "what was not judged cannot fail");
    assert_eq!(exit_of(&home, &["--fail-on", "severe"]), 2);
    assert_eq!(exit_of(&home, &["--only", "nothing"]), 2);
}

#[test]
fn an_accepted_risk_fails_nothing_is_counted_and_is_shown_on_request() {
    let home = with_facts();
    home.write("keelguard.toml", "[[exceptions]]\nsubject = '*'\nreason = 'a test bench'\nuntil = 2999-01-01\n");
    assert_ne!(exit_of(&home, &["--fail-on", "info"]), 1);
    let json = home.run(&["check", "--facts", "facts.json", "--format", "json", "--quiet"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let suppressed: u64 =
        report["areas"].as_array().unwrap().iter().filter_map(|a| a["counts"]["suppressed"].as_u64()).sum();
    assert!(suppressed > 0);
    let shown = home.says(&["check", "--facts", "facts.json", "--show-suppressed", "--all"]);
    assert!(shown.contains("a test bench"), "{shown}");
}

#[test]
fn an_exception_that_is_over_is_a_warning_and_one_without_a_reason_is_refused() {
    let home = with_facts();
    let mut facts = mixed();
    facts.collected = "2026-11-23T12:00:00Z".parse().unwrap();
    home.facts("facts.json", &facts);
    home.write("keelguard.toml", "[[exceptions]]\nrule = 'KG-B001'\nreason = 'until the move'\nuntil = 2026-11-22\n");
    let said = stderr(&home.run(&["check", "--facts", "facts.json", "--fail-on", "critical"]));
    assert!(said.contains("expired on 2026-11-22"), "{said}");
    home.write("keelguard.toml", "[[exceptions]]\nrule = 'KG-B001'\n");
    let refused = home.says(&["check", "--facts", "facts.json"]);
    assert!(refused.starts_with("exit 2\n") && refused.contains("needs a reason"), "{refused}");
    home.write("keelguard.toml", "fail_onn = 'high'\n");
    let unknown = home.says(&["config"]);
    assert!(unknown.starts_with("exit 2\n") && unknown.contains("did you mean \"fail_on\""), "{unknown}");
}

#[test]
fn against_a_baseline_only_what_is_new_fails() {
    let home = with_facts();
    let old = home.run(&["check", "--facts", "facts.json", "--format", "json", "--quiet"]);
    home.write("old.json", old.stdout);
    assert_ne!(exit_of(&home, &["--baseline", "old.json", "--fail-on", "info"]), 1);
    let mut worse = mixed();
    worse.engine.as_mut().unwrap().containers[0].host_config.privileged = true;
    home.facts("facts.json", &worse);
    assert_eq!(exit_of(&home, &["--baseline", "old.json", "--fail-on", "high"]), 1);
}

#[test]
fn each_setting_says_where_it_comes_from() {
    let home = Home::new();
    home.write("keelguard.toml", "fail_on = 'low'\nformat = 'json'\n");
    let mut command = home.command(&["--color", "never", "config"]);
    command.env("KEELGUARD_FORMAT", "sarif");
    insta::assert_snapshot!(home.shown(&home.output(command)));
}

#[test]
fn screens_of_a_well_kept_and_of_a_mixed_host() {
    let home = with_facts();
    home.facts("kept.json", &well_kept());
    let commands: [&[&str]; 5] = [
        &["check", "--facts", "kept.json"],
        &["check", "--facts", "facts.json"],
        &["paths", "--facts", "facts.json"],
        &["explain", "kg-b001"],
        &["explain", "KG-B999"],
    ];
    let shown: Vec<String> = commands
        .iter()
        .map(|arguments| format!("$ keelguard {}\n{}", arguments.join(" "), home.says(arguments)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn names_from_containers_are_escaped_in_every_format() {
    let hostile = "x\u{1b}[2J\u{202e}<script>alert(1)</script>\"'\n`|](http://e)";
    let home = Home::new();
    let facts = sample::host()
        .container(hostile, |c| {
            c.host_config.privileged = true;
            c.config.env = vec![format!("LD_PRELOAD={hostile}")];
            c.config.labels.insert(hostile.into(), hostile.into());
            c.bind("/", hostile);
        })
        .facts();
    home.facts("facts.json", &facts);
    for format in ["table", "json", "jsonl", "sarif", "junit", "markdown", "html", "github"] {
        for more in [&["--all"][..], &[]] {
            let output = home.run(&[&["check", "--facts", "facts.json", "--format", format], more].concat());
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(!text.is_empty() && !text.contains(['\u{1b}', '\u{9b}']), "{format}");
            // JSON holds the exact name for programs; what people read never does.
            let for_people = !matches!(format, "json" | "jsonl" | "sarif");
            assert!(!for_people || !text.contains('\u{202e}'), "{format}");
            assert!(format != "html" || !text.contains("<script"), "{format}");
        }
    }
    for format in ["table", "json", "dot", "mermaid", "svg"] {
        let output = home.run(&["paths", "--facts", "facts.json", "--format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains('\u{1b}') && (format == "json" || !text.contains('\u{202e}')), "paths as {format}");
        assert!(format != "svg" || !text.contains("<script"), "paths as {format}");
    }
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let home = with_facts();
    let plain = home.run(&["check", "--facts", "facts.json"]);
    assert!(!plain.stdout.contains(&0x1b));
    let asked = home.run(&["--color", "always", "check", "--facts", "facts.json"]);
    assert!(asked.stdout.contains(&0x1b));
}

#[test]
fn the_same_facts_give_the_same_report() {
    let home = with_facts();
    let run = || home.run(&["check", "--facts", "facts.json", "--format", "json"]).stdout;
    assert_eq!(run(), run());
}
