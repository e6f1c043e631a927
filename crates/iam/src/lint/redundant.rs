//! What could be left out: actions, resources and statements that others cover.

use super::codes;
use super::cover::{Budget, Patterns};
use super::sink::Sink;
use super::statement::{Condition, Element, Read, Said, Statement};

/// In longer lists only the first are compared with each other.
const MOST: usize = 300;
/// Pairs of patterns that are compared in one policy.
const PAIRS: usize = 1_000_000;

/// A statement with its lists taken apart.
struct Apart<'s, 't> {
    statement: &'s Statement<'t>,
    actions: Option<Patterns>,
    resources: Option<Patterns>,
}

/// Finds what others cover.
pub(super) fn check(policy: &Read<'_>, sink: &mut Sink) {
    let mut budget = Budget(PAIRS);
    let mut apart = Vec::with_capacity(policy.statements.len());
    for statement in &policy.statements {
        let lower = |element: &Element<'_>| {
            Patterns::new(element.items.iter().map(|said| said.text.to_ascii_lowercase()).collect())
        };
        let as_written =
            |element: &Element<'_>| Patterns::new(element.items.iter().map(|said| said.text.to_string()).collect());
        let actions = statement.actions.as_ref().map(lower);
        let resources = statement.resources.as_ref().map(as_written);
        within(statement.actions.as_ref(), actions.as_ref(), &codes::REDUNDANT_ACTION, &mut budget, sink);
        within(statement.resources.as_ref(), resources.as_ref(), &codes::REDUNDANT_RESOURCE, &mut budget, sink);
        apart.push(Apart { statement, actions, resources });
    }
    statements(&apart, &mut budget, sink);
    if budget.is_spent() {
        let why = "its lists are so long that not all of them were looked through for what others cover";
        sink.unseen.push(why.to_owned());
    }
}

/// Lists of one element.
fn within(
    element: Option<&Element<'_>>,
    patterns: Option<&Patterns>,
    code: &'static codes::Code,
    budget: &mut Budget,
    sink: &mut Sink,
) {
    let (Some(element), Some(patterns)) = (element, patterns) else { return };
    for (place, said) in element.items.iter().take(MOST).enumerate() {
        let covering = patterns.covering(place, budget);
        if let Some(by) = covering.and_then(|other| element.items.get(other)) {
            let says = if by.text == said.text {
                format!("{} stands twice in the list", said.text)
            } else {
                format!("{} is part of {} already", said.text, by.text)
            };
            sink.advise(code, said.at, says, "remove it");
        }
    }
}

fn statements(all: &[Apart<'_, '_>], budget: &mut Budget, sink: &mut Sink) {
    let all = all.get(..MOST).unwrap_or(all);
    for (place, narrow) in all.iter().enumerate() {
        let covering = all.iter().enumerate().find(|(other, wide)| {
            *other != place && whole(wide, narrow, budget) && (*other < place || !whole(narrow, wide, budget))
        });
        if budget.is_spent() {
            return;
        }
        if let Some((other, wide)) = covering {
            let sid = wide.statement.sid.as_ref();
            let name = sid.map_or_else(|| format!("statement {}", other + 1), |sid| format!("{:?}", sid.text));
            sink.advise(
                &codes::REDUNDANT_STATEMENT,
                narrow.statement.at,
                format!("{name} covers all of this statement"),
                "remove it",
            );
        }
    }
}

/// Whether `wide` does for every request what `narrow` does.
fn whole(wide: &Apart<'_, '_>, narrow: &Apart<'_, '_>, budget: &mut Budget) -> bool {
    let (of, in_it) = (wide.statement, narrow.statement);
    of.effect.is_some()
        && of.effect == in_it.effect
        && of.conditions.len() <= MOST
        && in_it.conditions.len() <= MOST
        && element([&of.actions, &in_it.actions], [&wide.actions, &narrow.actions], budget)
        && element([&of.resources, &in_it.resources], [&wide.resources, &narrow.resources], budget)
        && same_principals(of, in_it)
        && of.conditions.iter().all(|wanted| in_it.conditions.iter().any(|has| same(wanted, has)))
}

/// The same of one element: first those of the wide statement, then those of the narrow one.
fn element(written: [&Option<Element<'_>>; 2], apart: [&Option<Patterns>; 2], budget: &mut Budget) -> bool {
    let ([Some(of), Some(in_it)], [Some(wide), Some(narrow)]) = (written, apart) else {
        return written.iter().all(|element| element.is_none());
    };
    match (of.negated, in_it.negated) {
        (false, false) => wide.cover_all(narrow, budget),
        // Everything but a little covers everything but more.
        (true, true) => narrow.cover_all(wide, budget),
        _ => false,
    }
}

fn same_principals(wide: &Statement<'_>, narrow: &Statement<'_>) -> bool {
    match (&wide.principals, &narrow.principals) {
        (None, None) => true,
        (Some(wide), Some(narrow)) if wide.negated == narrow.negated && narrow.items.len() <= MOST => {
            let within = |some: &[(&str, Said<'_>)], of: &[(&str, Said<'_>)]| {
                some.iter().all(|(kind, said)| of.iter().any(|(other, found)| kind == other && said.text == found.text))
            };
            !narrow.items.is_empty()
                && wide.items.len() <= MOST
                && within(&narrow.items, &wide.items)
                && (!wide.negated || within(&wide.items, &narrow.items))
        }
        _ => false,
    }
}

fn same(wanted: &Condition<'_>, has: &Condition<'_>) -> bool {
    let values = |condition: &Condition<'_>| {
        let mut values: Vec<String> = condition.values.iter().map(|value| value.text.to_string()).collect();
        values.sort_unstable();
        values.dedup();
        values
    };
    wanted.operator == has.operator
        && wanted.over == has.over
        && wanted.if_exists == has.if_exists
        && wanted.key.text.eq_ignore_ascii_case(&has.key.text)
        && values(wanted) == values(has)
}
