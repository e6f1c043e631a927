//! The least policy that still allows what a principal has used. It is made by narrowing the statements that the principal
//! has, so that their conditions and denies stay; that it grants nothing new is proved by [`crate::compare`], and that
//! what was used is still allowed is asked of the evaluator, use by use.

mod gather;
mod narrow;
mod write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use gather::{Owner, owner};

use crate::compare::{Comparison, compare};
use crate::evaluate::{Caller, Others, Request, allows};
use crate::facts::Usage;
use crate::policy::{Policy, Version};

/// The name and version of this form of answer.
pub const SHRINK_SCHEMA: &str = "keelguard.shrink/1";

/// What is known of what a principal has used.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Services that were used, by their prefixes, of whose actions nothing is told.
    pub services: Vec<String>,
    /// Services that were not used.
    pub unused: Vec<String>,
    /// Services whose actions are told one by one.
    pub tracked: Vec<Tracked>,
    /// What the logs of CloudTrail show.
    pub usage: Vec<Usage>,
    /// Services of which the logs do not show everything; none: no logs were read.
    pub silent: Option<Vec<String>>,
    /// Since when it is known.
    pub since: Option<Timestamp>,
}

/// A service whose actions are told one by one.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// Its prefix.
    pub service: String,
    /// Actions that were used, without the service.
    pub used: Vec<String>,
    /// Actions of which it is known that they were not.
    pub unused: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shrunk {
    /// [`SHRINK_SCHEMA`].
    pub schema: String,
    /// Whose policy it is.
    pub principal: String,
    /// The policy to put in place of all that the principal has.
    pub policy: Value,
    /// How it stands to what the principal has: `equal` or `narrower`, proved.
    pub comparison: Comparison,
    /// Since when use is known, RFC 3339.
    pub since: Option<String>,
    /// Services of which nothing is left.
    pub dropped: Vec<String>,
    /// What was used and is not allowed by the principal's own policies: something else allows it, such as the policy of
    /// a resource.
    pub elsewhere: Vec<String>,
    /// What could be narrowed further, and what would be needed for it.
    pub notes: Vec<String>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is known of use.
    #[error(
        "nothing is known of what {0} has used; add what aws iam get-service-last-accessed-details prints (keelguard iam facts --live asks for it)"
    )]
    NoHistory(String),
    /// It is known for too short a time.
    #[error(
        "what {principal} has used is known for {days} days only, and {wanted} are wanted: what happens once a month or once a quarter would be lost; wait, or lower --min-days"
    )]
    TooShort {
        /// Whose.
        principal: String,
        /// For how long.
        days: i64,
        /// For how long it should be.
        wanted: i64,
    },
    /// It has done nothing.
    #[error(
        "{0} has used nothing at all in the time that is known; there is nothing to shrink it to: take its policies away, or remove it"
    )]
    NothingUsed(String),
    /// Its policies cannot be read.
    #[error("the policies of {0} are not known in full, so what they allow is not known either")]
    PoliciesUnknown(String),
    /// The proof failed.
    #[error("no smaller policy was found of which it can be proved that it grants nothing new: {0}")]
    NotProved(String),
}

/// The least policy for `owner` by `history`, of which at least `min_days` must be known at `now`.
pub fn shrink(owner: &Owner, history: &History, min_days: i64, now: Timestamp) -> Result<Shrunk, Refusal> {
    let known = history.silent.is_some() || !history.services.is_empty() || !history.tracked.is_empty();
    let principal = || owner.arn.clone();
    if owner.incomplete {
        return Err(Refusal::PoliciesUnknown(principal()));
    }
    if !known && !owner.services_known {
        return Err(Refusal::NoHistory(principal()));
    }
    if let Some(since) = history.since {
        let days = now.duration_since(since).as_hours() / 24;
        if days < min_days {
            return Err(Refusal::TooShort { principal: principal(), days, wanted: min_days });
        }
    }
    if history.services.is_empty()
        && history.usage.is_empty()
        && history.tracked.iter().all(|tracked| tracked.used.is_empty())
    {
        return Err(Refusal::NothingUsed(principal()));
    }
    let old = Policy { version: Version::Current, id: None, statements: owner.statements.clone() };
    let narrowed = narrow::narrow(&old, history);
    let document = write::document(&narrowed.statements);
    let text = document.to_string();
    let new = Policy::parse(&text).map_err(|error| Refusal::NotProved(error.to_string()))?;
    let comparison = compare(&old, &new).map_err(Refusal::NotProved)?;
    if !comparison.grants_nothing_new() {
        return Err(Refusal::NotProved(comparison.because.unwrap_or_else(|| comparison.relation.name().to_owned())));
    }
    let elsewhere = still_allowed(&old, &new, history, owner)?;
    Ok(Shrunk {
        schema: SHRINK_SCHEMA.to_owned(),
        principal: principal(),
        policy: document,
        comparison,
        since: history.since.map(|since| since.to_string()),
        dropped: narrowed.dropped,
        elsewhere,
        notes: narrowed.notes,
    })
}

/// That what was used and allowed is allowed still; returns what was used and never allowed by these policies.
fn still_allowed(old: &Policy, new: &Policy, history: &History, owner: &Owner) -> Result<Vec<String>, Refusal> {
    let mut elsewhere = Vec::new();
    for usage in history.usage.iter().filter(|usage| usage.count > 0) {
        let everywhere = ["*".to_owned()];
        let resources = if usage.resources.is_empty() { everywhere.as_slice() } else { usage.resources.as_slice() };
        for resource in resources {
            let mut request = Request::new(Caller::Arn(owner.arn.clone()), &usage.action, resource);
            request.context.others = Others::Unknown;
            let (before, after) = (allows(old, &request), allows(new, &request));
            if before.is_no() {
                elsewhere.push(format!("{} on {resource}", usage.action));
            } else if after.is_no() {
                return Err(Refusal::NotProved(format!("{} on {resource} was used and would be lost", usage.action)));
            }
        }
    }
    Ok(elsewhere)
}

#[cfg(test)]
mod tests;
