//! Where in an attack a finding stands: by its rule where one says more than its techniques do, else by its ATT&CK
//! techniques, else by its sign.

use keelguard_model::attack::{self, Tactic};
use keelguard_model::incident::Stage;
use keelguard_model::{Area, Finding, Severity};

/// Rules whose techniques would mislead: `T1078` stands for every login, `T1110` for guesses and for the one that worked.
const RULES: &[(&str, Stage)] = &[
    ("KG-L001", Stage::Attempt),
    ("KG-L002", Stage::Attempt),
    ("KG-L003", Stage::Attempt),
    ("KG-L004", Stage::Attempt),
    ("KG-L005", Stage::Attempt),
    ("KG-L006", Stage::Entry),
    ("KG-L010", Stage::Unusual),
    ("KG-L011", Stage::Unusual),
    ("KG-L012", Stage::Unusual),
    ("KG-L013", Stage::Unusual),
    ("KG-L014", Stage::Unusual),
    ("KG-L015", Stage::Unusual),
    ("KG-L020", Stage::Unusual),
    ("KG-L021", Stage::Entry),
    ("KG-L022", Stage::Unusual),
    ("KG-L023", Stage::Attempt),
    ("KG-L036", Stage::Unusual),
    ("KG-L037", Stage::Unusual),
    // People work in containers, and go through files; what came before tells thieves from them.
    ("KG-L040", Stage::Unusual),
    ("KG-L041", Stage::Unusual),
    ("KG-L042", Stage::Unusual),
    ("KG-L043", Stage::Unusual),
];

/// See the module.
pub(super) fn of(finding: &Finding) -> Stage {
    let by_rule = RULES.iter().find(|(rule, _)| *rule == finding.rule).map(|(_, stage)| *stage);
    by_rule.or_else(|| by_technique(finding)).unwrap_or(match finding.area {
        Area::Logins => Stage::Unusual,
        _ => Stage::Harm,
    })
}

fn by_technique(finding: &Finding) -> Option<Stage> {
    if finding.area == Area::Downtime {
        // What fails is harm, whichever flaw it may have been; only a clock that is set hides something.
        let hides = |id: &String| matches!(attack::parent(id), "T1070" | "T1562");
        return Some(if finding.refs.attack.iter().any(hides) { Stage::Hiding } else { Stage::Harm });
    }
    let stages = finding.refs.attack.iter().take(8).filter_map(|id| of_technique(id, finding));
    // The furthest along of several techniques says most.
    stages.max()
}

fn of_technique(id: &str, finding: &Finding) -> Option<Stage> {
    let logins = finding.area == Area::Logins;
    match attack::parent(id) {
        "T1070" | "T1562" => return Some(Stage::Hiding),
        "T1078" if finding.severity == Severity::Critical => return Some(Stage::Entry),
        "T1078" => return Some(Stage::Unusual),
        _ => {}
    }
    Some(match attack::technique(id)?.tactics.first()? {
        Tactic::Reconnaissance | Tactic::ResourceDevelopment => Stage::Attempt,
        Tactic::CredentialAccess if logins => Stage::Attempt,
        Tactic::InitialAccess if finding.severity == Severity::Critical => Stage::Entry,
        Tactic::InitialAccess | Tactic::Execution | Tactic::Discovery | Tactic::LateralMovement => Stage::Unusual,
        Tactic::Persistence | Tactic::PrivilegeEscalation | Tactic::CredentialAccess => Stage::Foothold,
        Tactic::DefenseEvasion => Stage::Hiding,
        Tactic::Collection | Tactic::CommandAndControl | Tactic::Exfiltration | Tactic::Impact => Stage::Harm,
    })
}

#[cfg(test)]
mod tests {
    use keelguard_model::{Subject, SubjectKind, rule, rules};

    use super::*;

    fn stage(rule: &keelguard_model::Rule) -> Stage {
        of(&rule.on(Subject::new(SubjectKind::User, "x")))
    }

    #[test]
    fn rules_of_logins_stand_where_their_words_say() {
        for (rule, expected) in [
            (&rule::BRUTE_FORCE, Stage::Attempt),
            (&rule::SUCCESS_AFTER_FAILURES, Stage::Entry),
            (&rule::NEW_NETWORK, Stage::Unusual),
            (&rule::NEW_ACCOUNT, Stage::Foothold),
            (&rule::SUDO_RULES, Stage::Foothold),
            (&rule::TIMED_JOB, Stage::Foothold),
            (&rule::LOGS_ERASED, Stage::Hiding),
        ] {
            assert_eq!(stage(rule), expected, "{}", rule.id);
        }
        for (id, _) in RULES {
            assert!(rules().any(|rule| rule.id == *id), "{id} is no rule");
        }
    }

    #[test]
    fn what_no_rule_here_names_goes_by_its_techniques_then_by_its_sign() {
        let mut finding = rule::SIGMA_LOGINS.on(Subject::new(SubjectKind::User, "x"));
        assert_eq!(of(&finding), Stage::Unusual);
        for (id, expected) in [
            ("T1070.002", Stage::Hiding),
            ("T1543.002", Stage::Foothold),
            ("T1486", Stage::Harm),
            ("T1595", Stage::Attempt),
            ("T9999", Stage::Unusual),
        ] {
            finding.refs.attack = vec![id.to_owned()];
            assert_eq!(of(&finding), expected, "{id}");
        }
        let mut finding = rule::SIGMA_PERFORMANCE.on(Subject::new(SubjectKind::Host, "x"));
        assert_eq!(of(&finding), Stage::Harm);
        finding.area = Area::Downtime;
        for (id, expected) in [("T1068", Stage::Harm), ("T1529", Stage::Harm), ("T1070.006", Stage::Hiding)] {
            finding.refs.attack = vec![id.to_owned()];
            assert_eq!(of(&finding), expected, "{id}");
        }
    }
}
