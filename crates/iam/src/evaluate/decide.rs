//! The order of decision.

use super::because;
use super::caller::{self, Kind, Who};
use super::statement::{Asked, Said};
use super::{Context, Decision, Level, Outcome, Policies, Request, Truth};

/// A request with all that follows from it.
pub(super) struct Case {
    who: Who,
    action: String,
    pub(super) context: Context,
    resource: String,
    resource_account: Option<String>,
}

impl Case {
    pub(super) fn of(request: &Request) -> Self {
        let who = Who::of(request);
        let mut context = request.context.clone();
        let resource_account = caller::resource_account(request);
        caller::of_caller(&mut context, &who);
        caller::of_resource(&mut context, &request.resource, resource_account.as_deref());
        let (action, resource) = (request.action.to_ascii_lowercase(), request.resource.clone());
        Self { who, action, context, resource, resource_account }
    }

    pub(super) fn asked(&self, policies: &Policies<'_>) -> Asked<'_> {
        Asked {
            who: &self.who,
            action: &self.action,
            resource: &self.resource,
            context: &self.context,
            bounded: policies.boundary.is_some(),
            other_account: other_account(&self.who, self.resource_account.as_deref()),
            governs_itself: governs_itself(&self.action, &self.resource),
        }
    }
}

/// The resource's account, where it is another than the caller's.
pub(super) fn other_account<'a>(who: &Who, account: Option<&'a str>) -> Option<&'a str> {
    account.filter(|account| who.account.as_deref().is_some_and(|own| own != *account))
}

/// Trust policies of roles and policies of KMS keys must allow by themselves, in their own account, too (IAM user guide,
/// "How AWS enforcement code logic evaluates requests").
pub(super) fn governs_itself(action: &str, resource: &str) -> bool {
    let parts = caller::Arn::of(resource);
    let trust = ["sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];
    match parts.service {
        "iam" => parts.name.starts_with("role/") && trust.iter().any(|start| action.starts_with(start)),
        "kms" => parts.name.starts_with("key/") && action.starts_with("kms:"),
        _ => false,
    }
}

/// What each kind of policy says.
pub(super) struct Weighed {
    pub(super) identity: Said,
    pub(super) boundary: Option<Said>,
    pub(super) session: Option<Said>,
    pub(super) resource: Said,
    /// A level each; none where they do not apply.
    pub(super) scp: Vec<Said>,
    /// Only their denies count: `RCPFullAWSAccess` allows at each level.
    pub(super) rcp: Vec<Said>,
    pub(super) endpoint: Option<Said>,
}

/// Why service control policies do not apply.
pub(super) fn exempt_from_scp(who: &Who, is_management: bool) -> Option<&'static str> {
    if !who.has_identity() {
        Some("they limit principals of the organisation's accounts only")
    } else if is_management {
        Some("they do not apply to the organisation's management account")
    } else if who.is_service_linked() {
        Some("they do not apply to service-linked roles")
    } else {
        None
    }
}

