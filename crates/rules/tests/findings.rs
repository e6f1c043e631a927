//! Matches as findings.

mod common;

use common::at;
use keelguard_model::{Area, Kind, Severity, Subject, SubjectKind};

fn rule(logsource: &str, more: &str) -> String {
    format!(
        "title: Shadow Read\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nlogsource: {logsource}\n\
         detection: {{s: {{CommandLine|contains: shadow}}, condition: s}}\nfields: [User]\n{more}"
    )
}

fn finding(logsource: &str, more: &str) -> keelguard_model::Finding {
    let mut event = at(0, &[("CommandLine", "cat /etc/shadow"), ("User", "eve"), ("Other", "x")]);
    event.source.category = "process_creation".into();
    let mut sigma = common::sigma(&rule(logsource, more));
    let mut found = sigma.run(&event);
    found.remove(0).finding(Subject { kind: SubjectKind::Host, name: "web".to_owned(), id: None })
}

#[test]
fn a_match_is_a_detection_with_the_rules_own_words() {
    let more = "level: critical\ntags: [attack.t1003.008, attack.credential-access, cve.2021.4034]\nreferences: [https://example.org]\nfalsepositives: [Backups]\n";
    let finding = finding("{product: linux, category: process_creation}", more);
    assert_eq!((finding.rule.as_str(), finding.area, finding.kind), ("KG-L090", Area::Logins, Kind::Detection));
    assert_eq!((finding.title.as_str(), finding.severity), ("Shadow Read", Severity::Critical));
    assert_eq!(finding.refs.attack, ["T1003.008"]);
    assert_eq!(finding.refs.cve, ["CVE-2021-4034"]);
    assert_eq!(finding.refs.links, ["https://example.org"]);
    assert_eq!(finding.time.as_second(), 1_700_000_000);
    assert!(finding.fix.summary.contains("Backups"), "{}", finding.fix.summary);
    let evidence: Vec<(&str, &str)> =
        finding.evidence.iter().map(|each| (each.what.as_str(), each.value.as_str())).collect();
    let id = "929a690e-bef0-4204-a928-ef5e620d6fcc";
    assert_eq!(evidence, [("Sigma rule", id), ("CommandLine", "cat /etc/shadow"), ("User", "eve")]);
}

#[test]
fn the_area_is_that_of_the_log_and_a_level_that_is_not_given_is_medium() {
    let finding = finding("{product: linux}", "");
    assert_eq!((finding.area, finding.severity), (Area::Logins, Severity::Medium));
    let text = "title: a\nlogsource: {product: linux, category: file_event}\ndetection: {s: {a: 1}, condition: s}\n";
    for (category, area) in
        [("file_event", Area::Data), ("network_connection", Area::Performance), ("email", Area::Spam)]
    {
        let mut event = at(0, &[("a", "1")]);
        event.source.category = category.into();
        let found = common::sigma(&text.replace("file_event", category)).run(&event);
        let finding = found[0].finding(Subject { kind: SubjectKind::Host, name: "web".to_owned(), id: None });
        assert_eq!(finding.area, area, "{category}");
    }
}
