//! The search for circumstances under which one side allows and the other does not, among statements that all speak of the
//! same caller, action and resource. Choices are made one after another; a branch ends as soon as the outcome is sure.

use std::collections::HashMap;

use super::budget::{Budget, Spent};
use super::keys::Choice;

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// A condition.
    Atom(usize),
    /// One of these (with `negated`: none of these).
    Any { of: Vec<usize>, negated: bool },
}

/// A statement: all of its terms must hold.
pub(super) type Terms = Vec<Term>;

/// The statements that speak, by what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// Of the side that is to allow.
    pub(super) allow: Vec<Terms>,
    pub(super) deny: Vec<Terms>,
    /// Of the side that is not to.
    pub(super) other_allow: Vec<Terms>,
    pub(super) other_deny: Vec<Terms>,
}

/// What is said of each choice: the place of its state.
pub(super) type Answer = Vec<Option<usize>>;

impl Question {
    fn atoms(&self) -> Vec<usize> {
        let lists = [&self.allow, &self.deny, &self.other_allow, &self.other_deny];
        let mut atoms: Vec<usize> = lists
            .into_iter()
            .flatten()
            .flatten()
            .flat_map(|term| match term {
                Term::Atom(atom) => std::slice::from_ref(atom),
                Term::Any { of, .. } => of.as_slice(),
            })
            .copied()
            .collect();
        atoms.sort_unstable();
        atoms.dedup();
        atoms
    }

    /// Whether the wanted outcome is sure, or excluded, given what is known of the conditions.
    fn outcome(&self, known: &dyn Fn(usize) -> Option<bool>) -> Option<bool> {
        let any = |list: &[Terms]| some(list.iter().map(|terms| every(terms, known)));
        let not = |truth: Option<bool>| truth.map(|truth| !truth);
        let allowed = both(any(&self.allow), not(any(&self.deny)));
        let others = both(any(&self.other_allow), not(any(&self.other_deny)));
        both(allowed, not(others))
    }
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn some(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            None => open = true,
            Some(false) => {}
        }
    }
    if open { None } else { Some(false) }
}

fn every(terms: &Terms, known: &dyn Fn(usize) -> Option<bool>) -> Option<bool> {
    let mut open = false;
    for term in terms {
        let truth = match term {
            Term::Atom(atom) => known(*atom),
            Term::Any { of, negated } => some(of.iter().map(|atom| known(*atom))).map(|any| any != *negated),
        };
        match truth {
            Some(false) => return Some(false),
            None => open = true,
            Some(true) => {}
        }
    }
    if open { None } else { Some(true) }
}

/// Calls `found` with each answer, until it says that it is content. Returns whether it was.
pub(super) fn answers(
    question: &Question,
    choices: &[&Choice],
    budget: &mut Budget,
    found: &mut dyn FnMut(&Answer) -> bool,
) -> Result<bool, Spent> {
    let atoms = question.atoms();
    // Only choices on which something hangs are made; those on which more hangs come first.
    let mut order: Vec<(usize, usize)> = choices
        .iter()
        .enumerate()
        .map(|(place, choice)| (choice.atoms.iter().filter(|atom| atoms.binary_search(atom).is_ok()).count(), place))
        .filter(|(count, _)| *count > 0)
        .collect();
    order.sort_by_key(|(count, place)| (std::cmp::Reverse(*count), *place));
    let order: Vec<usize> = order.into_iter().map(|(_, place)| place).collect();
    let cost = atoms.len()
        + question.allow.len()
        + question.deny.len()
        + question.other_allow.len()
        + question.other_deny.len()
        + 4;
    let mut places = HashMap::new();
    for (place, choice) in choices.iter().enumerate() {
        places.extend(choice.atoms.iter().map(|atom| (*atom, place)));
    }
    let mut search = Search { question, choices, places, order, cost, answer: vec![None; choices.len()], budget };
    search.go(0, found)
}

struct Search<'s> {
    question: &'s Question,
    choices: &'s [&'s Choice],
    /// The choice on which a condition hangs.
    places: HashMap<usize, usize>,
    order: Vec<usize>,
    cost: usize,
    answer: Answer,
    budget: &'s mut Budget,
}

impl Search<'_> {
    fn known(&self, atom: usize) -> Option<bool> {
        let place = *self.places.get(&atom)?;
        let state = (*self.answer.get(place)?)?;
        Some(self.choices.get(place)?.states.get(state)?.holds.contains(atom))
    }

    fn go(&mut self, depth: usize, found: &mut dyn FnMut(&Answer) -> bool) -> Result<bool, Spent> {
        self.budget.take(self.cost)?;
        match self.question.outcome(&|atom| self.known(atom)) {
            Some(false) => return Ok(false),
            // Whatever is not chosen yet decides nothing.
            Some(true) => return Ok(found(&self.answer)),
            None => {}
        }
        let Some(place) = self.order.get(depth).copied() else { return Ok(false) };
        let count = self.choices.get(place).map_or(0, |choice| choice.states.len());
        for state in 0..count {
            self.set(place, Some(state));
            if self.go(depth + 1, found)? {
                return Ok(true);
            }
        }
        self.set(place, None);
        Ok(false)
    }

    fn set(&mut self, place: usize, state: Option<usize>) {
        if let Some(slot) = self.answer.get_mut(place) {
            *slot = state;
        }
    }
}
