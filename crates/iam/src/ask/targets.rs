//! Resources: their policies, their accounts, and what the organisation says of these.

use std::collections::{BTreeSet, HashMap};

use super::holdings::levels;
use crate::Policy;
use crate::evaluate::{Attached, Context, Keys as _, Target};
use crate::facts::{Account, Arn, Document, Facts, OrgPolicyKind, ResourcePolicy, Role, VpcEndpoint};
use crate::policy::{Effect, Template};

pub(super) struct Targets<'a> {
    facts: &'a Facts,
    policies: HashMap<&'a str, &'a ResourcePolicy>,
    roles: HashMap<&'a str, &'a Role>,
    /// Bucket → account.
    buckets: HashMap<&'a str, &'a str>,
    /// Account → the policy of a new key.
    key_defaults: HashMap<&'a str, Policy>,
    /// Bucket → what its account keeps from everybody else, since its policy is public; and by which block.
    blocked: HashMap<&'a str, (String, Policy)>,
    endpoints: HashMap<&'a str, &'a VpcEndpoint>,
}

impl<'a> Targets<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let accounts = || facts.accounts.iter();
        Self {
            facts,
            policies: accounts().flat_map(|account| &account.resources).map(|one| (one.arn.as_str(), one)).collect(),
            roles: accounts().flat_map(|account| &account.roles).map(|role| (role.arn.as_str(), role)).collect(),
            buckets: accounts()
                .flat_map(|account| account.buckets.iter().map(|bucket| (bucket.as_str(), account.id.as_str())))
                .collect(),
            key_defaults: accounts()
                .filter_map(|account| Some((account.id.as_str(), of_new_key(&account.id)?)))
                .collect(),
            blocked: accounts().flat_map(blocked).collect(),
            endpoints: accounts()
                .flat_map(|account| &account.vpc_endpoints)
                .map(|endpoint| (endpoint.id.as_str(), endpoint))
                .collect(),
        }
    }

    /// The resource with all that bounds it under these circumstances, and what had to be taken for granted.
    pub(super) fn target<'t>(&'t self, resource: &'t str, action: &str, told: &Context) -> (Target<'t>, Vec<String>) {
        let mut assumed = Vec::new();
        let mut target = Target::new(resource);
        let known = self.policy_of(resource);
        let arn = Arn::parse(resource);
        target.account = known.and_then(|known| known.account_id.as_deref()).or_else(|| {
            let arn = arn.filter(|arn| arn.service == "s3")?;
            let bucket = arn.resource.split('/').next()?;
            self.buckets.get(bucket).copied()
        });
        let document = known.and_then(|known| known.policy.as_ref()).and_then(Document::policy);
        target.policy = document.map(|policy| vec![Attached { name: resource_name(known, resource), policy }]);
        if let (Some((name, policy)), Some(said)) =
            (known.and_then(|known| self.blocked.get(known.arn.as_str())), &mut target.policy)
        {
            said.push(Attached { name, policy });
        }
        if let Some(id) = told.single("aws:sourcevpce") {
            let endpoint =
                self.endpoints.get(id).and_then(|endpoint| endpoint.policy.as_ref()).and_then(Document::policy);
            match (endpoint, self.endpoints.get_key_value(id)) {
                (Some(policy), Some((name, _))) => target.endpoint = Some(vec![Attached { name, policy }]),
                _ => {
                    assumed.push(format!("the policy of {id} is not in the facts, so it is taken to allow everything"));
                }
            }
        }
        let kind = arn.map(|arn| (arn.service, arn.kind()));
        let assumes = action.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("sts:AssumeRole"));
        if kind == Some(("iam", "role")) && assumes {
            let trust = self.roles.get(resource).and_then(|role| role.trust.as_ref()).and_then(Document::policy);
            target.policy = trust.map(|policy| vec![Attached { name: "trust", policy }]);
            if target.policy.is_none() {
                assumed.push(format!("whom {resource} trusts is not in the facts, so it is taken to trust nobody"));
            }
        } else if kind == Some(("kms", "key")) && target.policy.is_none() {
            assumed.push(format!("the policy of {resource} is not in the facts, so it is taken to be the default one"));
            let account = arn.map(|arn| arn.account).unwrap_or_default();
            target.policy = self.default_key_policy(account).map(|policy| vec![Attached { name: "default", policy }]);
        }
        let account = target.account.or_else(|| arn.map(|arn| arn.account)).unwrap_or_default();
        if let Some(organisation) = &self.facts.organisation {
            target.rcp = levels(organisation, account, OrgPolicyKind::ResourceControl);
            target.is_management = organisation.management_account == account;
        }
        (target, assumed)
    }

    /// Its policy; an object's is its bucket's.
    fn policy_of(&self, resource: &str) -> Option<&'a ResourcePolicy> {
        let bucket = resource.split('/').next().filter(|bucket| bucket.contains(":s3:::"));
        self.policies.get(resource).or_else(|| self.policies.get(bucket?)).copied()
    }

    /// What AWS puts on a new key: the account's own policies decide.
    fn default_key_policy(&self, account: &str) -> Option<&Policy> {
        // A pattern of a policy may leave the account open; then it is one of those that are known.
        self.key_defaults.get(account).or_else(|| self.key_defaults.values().next().filter(|_| account == "*"))
    }

    /// Condition keys that follow from the resource.
    pub(super) fn context(&self, resource: &str) -> Vec<(String, String)> {
        let mut known = Vec::new();
        if let Some(role) = self.roles.get(resource) {
            for tag in &role.tags {
                known.push((format!("aws:ResourceTag/{}", tag.key), tag.value.clone()));
                known.push((format!("iam:ResourceTag/{}", tag.key), tag.value.clone()));
            }
        }
        let account = Arn::parse(resource).map(|arn| arn.account).unwrap_or_default();
        if let Some(organisation) = &self.facts.organisation
            && organisation.accounts.iter().any(|member| member.id == account)
        {
            known.push(("aws:ResourceOrgID".to_owned(), organisation.id.clone()));
        }
        known
    }

    /// Resources whose own policy allows somebody the action: as that policy names them.
    pub(super) fn that_speak_of(&self, action: &str) -> BTreeSet<String> {
        let action = action.to_ascii_lowercase();
        let mut all = BTreeSet::new();
        for one in self.policies.values() {
            let statements = one.policy.as_ref().and_then(Document::policy).map(|policy| policy.statements.as_slice());
            for statement in statements.unwrap_or_default() {
                let fits = statement.actions.any.iter().any(|pattern| pattern.matches(&action));
                if statement.effect != Effect::Allow || fits == statement.actions.negated {
                    continue;
                }
                let named = statement.resources.iter().filter(|clause| !clause.negated).flat_map(|clause| &clause.any);
                // A policy that says "*" means the resource on which it hangs.
                all.extend(named.map(Template::written).map(|name| if name == "*" { one.arn.clone() } else { name }));
            }
        }
        all
    }

    /// For actions on resources that must allow by themselves, all that are known; none: the action is not of that kind, or
    /// nothing is known.
    pub(super) fn instances(&self, action: &str) -> Option<Vec<&'a str>> {
        let action = action.to_ascii_lowercase();
        let mut all: Vec<&str> = if action.starts_with("sts:assumerole") {
            self.roles.keys().copied().collect()
        } else if action.starts_with("kms:") {
            self.policies.keys().copied().filter(|arn| arn.contains(":kms:")).collect()
        } else {
            return None;
        };
        all.sort_unstable();
        (!all.is_empty()).then_some(all)
    }
}

/// The buckets of an account whose policies are public, and of which this does not count: what S3 then does is what a deny
/// for everybody but the account itself and services does.
fn blocked(account: &Account) -> impl Iterator<Item = (&str, (String, Policy))> {
    account.resources.iter().filter_map(|one| {
        let is_bucket = Arn::parse(&one.arn).is_some_and(|arn| arn.service == "s3");
        let public = one.policy.as_ref().and_then(Document::policy).is_some_and(Policy::is_public);
        let by = account.restricted_by(one).filter(|_| is_bucket && public)?;
        let owner = one.account_id.as_deref().unwrap_or(&account.id);
        let deny = serde_json::json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": owner},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [deny]}).to_string();
        Some((one.arn.as_str(), (by, Policy::parse(&policy).ok()?)))
    })
}

/// The policy that the console and the interface put on a new key of `account`.
fn of_new_key(account: &str) -> Option<Policy> {
    let root =
        serde_json::json!({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"});
    Policy::parse(&serde_json::json!({"Version": "2012-10-17", "Statement": [root]}).to_string()).ok()
}

fn resource_name<'t>(known: Option<&'t ResourcePolicy>, resource: &'t str) -> &'t str {
    known.map_or(resource, |known| known.arn.as_str())
}
