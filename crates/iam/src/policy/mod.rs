//! Policy documents as typed values. What AWS refuses to save is an error here; what AWS takes but nobody wants is for
//! `lint`.
//!
//! ```
//! let policy = keelguard_iam::Policy::parse(
//!     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#,
//! ).unwrap();
//! assert_eq!(policy.statements.len(), 1);
//! ```

mod read;

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

/// Whom a `Principal` element names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`: everybody, also without credentials.
    Everybody,
    /// An account, as twelve digits or as `arn:…:root`: whoever that account lets.
    Account(String),
    /// A user, role, role session or federated user, by its ARN.
    Arn(String),
    /// A service, such as `ec2.amazonaws.com`.
    Service(String),
    /// An identity provider: its ARN or its host name.
    Federated(String),
    /// A canonical user of S3.
    Canonical(String),
    /// The unique id into which AWS turns the ARN of a principal that was deleted (`AIDA…`, `AROA…`): nobody any more,
    /// unless the id is the caller's.
    UniqueId(String),
}

/// A value with policy variables in it: `arn:aws:s3:::home/${aws:username}/*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Literal pieces and variables, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Text in which `*` and `?` may stand for others.
    Text(Pattern),
    /// `${key}` or `${key, 'default'}`, key in lower case.
    Variable {
        /// The condition key.
        key: String,
        /// What stands for it when it is missing.
        default: Option<String>,
    },
    /// `${*}`, `${?}` or `${$}`: the character itself.
    Literal(char),
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
    /// The condition key as written; compare without regard to case.
    pub key: String,
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

/// The 27 condition operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as AWS names it")]
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}
