//! What could not be judged, since the facts do not hold it.

use keelguard_model::{Area, Incomplete};

use super::subjects::{short_name, some};
use crate::facts::{Facts, Part, WorkloadKind};
use crate::graph::Graph;

/// So many principals are named.
const NAMED: usize = 10;

pub(super) fn find(facts: &Facts, graph: &Graph<'_>) -> Vec<Incomplete> {
    let mut gaps = Vec::new();
    let mut add = |what: String, why: String| gaps.push(Incomplete::new(Area::Iam, what, why));
    for account in &facts.accounts {
        if !account.has(Part::Roles) && !account.has(Part::Users) {
            add(
                format!("users and roles of account {}", account.id),
                "give the output of aws iam get-account-authorization-details".to_owned(),
            );
            continue;
        }
        if !account.has(Part::CredentialReport) {
            add(
                format!("passwords and keys of account {}", account.id),
                "give the output of aws iam get-credential-report".to_owned(),
            );
        }
        let mut unseen: Vec<&str> =
            RUNS.iter().filter(|(part, _)| !account.has(*part)).map(|(_, what)| *what).collect();
        let kinds = WorkloadKind::ASKED.iter().filter(|(kind, _)| !account.has(Part::Workloads(*kind)));
        let kinds: Vec<&str> = kinds.map(|(_, what)| *what).collect();
        if kinds.len() == WorkloadKind::ASKED.len() {
            unseen.push("builds, notebooks, stacks and their like");
        } else {
            unseen.extend(kinds);
        }
        if !unseen.is_empty() {
            add(
                format!("what runs in account {}: {}", account.id, unseen.join(", ")),
                "ways through what is there already were not looked for; collect with keelguard iam facts --live"
                    .to_owned(),
            );
        }
        if !account.has(Part::Resources) {
            add(
                format!("policies of resources of account {}", account.id),
                "collect with keelguard iam facts --live".to_owned(),
            );
        }
    }
    let unread = graph.unread();
    let mut by_policy: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for (arn, policies) in &unread {
        for policy in policies {
            by_policy.entry(policy).or_default().push(arn);
        }
    }
    for (policy, holders) in by_policy.iter().take(NAMED) {
        add(
            format!("what {} allows {}", short_name(policy), some(holders.iter().copied())),
            "the facts do not hold the policy, or it cannot be read; aws iam get-account-authorization-details without --filter has it".to_owned(),
        );
    }
    if by_policy.len() > NAMED {
        add(format!("what {} more policies allow", by_policy.len() - NAMED), "the facts do not hold them".to_owned());
    }
    gaps
}

/// What ways lead through.
const RUNS: [(Part, &str); 3] =
    [(Part::Instances, "instances"), (Part::Functions, "functions"), (Part::TaskDefinitions, "containers")];
