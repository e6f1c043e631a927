//! Permissions and roles that nobody uses.

use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Finding, rule};

use super::subjects::{principal, short_name};
use crate::facts::{Facts, Role, ServiceUsage};
use crate::graph::Graph;

const NINETY_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// So many services are named.
const NAMED: usize = 40;

pub(super) fn find(facts: &Facts, graph: &Graph<'_>, now: Timestamp) -> Vec<Finding> {
    let _ = graph;
    let mut findings = Vec::new();
    for account in &facts.accounts {
        for role in account.roles.iter().filter(|role| !role.is_service_linked()) {
            if is_unused(role, now) {
                let mut finding = rule::UNUSED_ROLE.on(principal(&role.arn));
                let last = role.last_used.as_ref().and_then(|last| last.at);
                finding =
                    finding.evidence("RoleLastUsed", last.map_or_else(|| "never".to_owned(), |at| at.to_string()));
                findings.push(finding);
            } else {
                findings.extend(unused_services(&role.arn, role.services_last_accessed.as_deref(), now));
            }
        }
        for user in &account.users {
            findings.extend(unused_services(&user.arn, user.services_last_accessed.as_deref(), now));
        }
        for group in &account.groups {
            findings.extend(unused_services(&group.arn, group.services_last_accessed.as_deref(), now));
        }
    }
    findings
}

fn is_unused(role: &Role, now: Timestamp) -> bool {
    // Of a role that is new, nothing can be said yet.
    let is_new = role.created.is_none_or(|created| now.duration_since(created) < NINETY_DAYS);
    let Some(last) = &role.last_used else { return false };
    !is_new && last.at.is_none_or(|at| now.duration_since(at) >= NINETY_DAYS)
}

fn unused_services(arn: &str, services: Option<&[ServiceUsage]>, now: Timestamp) -> Option<Finding> {
    let services = services?;
    let unused: Vec<&str> = services
        .iter()
        .filter(|service| service.last_authenticated.is_none_or(|last| now.duration_since(last) >= NINETY_DAYS))
        .map(|service| service.service.as_str())
        .collect();
    if unused.is_empty() {
        return None;
    }
    let (count, all) = (unused.len(), services.len());
    let named = unused.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = count.saturating_sub(NAMED);
    let named = if more == 0 { named } else { format!("{named} and {more} more") };
    let finding = rule::UNUSED_PERMISSIONS.on(principal(arn));
    let finding = finding.title(format!("{} does not use {count} of {all} services that it may use", short_name(arn)));
    Some(finding.evidence("not used for 90 days or more", named).command(format!("keelguard iam shrink {arn}")))
}
