//! What all policies together decide about one request, and why.

use std::collections::BTreeMap;

use crate::policy::Policy;

/// What is asked: may `principal` do `action` on `resource`?
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub principal: Caller,
    /// `service:Action`, in whatever case.
    pub action: String,
    /// The resource's ARN, or `*` for actions that know none.
    pub resource: String,
    /// The account in which the resource lies, where it has one of its own.
    pub resource_account: Option<String>,
    /// What is known of the circumstances.
    pub context: Context,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user, role, role session, federated user or account root, by its ARN.
    Arn(String),
    /// A service, such as `lambda.amazonaws.com`.
    Service(String),
    /// Nobody in particular.
    Anonymous,
}

/// Condition keys and their values.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Key in lower case → values.
    pub values: BTreeMap<String, Vec<String>>,
    /// What a key means that is not among them.
    pub others: Others,
}

/// What it means that a condition key is not in the [`Context`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// The request does not carry it: positive operators fail, negated ones hold.
    #[default]
    Missing,
    /// Nobody knows: a condition on it may or may not hold, and the decision says on which keys it hangs.
    Unknown,
}

/// A policy and where it hangs.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// The policy's name or ARN, as reasons show it.
    pub name: &'a str,
    /// The document.
    pub policy: &'a Policy,
}

/// The policies of one level of the organisation: the root, a unit or an account.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    /// `r-…`, `ou-…` or the account's number.
    pub entity: &'a str,
    /// What is attached there.
    pub policies: Vec<Attached<'a>>,
}

/// Every policy that has a say in a request.
#[derive(Clone, Debug, Default)]
pub struct Policies<'a> {
    /// Of the identity: inline, managed, and of its groups.
    pub identity: Vec<Attached<'a>>,
    /// The permissions boundary; none: there is none.
    pub boundary: Option<Vec<Attached<'a>>>,
    /// Session policies; none: there is no session, or one without policies.
    pub session: Option<Vec<Attached<'a>>>,
    /// Of the resource.
    pub resource: Option<Vec<Attached<'a>>>,
    /// Service control policies of the principal's account, from the root down.
    pub scp: Vec<Level<'a>>,
    /// Resource control policies of the resource's account, from the root down.
    pub rcp: Vec<Level<'a>>,
    /// Of the VPC endpoint through which the request comes.
    pub vpc_endpoint: Option<Vec<Attached<'a>>>,
    /// The principal's account manages the organisation.
    pub principal_is_management: bool,
    /// The resource's account manages the organisation.
    pub resource_is_management: bool,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Allowed.
    Allowed,
    /// Allowed if conditions on these keys (in lower case) hold, of which nothing is known ([`Others::Unknown`]).
    Depends(Vec<String>),
    /// Nothing allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

/// The outcome and its reasons.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The outcome.
    pub outcome: Outcome,
    /// Which statements of which policies allowed, denied or failed to match, and on what; in the order of decision.
    pub because: Vec<Reason>,
}

/// One reason of a [`Decision`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A sentence for people.
    pub says: String,
    /// The kind of policy: `identity`, `boundary`, `session`, `resource`, `scp`, `rcp`, `vpc_endpoint`.
    pub kind: &'static str,
    /// The policy's name.
    pub policy: Option<String>,
    /// The statement: its Sid, or its number counted from one.
    pub statement: Option<String>,
}
