//! The values of a condition key, as far as the conditions of both policies tell them apart: for each combination of
//! conditions that can hold at once, one example. Whether a condition holds for an example is asked of the evaluator.

use super::automaton::{Machine, classes};
use super::budget::{Budget, Spent};
use super::ranges;
use super::set::Set;
use crate::catalogue::catalogue;
use crate::condition;
use crate::evaluate::Context;
use crate::policy::{Condition, Operator, Template};

/// A choice that a counterexample makes: the values of a key, or whether a template with variables fits.
#[derive(Debug)]
pub(super) struct Choice {
    /// The key, in lower case; empty for templates.
    pub(super) key: String,
    /// The conditions that hang on it.
    pub(super) atoms: Vec<usize>,
    pub(super) states: Vec<State>,
}

/// One outcome of a choice.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The conditions that hold then.
    pub(super) holds: Set,
    /// The values; none: the request does not carry the key.
    pub(super) values: Vec<String>,
}

/// More values of several are not combined with each other.
const MOST_COMBINED: usize = 7;
/// More conditions of which nothing is known are not combined.
const MOST_OPEN: usize = 6;

/// The choices that the conditions offer, a key each.
pub(super) fn choices(conditions: &[&Condition], budget: &mut Budget) -> Result<Vec<Choice>, Spent> {
    let mut names: Vec<&str> = conditions.iter().map(|condition| condition.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| choice(name, conditions, budget)).collect()
}

fn choice(name: &str, conditions: &[&Condition], budget: &mut Budget) -> Result<Choice, Spent> {
    let atoms: Vec<usize> =
        (0..conditions.len()).filter(|atom| conditions.get(*atom).is_some_and(|found| found.name == name)).collect();
    let of = |atom: &usize| conditions.get(*atom).copied();
    let mut kinds: Vec<Kind> =
        atoms.iter().filter_map(of).map(Kind::of).filter(|kind| *kind != Kind::Presence).collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Conditions which compare the same value in two ways are told apart as texts only; the others may hold or not.
    let kind = kinds.first().copied().unwrap_or(Kind::Presence);
    let (mut closed, mut open): (Vec<usize>, Vec<usize>) = atoms.iter().copied().partition(|atom| {
        of(atom)
            .is_some_and(|found| !condition::has_variables(found) && [kind, Kind::Presence].contains(&Kind::of(found)))
    });
    let exact: Vec<&Condition> = closed.iter().filter_map(of).collect();
    let mut values = match kind {
        Kind::Text => texts(&exact, budget)?,
        Kind::Number => ranges::numbers(&exact),
        Kind::Date => Some(ranges::dates(&exact)),
        Kind::Address => Some(ranges::addresses(&exact)),
        Kind::Bytes => None,
        Kind::Presence => Some(vec!["x".to_owned()]),
    };
    if kind == Kind::Presence && !open.is_empty() {
        values = None;
    }
    let values = values.unwrap_or_else(|| {
        open.extend(
            closed.iter().copied().filter(|atom| of(atom).is_some_and(|found| Kind::of(found) != Kind::Presence)),
        );
        closed.retain(|atom| of(atom).is_some_and(|found| Kind::of(found) == Kind::Presence));
        vec!["x".to_owned()]
    });
    let several = atoms.iter().filter_map(of).any(|found| found.over.is_some())
        || catalogue().key(name).kind().is_some_and(crate::catalogue::KeyType::is_many);
    let sets = if several {
        combined(&values, &exact, name)
    } else {
        Some(values.iter().map(|value| vec![value.clone()]).collect())
    };
    // Too many values to combine: the conditions may hold or not.
    let sets = sets.unwrap_or_else(|| {
        open.append(&mut closed);
        vec![vec!["x".to_owned()]]
    });
    open.sort_unstable();
    open.dedup();
    if open.len() > MOST_OPEN {
        return Err(Spent);
    }
    let mut states: Vec<State> = Vec::new();
    for values in sets.into_iter().chain([Vec::new()]) {
        budget.take(atoms.len() * 20 + (1 << open.len()) * 10)?;
        let mut context = Context::default();
        context.set(name, values.iter().cloned());
        let mut holds = Set::default();
        let decided = if values.is_empty() { &atoms } else { &closed };
        for atom in
            decided.iter().filter(|atom| of(atom).is_some_and(|found| condition::holds(found, &context).is_yes()))
        {
            holds.insert(*atom);
        }
        let guesses = if values.is_empty() { 1 } else { 1_usize << open.len() };
        for guess in 0..guesses {
            let guessed = |place: usize| guess >> place & 1 == 1;
            if !possible(&open, conditions, &guessed) {
                continue;
            }
            let mut holds = holds.clone();
            open.iter()
                .enumerate()
                .filter(|(place, _)| guesses > 1 && guessed(*place))
                .for_each(|(_, atom)| holds.insert(*atom));
            if !states.iter().any(|state| state.holds == holds) {
                states.push(State { holds, values: values.clone() });
            }
        }
    }
    Ok(Choice { key: name.to_owned(), atoms, states })
}

