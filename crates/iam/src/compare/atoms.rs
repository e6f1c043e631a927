//! The distinct conditions of both policies, each once however often it is written, and the statements in terms of these.

use std::collections::HashMap;

use crate::policy::{Clause, Condition, Effect, Policy, PrincipalPattern, Statement, Template};

/// A statement of one of the two policies.
#[derive(Debug)]
pub(super) struct Part<'p> {
    pub(super) statement: &'p Statement,
    /// Of the new policy.
    pub(super) new: bool,
    pub(super) allow: bool,
    /// Its conditions: all must hold.
    pub(super) conditions: Vec<usize>,
}

/// Both policies.
#[derive(Debug)]
pub(super) struct Both<'p> {
    pub(super) parts: Vec<Part<'p>>,
    /// The distinct conditions.
    pub(super) conditions: Vec<&'p Condition>,
}

impl<'p> Both<'p> {
    pub(super) fn of(old: &'p Policy, new: &'p Policy) -> Self {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut conditions = Vec::new();
        let sides = old.statements.iter().map(|statement| (statement, false));
        let sides = sides.chain(new.statements.iter().map(|statement| (statement, true)));
        let parts = sides
            .map(|(statement, new)| {
                let mut own: Vec<usize> = statement
                    .conditions
                    .iter()
                    .map(|condition| {
                        *known.entry(identity(condition)).or_insert_with(|| {
                            conditions.push(condition);
                            conditions.len() - 1
                        })
                    })
                    .collect();
                own.sort_unstable();
                own.dedup();
                Part { statement, new, allow: statement.effect == Effect::Allow, conditions: own }
            })
            .collect();
        Self { parts, conditions }
    }

    /// The templates with variables among the resources of `parts`, each once.
    pub(super) fn templates(&self, parts: &[usize]) -> Vec<&'p Template> {
        let mut found: Vec<&'p Template> = Vec::new();
        for part in parts.iter().filter_map(|part| self.parts.get(*part)) {
            for template in part.resources().map(|clause| clause.any.as_slice()).unwrap_or_default() {
                if template.as_pattern().is_none() && !found.contains(&template) {
                    found.push(template);
                }
            }
        }
        found
    }
}

impl<'p> Part<'p> {
    pub(super) fn resources(&self) -> Option<&'p Clause<Template>> {
        self.statement.resources.as_ref()
    }

    pub(super) fn principals(&self) -> Option<&'p Clause<PrincipalPattern>> {
        self.statement.principals.as_ref()
    }
}

/// The same for conditions that hold alike: the order of values and the case of the key mean nothing.
fn identity(condition: &Condition) -> String {
    let mut values: Vec<String> = condition.values.iter().map(|value| format!("{:?}", value.pieces)).collect();
    values.sort_unstable();
    values.dedup();
    format!("{:?} {:?} {} {} {values:?}", condition.operator, condition.over, condition.if_exists, condition.name)
}
