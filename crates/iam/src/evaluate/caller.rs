//! Who asks: what an ARN says of its bearer, and which condition keys follow from it.

use super::{Caller, Context, Keys as _, Request};
use crate::policy::{PrincipalPattern, is_account};

/// What kind of principal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    /// A role, of whose session nothing is known, or a session of it.
    Role,
    /// A session that a user got with `GetFederationToken`.
    Federated,
    /// The account's root user.
    Root,
    Service,
    /// Somebody with a token of an identity provider, before a role is assumed.
    Provider,
    Anonymous,
}

/// How a resource's policy names a caller, from the weakest grant to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// By the account: whoever the account lets.
    Account,
    /// By the role (or the user whose federated session it is): boundary and session policy limit the grant.
    Role,
    /// The caller itself, or everybody: nothing of the caller's own limits the grant but a deny.
    Direct,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) kind: Kind,
    /// The ARN, service name or provider.
    pub(super) name: String,
    pub(super) account: Option<String>,
    /// The role of a session or the user of a federated one; without its path where nobody tells it.
    issuer: Option<String>,
    /// The issuer's path is known.
    issuer_is_exact: bool,
    /// The unique id, where the context has it.
    id: Option<String>,
}

/// The ARN of a role or user without its path; none where it has no path.
pub(super) fn without_path(arn: &str) -> Option<String> {
    let (kind, rest) = arn.split_once('/')?;
    let (_, name) = rest.rsplit_once('/')?;
    Some(format!("{kind}/{name}"))
}

impl Who {
    pub(super) fn of(request: &Request) -> Self {
        let id = request.context.single("aws:userid").map(|id| id.split(':').next().unwrap_or(id).to_owned());
        let id = id.or_else(|| request.unique_id.clone());
        let plain = |kind, name: &str| Self {
            kind,
            name: name.to_owned(),
            account: None,
            issuer: None,
            issuer_is_exact: false,
            id: id.clone(),
        };
        match &request.principal {
            Caller::Anonymous => plain(Kind::Anonymous, "anonymous"),
            Caller::Service(service) => plain(Kind::Service, service),
            Caller::Provider(provider) => plain(Kind::Provider, provider),
            Caller::Arn(arn) => {
                let parts = Arn::of(arn);
                let told = request.issuer.clone().or_else(|| told_by_context(&request.context, &parts));
                let (kind, guess) = match parts.name.split_once('/') {
                    Some(("user", _)) => (Kind::User, None),
                    Some(("role", _)) => (Kind::Role, None),
                    Some(("assumed-role", rest)) => {
                        let role = rest.split('/').next().unwrap_or(rest);
                        (Kind::Role, Some(format!("arn:{}:iam::{}:role/{role}", parts.partition, parts.account)))
                    }
                    Some(("federated-user", name)) => {
                        (Kind::Federated, Some(format!("arn:{}:iam::{}:user/{name}", parts.partition, parts.account)))
                    }
                    Some(("saml-provider" | "oidc-provider", _)) => return plain(Kind::Provider, arn),
                    _ => (Kind::Root, None),
                };
                let issuer_is_exact = told.is_some() && guess.is_some();
                Self {
                    account: Some(parts.account.to_owned()).filter(|account| !account.is_empty()),
                    issuer: if guess.is_some() { told.or(guess) } else { None },
                    issuer_is_exact,
                    ..plain(kind, arn)
                }
            }
        }
    }

    /// By what policies of resources can name it, itself or its role: its ARNs and its unique id.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [Some(&self.name), self.issuer.as_ref(), self.id.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// The ARN in `aws:PrincipalArn`: of a session, its role's.
    pub(super) fn principal_arn(&self) -> Option<&str> {
        match self.kind {
            Kind::User | Kind::Root | Kind::Federated => Some(&self.name),
            Kind::Role => Some(self.issuer.as_deref().unwrap_or(&self.name)),
            Kind::Service | Kind::Provider | Kind::Anonymous => None,
        }
    }