/// What a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Text,
    Number,
    Date,
    Address,
    Bytes,
    Presence,
}

impl Kind {
    const fn of(condition: &Condition) -> Self {
        use Operator as O;
        match condition.operator {
            O::NumericEquals
            | O::NumericNotEquals
            | O::NumericLessThan
            | O::NumericLessThanEquals
            | O::NumericGreaterThan
            | O::NumericGreaterThanEquals => Self::Number,
            O::DateEquals
            | O::DateNotEquals
            | O::DateLessThan
            | O::DateLessThanEquals
            | O::DateGreaterThan
            | O::DateGreaterThanEquals => Self::Date,
            O::IpAddress | O::NotIpAddress => Self::Address,
            O::BinaryEquals => Self::Bytes,
            O::Null => Self::Presence,
            _ => Self::Text,
        }
    }
}

/// Texts, one for each combination of values that a text can match; none where a value is beyond what can be told.
fn texts(conditions: &[&Condition], budget: &mut Budget) -> Result<Option<Vec<String>>, Spent> {
    // Some operators take nothing for a missing key.
    let mut machines = vec![Machine::literal("")];
    for condition in conditions {
        for value in &condition.values {
            let Some(machine) = machine(condition.operator, value) else { return Ok(None) };
            machines.extend(machine.filter(|machine| !machines.contains(machine)));
        }
    }
    let mut classes = classes(&machines, &[], budget)?;
    // Short and plain examples first, the empty one last.
    classes.sort_by_key(|class| (class.sample.is_empty(), class.sample.chars().count()));
    Ok(Some(classes.into_iter().map(|class| class.sample).collect()))
}

/// The machine of a value; `Some(None)`: it matches nothing.
fn machine(operator: Operator, value: &Template) -> Option<Option<Machine>> {
    use Operator as O;
    let none = |_: &str| None;
    Some(match operator {
        O::StringEquals | O::StringNotEquals => value.text(none).map(|text| Machine::literal(&text)),
        O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase | O::Bool => {
            let Some(text) = value.text(none) else { return Some(None) };
            Some(Machine::caseless(&text)?)
        }
        O::StringLike | O::StringNotLike => value.tokens(none).map(Machine::of),
        O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => {
            value.tokens(none).and_then(|tokens| Machine::arn(&tokens))
        }
        _ => None,
    })
}

/// Every choice of some of the values; none where there are too many that differ.
fn combined(values: &[String], conditions: &[&Condition], name: &str) -> Option<Vec<Vec<String>>> {
    // Values that no condition tells apart, taken one by one, are one.
    let mut kept: Vec<(Vec<bool>, &String)> = Vec::new();
    for value in values {
        let mut context = Context::default();
        context.set(name, [value.clone()]);
        let bare = |condition: &&Condition| {
            let bare = Condition { over: None, ..(*condition).clone() };
            condition::holds(&bare, &context).is_yes()
        };
        let mut signature: Vec<bool> = conditions.iter().map(bare).collect();
        signature.push(value.is_empty());
        if !kept.iter().any(|(known, _)| *known == signature) {
            kept.push((signature, value));
        }
    }
    if kept.len() > MOST_COMBINED {
        return None;
    }
    let mut sets: Vec<Vec<String>> = (1_usize..1 << kept.len())
        .map(|chosen| {
            kept.iter()
                .enumerate()
                .filter(|(place, _)| chosen >> place & 1 == 1)
                .map(|(_, (_, value))| (*value).clone())
                .collect()
        })
        .collect();
    sets.sort_by_key(Vec::len);
    Some(sets)
}

/// Whether the conditions can hold as guessed: more values make a positive one wider and a negated one narrower.
fn possible(open: &[usize], conditions: &[&Condition], guessed: &impl Fn(usize) -> bool) -> bool {
    let pairs = open
        .iter()
        .enumerate()
        .flat_map(|(a, one)| open.iter().enumerate().map(move |(b, other)| ((a, one), (b, other))));
    pairs.filter(|((a, _), (b, _))| a != b).all(|((a, one), (b, other))| {
        let (Some(one), Some(other)) = (conditions.get(*one), conditions.get(*other)) else { return true };
        let alike = one.operator == other.operator && one.over == other.over && one.if_exists == other.if_exists;
        if !alike || !one.values.iter().all(|value| other.values.contains(value)) {
            return true;
        }
        if one.operator.is_negated() { !guessed(b) || guessed(a) } else { !guessed(a) || guessed(b) }
    })
}
