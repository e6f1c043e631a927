//! The actions, as far as the statements of both policies tell them apart: for each combination of statements that speak
//! of the same action, one example. Known actions come from the catalogue; what AWS may add later comes from the patterns.

use std::collections::HashMap;

use super::atoms::Both;
use super::automaton::{Machine, classes};
use super::budget::{Budget, Spent};
use super::set::Set;
use crate::catalogue::{Known, Level, Service, arn_pattern, catalogue};
use crate::pattern::{self, Pattern};

/// A combination of statements.
#[derive(Clone, Debug)]
pub(super) struct ActionClass {
    /// The statements that speak of the action.
    pub(super) parts: Set,
    /// The action, as AWS writes it.
    pub(super) sample: String,
    /// The forms of the resources on which it works; empty: it knows none.
    pub(super) forms: Vec<String>,
    /// Whether the catalogue knows it, or a policy names it in full.
    pub(super) known: bool,
}

/// All combinations: the known ones first, those of the more powerful actions before the others.
pub(super) fn action_classes(both: &Both<'_>, budget: &mut Budget) -> Result<Vec<ActionClass>, Spent> {
    let patterns = distinct(both);
    let mut found: HashMap<Set, (Level, ActionClass)> = HashMap::new();
    let mut keep = |level: Level, class: ActionClass| {
        let better = found.get(&class.parts).is_none_or(|(known, best)| {
            (std::cmp::Reverse(level), &class.sample) < (std::cmp::Reverse(*known), &best.sample)
        });
        if better {
            found.insert(class.parts.clone(), (level, class));
        }
    };
    for prefix in catalogue().prefixes() {
        let mine: Vec<&Pattern> = patterns.iter().copied().filter(|pattern| may_be_of(pattern, prefix)).collect();
        // Where nothing tells the actions of a service apart, one stands for all.
        let apart = mine.iter().any(|pattern| !is_whole(pattern, prefix));
        let Some(service) = catalogue().service(prefix) else { continue };
        let some = if apart { service.actions.len() } else { 1 };
        budget.take(some * (mine.len() + 4))?;
        for action in service.actions.iter().take(some) {
            let lower = format!("{prefix}:{}", action.name.to_ascii_lowercase());
            let parts = speaking(both, &lower);
            let class = ActionClass {
                parts,
                sample: format!("{prefix}:{}", action.name),
                forms: forms(service, action),
                known: true,
            };
            keep(action.level, class);
        }
    }
    // What a policy names in full is meant, whether the catalogue knows it or not.
    for pattern in patterns.iter().filter(|pattern| pattern.is_literal()) {
        let (service, name) = pattern.as_str().split_once(':').unwrap_or_default();
        if !matches!(catalogue().action(service, name), Known::Action(..)) {
            let parts = speaking(both, pattern.as_str());
            keep(
                Level::List,
                ActionClass { parts, sample: pattern.as_str().to_owned(), forms: Vec::new(), known: true },
            );
        }
    }
    let mut all: Vec<(Level, ActionClass)> = found.into_values().collect();
    all.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.sample.cmp(&right.1.sample)));
    let mut all: Vec<ActionClass> = all.into_iter().map(|(_, class)| class).collect();
    let later = unknown(both, &patterns, &all, budget)?;
    all.extend(later);
    Ok(all)
}

fn distinct<'p>(both: &Both<'p>) -> Vec<&'p Pattern> {
    let mut patterns: Vec<&Pattern> = both.parts.iter().flat_map(|part| &part.statement.actions.any).collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// The statements that speak of an action.
fn speaking(both: &Both<'_>, action: &str) -> Set {
    let mut parts = Set::below(both.parts.len());
    for (number, part) in both.parts.iter().enumerate() {
        let clause = &part.statement.actions;
        if clause.any.iter().any(|pattern| pattern.matches(action)) != clause.negated {
            parts.insert(number);
        }
    }
    parts
}

fn may_be_of(pattern: &Pattern, prefix: &str) -> bool {
    match pattern.as_str().split_once(':') {
        Some((service, _)) if service.contains('*') || service.contains('?') => {
            pattern::matches(service, prefix) || service.contains('*')
        }
        Some((service, _)) => service == prefix,
        None => true,
    }
}

/// Whether it stands for every action of the service.
fn is_whole(pattern: &Pattern, prefix: &str) -> bool {
    let stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    match pattern.as_str().split_once(':') {
        Some((service, name)) => stars(name) && (service == prefix || stars(service)),
        None => stars(pattern.as_str()),
    }
}

/// The forms of the resources on which an action works, as patterns: something stands in each place.
fn forms(service: &Service<'_>, action: &crate::catalogue::Action<'static>) -> Vec<String> {
    let filled = |arn: &str| arn_pattern(&arn.replacen("${Partition}", "aws", 1)).replace('*', "?*");
    service.types_of(action).map(|(found, _)| filled(found.arn)).collect()
}

/// Combinations of statements that no known action has, and some text of the form of an action does.
fn unknown(
    both: &Both<'_>,
    patterns: &[&Pattern],
    known: &[ActionClass],
    budget: &mut Budget,
) -> Result<Vec<ActionClass>, Spent> {
    let machines: Vec<Machine> = patterns.iter().map(|pattern| Machine::pattern(pattern.as_str())).collect();
    // An action of a service that is named is nearer than one of a service that does not exist.
    let mut services: Vec<&str> =
        patterns.iter().filter_map(|pattern| pattern.as_str().split_once(':')).map(|(service, _)| service).collect();
    services.retain(|service| !service.contains(['*', '?']));
    services.sort_unstable();
    services.dedup();
    let mut wishes: Vec<Machine> = services.iter().map(|service| Machine::pattern(&format!("{service}:?*"))).collect();
    wishes.push(Machine::pattern("?*:?*"));
    let mut later = Vec::new();
    for class in classes(&machines, &wishes, budget)? {
        let parts = speaking(both, &class.sample);
        let seen = |other: &ActionClass| other.parts == parts;
        if !known.iter().any(seen) && !later.iter().any(seen) {
            later.push(ActionClass { parts, sample: class.sample, forms: Vec::new(), known: false });
        }
    }
    Ok(later)
}
