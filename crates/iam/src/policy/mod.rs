//! Policy documents as typed values. What AWS refuses to save is an error here; what AWS takes but nobody wants is for
//! `lint`.
//!
//! ```
//! let policy = keelguard_iam::Policy::parse(
//!     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#,
//! ).unwrap();
//! assert_eq!(policy.statements.len(), 1);
//! ```

mod operator;
mod place;
mod principal;
mod public;
mod read;
mod template;

pub use operator::Operator;
pub use place::Place;
pub use principal::PrincipalPattern;
pub(crate) use principal::is_account;
pub use template::{Piece, Template};

use crate::pattern::Pattern;

/// The version of the policy language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also when none is given: no policy variables.
    Old,
    /// `2012-10-17`.
    Current,
}

/// What a statement does when it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// One policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `Version`.
    pub version: Version,
    /// `Id`.
    pub id: Option<String>,
    /// `Statement`, in the order written.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; none in policies of identities.
    pub principals: Option<Clause<PrincipalPattern>>,
    /// `Action` or `NotAction`. The patterns are lower-case: actions have no case.
    pub actions: Clause<Pattern>,
    /// `Resource` or `NotResource`; none where the policy's place says which (trust policies).
    pub resources: Option<Clause<Template>>,
    /// `Condition`: all must hold.
    pub conditions: Vec<Condition>,
}

/// An element that exists in two forms: `Action` and `NotAction` and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause<T> {
    /// Written with `Not`: everything but these.
    pub negated: bool,
    /// Any of these.
    pub any: Vec<T>,
}

/// One operator over one key: `"StringLike": {"aws:username": ["a*", "b*"]}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The operator, without its prefix and suffix.
    pub operator: Operator,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub over: Option<Over>,
    /// `…IfExists`: a missing key satisfies it.
    pub if_exists: bool,
    /// The condition key as written, for sentences.
    pub key: String,
    /// The condition key in lower case, as contexts have it: keys have no case, their parts after a slash included.
    pub name: String,
    /// Any of these (none of these, for negated operators).
    pub values: Vec<Template>,
}

/// How an operator treats a key of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// `ForAllValues:`, true over nothing.
    All,
    /// `ForAnyValue:`, false over nothing.
    Any,
}
