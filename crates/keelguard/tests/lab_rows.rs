//! The table of vectors against a real engine: each row that the lab could place is found, and well-kept containers
//! are left in peace.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test names what this machine refused"
)]

mod lab;

use std::collections::BTreeSet;

use keelguard_lab::{Placed, Set};
use keelguard_model::{Finding, SubjectKind, find_rule};

/// Rows that a placed container shows and no rule on that container names, each with the reason.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("c21-no-label", "C21", "this kernel has no SELinux that a container could opt out of"),
    ("d12-preload", "D12", "only a hook of the NVIDIA runtime loads the library on the host, and there is none"),
    ("d12-preload-option", "D12", "the same"),
    ("x01-unbounded", "X09", "without a bound on memory there is none that swap could go beyond: KG-R001 says it"),
];

/// Rows that are told of an image, the engine or the host and not of the container, each with the rule that tells.
const TOLD_OF_OTHERS: &[(&str, &str, &str)] = &[
    ("c20-no-apparmor", "C20", "KG-B023"),
    ("d11-restarts-always", "D11", "KG-B201"),
    ("d14-links", "D14", "KG-B252"),
    ("d14-volume-of-image", "D14", "KG-B253"),
    ("x01-unbounded", "X05", "KG-R021"),
    ("x01-unbounded", "X06", "KG-R020"),
];

/// Whether the finding speaks of this container or, for rows that may, of what it shares with others.
fn speaks_of(finding: &Finding, container: &str, row: &str) -> bool {
    if finding.subject.kind == SubjectKind::Container {
        return finding.subject.name == container;
    }
    TOLD_OF_OTHERS.contains(&(container, row, finding.rule.as_str()))
}

#[test]
fn every_row_that_could_be_placed_is_found_and_well_kept_containers_are_clean() {
    let Some(mut lab) = lab::lab() else { return };
    let kept = lab.populate(Set::WellKept).unwrap();
    let placed = lab.populate(Set::Risky).unwrap();
    let findings = lab::findings(&lab);
    let mut missed = BTreeSet::new();
    for outcome in &placed {
        if let Placed::Refused(why) = &outcome.placed {
            eprintln!("not placed: {} ({}): {why}", outcome.name, outcome.rows.join(", "));
            continue;
        }
        for row in outcome.rows {
            let covers = |finding: &&Finding| find_rule(&finding.rule).is_some_and(|rule| rule.covers.contains(row));
            let found = findings.iter().filter(covers).any(|finding| speaks_of(finding, &outcome.name, row));
            let excepted = ELSEWHERE.iter().any(|(name, excepted, _)| *name == outcome.name && excepted == row);
            if !found && !excepted {
                missed.insert(format!("{row} {}", outcome.name));
            }
            assert!(!(found && excepted), "{row} {} is found: the exception is out of date", outcome.name);
        }
    }
    let own = |finding: &&Finding| {
        finding.subject.kind == SubjectKind::Container && kept.iter().any(|kept| kept.name == finding.subject.name)
    };
    let false_alarms: Vec<String> = findings.iter().filter(own).map(lab::line).collect();
    assert!(missed.is_empty() && false_alarms.is_empty(), "missed {missed:#?}\nfalse alarms {false_alarms:#?}");
    lab.down().unwrap();
}
