//! What the organisation above an account does for it.

use keelguard_model::{Finding, rule};

use super::subjects::account as subject;
use crate::facts::{Document, Facts, OrgPolicyKind};
use crate::graph::is_everything;
use crate::policy::Effect;

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(organisation) = &facts.organisation else { return findings };
    for account in &facts.accounts {
        if organisation.management_account == account.id {
            let work = [
                (account.instances.iter().filter(|instance| !instance.is_terminated()).count(), "instances"),
                (account.functions.len(), "functions"),
                (account.tasks.len(), "tasks"),
            ];
            let found: Vec<String> =
                work.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
            if !found.is_empty() {
                findings
                    .push(rule::WORK_IN_MANAGEMENT.on(subject(&account.id)).evidence("runs there", found.join(", ")));
            }
            continue;
        }
        let path = organisation.path_to(&account.id);
        if path.is_empty() {
            continue;
        }
        if path.len() == 2 {
            findings.push(
                rule::ACCOUNT_IN_ROOT
                    .on(subject(&account.id))
                    .evidence("ParentId", path.first().copied().unwrap_or_default()),
            );
        }
        let known = !organisation.policies.is_empty();
        let bounds = path.iter().any(|entity| {
            [OrgPolicyKind::ServiceControl, OrgPolicyKind::ResourceControl].into_iter().any(|kind| {
                organisation.attached(entity, kind).any(|policy| {
                    let said = policy.content.as_ref().and_then(Document::policy);
                    said.map_or(!policy.summary.aws_managed, |said| {
                        !is_everything(said) || said.statements.iter().any(|statement| statement.effect == Effect::Deny)
                    })
                })
            })
        });
        if known && !bounds {
            findings
                .push(rule::NO_GUARDRAIL.on(subject(&account.id)).evidence("attached above it", "FullAWSAccess alone"));
        }
    }
    findings
}
