//! Whose policies, and what is known of their use.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{History, Tracked};
use crate::facts::{AttachedPolicy, Document, Facts, InlinePolicy, ManagedPolicy, ServiceUsage};
use crate::policy::{Piece, Policy, Statement, Template, Version};

/// A user or role with all that its own policies say.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// Its ARN.
    pub arn: String,
    /// The statements of its policies, those of its groups included.
    pub statements: Vec<Statement>,
    /// Some policy could not be read.
    pub incomplete: bool,
    /// Whether anybody has looked at which services it uses, be it that it uses none.
    pub services_known: bool,
}

/// The principal called `name` (an ARN or a name), and what it has used by what AWS remembers.
pub fn owner(facts: &Facts, name: &str) -> Option<(Owner, History)> {
    let managed = facts.managed_policies();
    for account in &facts.accounts {
        if let Some(role) = account.roles.iter().find(|role| role.arn == name || role.name == name) {
            let mut owner = Owner { arn: role.arn.clone(), incomplete: role.policies_unknown, ..Owner::default() };
            owner.take(&role.inline, &role.attached, &managed);
            return Some(owner.with_history(role.services_last_accessed.as_deref(), role.created));
        }
        if let Some(user) = account.users.iter().find(|user| user.arn == name || user.name == name) {
            let mut owner = Owner { arn: user.arn.clone(), incomplete: user.policies_unknown, ..Owner::default() };
            owner.take(&user.inline, &user.attached, &managed);
            for of in &user.groups {
                match account.groups.iter().find(|group| group.name == *of) {
                    Some(group) => {
                        owner.incomplete |= group.policies_unknown;
                        owner.take(&group.inline, &group.attached, &managed);
                    }
                    None => owner.incomplete = true,
                }
            }
            return Some(owner.with_history(user.services_last_accessed.as_deref(), user.created));
        }
    }
    None
}

impl Owner {
    fn take(&mut self, inline: &[InlinePolicy], attached: &[AttachedPolicy], managed: &HashMap<&str, &ManagedPolicy>) {
        for policy in inline {
            self.add(policy.document.as_ref());
        }
        for policy in attached {
            self.add(managed.get(policy.arn.as_str()).and_then(|policy| policy.document()));
        }
    }

    fn add(&mut self, document: Option<&Document>) {
        match document.and_then(Document::policy) {
            Some(policy) => self.statements.extend(of_today(policy)),
            None => self.incomplete = true,
        }
    }

    fn with_history(mut self, services: Option<&[ServiceUsage]>, created: Option<Timestamp>) -> (Self, History) {
        self.services_known = services.is_some();
        // AWS remembers 400 days, or since the principal was made.
        let mut history = History { since: created, ..History::default() };
        for service in services.unwrap_or_default().iter().filter(|service| service.last_authenticated.is_some()) {
            if service.actions.is_empty() {
                history.services.push(service.service.to_ascii_lowercase());
                continue;
            }
            let (used, unused): (Vec<_>, Vec<_>) = service.actions.iter().partition(|action| action.last.is_some());
            let names = |actions: Vec<&crate::facts::TrackedAction>| {
                actions.into_iter().map(|action| action.name.clone()).collect()
            };
            history.tracked.push(Tracked {
                service: service.service.to_ascii_lowercase(),
                used: names(used),
                unused: names(unused),
            });
        }
        (self, history)
    }
}

/// The statements as a policy of 2012 says them: what looks like a variable in one of 2008 is plain text.
fn of_today(policy: &Policy) -> Vec<Statement> {
    let mut statements = policy.statements.clone();
    if policy.version == Version::Old {
        for statement in &mut statements {
            let resources = statement.resources.iter_mut().flat_map(|clause| &mut clause.any);
            let values = statement.conditions.iter_mut().flat_map(|condition| &mut condition.values);
            resources.chain(values).for_each(escape);
        }
    }
    statements
}

fn escape(template: &mut Template) {
    let Some(pattern) = template.as_pattern() else { return };
    let text = pattern.as_str();
    if text.contains("${") {
        *template = Template::parse(&text.replace("${", "${$}{"));
    }
}

impl History {
    /// Adds what CloudTrail's logs show of the principal.
    #[must_use]
    pub fn with_trail(mut self, usage: Vec<crate::facts::Usage>) -> Self {
        let first = usage.iter().filter_map(|usage| usage.first).min();
        self.since = match (self.since, first) {
            // What the logs leave out before they begin is not known.
            (Some(since), Some(first)) => Some(since.max(first)),
            (since, first) => first.or(since),
        };
        self.usage = usage;
        self.has_trail = true;
        self
    }

    /// Leaves out pieces of no use.
    pub(super) fn prefixes(&self) -> Vec<&str> {
        let of_usage =
            self.usage.iter().filter(|usage| usage.count > 0).filter_map(|usage| usage.action.split(':').next());
        let of_tracked = self.tracked.iter().filter(|tracked| !tracked.used.is_empty() || !tracked.unused.is_empty());
        let mut all: Vec<&str> = self
            .services
            .iter()
            .map(String::as_str)
            .chain(of_tracked.map(|tracked| tracked.service.as_str()))
            .chain(of_usage)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Whether a template is plain text without wildcards.
pub(super) fn is_literal(template: &Template) -> bool {
    template.pieces.iter().all(|piece| match piece {
        Piece::Text(pattern) => pattern.is_literal(),
        Piece::Literal(_) => true,
        Piece::Variable { .. } => false,
    })
}
