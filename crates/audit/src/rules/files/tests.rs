use keelguard_host::facts::{FileFact, HostMount, Stat};
use keelguard_host::{Facts, sample};
use keelguard_model::{Finding, Severity};

use super::*;

fn facts(role: &str, mode: u32, uid: u32, group: &str) -> Facts {
    let gid = if group == "root" { 0 } else { 990 };
    let stat = Stat { mode, uid, gid, group: group.into(), ..Stat::default() };
    let file = FileFact { role: role.into(), path: format!("/etc/it's {role}"), exists: Some(true), stat: Some(stat) };
    sample::host().with(|f| f.host.files.push(file)).facts()
}

/// The only finding about permissions, whose remedy makes it go away.
fn only(facts: &Facts) -> Option<Finding> {
    let mut found = permissions::findings(facts);
    assert!(found.len() <= 1, "{found:?}");
    let finding = found.pop()?;
    let mut after = facts.clone();
    assert!(crate::remedy::apply(&mut after, &finding));
    assert_eq!(permissions::findings(&after), []);
    Some(finding)
}

fn judged(role: &str, mode: u32, uid: u32, group: &str) -> Option<(String, Severity, Vec<String>)> {
    only(&facts(role, mode, uid, group)).map(|finding| (finding.rule, finding.severity, finding.refs.cis))
}

#[test]
fn every_row_passes_at_its_widest_and_fails_one_bit_beyond() {
    for row in permissions::TABLE {
        let widest =
            (0..0o1000).filter(|mode| permissions::findings(&facts(row.role, *mode, 0, "root")).is_empty()).max();
        let finding = only(&facts(row.role, 0o777, 0, "root")).unwrap();
        assert_eq!(finding.refs.cis, [row.mode_section], "{}", row.role);
        assert!(only(&facts(row.role, widest.unwrap(), 0, "root")).is_none());
        let owner = only(&facts(row.role, widest.unwrap(), 1000, "root")).unwrap();
        assert_eq!((owner.rule.as_str(), owner.refs.cis), ("KG-B132", vec![row.owner_section.to_owned()]));
    }
}

#[test]
fn a_socket_that_everybody_can_write_is_critical() {
    assert_eq!(
        judged("docker-sock", 0o666, 0, "docker"),
        Some(("KG-B130".into(), Severity::Critical, vec!["3.16".into()]))
    );
    assert_eq!(judged("containerd-sock", 0o666, 0, "root").unwrap().1, Severity::Critical);
    assert_eq!(judged("docker-sock", 0o660, 0, "docker"), None);
}

#[test]
fn a_key_that_everybody_can_read_is_worse_than_one_its_group_can() {
    assert_eq!(judged("tls-key", 0o644, 0, "root").unwrap().1, Severity::High);
    assert_eq!(judged("tls-key", 0o640, 0, "root").unwrap(), ("KG-B133".into(), Severity::Low, vec!["3.14".into()]));
    assert_eq!(judged("tls-key", 0o400, 0, "root"), None);
}

#[test]
fn what_root_obeys_and_others_can_write_is_high_and_a_readable_certificate_is_nothing() {
    assert_eq!(judged("daemon.json", 0o666, 0, "root").unwrap().1, Severity::High);
    assert_eq!(judged("daemon.json", 0o600, 0, "root"), None);
    assert_eq!(judged("registry-cert", 0o644, 0, "root").unwrap().1, Severity::Info);
}

#[test]
fn the_fix_names_a_hostile_path_as_one_word() {
    let finding = only(&facts("daemon.json", 0o666, 0, "root")).unwrap();
    assert_eq!(finding.fix.commands, [r"chmod 0644 '/etc/it'\''s daemon.json'"]);
}

#[test]
fn a_rule_on_the_folder_above_covers_and_one_on_the_folder_itself_by_path_does_not() {
    let with = |rule: &str| {
        let mut facts = facts("run-containerd", 0o711, 0, "root");
        facts.host.files[0].path = "/run/containerd/x".into();
        facts.host.audit.rules = Some(vec![rule.into()]);
        audited::findings(&facts).is_empty()
    };
    for covering in [
        "-w /run/containerd/x -p rwxa -k docker",
        "-w /var/run/containerd/ -p wa",
        "-a always,exit -F arch=b64 -S all -F dir=/run -F perm=rwxa -F key=docker",
        "-a always,exit -F path=/run/containerd/x -F perm=x",
    ] {
        assert!(with(covering), "{covering}");
    }
    for other in
        ["-w /run/containerd/xy", "-a always,exit -F path=/run/containerd", "-a never,exit -F dir=/run", "-w", ""]
    {
        assert!(!with(other), "{other}");
    }
}

#[test]
fn missing_audit_rules_are_one_finding_that_names_their_sections() {
    let mut facts = facts("runc-bin", 0o755, 0, "root");
    assert!(audited::findings(&facts).is_empty(), "rules that could not be read are not missing");
    facts.host.audit.rules = Some(Vec::new());
    let found = audited::findings(&facts);
    assert_eq!(found[0].refs.cis, ["1.1.18"]);
    assert_eq!(found[0].severity, Severity::Info);
    assert!(crate::remedy::apply(&mut facts, &found[0]));
    // The path has a blank, which a rule cannot hold; an ordinary one is covered afterwards.
    facts.host.files[0].path = "/etc/it's".into();
    assert!(facts.host.audit.rules.unwrap()[0].starts_with("-w /etc/it's"));
}

#[test]
fn a_folder_on_a_file_system_of_its_own_is_told_apart() {
    let with = |points: &[&str]| {
        let mounts =
            points.iter().map(|point| HostMount { mount_point: (*point).into(), ..HostMount::default() }).collect();
        let facts = sample::host().with(|f| f.host.mounts = mounts).facts();
        upkeep::findings(&facts).iter().any(|finding| finding.rule == "KG-B135")
    };
    assert!(with(&["/", "/var/lib/dockers", "/var/lib/docker/overlay2/x/merged"]));
    assert!(!with(&["/", "/var/lib/docker"]));
    assert!(!with(&["/", "/var"]));
    assert!(!with(&[]));
}

#[test]
fn ninety_days_without_updates_are_too_many() {
    let with = |days: i64| {
        sample::host()
            .with(|f| {
                f.collected = jiff::Timestamp::from_second(1_790_000_000).unwrap();
                f.host.last_update = jiff::Timestamp::from_second(1_790_000_000 - days * 86_400).ok();
            })
            .facts()
    };
    assert!(upkeep::findings(&with(90)).is_empty());
    let mut facts = with(91);
    let found = upkeep::findings(&facts);
    assert_eq!((found[0].rule.as_str(), found[0].severity), ("KG-B136", Severity::Low));
    assert!(crate::remedy::apply(&mut facts, &found[0]));
    assert!(upkeep::findings(&facts).is_empty());
}

#[test]
fn an_ended_release_line_is_mentioned_unless_the_distribution_keeps_it() {
    let with = |version: &str| {
        let facts = sample::host().with(|f| f.engine.as_mut().unwrap().info.server_version = version.into()).facts();
        upkeep::findings(&facts).iter().any(|finding| finding.rule == "KG-B137")
    };
    assert!(with("24.0.9") && with("27.1.1"));
    assert!(!with("20.10.24+dfsg1") && !with("29.5.1") && !with("25.0.13") && !with("dev") && !with(""));
}
