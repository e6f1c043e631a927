//! Paths that differ in nothing but who takes them are one.

use std::collections::{BTreeMap, BTreeSet};

use super::bits::Bits;
use super::change::Change;
use super::path::Hop;
use super::search::{Search, Step, To};
use super::{Graph, short};
use crate::escalate::{Door, Method, Way};

/// A way to administrator, and everybody for whom it is the shortest.
#[derive(Clone, Debug)]
pub struct Escalation {
    /// The number of the account.
    pub account: String,
    /// ARNs of those who can take it, sorted. The steps are told of the first.
    pub subjects: Vec<String>,
    /// The steps.
    pub steps: Vec<Hop>,
    /// Every other first step that leads there.
    pub others: Vec<Other>,
    /// What takes all of these away.
    pub change: Change,
    /// What all of it hangs on that the facts do not say; empty: it works.
    pub depends: Vec<String>,
    /// Each step is that a role is assumed which trusts whoever assumes it: somebody may have meant it so.
    pub is_meant: bool,
}

/// Another first step.
#[derive(Clone, Debug)]
pub struct Other {
    /// How.
    pub method: &'static Method,
    /// Whom one becomes, ARNs; empty: oneself.
    pub to: BTreeSet<String>,
    /// What the surest of these steps hangs on that the facts do not say; empty: it works.
    pub depends: Vec<String>,
}

/// What two paths must share to be the same but for who takes them.
type Key = (usize, Bits, Vec<(&'static str, Option<String>, Option<String>, Vec<String>)>);

impl Graph<'_> {
    /// The ways to administrator, the shortest and surest first.
    pub fn escalations(&self) -> Vec<Escalation> {
        let search = &self.search;
        let mut same: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (number, one) in search.methods.everybody().principals.iter().enumerate() {
            let distance = search.distance.get(number).copied().flatten();
            if distance.is_none_or(|steps| steps == 0) || one.is_service_linked() {
                continue;
            }
            let possible = search.actors.get(number).and_then(|actor| search.methods.powers.classes.get(actor.class));
            let possible = possible.map(|class| class.possible).unwrap_or_default();
            let steps = search.path(number).into_iter().map(|hop| told(&hop, one.arn)).collect();
            same.entry((one.account, possible, steps)).or_default().push(number);
        }
        let mut all: Vec<Escalation> = same.into_values().filter_map(|members| self.escalation(&members)).collect();
        all.sort_by(|a, b| {
            let urgency = |one: &Escalation| {
                (one.is_meant, !one.depends.is_empty(), one.steps.len(), usize::MAX - one.subjects.len())
            };
            urgency(a).cmp(&urgency(b)).then_with(|| a.subjects.cmp(&b.subjects))
        });
        all
    }

    fn escalation(&self, members: &[usize]) -> Option<Escalation> {
        let search = &self.search;
        let everybody = search.methods.everybody();
        let arn = |number: &usize| everybody.principals.get(*number).map(|one| one.arn.to_owned());
        let mut subjects: Vec<(String, usize)> =
            members.iter().filter_map(|number| Some((arn(number)?, *number))).collect();
        subjects.sort_unstable();
        let (_, first) = subjects.first()?;
        let one = everybody.principals.get(*first)?;
        let steps = search.path(*first);
        let taken = search.step.get(*first)?.as_ref()?;
        let ways = search.ways(*first);
        let mut change = search.change(*first, &ways);
        if subjects.len() > 1 {
            for resources in change.deny.values_mut() {
                // Each has an ARN of its own.
                if resources.contains(one.arn) {
                    *resources = BTreeSet::from(["*".to_owned()]);
                }
            }
        }
        let mut depends: Vec<String> = steps.iter().flat_map(|hop| hop.depends.iter().cloned()).collect();
        depends.sort_unstable();
        depends.dedup();
        Some(Escalation {
            account: search.methods.account_id(one.account).to_owned(),
            is_meant: steps.iter().all(|hop| hop.method.way == Way::Role(Door::Trusted)),
            others: others(search, taken, &ways),
            subjects: subjects.into_iter().map(|(arn, _)| arn).collect(),
            steps,
            change,
            depends,
        })
    }
}

fn others(search: &Search<'_>, taken: &Step, ways: &[Step]) -> Vec<Other> {
    let mut by_method: BTreeMap<&'static str, Other> = BTreeMap::new();
    for step in ways {
        let same = step.works.method.id == taken.works.method.id && step.works.target == taken.works.target;
        if same {
            continue;
        }
        let other = by_method.entry(step.works.method.id).or_insert_with(|| Other {
            method: step.works.method,
            to: BTreeSet::new(),
            depends: step.works.depends.clone(),
        });
        if step.works.depends.len() < other.depends.len() {
            other.depends.clone_from(&step.works.depends);
        }
        let target = step.works.target.and_then(|target| search.methods.powers.principal(target));
        if let (Some(target), To::Actor(_) | To::Administrator) = (target, step.to) {
            other.to.insert(target.arn.to_owned());
        }
    }
    by_method.into_values().collect()
}

/// A step without who takes it.
fn told(hop: &Hop, own: &str) -> (&'static str, Option<String>, Option<String>, Vec<String>) {
    let itself = format!("of {}", short(own));
    let by = hop.allowed_by.iter().flat_map(|allowed| &allowed.by);
    let by: Vec<String> = by.map(|by| by.replace(&itself, "of its own")).collect();
    let to = hop.to.clone().filter(|to| to != own);
    (hop.method.id, to, hop.over.clone(), by)
}
