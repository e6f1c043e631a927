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
mod summary;
mod targets;

use std::collections::{BTreeSet, HashMap};

use crate::evaluate::{ActionView, Compiled, Context, Decision, HolderId, Others, Truth, decide};
use crate::facts::Facts;

pub use find::NotFound;
pub use known::doubt;
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
        let (target, assumed) = self.targets.target(resource, action);
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
            let (target, _) = self.targets.target(&resource, action);
            let circumstances = circumstances(context.clone(), self.targets.context(&resource));
            better(&mut found, person.id, view.on(target, circumstances).may(person.id), &resource);
        }
        found.remove(&person.id).map(|(_, on)| on)
    }

    /// Who may do that, on this resource or on any?
    pub fn who(&self, action: &str, resource: Option<&str>, context: &Context) -> (Vec<Who<'_>>, Vec<String>) {
        let view = self.compiled.action(action);
        let mut assumed = BTreeSet::new();
        let mut found: HashMap<HolderId, (Truth, String)> = HashMap::new();
        let mut ask = |resource: &str| {
            let (target, taken) = self.targets.target(resource, action);
            assumed.extend(taken);
            let all = view.on(target, circumstances(context.clone(), self.targets.context(resource))).who();
            for (id, truth) in all {
                better(&mut found, id, truth, resource);
            }
        };
        match resource {
            Some(resource) => ask(resource),
            None => {
                // On whatever a resource's own policy speaks of; then on what each one's policies speak of.
                for resource in self.targets.that_speak_of(action) {
                    ask(&resource);
                }
                let mut holders: HashMap<String, Vec<HolderId>> = HashMap::new();
                for person in self.people.iter().filter(|person| view.is_allowed_anywhere(person.id)) {
                    for resource in self.candidates(&view, person, action) {
                        holders.entry(resource).or_default().push(person.id);
                    }
                }
                for (resource, ids) in holders {
                    let (target, taken) = self.targets.target(&resource, action);
                    assumed.extend(taken);
                    let question = view.on(target, circumstances(context.clone(), self.targets.context(&resource)));
                    for id in ids {
                        if !found.get(&id).is_some_and(|(truth, _)| truth.is_yes()) {
                            better(&mut found, id, question.may(id), &resource);
                        }
                    }
                }
            }
        }
        let by_id: HashMap<HolderId, &Person> = self.people.iter().map(|person| (person.id, person)).collect();
        let mut all: Vec<Who<'_>> = found
            .into_iter()
            .filter_map(|(id, (truth, on))| Some(Who { person: by_id.get(&id)?, truth, on }))
            .collect();
        all.sort_by(|a, b| (a.person.kind, &a.person.arn).cmp(&(b.person.kind, &b.person.arn)));
        (all, assumed.into_iter().collect())
    }

    /// On what this one may do the action, if at all: patterns of its policies, and known resources where their own policy
    /// must allow, too.
    fn candidates(&self, view: &ActionView<'_, '_>, person: &Person, action: &str) -> Vec<String> {
        let patterns = view.resources(person.id);
        self.targets.instances(action, &patterns).unwrap_or(patterns)
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
