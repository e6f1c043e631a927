//! Policies that name somebody who is gone: AWS turns the ARN of a deleted principal into its unique id.

use std::collections::BTreeSet;

use keelguard_model::{Finding, Subject, rule};

use super::subjects::{principal, resource, short_name};
use crate::facts::{Document, Facts};
use crate::policy::{Effect, Policy, PrincipalPattern};

/// How the ids of users and roles begin.
const IDS: [&str; 2] = ["AIDA", "AROA"];

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let users = facts.accounts.iter().flat_map(|account| &account.users).map(|user| user.id.as_str());
    let roles = facts.accounts.iter().flat_map(|account| &account.roles).map(|role| role.id.as_str());
    let known: BTreeSet<&str> = users.chain(roles).collect();
    let mut findings = Vec::new();
    for account in &facts.accounts {
        for role in account.roles.iter().filter(|role| !role.is_service_linked()) {
            let policy = role.trust.as_ref().and_then(Document::policy);
            findings.extend(policy.and_then(|policy| of(policy, principal(&role.arn), &known)));
        }
        for one in &account.resources {
            let policy = one.policy.as_ref().and_then(Document::policy);
            findings.extend(policy.and_then(|policy| of(policy, resource(&one.arn), &known)));
        }
    }
    findings
}

fn of(policy: &Policy, subject: Subject, known: &BTreeSet<&str>) -> Option<Finding> {
    let allowing = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let named = allowing.filter_map(|statement| statement.principals.as_ref()).flat_map(|principals| &principals.any);
    let gone: BTreeSet<&str> = named
        .filter_map(|principal| match principal {
            PrincipalPattern::UniqueId(id) => Some(id.as_str()),
            _ => None,
        })
        .filter(|id| IDS.iter().any(|begin| id.starts_with(begin)) && !known.contains(id))
        .collect();
    let first = gone.first()?;
    let more = if gone.len() == 1 { String::new() } else { format!(" and {} more", gone.len() - 1) };
    let title = format!("{} lets somebody in who is deleted: {first}{more}", short_name(&subject.name));
    let all = gone.iter().take(20).copied().collect::<Vec<_>>().join(", ");
    Some(rule::DELETED_PRINCIPAL.on(subject).title(title).evidence("Principal", all))
}
