//! What could be left out: actions, resources and statements that others cover.

use super::codes;
use super::cover::covers;
use super::sink::Sink;
use super::statement::{Condition, Element, Read, Said, Statement};

/// In longer lists only the first are compared with each other.
const MOST: usize = 300;

/// Finds what others cover.
pub(super) fn check(policy: &Read<'_>, sink: &mut Sink) {
    for statement in &policy.statements {
        if let Some(actions) = &statement.actions {
            within(actions, true, &codes::REDUNDANT_ACTION, sink);
        }
        if let Some(resources) = &statement.resources {
            within(resources, false, &codes::REDUNDANT_RESOURCE, sink);
        }
    }
    statements(policy, sink);
}

/// Lists of one element.
fn within(element: &Element<'_>, lower: bool, code: &'static codes::Code, sink: &mut Sink) {
    let texts: Vec<String> = element.items.iter().take(MOST).map(|said| folded(said, lower)).collect();
    for (place, (said, text)) in element.items.iter().zip(&texts).enumerate() {
        let covering = texts.iter().enumerate().find(|(other, wide)| {
            // Of two that cover each other the later is left over.
            *other != place && covers(wide, text) && (*other < place || !covers(text, wide))
        });
        let by = covering.and_then(|(other, _)| element.items.get(other));
        if let Some(by) = by {
            let says = if by.text == said.text {
                format!("{} stands twice in the list", said.text)
            } else {
                format!("{} is part of {} already", said.text, by.text)
            };
            sink.advise(code, said.at, says, "remove it");
        }
    }
}

fn folded(said: &Said<'_>, lower: bool) -> String {
    if lower { said.text.to_ascii_lowercase() } else { said.text.to_string() }
}

fn statements(policy: &Read<'_>, sink: &mut Sink) {
    let all = policy.statements.get(..MOST).unwrap_or(&policy.statements);
    for (place, narrow) in all.iter().enumerate() {
        let covering = all
            .iter()
            .enumerate()
            .find(|(other, wide)| *other != place && whole(wide, narrow) && (*other < place || !whole(narrow, wide)));
        if let Some((other, wide)) = covering {
            let name =
                wide.sid.as_ref().map_or_else(|| format!("statement {}", other + 1), |sid| format!("{:?}", sid.text));
            sink.advise(
                &codes::REDUNDANT_STATEMENT,
                narrow.at,
                format!("{name} covers all of this statement"),
                "remove it",
            );
        }
    }
}

/// Whether `wide` does for every request what `narrow` does.
fn whole(wide: &Statement<'_>, narrow: &Statement<'_>) -> bool {
    wide.effect.is_some()
        && wide.effect == narrow.effect
        && same_principals(wide, narrow)
        && element(wide.actions.as_ref(), narrow.actions.as_ref(), true)
        && element(wide.resources.as_ref(), narrow.resources.as_ref(), false)
        && wide.conditions.iter().all(|wanted| narrow.conditions.iter().any(|has| same(wanted, has)))
}

fn same_principals(wide: &Statement<'_>, narrow: &Statement<'_>) -> bool {
    match (&wide.principals, &narrow.principals) {
        (None, None) => true,
        (Some(wide), Some(narrow)) if wide.negated == narrow.negated => {
            let within = |some: &[(&str, Said<'_>)], of: &[(&str, Said<'_>)]| {
                some.iter().all(|(kind, said)| of.iter().any(|(other, found)| kind == other && said.text == found.text))
            };
            !narrow.items.is_empty()
                && within(&narrow.items, &wide.items)
                && (!wide.negated || within(&wide.items, &narrow.items))
        }
        _ => false,
    }
}

fn element(wide: Option<&Element<'_>>, narrow: Option<&Element<'_>>, lower: bool) -> bool {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return true,
        (Some(wide), Some(narrow)) => (wide, narrow),
        _ => return false,
    };
    let inside = |some: &Element<'_>, of: &Element<'_>| {
        !some.items.is_empty()
            && some
                .items
                .iter()
                .all(|one| of.items.iter().any(|other| covers(&folded(other, lower), &folded(one, lower))))
    };
    match (wide.negated, narrow.negated) {
        (false, false) => inside(narrow, wide),
        // Everything but a little covers everything but more.
        (true, true) => inside(wide, narrow),
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
