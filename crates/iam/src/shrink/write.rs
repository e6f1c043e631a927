//! Statements as JSON, in AWS's own names and case.

use serde_json::{Map, Value, json};

use crate::catalogue::{Known, catalogue};
use crate::pattern::Pattern;
use crate::policy::{Clause, Condition, Effect, Over, Statement, Template};

/// A policy document of these statements, which name no principals.
pub(super) fn document(statements: &[Statement]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements.iter().map(statement).collect::<Vec<_>>()})
}

fn statement(statement: &Statement) -> Value {
    let mut members = Map::new();
    let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
    members.insert("Effect".to_owned(), effect.into());
    clause(&mut members, ["Action", "NotAction"], &statement.actions, action);
    if let Some(resources) = &statement.resources {
        clause(&mut members, ["Resource", "NotResource"], resources, Template::written);
    }
    if !statement.conditions.is_empty() {
        members.insert("Condition".to_owned(), conditions(&statement.conditions));
    }
    Value::Object(members)
}

fn clause<T>(
    members: &mut Map<String, Value>,
    [plain, negated]: [&str; 2],
    clause: &Clause<T>,
    write: impl Fn(&T) -> String,
) {
    let name = if clause.negated { negated } else { plain };
    members.insert(name.to_owned(), list(clause.any.iter().map(write).collect()));
}

fn list(mut texts: Vec<String>) -> Value {
    match (texts.len(), texts.pop()) {
        (1, Some(only)) => only.into(),
        (_, last) => texts.into_iter().chain(last).collect::<Vec<_>>().into(),
    }
}

/// An action as AWS writes it, where it is known.
fn action(pattern: &Pattern) -> String {
    let text = pattern.as_str();
    let Some((service, name)) = text.split_once(':') else { return text.to_owned() };
    match catalogue().action(service, name) {
        Known::Action(_, action) => format!("{service}:{}", action.name),
        _ => text.to_owned(),
    }
}

fn conditions(conditions: &[Condition]) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for condition in conditions {
        let over = match condition.over {
            Some(Over::All) => "ForAllValues:",
            Some(Over::Any) => "ForAnyValue:",
            None => "",
        };
        let suffix = if condition.if_exists { "IfExists" } else { "" };
        let operator = format!("{over}{}{suffix}", condition.operator.name());
        let values = list(condition.values.iter().map(Template::written).collect());
        let keys = operators.entry(operator).or_insert_with(|| Value::Object(Map::new()));
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(condition.key.clone(), values);
        }
    }
    Value::Object(operators)
}
