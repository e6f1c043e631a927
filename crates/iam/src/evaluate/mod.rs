//! What all policies together decide about one request, and why.
//!
//! After the IAM user guide, "Policy evaluation logic" with its pages on single accounts and across accounts, and the AWS
//! Organizations user guide, "SCP evaluation" and "RCP evaluation".

mod alone;
mod because;
mod caller;
mod compiled;
mod context;
mod decide;
mod miss;
mod statement;
mod truth;

use crate::policy::Policy;

pub use alone::allows;
pub(crate) use alone::{derived, names};
pub use compiled::{ActionView, Compiled, HolderId, Holding, OrganisationLevels, PolicyId, Question, Target};
pub use context::{Carried, Context, Keys, Others};
pub use decide::{decide, outcome};
pub use truth::Truth;

/// What is asked: may `principal` do `action` on `resource`?
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub principal: Caller,
    /// Of a role's session, the role with its path; of a federated user, the user: a session's own ARN tells only names.
    pub issuer: Option<String>,
    /// The unique id of who asks (of a session, its role's), where it is known and `aws:userid` is not: the session's name is
    /// part of that.
    pub unique_id: Option<String>,
    /// `service:Action`, in whatever case.
    pub action: String,
    /// The resource's ARN, or `*` for actions that know none.
    pub resource: String,
    /// The account in which the resource lies, where its ARN does not tell; nobody tells: the principal's.
    pub resource_account: Option<String>,
    /// What is known of the circumstances.
    pub context: Context,
}

impl Request {
    /// May `principal` do `action` on `resource`, of which nothing else is known?
    pub fn new(principal: Caller, action: &str, resource: &str) -> Self {
        Self {
            principal,
            issuer: None,
            unique_id: None,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: None,
            context: Context::default(),
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user, role, role session, federated user or account root, by its ARN.
    Arn(String),
    /// A service, such as `lambda.amazonaws.com`.
    Service(String),
    /// Somebody whom an identity provider vouches for, by the provider's host name or ARN.
    Provider(String),
    /// Nobody in particular.
    Anonymous,
}

impl Caller {
    /// The caller whom `text` names: an ARN, `anonymous` or `*`, a service or an identity provider.
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "" => None,
            "anonymous" | "*" => Some(Self::Anonymous),
            _ if text.starts_with("arn:") => {
                let parts = caller::Arn::of(text);
                let known = ["user/", "role/", "assumed-role/", "federated-user/"];
                let provider = ["saml-provider/", "oidc-provider/"];
                if provider.iter().any(|kind| parts.name.starts_with(kind)) {
                    return Some(Self::Provider(text.to_owned()));
                }
                let named = parts.name == "root" || known.iter().any(|kind| parts.name.starts_with(kind));
                (named && crate::policy::is_account(parts.account)).then(|| Self::Arn(text.to_owned()))
            }
            _ if crate::policy::is_account(text) => Some(Self::Arn(format!("arn:aws:iam::{text}:root"))),
            _ if text.contains(".amazonaws.com") && text != "cognito-identity.amazonaws.com" => {
                Some(Self::Service(text.to_owned()))
            }
            _ if text.contains('.') && !text.contains(char::is_whitespace) => Some(Self::Provider(text.to_owned())),
            _ => None,
        }
    }
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
    /// Service control policies of the principal's account, from the root down; no level: no organisation.
    pub scp: Vec<Level<'a>>,
    /// Resource control policies of the resource's account, from the root down. `RCPFullAWSAccess` hangs at each level,
    /// listed or not.
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
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Reason {
    /// A sentence for people.
    pub says: String,
    /// The kind of policy: `identity`, `boundary`, `session`, `resource`, `scp`, `rcp`, `vpc_endpoint`; or `request`.
    pub kind: &'static str,
    /// The policy's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The statement: its Sid, or its number counted from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}
