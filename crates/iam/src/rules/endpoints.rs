//! Resources that let everybody in who comes through a VPC endpoint: as good as the endpoint's owner, so the endpoint should
//! be one of ours.

use std::collections::BTreeSet;

use keelguard_model::{Finding, Severity, rule};

use super::stranger::{self, Answer, Guard, NUMBER};
use super::subjects::{resource, short_name};
use crate::facts::{Account, Arn, Document, Facts, Part, ResourcePolicy};
use crate::policy::{Effect, Policy, Template};

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let ours: BTreeSet<&str> =
        facts.accounts.iter().flat_map(|account| &account.vpc_endpoints).map(|one| one.id.as_str()).collect();
    let mut findings = Vec::new();
    // An endpoint that nobody has looked for is none that is missing.
    for account in facts.accounts.iter().filter(|account| account.has(Part::VpcEndpoints)) {
        for one in &account.resources {
            let Some(policy) = one.policy.as_ref().and_then(Document::policy) else { continue };
            for endpoint in named(policy).into_iter().filter(|endpoint| !ours.contains(endpoint.as_str())) {
                findings.extend(through(facts, account, one, policy, &endpoint));
            }
        }
    }
    findings
}

/// The endpoints whose requests are allowed.
fn named(policy: &Policy) -> BTreeSet<String> {
    let allowing = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let conditions = allowing.flat_map(|statement| &statement.conditions);
    let wanted = conditions.filter(|condition| condition.name == "aws:sourcevpce" && !condition.operator.is_negated());
    let values = wanted.flat_map(|condition| &condition.values).map(Template::written);
    values.filter(|value| value.starts_with("vpce-") && !value.contains(['*', '?', '$'])).collect()
}

fn through(facts: &Facts, account: &Account, one: &ResourcePolicy, policy: &Policy, endpoint: &str) -> Option<Finding> {
    let service = Arn::parse(&one.arn).map_or("", |arn| arn.service);
    let owner = one.account_id.as_deref().unwrap_or(&account.id);
    let guard = Guard::of(facts, policy, owner);
    let mut who = stranger::of_account(NUMBER);
    let closed = |who: &_, statement: &_| {
        let action = stranger::example(statement, service);
        guard.ask(who, &action, &stranger::resource(statement, &one.arn)) != Answer::Open
    };
    let open = policy.statements.iter().filter(|statement| stranger::is_for_everybody(statement));
    let open: Vec<_> = open.filter(|statement| closed(&who, statement)).collect();
    who.1.set("aws:sourcevpce", [endpoint.to_owned()]);
    let statement = open.into_iter().find(|statement| !closed(&who, statement))?;
    let actions: Vec<&str> = statement.actions.any.iter().map(crate::pattern::Pattern::as_str).collect();
    Some(
        rule::RESOURCE_OPEN_TO_ACCOUNT
            .on(resource(&one.arn))
            .title(format!("Whoever comes through {endpoint}, which is not ours, may use {}", short_name(&one.arn)))
            .severity(Severity::Medium)
            .evidence("aws:SourceVpce", endpoint)
            .evidence("Action", actions.join(", "))
            .about(endpoint),
    )
}
