//! Questions about accounts: can somebody do something, who can, what can somebody do. Over facts, by the evaluator.
//!
//! Facts say nothing of the circumstances of requests, so an answer may hang on condition keys; it then names them.
//!
//! ```
//! use keelguard_iam::ask::Accounts;
//! use keelguard_iam::evaluate::{Context, Outcome};
//! use keelguard_iam::facts::{Facts, Input};
//! let text = r#"{"UserDetailList": [{"UserName": "alice", "Arn": "arn:aws:iam::111122223333:user/alice",
//!     "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}]}"#;
//! let facts = Facts::read(&[Input::new("facts.json", text.as_bytes())]).unwrap();
//! let accounts = Accounts::of(&facts);
//! let alice = accounts.find("alice").unwrap();
//! let answer = accounts.can(alice, "ec2:RunInstances", "*", Context::default()).unwrap();
//! assert_eq!(answer.decision.outcome, Outcome::Allowed);
//! ```

mod find;
mod holdings;
mod known;
mod report;
mod summary;
mod targets;

use std::collections::{BTreeSet, HashMap};

use crate::evaluate::{ActionView, Compiled, Context, Decision, HolderId, Others, Truth, decide};
use crate::facts::Facts;
use crate::pattern;

pub use find::NotFound;
pub use known::{doubt, written_key};
pub use report::{CAN_SCHEMA, CanReport, WHAT_SCHEMA, WHO_SCHEMA, WhatReport, WhoEntry, WhoReport, told};
pub use summary::{LevelSummary, Power, ServiceSummary};

/// What kind of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// The root user of an account.
    Root,
}

impl PersonKind {
    /// For people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Root => "root",
        }
    }
}

/// A principal of the facts.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its ARN.
    pub arn: String,
    /// Its name without path.
    pub name: String,
    /// What kind.
    pub kind: PersonKind,
    /// Policies of which the facts do not say what they say.
    pub unread: Vec<String>,
    id: HolderId,
}

/// Accounts, ready for questions.
pub struct Accounts<'a> {
    compiled: Compiled<'a>,
    people: Vec<Person>,
    targets: targets::Targets<'a>,
}

/// The answer to "can".
#[derive(Debug)]
pub struct Can {
    /// What and why.
    pub decision: Decision,
    /// What the facts do not say, and what was taken for granted instead.
    pub assumed: Vec<String>,
}

/// One line of the answer to "who".
#[derive(Debug)]
pub struct Who<'p> {
    /// This one may.
    pub person: &'p Person,
    /// For certain, or hanging on keys.
    pub truth: Truth,
    /// On what: the resource asked about, or the pattern of the policy that allows it.
    pub on: String,
}

impl<'a> Accounts<'a> {
    /// Gets ready for questions.
    pub fn of(facts: &'a Facts) -> Self {
        let mut compiled = Compiled::default();
        let people = holdings::people(facts, &mut compiled);
        Self { compiled, people, targets: targets::Targets::of(facts) }
    }

    /// All principals.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// May this one do that?
    pub fn can(&self, person: &Person, action: &str, resource: &str, context: Context) -> Option<Can> {
        let (target, assumed) = self.targets.target(resource, action, &context);
        let context = circumstances(context, self.targets.context(resource));
        let (request, policies) = self.compiled.single(person.id, action, &target, &context)?;
        let unread =
            person.unread.iter().map(|name| format!("what {name} says is not in the facts, so it counts for nothing"));
        Some(Can { decision: decide(&request, &policies), assumed: assumed.into_iter().chain(unread).collect() })
    }

    /// On what this one may do that most surely: one of the resources or patterns of which its policies speak.
    pub fn best_resource(&self, person: &Person, action: &str, context: &Context) -> Option<String> {
        let view = self.compiled.action_of(action, person.id);
        let mut found = HashMap::new();
        for resource in self.candidates(&view, person, action) {
            let (target, _) = self.targets.target(&resource, action, context);
            let circumstances = circumstances(context.clone(), self.targets.context(&resource));
            better(&mut found, person.id, view.on(target, circumstances).may(person.id), &resource);
        }
        found.remove(&person.id).map(|(_, on)| on)
    }

    /// Who may do that, on this resource or on any? And what had to be taken for granted.
    pub fn who(&self, action: &str, resource: Option<&str>, context: &Context) -> (Vec<Who<'_>>, Vec<String>) {
        let view = self.compiled.action(action);
        let mut finding =
            Finding { accounts: self, view: &view, action, context, found: HashMap::new(), assumed: BTreeSet::new() };
        if let Some(resource) = resource {
            finding.everybody(resource);
        } else {
            finding.anywhere();
        }
        let Finding { found, assumed, .. } = finding;
        let by_id: HashMap<HolderId, &Person> = self.people.iter().map(|person| (person.id, person)).collect();
        let who = |(id, (truth, on))| Some(Who { person: by_id.get(&id)?, truth, on });
        let mut all: Vec<Who<'_>> = found.into_iter().filter_map(who).collect();
        all.sort_by(|a, b| (a.person.kind, &a.person.arn).cmp(&(b.person.kind, &b.person.arn)));
        (all, assumed.into_iter().collect())
    }

