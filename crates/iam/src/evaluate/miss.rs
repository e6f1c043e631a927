//! What in a statement does not fit a request, in words.

use keelguard_model::secret::{REDACTED_SECRET, is_secret_value, names_secret};

use super::statement::Asked;
use super::{Carried, Keys};
use crate::condition;
use crate::policy::{Condition, Operator, Over, Statement, Template};

/// Why `statement`, whose action fits, does not match.
pub(super) fn miss(statement: &Statement, asked: &Asked<'_>) -> Option<String> {
    if asked.principal_fits(statement).is_none() {
        let clause = statement.principals.as_ref()?;
        let named = few(clause.any.iter().map(|pattern| pattern.as_str().to_owned()));
        let caller = &asked.who.name;
        let excepted = format!("it excepts the caller, {caller}");
        return Some(if clause.negated {
            excepted
        } else {
            format!("its principal is {named}, and the caller is {caller}")
        });
    }
    if asked.resource_fits(statement).is_no() {
        let clause = statement.resources.as_ref()?;
        let variable = clause.any.iter().flat_map(Template::variables).find(|key| asked.context.single(key).is_none());
        if let Some(key) = variable.filter(|_| !clause.negated) {
            return Some(format!("its resource has the variable ${{{key}}}, for which the request has no value"));
        }
        let named = few(clause.any.iter().map(Template::written));
        let covered = format!("its NotResource {named} covers {}", asked.resource);
        let other = format!("its resource is {named}, and the request is for {}", asked.resource);
        return Some(if clause.negated { covered } else { other });
    }
    let failed = statement.conditions.iter().find(|condition| condition::holds(condition, asked.context).is_no())?;
    Some(failing(failed, asked.context))
}

/// `its condition StringEquals aws:SourceVpc wants vpc-1, and the request has vpc-2`
fn failing(condition: &Condition, context: &dyn Keys) -> String {
    let set = match condition.over {
        Some(Over::All) => "ForAllValues:",
        Some(Over::Any) => "ForAnyValue:",
        None => "",
    };
    let suffix = if condition.if_exists { "IfExists" } else { "" };
    let shown = |value: String| if is_secret(&condition.name, &value) { REDACTED_SECRET.to_owned() } else { value };
    let wants = few(condition.values.iter().map(Template::written).map(shown));
    let carried = match context.get(&condition.name) {
        Carried::Values(values) => format!("has {}", few(values.iter().cloned().map(shown))),
        Carried::Missing => "does not carry that key".to_owned(),
        Carried::Unknown => "may have anything".to_owned(),
    };
    let verb = if condition.operator.is_negated() { "wants none of" } else { "wants" };
    let name = condition.operator.name();
    match condition.operator {
        Operator::Null => format!("its condition Null {} is {wants}, and the request {carried}", condition.key),
        _ => format!("its condition {set}{name}{suffix} {} {verb} {wants}, and the request {carried}", condition.key),
    }
}

/// Whether a value is nothing for reasons to repeat: it has the form of a secret, or its key says that it is one.
fn is_secret(key: &str, value: &str) -> bool {
    let last = key.rsplit([':', '/']).next().unwrap_or(key);
    is_secret_value(value) || (names_secret(last) && !matches!(value, "true" | "false"))
}

/// The first few of a list.
fn few(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let shown: Vec<&str> = all.iter().take(3).map(String::as_str).collect();
    match (shown.as_slice(), all.len()) {
        ([], _) => "nothing".to_owned(),
        (shown, count) if count > shown.len() => format!("{} or {} more", shown.join(", "), count - shown.len()),
        (shown, _) => shown.join(" or "),
    }
}
