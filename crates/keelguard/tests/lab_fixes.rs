//! Every fix that can be run in the lab: the commands as printed, on a real engine, and the finding is gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic and say why"
)]

use std::collections::BTreeSet;

use keelguard_host::Facts;
use keelguard_lab::{Lab, Options, Set};
use keelguard_model::Finding;

fn facts(lab: &Lab) -> Facts {
    let options = keelguard_host::Options { engine: Some(lab.endpoint()), ..keelguard_host::Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(keelguard_host::collect(&options)).unwrap()
}

fn judge(lab: &Lab) -> Vec<Finding> {
    keelguard_audit::judge(&facts(lab)).findings
}

/// Commands that touch the lab's engine and nothing else. Packages, sysctls and files of this machine are left alone.
fn stays_in_the_lab(finding: &Finding) -> bool {
    let own =
        |command: &String| ["docker ", "(umask 077; docker ", "rm "].iter().any(|start| command.starts_with(start));
    // An exec session cannot be taken back; the command shows who it was, and the engine forgets it by itself.
    let only_asks = finding.rule == "KG-B058";
    !only_asks
        && !finding.fix.commands.is_empty()
        && finding.fix.commands.iter().all(own)
        && !finding.fix.commands.iter().any(|command| command.contains("docker service"))
}

#[test]
fn a_finding_whose_commands_were_run_is_gone() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let mut lab = Lab::up(&Options::default()).unwrap();
    lab.populate(Set::Risky).unwrap();
    let (mut tried, mut broken) = (BTreeSet::new(), Vec::new());
    let mut findings = judge(&lab);
    let all: BTreeSet<String> = findings.iter().map(|finding| finding.rule.clone()).collect();
    while let Some(finding) = findings.iter().find(|f| stays_in_the_lab(f) && !tried.contains(&f.rule)).cloned() {
        tried.insert(finding.rule.clone());
        let ran = lab.shell(&format!("set -e\n{}", finding.fix.commands.join("\n"))).unwrap();
        findings = judge(&lab);
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            broken.push(format!("{} on {}: {:?}: {said}", finding.rule, finding.subject, finding.fix.commands));
        } else if findings.iter().any(|found| found.fingerprint == finding.fingerprint) {
            broken.push(format!(
                "{} on {} is still there after {:?}",
                finding.rule, finding.subject, finding.fix.commands
            ));
        }
    }
    let untried: Vec<&String> = all.difference(&tried).collect();
    eprintln!("{} rules fixed for real: {tried:?}\nnot run in a lab: {untried:?}", tried.len());
    assert!(tried.len() >= 40, "only {} rules were tried", tried.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    lab.down().unwrap();
}

#[test]
fn a_setting_of_the_daemon_that_was_put_into_its_file_is_in_force_after_the_restart() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let serde_json::Value::Object(daemon) = serde_json::json!({
        "debug": true, "experimental": true, "icc": true, "insecure-registries": ["registry.example:5000", "10.0.0.0/8"],
        "ip6tables": false, "iptables": false, "log-driver": "none",
    }) else {
        panic!("an object")
    };
    let mut lab = Lab::up(&Options { daemon, ..Options::default() }).unwrap();
    lab.docker_ok(&["run", "--detach", Lab::IMAGES[0]]).unwrap();
    lab.docker_ok(&["run", "--detach", Lab::IMAGES[0]]).unwrap();
    let file = lab.daemon_json();
    let mut tried = BTreeSet::new();
    let snippet = |finding: &Finding| {
        let found = finding.fix.snippets.iter().find(|snippet| snippet.file == file.display().to_string())?;
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&found.text).ok()
    };
    // User namespaces need a user of the machine, and an authorization plugin has to be there first.
    let needs_more = |keys: &serde_json::Map<String, serde_json::Value>| {
        ["userns-remap", "authorization-plugins"].iter().any(|key| keys.contains_key(*key))
    };
    let mut findings = judge(&lab);
    loop {
        let next = findings.iter().find_map(|finding| {
            let keys = snippet(finding).filter(|keys| !needs_more(keys))?;
            (!tried.contains(&finding.rule)).then(|| (finding.clone(), keys))
        });
        let Some((finding, keys)) = next else { break };
        let mut settings: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        settings.extend(keys);
        std::fs::write(&file, serde_json::to_vec(&settings).unwrap()).unwrap();
        if let Err(error) = lab.restart() {
            panic!("{}: the engine does not start with {settings:?}: {error}", finding.rule);
        }
        findings = judge(&lab);
        assert!(
            !findings.iter().any(|found| found.fingerprint == finding.fingerprint),
            "{} is still there with {settings:?}",
            finding.rule
        );
        tried.insert(finding.rule);
    }
    eprintln!("settings fixed for real: {tried:?}");
    assert!(tried.len() >= 10, "only {tried:?}");
    lab.down().unwrap();
}
