//! The promise of "Do these first", on a real engine: run the commands as printed, look again, and no path is left.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic and say why"
)]

use std::process::Command;

use keelguard_host::Facts;
use keelguard_lab::{Lab, Options, Set};
use keelguard_model::{Report, SubjectKind};
use keelguard_paths::Graph;

fn report(lab: &Lab) -> Report {
    let output = Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(["check", "--quiet", "--format", "json", "--engine", &lab.endpoint()])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn facts(lab: &Lab) -> Facts {
    let options = keelguard_host::Options { engine: Some(lab.endpoint()), ..keelguard_host::Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(keelguard_host::collect(&options)).unwrap()
}

/// Rules whose fix is an upgrade of the machine that runs the tests.
fn is_an_upgrade(rule: &str) -> bool {
    rule.starts_with("KG-B2")
}

#[test]
fn after_the_fix_set_no_path_to_the_host_is_left() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let mut lab = Lab::up(&Options::default()).unwrap();
    lab.populate(Set::Demo).unwrap();

    // On the facts: everything, upgrades included.
    let mut after = facts(&lab);
    let judged = keelguard_audit::judge(&after).findings;
    let graph = Graph::build(&after, &judged);
    assert!(graph.paths_to_host().len() > 5, "the demonstration has many ways to the host");
    for step in graph.fix_set(&graph.starts(), &graph.goals()).steps {
        for finding in judged.iter().filter(|finding| step.findings.contains(&finding.fingerprint)) {
            assert!(keelguard_audit::remedy::apply(&mut after, finding), "{} has no remedy", finding.rule);
        }
    }
    let graph = Graph::build(&after, &keelguard_audit::judge(&after).findings);
    assert_eq!(graph.paths(&graph.starts(), &graph.goals()), [], "no path in the facts after the fix set");

    // For real: the commands of every container's change, as they are printed.
    let before = report(&lab);
    for step in before.fix_set.iter().filter(|step| step.subject.kind == SubjectKind::Container) {
        assert!(!step.commands.is_empty(), "{} has no commands", step.subject);
        let output = lab.shell(&format!("set -e\n{}", step.commands.join("\n"))).unwrap();
        assert!(output.status.success(), "{:?}\n{}", step.commands, String::from_utf8_lossy(&output.stderr));
    }
    let left: Vec<String> = report(&lab)
        .paths
        .into_iter()
        .filter(|path| !path.steps.iter().any(|step| step.rule.as_deref().is_some_and(is_an_upgrade)))
        .map(|path| format!("{path:?}"))
        .collect();
    assert_eq!(left, [""; 0], "paths that no upgrade of this machine would close");
    lab.down().unwrap();
}