    /// Whether it has identity policies that could allow something.
    pub(super) fn has_identity(&self) -> bool {
        matches!(self.kind, Kind::User | Kind::Role | Kind::Federated | Kind::Root)
    }

    /// A role that AWS made for one of its services: organisation policies do not limit it. A session's ARN lacks the
    /// role's path, but the name's beginning is reserved.
    pub(super) fn is_service_linked(&self) -> bool {
        let arn = self.principal_arn().unwrap_or_default();
        self.kind == Kind::Role && {
            let parts = Arn::of(arn);
            parts.name.starts_with("role/aws-service-role/")
                || (!self.issuer_is_exact && self.issuer.is_some() && parts.name.starts_with("role/AWSServiceRoleFor"))
        }
    }

    /// How `pattern` names it.
    pub(super) fn named_by(&self, pattern: &PrincipalPattern) -> Option<Named> {
        let when = |named, holds: bool| holds.then_some(named);
        match pattern {
            PrincipalPattern::Everybody => Some(Named::Direct),
            PrincipalPattern::Account(account) => {
                let strength = if self.kind == Kind::Root { Named::Direct } else { Named::Account };
                when(strength, self.account.as_deref() == Some(account))
            }
            PrincipalPattern::Arn(arn) => self.named_by_arn(arn),
            PrincipalPattern::Service(service) => {
                when(Named::Direct, self.kind == Kind::Service && (service == "*" || *service == self.name))
            }
            PrincipalPattern::Federated(provider) => when(
                Named::Direct,
                *provider == self.name && matches!(self.kind, Kind::Provider | Kind::Service)
                    || provider == "*" && self.kind == Kind::Provider,
            ),
            PrincipalPattern::Canonical(_) => None,
            PrincipalPattern::UniqueId(id) => {
                let strength = if self.kind == Kind::User { Named::Direct } else { Named::Role };
                when(strength, self.id.as_ref() == Some(id))
            }
        }
    }

    fn named_by_arn(&self, arn: &str) -> Option<Named> {
        if arn == self.name {
            // A role without its session: whoever it is, the grant is the role's.
            let bare = self.kind == Kind::Role && self.issuer.is_none();
            return Some(if bare { Named::Role } else { Named::Direct });
        }
        let issuer = self.issuer.as_deref()?;
        let same = if self.issuer_is_exact {
            arn == issuer
        } else {
            // Names are unique in an account, whatever the path.
            let (wanted, have) = (Arn::of(arn), Arn::of(issuer));
            wanted.service == "iam"
                && (wanted.partition, wanted.account) == (have.partition, have.account)
                && wanted.name.split('/').next() == have.name.split('/').next()
                && wanted.name.rsplit('/').next() == have.name.rsplit('/').next()
        };
        same.then_some(Named::Role)
    }

    /// Whether a `NotPrincipal` with `Deny` leaves it alone. AWS asks for the account first, then for the role, then for its
    /// session, and each must be among the exceptions; a principal with a boundary is never excepted (IAM user guide,
    /// "NotPrincipal").
    pub(super) fn is_excepted_by(&self, patterns: &[PrincipalPattern], bounded: bool) -> bool {
        if patterns.contains(&PrincipalPattern::Everybody) {
            return true;
        }
        if !self.has_identity() {
            return patterns.iter().any(|pattern| self.named_by(pattern).is_some());
        }
        if bounded {
            return false;
        }
        let account = |pattern: &PrincipalPattern| matches!(pattern, PrincipalPattern::Account(account) if self.account.as_deref() == Some(account));
        if !patterns.iter().any(account) {
            return false;
        }
        let best = |wanted: Named| patterns.iter().any(|pattern| self.named_by(pattern) == Some(wanted));
        match self.kind {
            Kind::Role if self.issuer.is_some() => {
                // Where sessions of the role are listed, the others are not meant.
                let sessions = patterns.iter().any(|pattern| self.is_session_of_the_same_role(pattern));
                best(Named::Role) && (!sessions || best(Named::Direct))
            }
            Kind::Role => best(Named::Role),
            _ => best(Named::Direct),
        }
    }

