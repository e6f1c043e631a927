//! What principals hold, out of facts: their own policies, their groups', boundaries, the organisation's.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Person, PersonKind};
use crate::Policy;
use crate::evaluate::{Attached, Caller, Compiled, Context, Holding, Level, OrganisationLevels, PolicyId};
use crate::facts::{
    Account, AttachedPolicy, Boundary, Document, Facts, InlinePolicy, OrgPolicyKind, Organisation, Tag,
};
use crate::graph::{everything, of_aws};

/// Takes all principals.
pub(super) fn people<'a>(facts: &'a Facts, compiled: &mut Compiled<'a>) -> Vec<Person> {
    let mut taker = Taker { managed: facts.managed_policies(), compiled, known: HashMap::new(), people: Vec::new() };
    for account in &facts.accounts {
        taker.account(account, facts.organisation.as_ref());
    }
    taker.people
}

struct Taker<'a, 'c> {
    managed: HashMap<&'a str, &'a crate::facts::ManagedPolicy>,
    compiled: &'c mut Compiled<'a>,
    /// Policies that were added, by where they lie.
    known: HashMap<*const Policy, PolicyId>,
    people: Vec<Person>,
}

impl<'a> Taker<'a, '_> {
    fn account(&mut self, account: &'a Account, organisation: Option<&'a Organisation>) {
        let scp = organisation.map(|organisation| self.levels(organisation, &account.id));
        let is_management = organisation.is_some_and(|organisation| organisation.management_account == account.id);
        let organisation = organisation.map(|organisation| organisation.id.as_str()).filter(|id| !id.is_empty());
        let groups: HashMap<&str, _> = account.groups.iter().map(|group| (group.name.as_str(), group)).collect();
        let holding = |identity| Holding { identity, scp: scp.clone(), is_management, ..Holding::default() };
        for user in &account.users {
            let mut unread = Vec::new();
            let mut identity = self.own(&user.inline, &user.attached, &mut unread);
            for group in user.groups.iter().filter_map(|name| groups.get(name.as_str())) {
                identity.extend(self.own(&group.inline, &group.attached, &mut unread));
            }
            if user.policies_unknown {
                unread.push("any of its policies".to_owned());
            }
            let mut holding = holding(identity);
            holding.boundary = self.boundary(user.boundary.as_ref(), &mut unread);
            let mut context = context(&user.tags, organisation);
            if !user.id.is_empty() {
                context.set("aws:userid", [user.id.clone()]);
            }
            self.take(&user.arn, &user.name, PersonKind::User, context, holding, unread);
        }
        for role in &account.roles {
            let mut unread = Vec::new();
            let identity = self.own(&role.inline, &role.attached, &mut unread);
            if role.policies_unknown {
                unread.push("any of its policies".to_owned());
            }
            let mut holding = holding(identity);
            holding.boundary = self.boundary(role.boundary.as_ref(), &mut unread);
            holding.unique_id = Some(role.id.as_str()).filter(|id| !id.is_empty());
            self.take(&role.arn, &role.name, PersonKind::Role, context(&role.tags, organisation), holding, unread);
        }
        let partition = if account.partition.is_empty() { "aws" } else { &account.partition };
        let root = format!("arn:{partition}:iam::{}:root", account.id);
        self.take(&root, "root", PersonKind::Root, context(&[], organisation), holding(Vec::new()), Vec::new());
    }

    fn take(
        &mut self,
        arn: &str,
        name: &str,
        kind: PersonKind,
        context: Context,
        holding: Holding<'a>,
        unread: Vec<String>,
    ) {
        let Some(caller @ Caller::Arn(_)) = Caller::named(arn) else { return };
        let id = self.compiled.hold(&caller, context, holding);
        self.people.push(Person { arn: arn.to_owned(), name: name.to_owned(), kind, unread, id });
    }

    fn own(
        &mut self,
        inline: &'a [InlinePolicy],
        attached: &'a [AttachedPolicy],
        unread: &mut Vec<String>,
    ) -> Vec<PolicyId> {
        let mut ids = Vec::new();
        for policy in inline {
            match policy.document.as_ref().and_then(Document::policy) {
                Some(said) => ids.push(self.add(&policy.name, said)),
                None => unread.push(policy.name.clone()),
            }
        }
        for policy in attached {
            match self.managed(&policy.arn) {
                Some(said) => ids.push(self.add(&policy.arn, said)),
                None => unread.push(policy.arn.clone()),
            }
        }
        ids
    }

    /// A boundary of which nobody knows what it says does not bound here; that is said.
    fn boundary(&mut self, boundary: Option<&'a Boundary>, unread: &mut Vec<String>) -> Option<Vec<PolicyId>> {
        let arn = boundary?.arn.as_str();
        let Some(said) = self.managed(arn) else {
            unread.push(format!("the permissions boundary {arn}"));
            return None;
        };
        Some(vec![self.add(arn, said)])
    }

    fn managed(&self, arn: &str) -> Option<&'a Policy> {
        let said = self.managed.get(arn).and_then(|policy| policy.document()).and_then(Document::policy);
        said.or_else(|| of_aws(arn))
    }

    fn add(&mut self, name: &'a str, policy: &'a Policy) -> PolicyId {
        let compiled = &mut *self.compiled;
        *self.known.entry(std::ptr::from_ref(policy)).or_insert_with(|| compiled.add(name, policy))
    }

    fn levels(&mut self, organisation: &'a Organisation, account: &str) -> OrganisationLevels<'a> {
        let levels = levels(organisation, account, OrgPolicyKind::ServiceControl);
        let ids = levels.into_iter().map(|level| {
            let ids = level.policies.iter().map(|attached| self.add(attached.name, attached.policy)).collect();
            (level.entity, ids)
        });
        ids.collect::<Arc<[_]>>()
    }
}

/// The organisation's policies of this kind above an account, from the root down. A level at which none is known is taken
/// to allow everything: AWS leaves no level without a policy, so nobody has looked.
pub(super) fn levels<'a>(organisation: &'a Organisation, account: &str, kind: OrgPolicyKind) -> Vec<Level<'a>> {
    let mut entities = organisation.path_to(account);
    if entities.is_empty() {
        // Where the account lies is not known; what hangs on the root and on the account itself applies anyway.
        entities
            .extend(organisation.units.iter().map(|unit| unit.id.as_str()).filter(|id| id.starts_with("r-")).take(1));
        entities.extend(organisation.accounts.iter().map(|one| one.id.as_str()).filter(|id| *id == account));
    }
    let level = |entity: &'a str| {
        let mut policies = Vec::new();
        for policy in organisation.attached(entity, kind) {
            let said = policy.content.as_ref().and_then(Document::policy);
            let said = said.or_else(|| policy.summary.aws_managed.then(everything));
            policies.extend(said.map(|said| Attached { name: policy.summary.name.as_str(), policy: said }));
        }
        if policies.is_empty() {
            policies.push(Attached { name: "FullAWSAccess", policy: everything() });
        }
        Level { entity, policies }
    };
    entities.into_iter().map(level).collect()
}

fn context(tags: &[Tag], organisation: Option<&str>) -> Context {
    let mut context = Context::default();
    for tag in tags {
        context.set(&format!("aws:PrincipalTag/{}", tag.key), [tag.value.clone()]);
    }
    if let Some(organisation) = organisation {
        context.set("aws:PrincipalOrgID", [organisation.to_owned()]);
    }
    context
}
