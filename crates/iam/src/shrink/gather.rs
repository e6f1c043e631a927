//! Whose policies, and what is known of their use.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{History, Tracked};
use crate::facts::{AttachedPolicy, Document, Facts, InlinePolicy, ManagedPolicy, ServiceUsage, Usage};
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
        for service in services.unwrap_or_default() {
            if service.last_authenticated.is_none() {
                history.unused.push(service.service.to_ascii_lowercase());
                continue;
            }
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
    /// Adds what CloudTrail's logs, which begin at `from`, show of the principal. Of the services in `silent` they do not
    /// show everything.
    #[must_use]
    pub fn with_trail(mut self, usage: Vec<Usage>, silent: Vec<String>, from: Option<Timestamp>) -> Self {
        self.since = match (self.since, from) {
            (Some(since), Some(from)) => Some(since.max(from)),
            (since, from) => from.or(since),
        };
        self.usage = usage;
        self.silent = Some(silent);
        self
    }

    /// What is known of one service.
    pub(super) fn of(&self, prefix: &str) -> Known<'_> {
        let own = |usage: &&Usage| usage.action.split(':').next().is_some_and(|own| own.eq_ignore_ascii_case(prefix));
        let logged: Vec<&Usage> = self.usage.iter().filter(|usage| usage.count > 0).filter(own).collect();
        if self.unused.iter().any(|unused| unused == prefix) && logged.is_empty() {
            return Known::Unused;
        }
        let tracked = self.tracked.iter().find(|tracked| tracked.service == prefix);
        if self.silent.as_ref().is_some_and(|silent| !silent.iter().any(|silent| silent == prefix)) {
            // What AWS remembers and the logs do not show was used where they do not reach.
            let also = tracked.iter().flat_map(|tracked| &tracked.used);
            let missing = |name: &&String| !logged.iter().any(|usage| is_action(&usage.action, name));
            let also: Vec<&str> = also.filter(missing).map(String::as_str).collect();
            return match (logged.is_empty(), also.is_empty()) {
                (true, true) if self.services.iter().any(|used| used == prefix) => Known::Somehow,
                (true, true) => Known::Unused,
                _ => Known::Logged(logged, also),
            };
        }
        match tracked {
            Some(tracked) => Known::Tracked(tracked),
            None => Known::Somehow,
        }
    }

    /// Services of which something is known.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        let of_usage =
            self.usage.iter().filter(|usage| usage.count > 0).filter_map(|usage| usage.action.split(':').next());
        let tracked = self.tracked.iter().map(|tracked| tracked.service.as_str());
        let silent = self.silent.iter().flatten().map(String::as_str);
        self.services.iter().map(String::as_str).chain(tracked).chain(of_usage).chain(silent)
    }
}

/// What is known of the use of a service.
#[derive(Debug)]
pub(super) enum Known<'h> {
    /// It was not used.
    Unused,
    /// Every use of it that the logs hold, and actions, without the service, that were used besides.
    Logged(Vec<&'h Usage>, Vec<&'h str>),
    /// Of some actions, whether they were used.
    Tracked(&'h Tracked),
    /// That it was used, or nothing at all: what is allowed stays.
    Somehow,
}

/// Whether `action` is this action of its service.
fn is_action(action: &str, name: &str) -> bool {
    action.split_once(':').is_some_and(|(_, own)| own.eq_ignore_ascii_case(name))
}

/// Whether a template is plain text without wildcards.
pub(super) fn is_literal(template: &Template) -> bool {
    template.pieces.iter().all(|piece| match piece {
        Piece::Text(pattern) => pattern.is_literal(),
        Piece::Literal(_) => true,
        Piece::Variable { .. } => false,
    })
}
