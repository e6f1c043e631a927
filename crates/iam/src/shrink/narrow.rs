//! Statements cut down to what was used. Denies stay as they are.

use std::collections::BTreeSet;

use super::History;
use super::gather::{Known, is_literal};
use crate::catalogue::{Service, catalogue};
use crate::condition;
use crate::evaluate::{Context, Others};
use crate::pattern::Pattern;
use crate::policy::{Clause, Effect, Policy, Statement, Template};

/// What is left.
#[derive(Debug, Default)]
pub(super) struct Narrowed {
    pub(super) statements: Vec<Statement>,
    pub(super) dropped: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// More resources of one action are not listed: the statement's own pattern stays.
const MOST_RESOURCES: usize = 30;

/// Cuts the statements of `old` down to what `history` shows.
pub(super) fn narrow(old: &Policy, history: &History) -> Narrowed {
    let mut narrowed = Narrowed::default();
    let named = allowed_services(old);
    let mut prefixes: BTreeSet<String> = history.prefixes().map(str::to_ascii_lowercase).collect();
    prefixes.extend(named.iter().cloned());
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for statement in &old.statements {
        if statement.effect == Effect::Deny {
            narrowed.statements.push(statement.clone());
            continue;
        }
        for prefix in &prefixes {
            let parts = of_service(statement, prefix, &history.of(prefix));
            if !parts.is_empty() {
                kept.insert(prefix.clone());
            }
            narrowed.statements.extend(parts);
        }
    }
    merge(&mut narrowed.statements);
    if history.silent.is_none() {
        narrowed
            .notes
            .push("which resources were used is not known; CloudTrail's logs (--trail) would tell".to_owned());
    }
    let whole: Vec<&str> =
        kept.iter().map(String::as_str).filter(|service| matches!(history.of(service), Known::Somehow)).collect();
    if !whole.is_empty() {
        let list = whole.join(", ");
        narrowed.notes.push(format!("which actions were used is not known of {list}, so all that were allowed stay"));
    }
    narrowed.dropped = named.into_iter().filter(|service| !kept.contains(service)).collect();
    narrowed
}

/// What is left of an Allow for one service.
fn of_service(statement: &Statement, prefix: &str, known: &Known<'_>) -> Vec<Statement> {
    let actions = match known {
        Known::Unused => return Vec::new(),
        Known::Logged(logged, also) => {
            let speaking = logged.iter().filter(|usage| speaks_of(statement, &usage.action));
            let narrowed = speaking.filter_map(|usage| {
                let resources = if usage.resources_open { None } else { Some(usage.resources.as_slice()) };
                on_resources(statement, &usage.action, resources)
            });
            // On what these were used, nobody tells.
            let also = also.iter().map(|name| format!("{prefix}:{name}"));
            let also = also.filter(|action| speaks_of(statement, action));
            return narrowed.chain(also.filter_map(|action| on_resources(statement, &action, None))).collect();
        }
        // What AWS does not track may have been used: it stays.
        Known::Tracked(tracked) => {
            let unused = |action: &str| tracked.unused.iter().any(|unused| unused.eq_ignore_ascii_case(action));
            allowed_patterns(statement, prefix, &|action| !unused(action))
        }
        Known::Somehow => allowed_patterns(statement, prefix, &|_| true),
    };
    if actions.is_empty() {
        return Vec::new();
    }
    vec![Statement { actions: Clause { negated: false, any: actions }, ..statement.clone() }]
}

fn speaks_of(statement: &Statement, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    statement.actions.any.iter().any(|pattern| pattern.matches(&action)) != statement.actions.negated
}

/// The statement for one action, on those of the resources that it speaks of; none where it speaks of none of them.
fn on_resources(statement: &Statement, action: &str, resources: Option<&[String]>) -> Option<Statement> {
    let actions = Clause { negated: false, any: vec![Pattern::new(&action.to_ascii_lowercase())] };
    let whole = Statement { actions: actions.clone(), ..statement.clone() };
    let Some(clause) = &statement.resources else { return Some(whole) };
    let Some(resources) = resources.filter(|list| !list.is_empty() && list.len() <= MOST_RESOURCES) else {
        return Some(whole);
    };
    // With variables what fits hangs on who asks: the statement's own resources stay.
    if clause.any.iter().any(|template| template.variables().next().is_some())
        || clause.any.iter().all(is_literal) && !clause.negated
    {
        return Some(whole);
    }
    let context = Context { others: Others::Missing, ..Context::default() };
    let fits = |resource: &&String| {
        clause.any.iter().any(|template| condition::resource_fits(template, resource, &context).is_yes())
            != clause.negated
    };
    let any: Vec<Template> =
        resources.iter().filter(fits).map(|resource| Template::parse(&literal(resource))).collect();
    (!any.is_empty()).then(|| Statement {
        actions,
        resources: Some(Clause { negated: false, any }),
        ..statement.clone()
    })
}

/// A resource's name as a policy writes it: what is special there stands for itself.
fn literal(resource: &str) -> String {
    let mut text = String::with_capacity(resource.len());
    for letter in resource.chars() {
        match letter {
            '*' | '?' | '$' => text.extend(['$', '{', letter, '}']),
            letter => text.push(letter),
        }
    }
    text
}

/// The patterns by which a statement allows actions of a service, of those that `keep` keeps.
fn allowed_patterns(statement: &Statement, prefix: &str, keep: &dyn Fn(&str) -> bool) -> Vec<Pattern> {
    let clause = &statement.actions;
    let Some(service) = catalogue().service(prefix) else {
        // Of a service that is not known the patterns stay that name it.
        let named = |pattern: &&Pattern| pattern.as_str().split(':').next() == Some(prefix);
        return if clause.negated { Vec::new() } else { clause.any.iter().filter(named).cloned().collect() };
    };
    let all: Vec<&str> = service.actions.iter().map(|action| action.name).collect();
    let kept: Vec<&&str> =
        all.iter().filter(|action| keep(action) && speaks_of(statement, &format!("{prefix}:{action}"))).collect();
    if kept.is_empty() {
        return Vec::new();
    }
    if kept.len() == all.len() && whole(statement, service) {
        return vec![Pattern::new(&format!("{prefix}:*"))];
    }
    // The statement's own patterns of this service, where none of what they stand for goes.
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut covered: BTreeSet<String> = BTreeSet::new();
    if !clause.negated {
        for pattern in clause.any.iter().filter(|pattern| pattern.as_str().split(':').next() == Some(prefix)) {
            let of: Vec<String> = all
                .iter()
                .map(|action| format!("{prefix}:{}", action.to_ascii_lowercase()))
                .filter(|action| pattern.matches(action))
                .collect();
            let stays = all
                .iter()
                .filter(|action| pattern.matches(&format!("{prefix}:{}", action.to_ascii_lowercase())))
                .all(|action| keep(action));
            if !of.is_empty() && stays {
                patterns.push(pattern.clone());
                covered.extend(of);
            }
        }
    }
    for action in kept {
        let lower = format!("{prefix}:{}", action.to_ascii_lowercase());
        if !covered.contains(&lower) {
            patterns.push(Pattern::new(&lower));
        }
    }
    patterns
}

/// Whether a statement allows all of a service, also what AWS adds.
fn whole(statement: &Statement, service: &Service<'_>) -> bool {
    let of = |pattern: &Pattern| match pattern.as_str().split_once(':') {
        None => true,
        Some((own, _)) => own.contains('*') || own == service.prefix,
    };
    let stars = |pattern: &&Pattern| {
        let name = pattern.as_str().rsplit(':').next().unwrap_or_default();
        of(pattern) && name.bytes().all(|byte| byte == b'*')
    };
    if statement.actions.negated {
        !statement.actions.any.iter().any(of)
    } else {
        statement.actions.any.iter().any(|pattern| stars(&pattern))
    }
}

/// The services of which the policies name an action.
fn allowed_services(policy: &Policy) -> BTreeSet<String> {
    policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow && !statement.actions.negated)
        .flat_map(|statement| &statement.actions.any)
        .filter_map(|pattern| pattern.as_str().split_once(':'))
        .map(|(service, _)| service.to_owned())
        .filter(|service| !service.contains(['*', '?']))
        .collect()
}

/// Puts statements together that differ in their actions alone, and removes what stands twice.
fn merge(statements: &mut Vec<Statement>) {
    let mut merged: Vec<Statement> = Vec::new();
    for statement in statements.drain(..) {
        let same = |other: &&mut Statement| {
            other.effect == statement.effect
                && other.principals == statement.principals
                && other.resources == statement.resources
                && other.conditions == statement.conditions
                && !other.actions.negated
                && !statement.actions.negated
        };
        match merged.iter_mut().find(same) {
            Some(other) => other.actions.any.extend(statement.actions.any),
            None => merged.push(statement),
        }
    }
    for statement in &mut merged {
        if !statement.actions.negated {
            statement.actions.any.sort_unstable();
            statement.actions.any.dedup();
        }
        statement.sid = None;
    }
    *statements = merged;
}