    /// On what this one may do the action, if at all: patterns of its policies, and known resources where their own policy
    /// must allow, too.
    fn candidates(&self, view: &ActionView<'_, '_>, person: &Person, action: &str) -> Vec<String> {
        let patterns = patterns(view, person, action);
        match self.targets.instances(action) {
            Some(all) => all.into_iter().filter(|arn| fits_any(&patterns, arn)).map(str::to_owned).collect(),
            None => patterns,
        }
    }
}

fn patterns(view: &ActionView<'_, '_>, person: &Person, action: &str) -> Vec<String> {
    let mut patterns = view.resources(person.id);
    patterns.retain(|pattern| known::works_on(action, pattern));
    patterns
}

fn fits_any(patterns: &[String], arn: &str) -> bool {
    patterns.iter().any(|wanted| pattern::matches(wanted, arn))
}

/// The search for everybody who may do something.
struct Finding<'s, 'a> {
    accounts: &'s Accounts<'a>,
    view: &'s ActionView<'s, 'a>,
    action: &'s str,
    context: &'s Context,
    /// For each the surest answer yet, and on what.
    found: HashMap<HolderId, (Truth, String)>,
    assumed: BTreeSet<String>,
}

impl Finding<'_, '_> {
    fn everybody(&mut self, resource: &str) {
        let (target, assumed) = self.accounts.targets.target(resource, self.action, self.context);
        self.assumed.extend(assumed);
        let context = circumstances(self.context.clone(), self.accounts.targets.context(resource));
        for (id, truth) in self.view.on(target, context).who() {
            better(&mut self.found, id, truth, resource);
        }
    }

    /// On whatever policies of resources speak of; then on what each one's own policies speak of.
    fn anywhere(&mut self) {
        for resource in self.accounts.targets.that_speak_of(self.action) {
            self.everybody(&resource);
        }
        let people = self.accounts.people.iter().filter(|person| self.view.is_allowed_anywhere(person.id));
        let people = people.map(|person| (person.id, patterns(self.view, person, self.action)));
        let Some(all) = self.accounts.targets.instances(self.action) else {
            let mut holders: HashMap<String, Vec<HolderId>> = HashMap::new();
            for (id, patterns) in people {
                for pattern in patterns {
                    holders.entry(pattern).or_default().push(id);
                }
            }
            for (resource, ids) in holders {
                self.these(&resource, ids.into_iter());
            }
            return;
        };
        // Most policies name one role or all; the latter find theirs soon.
        let mut named: HashMap<String, Vec<HolderId>> = HashMap::new();
        let mut wild = Vec::new();
        for (id, patterns) in people {
            let (literal, open): (Vec<_>, Vec<_>) =
                patterns.into_iter().partition(|pattern| !pattern.contains(['*', '?']));
            for resource in literal {
                named.entry(resource).or_default().push(id);
            }
            if !open.is_empty() {
                wild.push((id, open));
            }
        }
        for resource in all {
            wild.retain(|(id, _)| !self.is_sure(*id));
            let open = wild.iter().filter(|(_, patterns)| fits_any(patterns, resource)).map(|(id, _)| *id);
            let open: Vec<HolderId> = open.collect();
            self.these(resource, named.remove(resource).into_iter().flatten().chain(open));
        }
    }

    fn is_sure(&self, id: HolderId) -> bool {
        self.found.get(&id).is_some_and(|(truth, _)| truth.is_yes())
    }

    fn these(&mut self, resource: &str, ids: impl Iterator<Item = HolderId>) {
        let (target, assumed) = self.accounts.targets.target(resource, self.action, self.context);
        self.assumed.extend(assumed);
        let context = circumstances(self.context.clone(), self.accounts.targets.context(resource));
        let question = self.view.on(target, context);
        for id in ids {
            if !self.is_sure(id) {
                better(&mut self.found, id, question.may(id), resource);
            }
        }
    }
}

/// What is told of the circumstances, before what is known of the resource; anything else is unknown.
fn circumstances(mut told: Context, known: Vec<(String, String)>) -> Context {
    for (key, value) in known {
        told.derive(&key, [value]);
    }
    told.others = Others::Unknown;
    // The request is made directly by the principal.
    told.derive("aws:ViaAWSService", ["false".to_owned()]);
    told.derive("aws:SecureTransport", ["true".to_owned()]);
    for absent in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:SourceArn", "aws:SourceAccount"] {
        told.derive(absent, []);
    }
    told
}

/// Keeps the surer answer, and among equals the wider resource.
fn better(found: &mut HashMap<HolderId, (Truth, String)>, id: HolderId, truth: Truth, on: &str) {
    if truth.is_no() {
        return;
    }
    let rank = |truth: &Truth, on: &str| (truth.is_yes(), std::cmp::Reverse(on.len()));
    let is_better = match found.get(&id) {
        None => true,
        Some((known, known_on)) => (rank(&truth, on), on) > (rank(known, known_on), known_on),
    };
    if is_better {
        found.insert(id, (truth, on.to_owned()));
    }
}

#[cfg(test)]
mod tests;
