use keelguard_host::facts::{FileFact, Stat};
use keelguard_host::sample;
use keelguard_model::{Subject, Suppressed, rule};

use super::*;

fn outcome(facts: &Facts, section: &str) -> (Outcome, String) {
    let benchmark = evaluate(facts, &crate::judge(facts).findings);
    let check = benchmark.checks.into_iter().find(|check| check.section == section).unwrap();
    (check.outcome, check.reason)
}

fn file(role: &str, exists: Option<bool>, mode: u32) -> FileFact {
    let stat =
        (exists == Some(true)).then(|| Stat { kind: "file".into(), mode, group: "root".into(), ..Stat::default() });
    FileFact { role: role.into(), path: format!("/x/{role}"), exists, stat }
}

#[test]
fn the_benchmark_has_117_checks_and_at_least_100_are_decided_by_rules() {
    assert_eq!(table().count(), 117);
    let count = |prefix: &str| table().filter(|row| row.section.starts_with(prefix)).count();
    assert_eq!(["1.1.", "1.2.", "2.", "3.", "4.", "5.", "6.", "7."].map(count), [18, 2, 18, 24, 12, 32, 2, 9]);
    assert!(table().filter(|row| row.is_automatic()).count() >= 100);
    let mut sections: Vec<_> = table().map(|row| row.section).collect();
    sections.sort_unstable();
    sections.dedup();
    assert_eq!(sections.len(), 117);
}

#[test]
fn every_automatic_check_has_a_rule_in_the_catalogue() {
    let without: Vec<_> =
        table().filter(|row| row.is_automatic() && row.rules().next().is_none()).map(|row| row.section).collect();
    assert_eq!(without, [""; 0]);
}

#[test]
fn every_section_that_a_rule_names_is_one_of_the_benchmark() {
    for rule in keelguard_model::rules() {
        for section in rule.cis {
            assert!(table().any(|row| row.section == *section), "{}: {section}", rule.id);
        }
    }
}

#[test]
fn without_an_engine_nothing_passes() {
    let benchmark = evaluate(&Facts::empty(), &[]);
    assert_eq!((benchmark.pass, benchmark.fail, benchmark.score), (0, 0, None));
    assert_eq!(benchmark.unknown + benchmark.manual + benchmark.not_applicable, 117);
}

#[test]
fn a_check_fails_where_a_finding_names_it_and_an_exception_takes_that_back() {
    let facts = sample::host().container("web", |c| c.host_config.privileged = true).facts();
    let mut findings = vec![rule::PRIVILEGED.on(Subject::container("web", "1"))];
    let result =
        |findings: &[Finding]| evaluate(&facts, findings).checks.into_iter().find(|c| c.section == "5.5").unwrap();
    assert_eq!(result(&findings).outcome, Outcome::Fail);
    assert_eq!(result(&findings).findings, [findings[0].fingerprint.clone()]);
    findings[0].suppressed = Some(Suppressed { reason: "build host".into(), until: None });
    assert_eq!(result(&findings).outcome, Outcome::Pass);
}

#[test]
fn a_file_that_is_not_there_is_not_applicable_and_one_that_was_not_seen_is_unknown() {
    let with = |exists| sample::host().with(|f| f.host.files = vec![file("default-docker", exists, 0o644)]).facts();
    assert_eq!(outcome(&with(Some(true)), "3.20").0, Outcome::Pass);
    assert_eq!(outcome(&with(Some(false)), "3.20").0, Outcome::NotApplicable);
    assert_eq!(outcome(&with(None), "3.20").0, Outcome::Unknown);
    assert_eq!(outcome(&sample::host().facts(), "3.20").0, Outcome::Unknown);
    // No certificates on a host whose files were looked at: nothing to protect.
    assert_eq!(outcome(&with(Some(true)), "3.14").0, Outcome::NotApplicable);
}

#[test]
fn audit_rules_that_could_not_be_read_are_unknown_not_missing() {
    let with = |rules: Option<Vec<String>>| {
        sample::host()
            .with(|f| {
                f.host.files = vec![file("runc-bin", Some(true), 0o755), file("sysconfig-docker", Some(false), 0)];
                f.host.audit.rules = rules;
            })
            .facts()
    };
    assert_eq!(outcome(&with(None), "1.1.18").0, Outcome::Unknown);
    assert_eq!(outcome(&with(Some(Vec::new())), "1.1.18").0, Outcome::Fail);
    assert_eq!(outcome(&with(Some(Vec::new())), "1.1.13").0, Outcome::NotApplicable);
    assert_eq!(outcome(&with(Some(vec!["-w /x -p rwxa".into()])), "1.1.18").0, Outcome::Pass);
}

#[test]
fn swarm_checks_are_not_applicable_without_a_swarm() {
    let facts = sample::host().facts();
    for section in ["7.1", "7.2", "7.3", "7.5", "7.6", "7.9"] {
        assert_eq!(outcome(&facts, section).0, Outcome::NotApplicable, "{section}");
    }
    assert_eq!(outcome(&facts, "5.1").0, Outcome::Pass);
    assert!(manual(&facts).iter().all(|entry| !entry.cis.starts_with("7.")));
    assert!(manual(&facts).iter().any(|entry| entry.cis == "1.2.1"));
}

#[test]
fn settings_of_an_engine_elsewhere_are_unknown() {
    let facts = sample::host().with(|f| f.engine.as_mut().unwrap().local = false).facts();
    for section in ["1.1.2", "2.3", "2.16", "3.16"] {
        assert_eq!(outcome(&facts, section).0, Outcome::Unknown, "{section}");
    }
}

#[test]
fn answers_that_the_engine_did_not_give_are_unknown() {
    let facts = sample::host().blind(keelguard_model::Area::Breakout, "containers").facts();
    assert_eq!(outcome(&facts, "5.5").0, Outcome::Unknown);
}

#[test]
fn the_score_counts_passes_among_what_was_decided_and_rounds_down() {
    let facts = sample::host().container("web", |_| {}).facts();
    let benchmark = evaluate(&facts, &crate::judge(&facts).findings);
    assert_eq!(benchmark.score, Some(benchmark.pass * 100 / (benchmark.pass + benchmark.fail)));
    assert_eq!(benchmark.checks.len(), 117);
}
