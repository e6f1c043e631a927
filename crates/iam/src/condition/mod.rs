//! Whether a condition of a policy holds for a request.
//!
//! After the IAM user guide, "Condition operators" and "Conditions with multiple context keys or values".

mod address;
mod arn;
pub(crate) mod date;
mod number;
mod value;

use crate::evaluate::{Carried, Keys, Truth};
use crate::pattern::Token;
use crate::policy::{Condition, Operator, Over, Template};

pub use value::Resolved;

/// Whether `condition` holds.
pub fn holds(condition: &Condition, context: &dyn Keys) -> Truth {
    let carried = match context.get(&condition.name) {
        Carried::Unknown => return Truth::on(&condition.name),
        Carried::Missing => &[],
        Carried::Values(values) => values,
    };
    // A set that holds nothing but an empty string counts as no set at all ("a null data set, such as an empty string").
    let nothing = carried.iter().all(String::is_empty);
    if condition.operator == Operator::Null {
        let wanted = if nothing { "true" } else { "false" };
        return values(condition).any(|value| value.eq_ignore_ascii_case(wanted)).into();
    }
    if carried.is_empty() || (nothing && condition.over.is_some()) {
        return missing(condition).into();
    }
    let resolved: Vec<Result<Resolved, String>> =
        condition.values.iter().map(|value| resolve(condition.operator, value, context)).collect();
    let hit = |request: &String| {
        Truth::any(resolved.iter().map(|value| match value {
            Ok(value) => value.matches(condition.operator, request).into(),
            Err(unknown) => Truth::on(unknown),
        }))
    };
    let negated = condition.operator.is_negated();
    let test = |request: &String| if negated { !hit(request) } else { hit(request) };
    match condition.over {
        Some(Over::All) => Truth::all(carried.iter().map(test)),
        // Without a set operator, one value that matches is a match, and a negated operator wants no match.
        None if negated => Truth::all(carried.iter().map(test)),
        Some(Over::Any) | None => Truth::any(carried.iter().map(test)),
    }
}

/// What a condition is worth whose key the request does not carry.
fn missing(condition: &Condition) -> bool {
    condition.if_exists
        || match condition.over {
            Some(Over::All) => true,
            Some(Over::Any) => false,
            None => condition.operator.is_negated(),
        }
}

/// Whether the value hangs on the request: it has variables.
pub fn has_variables(condition: &Condition) -> bool {
    condition.values.iter().any(|value| value.as_pattern().is_none())
}

fn values(condition: &Condition) -> impl Iterator<Item = &str> {
    condition.values.iter().filter_map(|value| value.as_pattern().map(crate::pattern::Pattern::as_str))
}

/// `value` with its variables replaced; a variable of which nothing is known is an error.
fn resolve(operator: Operator, value: &Template, context: &dyn Keys) -> Result<Resolved, String> {
    if let Some(unknown) = unknown_variable(value, context) {
        return Err(unknown.to_owned());
    }
    let of = |key: &str| context.single(key).map(str::to_owned);
    Ok(Resolved::new(operator, || value.text(of), || value.tokens(of)))
}

/// A variable of `template` of which nothing is known.
pub fn unknown_variable<'a>(template: &'a Template, context: &dyn Keys) -> Option<&'a str> {
    template.pieces.iter().find_map(|piece| match piece {
        crate::policy::Piece::Variable { key, .. } if context.get(key) == Carried::Unknown => Some(key.as_str()),
        _ => None,
    })
}

/// Whether a resource's ARN fits `template`; a variable without a value fits nothing.
pub fn resource_fits(template: &Template, resource: &str, context: &dyn Keys) -> Truth {
    if let Some(pattern) = template.as_pattern() {
        return pattern.matches(resource).into();
    }
    if let Some(unknown) = unknown_variable(template, context) {
        return Truth::on(unknown);
    }
    let of = |key: &str| context.single(key).map(str::to_owned);
    let tokens: Option<Vec<Token>> = template.tokens(of);
    tokens.is_some_and(|tokens| crate::pattern::fits(tokens.iter().copied(), resource)).into()
}
