//! What is wrong in AWS accounts: ways to administrator, doors to the outside, more rights than needed, passwords and keys.
//! Pure: the time comes in with the question.
//!
//! ```
//! use keelguard_iam::facts::{Facts, Input};
//! let text = r#"{"RoleDetailList": [{"RoleName": "open", "Arn": "arn:aws:iam::111122223333:role/open",
//!     "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement":
//!         {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}}]}"#;
//! let facts = Facts::read(&[Input::new("facts.json", text.as_bytes())]).unwrap();
//! let judged = keelguard_iam::rules::find(&facts, jiff::Timestamp::UNIX_EPOCH);
//! assert!(judged.findings.iter().any(|finding| finding.rule == "KG-A020"));
//! ```

mod account;
pub mod cis;
mod deleted;
mod endpoints;
mod escalation;
mod exposure;
mod gaps;
mod holders;
mod organisation;
mod privilege;
mod stranger;
mod subjects;
#[cfg(test)]
mod tests;
mod trust;
mod usage;
mod users;
mod workloads;

use std::collections::BTreeSet;

use jiff::Timestamp;
use keelguard_model::{Finding, Incomplete, Manual};

pub use subjects::{principal, short_name};

use crate::facts::Facts;
use crate::graph::Graph;

/// What was found, and what could not be looked at.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// The most urgent first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
    /// What a person has to look at.
    pub manual: Vec<Manual>,
    /// In figures.
    pub summary: Summary,
}

/// Accounts in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Accounts.
    pub accounts: usize,
    /// Users.
    pub users: usize,
    /// Roles that are not linked to services.
    pub roles: usize,
    /// Groups.
    pub groups: usize,
    /// Those who are administrator.
    pub administrators: usize,
    /// Those who can become administrator.
    pub escalating: usize,
    /// Findings about doors to the outside.
    pub exposed: usize,
    /// Findings about passwords, keys and the account itself.
    pub hygiene: usize,
}

/// Judges accounts as they are at `now`.
pub fn find(facts: &Facts, now: Timestamp) -> Judgement {
    judge(facts, &Graph::of(facts), now)
}

/// The same, for whoever has the graph already.
pub fn judge(facts: &Facts, graph: &Graph<'_>, now: Timestamp) -> Judgement {
    let mut findings = escalation::find(graph);
    let escalating = findings
        .iter()
        .filter(|finding| finding.rule != keelguard_model::rule::LATERAL.id)
        .map(|finding| finding.subjects.len().max(1))
        .sum();
    findings.extend(workloads::find(facts, graph));
    let mut outside = trust::find(facts, graph);
    outside.extend(exposure::find(facts));
    outside.extend(endpoints::find(facts));
    // Where a block keeps strangers out, nothing is exposed.
    let held_back = keelguard_model::rule::PUBLIC_POLICY_HELD_BACK.id;
    let exposed = outside.iter().filter(|finding| finding.rule != held_back).count();
    findings.extend(outside);
    findings.extend(deleted::find(facts));
    findings.extend(privilege::find(facts, graph));
    findings.extend(usage::find(facts, now));
    let mut hygiene = users::find(facts, now);
    hygiene.extend(account::find(facts, now));
    hygiene.extend(organisation::find(facts));
    let summary = Summary {
        accounts: facts.accounts.len(),
        users: facts.accounts.iter().map(|account| account.users.len()).sum(),
        roles: facts
            .accounts
            .iter()
            .flat_map(|account| &account.roles)
            .filter(|role| !role.is_service_linked())
            .count(),
        groups: facts.accounts.iter().map(|account| account.groups.len()).sum(),
        administrators: graph.administrators().len(),
        escalating,
        exposed,
        hygiene: hygiene.len(),
    };
    findings.extend(hygiene);
    for finding in &mut findings {
        finding.time = now;
    }
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    // A policy that is not there is told of once, with who has it.
    let unread: BTreeSet<&str> = graph.unread().into_values().flatten().collect();
    let mut incomplete = facts.incomplete.clone();
    incomplete.retain(|gap| !unread.contains(gap.what.as_str()));
    incomplete.extend(gaps::find(facts, graph));
    Judgement { findings, incomplete, manual: cis::manual(facts), summary }
}
