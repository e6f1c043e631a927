//! What `iam can`, `who` and `what` answer in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Person, ServiceSummary, Who, written_key};
use crate::evaluate::{Decision, Outcome, Reason, Truth};

/// The version of [`CanReport`].
pub const CAN_SCHEMA: &str = "keelguard.can/1";
/// The version of [`WhoReport`].
pub const WHO_SCHEMA: &str = "keelguard.who/1";
/// The version of [`WhatReport`].
pub const WHAT_SCHEMA: &str = "keelguard.what/1";

/// The answer to "can".
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CanReport<'a> {
    /// `keelguard.can/1`.
    pub schema: &'static str,
    /// The principal's ARN.
    pub principal: &'a str,
    /// The action asked about.
    pub action: &'a str,
    /// The resource asked about, or the one on which it may do that most surely.
    pub resource: &'a str,
    /// `allowed`, `depends`, `implicit_deny` or `explicit_deny`.
    pub decision: &'static str,
    /// The condition keys on which it hangs.
    pub depends_on: Vec<String>,
    /// Why, in the order of decision.
    pub because: &'a [Reason],
    /// What the facts do not say and was taken for granted, as sentences.
    pub assumed: &'a [String],
}

/// The answer to "who".
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhoReport<'a> {
    /// `keelguard.who/1`.
    pub schema: &'static str,
    /// The action asked about.
    pub action: &'a str,
    /// The resource asked about, if one was.
    pub resource: Option<&'a str>,
    /// How many principals were looked at.
    pub of: usize,
    /// Those who may.
    pub principals: Vec<WhoEntry<'a>>,
    /// What the facts do not say and was taken for granted, as sentences.
    pub assumed: &'a [String],
}

/// One of those who may.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhoEntry<'a> {
    /// Its ARN.
    pub principal: &'a str,
    /// `user`, `role` or `root`.
    pub kind: &'static str,
    /// On what: the resource asked about, or the pattern of the policy that allows it.
    pub resource: &'a str,
    /// `allowed` or `depends`.
    pub decision: &'static str,
    /// The condition keys on which it hangs.
    pub depends_on: Vec<String>,
}

/// The answer to "what".
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatReport<'a> {
    /// `keelguard.what/1`.
    pub schema: &'static str,
    /// The principal's ARN.
    pub principal: &'a str,
    /// `user`, `role` or `root`.
    pub kind: &'static str,
    /// The day as of which the actions are known, `YYYY-MM-DD`.
    pub catalogue: &'a str,
    /// What it may do, by service and access level.
    pub services: &'a [ServiceSummary],
    /// Policies of which the facts do not say what they say.
    pub unread: &'a [String],
}

/// A decision's name in reports, and the keys on which it hangs, as AWS writes them.
pub fn told(decision: &Decision) -> (&'static str, Vec<String>) {
    let (name, keys) = match &decision.outcome {
        Outcome::Allowed => ("allowed", &[][..]),
        Outcome::Depends(keys) => ("depends", keys.as_slice()),
        Outcome::ImplicitDeny => ("implicit_deny", &[][..]),
        Outcome::ExplicitDeny => ("explicit_deny", &[][..]),
    };
    (name, keys.iter().map(|key| written_key(key)).collect())
}

impl<'a> WhoEntry<'a> {
    /// One line of the answer.
    pub fn of(who: &'a Who<'_>) -> Self {
        let (decision, depends_on) = match &who.truth {
            Truth::Depends(keys) => ("depends", keys.iter().map(|key| written_key(key)).collect()),
            Truth::Yes | Truth::No => ("allowed", Vec::new()),
        };
        let Person { arn, kind, .. } = who.person;
        Self { principal: arn, kind: kind.name(), resource: &who.on, decision, depends_on }
    }
}