    fn is_session_of_the_same_role(&self, pattern: &PrincipalPattern) -> bool {
        let PrincipalPattern::Arn(arn) = pattern else { return false };
        let role = |arn: &str| {
            Arn::of(arn).name.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next().map(str::to_owned))
        };
        Arn::of(arn).account == self.account.as_deref().unwrap_or_default()
            && role(arn).is_some()
            && role(arn) == role(&self.name)
    }
}

/// The role of a session, from an explicit `aws:PrincipalArn`.
fn told_by_context(context: &Context, session: &Arn<'_>) -> Option<String> {
    let told = context.single("aws:principalarn")?;
    let name = session.name.strip_prefix("assumed-role/")?.split('/').next()?;
    let parts = Arn::of(told);
    let fits = parts.name.starts_with("role/") && parts.name.rsplit('/').next() == Some(name);
    (fits && parts.account == session.account).then(|| told.to_owned())
}

/// The parts of an ARN.
pub(super) struct Arn<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) name: &'a str,
}

impl<'a> Arn<'a> {
    /// Of what is no ARN, all are empty.
    pub(super) fn of(arn: &'a str) -> Self {
        let mut parts = arn.splitn(6, ':').skip(1);
        let mut next = || parts.next().unwrap_or_default();
        Self { partition: next(), service: next(), region: next(), account: next(), name: next() }
    }
}

/// The account in which the resource lies: told, or by its ARN.
pub(super) fn resource_account(request: &Request) -> Option<String> {
    request.resource_account.clone().filter(|account| !account.is_empty()).or_else(|| {
        let account = Arn::of(&request.resource).account;
        is_account(account).then(|| account.to_owned())
    })
}

/// Adds the keys that AWS puts into every request and that follow from the resource. What is given wins.
pub(super) fn of_resource(context: &mut Context, resource: &str, account: Option<&str>) {
    if let Some(account) = account {
        context.derive("aws:ResourceAccount", [account.to_owned()]);
    }
    let region = Arn::of(resource).region;
    if !region.is_empty() && !region.contains(['*', '?']) {
        context.derive("aws:RequestedRegion", [region.to_owned()]);
    }
}

/// Adds the keys that AWS puts into every request and that follow from who asks. What is given wins.
pub(super) fn of_caller(context: &mut Context, who: &Who) {
    let mut known = |key: &str, value: Option<&str>| context.derive(key, value.map(str::to_owned));
    if who.kind == Kind::Anonymous {
        known("aws:PrincipalType", Some("Anonymous"));
        known("aws:PrincipalAccount", Some("anonymous"));
        known("aws:userid", Some("anonymous"));
        known("aws:PrincipalArn", None);
        known("aws:PrincipalIsAWSService", None);
        known("aws:username", None);
        return;
    }
    known("aws:PrincipalIsAWSService", Some(if who.kind == Kind::Service { "true" } else { "false" }));
    let service = (who.kind == Kind::Service).then_some(who.name.as_str());
    known("aws:PrincipalServiceName", service);
    known("aws:PrincipalServiceNamesList", service);
    if !who.has_identity() {
        known("aws:PrincipalArn", None);
        known("aws:username", None);
        return;
    }
    known("aws:PrincipalArn", who.principal_arn());
    known("aws:PrincipalAccount", who.account.as_deref());
    let name = Arn::of(&who.name).name;
    let (kind, username, id) = match who.kind {
        Kind::User => ("User", name.rsplit('/').next(), None),
        Kind::Root => ("Account", None, who.account.clone()),
        Kind::Federated => {
            let caller = name.strip_prefix("federated-user/").unwrap_or(name);
            ("FederatedUser", None, who.account.as_ref().map(|account| format!("{account}:{caller}")))
        }
        _ => ("AssumedRole", None, None),
    };
    known("aws:PrincipalType", Some(kind));
    known("aws:username", username);
    if let Some(id) = id {
        known("aws:userid", Some(&id));
    }
}