/// Why resource control policies do not apply.
pub(super) fn exempt_from_rcp(asked: &Asked<'_>, is_management: bool) -> Option<&'static str> {
    if is_management {
        Some("they do not apply to resources of the organisation's management account")
    } else if asked.who.is_service_linked() {
        Some("they do not apply to service-linked roles")
    } else if asked.action == "kms:retiregrant" {
        Some("they do not apply to kms:RetireGrant")
    } else {
        None
    }
}

fn weigh(asked: &Asked<'_>, policies: &Policies<'_>) -> Weighed {
    let levels = |levels: &[Level<'_>]| levels.iter().map(|level| Said::by(&level.policies, asked)).collect();
    let some = |list: Option<&Vec<_>>| list.map(|list| Said::by(list, asked));
    let free_of_scp = exempt_from_scp(asked.who, policies.principal_is_management).is_some();
    let free_of_rcp = exempt_from_rcp(asked, policies.resource_is_management).is_some();
    Weighed {
        identity: Said::by(&policies.identity, asked),
        boundary: some(policies.boundary.as_ref()),
        session: some(policies.session.as_ref()),
        resource: some(policies.resource.as_ref()).unwrap_or(Said::NOTHING),
        scp: if free_of_scp { Vec::new() } else { levels(&policies.scp) },
        rcp: if free_of_rcp { Vec::new() } else { levels(&policies.rcp) },
        endpoint: some(policies.vpc_endpoint.as_ref()),
    }
}

impl Weighed {
    /// Some statement denies.
    pub(super) fn deny(&self) -> Truth {
        let one = [&self.identity, &self.resource];
        let rest = [&self.boundary, &self.session, &self.endpoint].into_iter().flatten();
        let all = one.into_iter().chain(rest).chain(&self.scp).chain(&self.rcp);
        Truth::any(all.map(|said| said.deny.clone()))
    }

    /// The identity's own policies let it, within boundary and session.
    pub(super) fn identity_allows(&self, who: &Who) -> Truth {
        let own = if who.kind == Kind::Root { Truth::Yes } else { self.identity.allow() };
        own.and(self.limits(who))
    }

    /// Boundary and session policies let it.
    fn limits(&self, who: &Who) -> Truth {
        let boundary = self.boundary.as_ref().map_or(Truth::Yes, Said::allow);
        // A federated user without session policies may do nothing by the user's own policies.
        let session = self.session.as_ref().map_or(Truth::from(who.kind != Kind::Federated), Said::allow);
        boundary.and(session)
    }

    /// Somebody who can grant it does: the resource's policy, the identity's, or both.
    pub(super) fn granted(&self, asked: &Asked<'_>) -> Truth {
        let who = asked.who;
        if who.kind == Kind::Root && asked.action == "sts:assumerole" {
            return Truth::No;
        }
        if !who.has_identity() {
            return self.resource.allow();
        }
        if asked.other_account.is_some() {
            return self.resource.allow().and(self.identity_allows(who));
        }
        let identity = self.identity_allows(who);
        let identity = if asked.governs_itself { identity.and(self.resource.account.clone()) } else { identity };
        let by_role = self.resource.role.clone().and(self.limits(who));
        self.resource.direct.clone().or(by_role).or(identity)
    }

    /// Everything that must allow does, and nothing denies.
    pub(super) fn allowed(&self, asked: &Asked<'_>) -> Truth {
        let organisation = Truth::all(self.scp.iter().map(Said::allow));
        let endpoint = self.endpoint.as_ref().map_or(Truth::Yes, Said::allow);
        self.granted(asked).and(organisation).and(endpoint).and(!self.deny())
    }

    fn outcome(&self, asked: &Asked<'_>) -> Outcome {
        if self.deny().is_yes() {
            return Outcome::ExplicitDeny;
        }
        match self.allowed(asked) {
            Truth::No => Outcome::ImplicitDeny,
            Truth::Yes => Outcome::Allowed,
            Truth::Depends(keys) => Outcome::Depends(keys),
        }
    }
}

/// The outcome alone.
pub fn outcome(request: &Request, policies: &Policies<'_>) -> Outcome {
    let case = Case::of(request);
    let asked = case.asked(policies);
    weigh(&asked, policies).outcome(&asked)
}

/// The outcome and its reasons.
///
/// ```
/// use keelguard_iam::Policy;
/// use keelguard_iam::evaluate::{Attached, Caller, Outcome, Policies, Request, decide};
/// let policy = Policy::parse(r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#).unwrap();
/// let policies =
///     Policies { identity: vec![Attached { name: "read", policy: &policy }], ..Policies::default() };
/// let alice = Caller::Arn("arn:aws:iam::111122223333:user/alice".to_owned());
/// let decision = decide(&Request::new(alice, "s3:GetObject", "arn:aws:s3:::b/k"), &policies);
/// assert_eq!(decision.outcome, Outcome::Allowed);
/// assert_eq!(decision.because[0].says, "statement 1 of identity policy read allows s3:GetObject on arn:aws:s3:::b/k");
/// ```
pub fn decide(request: &Request, policies: &Policies<'_>) -> Decision {
    let case = Case::of(request);
    let asked = case.asked(policies);
    let weighed = weigh(&asked, policies);
    let outcome = weighed.outcome(&asked);
    let because = because::because(request, &asked, policies, &weighed, &outcome);
    Decision { outcome, because }
}
