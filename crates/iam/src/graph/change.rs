//! The smallest change of policies that leaves a principal without a way to the goal: the fewest permissions to deny such
//! that each method by which it gets anywhere lacks one.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::Works;
use super::search::{Chosen, Search, Step, To};

/// What to deny.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Action → the resources on which; `*` where it goes over something of the attacker's choice.
    pub deny: BTreeMap<&'static str, BTreeSet<String>>,
    /// The statements that allow it now, narrower than which they need to be.
    pub instead_of: Vec<String>,
}

impl Change {
    /// A policy that does it, to be put beside the others.
    pub fn policy(&self) -> String {
        // Actions that are denied on the same resources share a statement.
        let mut by_resources: BTreeMap<&BTreeSet<String>, Vec<&str>> = BTreeMap::new();
        for (action, resources) in &self.deny {
            by_resources.entry(resources).or_default().push(action);
        }
        let statements: Vec<serde_json::Value> = by_resources
            .into_iter()
            .map(|(resources, actions)| serde_json::json!({"Effect": "Deny", "Action": actions, "Resource": resources}))
            .collect();
        serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }
}

/// Permissions that are taken away rather than others of the same use: what is dangerous, not what everybody's work needs.
const RATHER: [&str; 3] = ["iam:", "sts:AssumeRole", "sso:"];
/// So many resources are named one by one.
const MOST_RESOURCES: usize = 20;

impl Search<'_> {
    /// Each way in which `actor` takes a step that leads to the goal.
    pub(crate) fn ways(&self, actor: usize) -> Vec<Step> {
        let mut steps = self.direct(actor, false, |_| true);
        if let Some(others) = self.becomes.get(&actor) {
            for (works, other) in others {
                if self.distance.get(*other).is_some_and(Option::is_some) {
                    steps.push(Step { works: works.clone(), to: To::Actor(*other) });
                }
            }
        }
        let reached = |number: &usize| self.distance.get(*number).is_some_and(Option::is_some);
        let principals = self.methods.everybody().principals.len();
        // Whoever gets to the goal only through this actor is no way for it.
        let through_me = |number: &usize| *number == actor || self.leads_through(*number, actor);
        let targets: Vec<usize> = (0..principals)
            .filter(|number| reached(number) && !through_me(number) && !self.is_service_linked(*number))
            .collect();
        if let Some(who) = self.actors.get(actor) {
            let gained = self.gains_of(who.class, &[actor], &targets, Chosen::Any, &|_| true, usize::MAX);
            let named = targets.iter().filter_map(|target| self.assumes_by_name(actor, *target));
            for (_, works) in gained.into_iter().chain(named.map(|works| (actor, works))) {
                if let Some(target) = works.target {
                    steps.push(Step { works, to: To::Actor(target) });
                }
            }
        }
        steps
    }

    fn leads_through(&self, from: usize, through: usize) -> bool {
        let mut at = from;
        for _ in 0..self.actors.len() {
            match self.step.get(at) {
                Some(Some(Step { to: To::Actor(next), .. })) if *next == through => return true,
                Some(Some(Step { to: To::Actor(next), .. })) => at = *next,
                _ => return false,
            }
        }
        false
    }

    fn assumes_by_name(&self, actor: usize, target: usize) -> Option<Works> {
        use crate::escalate::{Door, Way};
        let who = self.actors.get(actor)?;
        let one = self.methods.powers.principal(who.principal)?;
        let trust = self.methods.trust.get(target)?;
        let names = trust.named.iter().any(|named| self.principal_named(named) == Some(who.principal));
        if !names || one.is_service_linked() {
            return None;
        }
        let assume = self.methods.needed.iter().find(|needed| needed.method.way == Way::Role(Door::Trusted))?;
        self.methods.gains(*who, assume, target)
    }

    /// The fewest permissions that every one of `ways` needs one of.
    pub(crate) fn change(&self, actor: usize, ways: &[Step]) -> Change {
        let mut change = Change::default();
        let Some(&who) = self.actors.get(actor) else { return change };
        let mut open: Vec<&Step> = ways.iter().collect();
        while !open.is_empty() {
            let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
            for step in &open {
                let actions: BTreeSet<_> = step.works.method.needs.iter().map(|need| need.action).collect();
                for action in actions {
                    *counts.entry(action).or_default() += 1;
                }
            }
            let rank = |action: &str| RATHER.iter().any(|begin| action.starts_with(begin));
            let best = counts.iter().max_by(|a, b| (a.1, rank(a.0)).cmp(&(b.1, rank(b.0))).then_with(|| b.0.cmp(a.0)));
            let Some((&action, _)) = best else { break };
            let (cut, rest): (Vec<&Step>, Vec<&Step>) =
                open.into_iter().partition(|step| step.works.method.needs.iter().any(|need| need.action == action));
            for step in cut {
                for need in step.works.method.needs.iter().filter(|need| need.action == action) {
                    let resource = self.resource(who, need, &step.works);
                    change.deny.entry(action).or_default().insert(resource);
                }
                for allowed in self.hop(actor, &step.works, step.to).allowed_by {
                    if allowed.action == action {
                        change.instead_of.extend(allowed.by);
                    }
                }
            }
            open = rest;
        }
        for resources in change.deny.values_mut() {
            if resources.len() > MOST_RESOURCES || resources.contains("*") {
                *resources = BTreeSet::from(["*".to_owned()]);
            }
        }
        change.instead_of.sort_unstable();
        change.instead_of.dedup();
        change
    }
}
