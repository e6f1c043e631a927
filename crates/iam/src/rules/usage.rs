//! Permissions and roles that nobody uses.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Finding, rule};

use super::subjects::{principal, short_name};
use crate::Policy;
use crate::catalogue::{Level, catalogue};
use crate::facts::{AttachedPolicy, Facts, Group, InlinePolicy, ManagedPolicy, Role, ServiceUsage};
use crate::policy::{Clause, Effect, Statement, Template};

const NINETY_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// So many services, and so many actions, are named.
const NAMED: usize = 40;

/// What AWS remembers at most, in days.
const MEMORY: i64 = 400;

pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let managed = facts.managed_policies();
    let mut findings = Vec::new();
    for account in &facts.accounts {
        let groups: HashMap<&str, &Group> = account.groups.iter().map(|one| (one.name.as_str(), one)).collect();
        for role in account.roles.iter().filter(|role| !role.is_service_linked()) {
            if is_unused(role, now) {
                let mut finding = rule::UNUSED_ROLE.on(principal(&role.arn));
                let last = role.last_used.as_ref().and_then(|last| last.at);
                finding =
                    finding.evidence("RoleLastUsed", last.map_or_else(|| "never".to_owned(), |at| at.to_string()));
                findings.push(finding);
                continue;
            }
            let Some(services) = &role.services_last_accessed else { continue };
            let holder = Holder { arn: &role.arn, created: role.created, services };
            findings.extend(holder.unused(&said(&managed, &[(&role.inline, &role.attached)]), now));
        }
        for user in &account.users {
            let Some(services) = &user.services_last_accessed else { continue };
            let groups = user.groups.iter().filter_map(|name| groups.get(name.as_str()));
            let mut held = vec![(&user.inline, &user.attached)];
            held.extend(groups.map(|group| (&group.inline, &group.attached)));
            let holder = Holder { arn: &user.arn, created: user.created, services };
            findings.extend(holder.unused(&said(&managed, &held), now));
        }
        for group in &account.groups {
            let Some(services) = &group.services_last_accessed else { continue };
            let holder = Holder { arn: &group.arn, created: group.created, services };
            findings.extend(holder.unused(&said(&managed, &[(&group.inline, &group.attached)]), now));
        }
    }
    findings
}

/// What inline and managed policies say.
fn said<'a>(
    managed: &HashMap<&str, &'a ManagedPolicy>,
    held: &[(&'a Vec<InlinePolicy>, &'a Vec<AttachedPolicy>)],
) -> Vec<&'a Policy> {
    let mut said = Vec::new();
    for (inline, attached) in held {
        said.extend(inline.iter().filter_map(|policy| policy.document.as_ref()?.policy()));
        said.extend(attached.iter().filter_map(|policy| managed.get(policy.arn.as_str())?.document()?.policy()));
    }
    said
}

fn is_unused(role: &Role, now: Timestamp) -> bool {
    // Of a role that is new, nothing can be said yet.
    let is_new = role.created.is_none_or(|created| now.duration_since(created) < NINETY_DAYS);
    let Some(last) = &role.last_used else { return false };
    !is_new && last.at.is_none_or(|at| now.duration_since(at) >= NINETY_DAYS)
}

/// A user, role or group, and what it has used.
struct Holder<'a> {
    arn: &'a str,
    created: Option<Timestamp>,
    services: &'a [ServiceUsage],
}

impl Holder<'_> {
    fn unused(&self, policies: &[&Policy], now: Timestamp) -> Option<Finding> {
        // Of whoever is new, nothing can be said yet.
        if self.created.is_some_and(|created| now.duration_since(created) < NINETY_DAYS) {
            return None;
        }
        let is_old = |last: Option<Timestamp>| last.is_none_or(|last| now.duration_since(last) >= NINETY_DAYS);
        let (idle, busy): (Vec<&ServiceUsage>, Vec<_>) =
            self.services.iter().partition(|service| is_old(service.last_authenticated));
        let mut actions = Vec::new();
        for service in busy {
            let prefix = service.service.to_ascii_lowercase();
            let tracked =
                service.actions.iter().filter(|action| is_old(action.last)).map(|action| action.name.as_str());
            actions.extend(tracked.map(|name| format!("{prefix}:{name}")).filter(|action| allows(policies, action)));
            if service.logs.as_ref().is_some_and(|logs| logs.every_action) {
                let told = |name: &str| service.actions.iter().any(|action| action.name.eq_ignore_ascii_case(name));
                let known = catalogue().service(&prefix).into_iter().flat_map(|service| &service.actions);
                // Things are tagged when they are made, and no event of its own tells of it.
                let known = known.filter(|action| action.level != Level::Tagging && !told(action.name));
                let known = known.map(|action| format!("{prefix}:{}", action.name));
                actions.extend(known.filter(|action| allows(policies, action)));
            }
        }
        actions.sort_unstable();
        let services: Vec<&str> = idle.iter().map(|service| service.service.as_str()).collect();
        if services.is_empty() && actions.is_empty() {
            return None;
        }
        let mut what = Vec::new();
        let mut finding = rule::UNUSED_PERMISSIONS.on(principal(self.arn));
        if !services.is_empty() {
            what.push(format!("{} of {} services", services.len(), self.services.len()));
            finding = finding.evidence("not used for 90 days or more", named(&services));
        }
        if !actions.is_empty() {
            what.push(format!("{} action{}", actions.len(), if actions.len() == 1 { "" } else { "s" }));
            finding = finding.evidence("actions not used for 90 days or more", named(&actions));
        }
        let title = format!("{} does not use {} that it may use", short_name(self.arn), what.join(" and "));
        for known in self.known(now) {
            finding = finding.evidence("known by", known);
        }
        Some(finding.title(title).command(format!("keelguard iam shrink {}", self.arn)))
    }

    /// By what it is known, and over which time.
    fn known(&self, now: Timestamp) -> Vec<String> {
        let mut known = Vec::new();
        if self.services.iter().any(|service| service.logs.as_ref().is_none_or(|logs| !logs.alone)) {
            let days = self.created.map_or(MEMORY, |created| now.duration_since(created).as_hours() / 24);
            known.push(format!("what AWS remembers, of {} days at most", days.min(MEMORY)));
        }
        let times =
            self.services.iter().filter_map(|service| service.logs.as_ref()).find_map(|logs| logs.from.zip(logs.to));
        if let Some((from, to)) = times {
            let days = to.duration_since(from).as_hours() / 24;
            known.push(format!("CloudTrail's logs from {from} to {to}, {days} days"));
        }
        known
    }
}

/// Whether some statement allows the action, and none denies it on everything.
fn allows(policies: &[&Policy], action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let speaks = |statement: &&Statement| {
        statement.actions.any.iter().any(|pattern| pattern.matches(&action)) != statement.actions.negated
    };
    let denies = |statement: &Statement| {
        let on_all = |clause: &Clause<Template>| !clause.negated && clause.any.iter().any(|one| one.written() == "*");
        statement.effect == Effect::Deny
            && statement.conditions.is_empty()
            && statement.resources.as_ref().is_none_or(on_all)
    };
    let statements = || policies.iter().flat_map(|policy| &policy.statements).filter(speaks);
    statements().any(|statement| statement.effect == Effect::Allow) && !statements().any(denies)
}

/// The first of them, and how many more there are.
fn named<T: AsRef<str>>(all: &[T]) -> String {
    let first = all.iter().take(NAMED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    let more = all.len().saturating_sub(NAMED);
    if more == 0 { first } else { format!("{first} and {more} more") }
}
