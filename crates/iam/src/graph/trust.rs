//! Whom a role trusts, at a glance: who is worth asking the evaluator about.

use std::collections::{BTreeSet, HashMap};

use super::powers::{Actor, Ask, Powers};
use super::principals::Principal;
use super::{bits::Actions, context};
use crate::evaluate::{Attached, Caller, Outcome, Policies, Request, Truth, outcome};
use crate::facts::Document;
use crate::policy::{Effect, Policy, PrincipalPattern};

/// Whom a role's trust policy names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Users and roles, by ARN.
    pub(crate) named: BTreeSet<String>,
    /// Accounts, by number.
    pub(crate) accounts: BTreeSet<String>,
    /// Everybody.
    pub(crate) everybody: bool,
    pub(crate) services: BTreeSet<String>,
    /// Some statement has a condition.
    pub(crate) conditional: bool,
}

impl Trust {
    pub(crate) fn of(one: &Principal<'_>, by_id: &HashMap<&str, &str>) -> Self {
        let mut trust = Self::default();
        let Some(policy) = policy_of(one) else { return trust };
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            trust.conditional |= !statement.conditions.is_empty();
            let Some(principals) = &statement.principals else { continue };
            if principals.negated {
                trust.everybody = true;
                continue;
            }
            for principal in &principals.any {
                match principal {
                    PrincipalPattern::Everybody => trust.everybody = true,
                    PrincipalPattern::Account(account) => drop(trust.accounts.insert(account.clone())),
                    PrincipalPattern::Arn(arn) => drop(trust.named.insert(arn.clone())),
                    PrincipalPattern::Service(name) | PrincipalPattern::Federated(name) => {
                        trust.services.insert(name.clone());
                    }
                    PrincipalPattern::UniqueId(id) => {
                        trust.named.extend(by_id.get(id.as_str()).map(|arn| (*arn).to_owned()));
                    }
                    PrincipalPattern::Canonical(_) => {}
                }
            }
        }
        trust
    }

    pub(crate) fn names_service(&self, service: &str) -> bool {
        self.services.contains(service)
    }
}

/// The trust policy of a role.
pub(crate) fn policy_of<'a>(one: &Principal<'a>) -> Option<&'a Policy> {
    one.role?.trust.as_ref().and_then(Document::policy)
}

impl Powers<'_> {
    /// Whether `actor` may assume the role `target`, by its own policies and the role's trust.
    pub(crate) fn may_assume(&self, actor: Actor, target: &Principal<'_>) -> Truth {
        let (Some(trust), Some(action)) = (policy_of(target), Actions::all().number("sts:AssumeRole")) else {
            return Truth::No;
        };
        let ask = |region: Option<String>| Ask {
            with: region.map(|region| ("aws:requestedregion", region)).into_iter().collect(),
            tags: Some(target.tags),
            resource_policy: Some(trust),
            resource_account: Some(target.account),
        };
        // STS is in every region, and whoever asks chooses one.
        let regions = self.regions_of(actor.class, action);
        let regions = regions.into_iter().map(Some).chain([None]);
        Truth::any(regions.map(|region| self.may(actor, action, target.arn, &ask(region))))
    }

    /// Whether the role `target` trusts a service that acts for its own account.
    pub(crate) fn trusts_service(&self, target: &Principal<'_>, service: &str) -> Truth {
        let Some(trust) = policy_of(target) else { return Truth::No };
        let account = self.facts.accounts.get(target.account).map_or("", |account| account.id.as_str());
        let mut circumstances = context::nothing_known();
        circumstances.set("aws:sourceaccount", [account.to_owned()]);
        circumstances.set("aws:securetransport", ["true".to_owned()]);
        // Cognito hands roles out as an identity provider does.
        let (principal, action) = if service == "cognito-identity.amazonaws.com" {
            (Caller::Provider(service.to_owned()), "sts:AssumeRoleWithWebIdentity")
        } else {
            (Caller::Service(service.to_owned()), "sts:AssumeRole")
        };
        let request = Request {
            resource_account: Some(account.to_owned()),
            context: circumstances,
            ..Request::new(principal, action, target.arn)
        };
        let policies = Policies {
            resource: Some(vec![Attached { name: "trust policy", policy: trust }]),
            rcp: self.resource_levels(target.account),
            resource_is_management: self
                .everybody
                .bounds
                .get(target.account)
                .is_some_and(|bounds| bounds.is_management),
            ..Policies::default()
        };
        match outcome(&request, &policies) {
            // What the service sends along is its own business, and the attacker chooses for what it acts.
            Outcome::Allowed | Outcome::Depends(_) => Truth::Yes,
            Outcome::ImplicitDeny | Outcome::ExplicitDeny => Truth::No,
        }
    }
}
