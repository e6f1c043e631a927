//! Fixes of swarm mode, on the lab's engine as the one manager of a swarm: run as printed, look again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic and say why"
)]

mod lab;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use keelguard_lab::Lab;
use keelguard_model::Finding;

/// The rules about swarm mode whose findings come with commands.
const WITH_COMMANDS: [&str; 4] = ["KG-B140", "KG-B143", "KG-B145", "KG-B146"];

/// A swarm of the lab's engine alone; none where this machine's kernel cannot, with the printed reason.
fn swarm() -> Option<Lab> {
    let mut lab = lab::lab()?;
    let init = lab.docker(&["swarm", "init", "--advertise-addr", "127.0.0.1", "--cert-expiry", "8760h"]).unwrap();
    if !init.status.success() {
        eprintln!("skipped: no swarm here: {}", String::from_utf8_lossy(&init.stderr).trim());
        lab.down().unwrap();
        return None;
    }
    Some(lab)
}

/// Managers elect a leader again after each change of the swarm's settings; until then the engine answers with errors.
fn answers_as_manager(lab: &Lab) {
    let end = Instant::now() + Duration::from_secs(20);
    while !lab.docker(&["node", "ls"]).unwrap().status.success() {
        assert!(Instant::now() < end, "the swarm has no leader");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn of_swarm(lab: &Lab) -> Vec<Finding> {
    answers_as_manager(lab);
    lab::findings(lab).into_iter().filter(|finding| finding.rule.starts_with("KG-B14")).collect()
}

/// Follows the commands of each finding of these rules, until none of them is left; returns the rules.
fn follow(lab: &Lab, rules: &[&str]) -> BTreeSet<String> {
    let mut tried = BTreeSet::new();
    loop {
        let open = of_swarm(lab).into_iter().find(|finding| rules.contains(&finding.rule.as_str()));
        let rule_of = |(rule, _)| rule;
        let Some(finding) = open else { return tried.into_iter().map(rule_of).collect() };
        assert!(tried.insert((finding.rule.clone(), finding.subject.clone())), "{finding:#?} is still there");
        let ran = lab.shell(&format!("set -e\n{}", finding.fix.commands.join("\n"))).unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{} on {}: {:?}: {said}", finding.rule, finding.subject, finding.fix.commands);
        if finding.rule == "KG-B140" {
            return tried.into_iter().map(rule_of).collect();
        }
    }
}

#[test]
fn the_weaknesses_of_a_swarm_are_gone_after_their_commands() {
    let Some(mut lab) = swarm() else { return };
    lab.docker_ok(&["network", "create", "--driver", "overlay", "plain"]).unwrap();
    lab.docker_ok(&["network", "create", "--driver", "overlay", "--attachable", "attachable"]).unwrap();
    let image = Lab::IMAGES[0];
    lab.docker_ok(&["service", "create", "--detach", "--no-resolve-image", "--name=job", "--env=DB_PASSWORD=x", image])
        .unwrap();

    let before: BTreeSet<String> = of_swarm(&lab).into_iter().map(|finding| finding.rule).collect();
    for rule in ["KG-B142", "KG-B143", "KG-B144", "KG-B145", "KG-B146"] {
        assert!(before.contains(rule), "{rule} was not found: {before:?}");
    }
    assert!(!before.contains("KG-B140"), "a service uses the swarm");
    let fixed = follow(&lab, &["KG-B143", "KG-B145", "KG-B146"]);
    eprintln!("fixed for real: {fixed:?}");
    assert_eq!(fixed.len(), 3);

    // The ways that have no command of their own: a secret that is a secret, and ports that the firewall closes.
    lab.docker_ok(&["service", "rm", "job"]).unwrap();
    lab.shell("echo x | docker secret create db -").unwrap();
    lab.docker_ok(&[
        "service",
        "create",
        "--detach",
        "--no-resolve-image",
        "--name=job",
        "--secret=db",
        "--env=DB_PASSWORD_FILE=/run/secrets/db",
        image,
    ])
    .unwrap();
    let left: BTreeSet<String> = of_swarm(&lab).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(left, BTreeSet::from(["KG-B142".to_owned()]), "what has no command of its own");
    lab.down().unwrap();
}

#[test]
fn a_swarm_that_nothing_uses_is_left() {
    let Some(mut lab) = swarm() else { return };
    let with: BTreeSet<String> =
        of_swarm(&lab).into_iter().filter(|f| !f.fix.commands.is_empty()).map(|finding| finding.rule).collect();
    assert_eq!(with, WITH_COMMANDS.map(str::to_owned).into(), "all of them are run in these tests");
    assert_eq!(follow(&lab, &["KG-B140"]), BTreeSet::from(["KG-B140".to_owned()]));
    let left: Vec<String> =
        lab::findings(&lab).iter().filter(|f| f.rule.starts_with("KG-B14")).map(lab::line).collect();
    assert_eq!(left, [""; 0], "out of the swarm none of its weaknesses is left");
    lab.down().unwrap();
}
