//! Users and roles with every policy they are under: their own, their groups', their boundary, their organisation's.

use std::collections::HashMap;

use super::texts::{TextId, Texts, of_aws};
use crate::escalate::Kind;
use crate::facts::{Account, Document, Facts, Group, ManagedPolicy, OrgPolicyKind, Organisation, Role, Tag, User};

/// A policy that somebody has, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held<'a> {
    pub(crate) text: TextId,
    pub(crate) from: Origin<'a>,
}

/// From where somebody has a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin<'a> {
    /// Its own, by name.
    Inline(&'a str),
    /// Attached, by ARN.
    Managed(&'a str),
    /// Of a group: the group's ARN, the policy's name.
    GroupInline(&'a str, &'a str),
    /// Attached to a group: the group's ARN, the policy's ARN.
    GroupManaged(&'a str, &'a str),
}

impl Origin<'_> {
    /// As sentences name it. `owner` is whose inline policy it is.
    pub(crate) fn words(self, owner: &str) -> String {
        match self {
            Self::Inline(name) => format!("inline policy {name} of {owner}"),
            Self::Managed(arn) => format!("policy {arn}"),
            Self::GroupInline(group, name) => format!("inline policy {name} of {}", short(group)),
            Self::GroupManaged(group, arn) => format!("policy {arn} of {}", short(group)),
        }
    }
}

/// `group/developers` of an ARN: what people call it within its account.
pub fn short(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap_or(arn)
}

/// What bounds a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    /// Nothing.
    None,
    /// This policy.
    Text(TextId),
    /// A policy of which the facts do not say what it says.
    Unknown,
}

/// A user or a role.
#[derive(Debug)]
pub(crate) struct Principal<'a> {
    pub(crate) arn: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: Kind,
    /// The number of its account in the facts.
    pub(crate) account: usize,
    pub(crate) held: Vec<Held<'a>>,
    pub(crate) bound: Bound,
    pub(crate) tags: &'a [Tag],
    pub(crate) user: Option<&'a User>,
    pub(crate) role: Option<&'a Role>,
    /// Policies of which nobody knows what they say.
    pub(crate) unread: Vec<&'a str>,
}

impl<'a> Principal<'a> {
    /// `AIDA…` or `AROA…`, where the facts have it.
    pub(crate) fn unique_id(&self) -> Option<&'a str> {
        let id = self.user.map(|user| user.id.as_str()).or_else(|| self.role.map(|role| role.id.as_str()))?;
        Some(id).filter(|id| !id.is_empty())
    }

    /// Only the service itself can use or change it.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.role.is_some_and(Role::is_service_linked)
    }
}

/// What the organisation says of an account: for each level from the root down, its policies.
#[derive(Debug, Default)]
pub(crate) struct Bounds<'a> {
    pub(crate) service: Vec<(&'a str, Vec<(&'a str, TextId)>)>,
    pub(crate) resource: Vec<(&'a str, Vec<(&'a str, TextId)>)>,
    pub(crate) is_management: bool,
}

/// A group with its policies.
#[derive(Debug)]
pub(crate) struct GroupOf<'a> {
    pub(crate) arn: &'a str,
    pub(crate) account: usize,
    pub(crate) held: Vec<Held<'a>>,
}

/// Everybody.
#[derive(Debug, Default)]
pub(crate) struct Everybody<'a> {
    pub(crate) texts: Texts<'a>,
    pub(crate) principals: Vec<Principal<'a>>,
    pub(crate) groups: Vec<GroupOf<'a>>,
    pub(crate) by_arn: HashMap<&'a str, usize>,
    /// Unique id → ARN.
    pub(crate) by_id: HashMap<&'a str, &'a str>,
    /// By account, in the order of the facts.
    pub(crate) bounds: Vec<Bounds<'a>>,
    /// ARN of a managed policy → what holds.
    pub(crate) managed: HashMap<&'a str, &'a ManagedPolicy>,
}

impl<'a> Everybody<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let mut all = Self::default();
        for (number, account) in facts.accounts.iter().enumerate() {
            all.account(number, account);
            all.bounds.push(Bounds::default());
        }
        if let Some(organisation) = &facts.organisation {
            for (number, account) in facts.accounts.iter().enumerate() {
                let bounds = all.bounds_of(organisation, &account.id);
                if let Some(place) = all.bounds.get_mut(number) {
                    *place = bounds;
                }
            }
        }
        all.by_arn = all.principals.iter().enumerate().map(|(number, one)| (one.arn, number)).collect();
        all.by_id = all.principals.iter().filter_map(|one| Some((one.unique_id()?, one.arn))).collect();
        all
    }

    fn account(&mut self, number: usize, account: &'a Account) {
        let managed: HashMap<&str, &ManagedPolicy> =
            account.policies.iter().map(|policy| (policy.arn.as_str(), policy)).collect();
        let mut in_groups: HashMap<&str, usize> = HashMap::new();
        for group in &account.groups {
            in_groups.insert(&group.name, self.groups.len());
            let group = self.group(number, group, &managed);
            self.groups.push(group);
        }
        for user in &account.users {
            let mut one = Self::principal(number, &user.arn, &user.name, Kind::User);
            one.user = Some(user);
            one.tags = &user.tags;
            self.own(&mut one, user.inline.iter().map(|p| (p.name.as_str(), p.document.as_ref())));
            self.attached(&mut one, user.attached.iter().map(|p| p.arn.as_str()), &managed);
            for group in user.groups.iter().filter_map(|name| in_groups.get(name.as_str())) {
                if let Some(group) = self.groups.get(*group) {
                    one.held.extend(group.held.iter().copied());
                }
            }
            one.bound = self.bound(user.boundary.as_ref().map(|bound| bound.arn.as_str()), &managed);
            if user.policies_unknown {
                one.unread.push("all of its policies");
            }
            self.principals.push(one);
        }
        for role in &account.roles {
            let mut one = Self::principal(number, &role.arn, &role.name, Kind::Role);
            one.role = Some(role);
            one.tags = &role.tags;
            self.own(&mut one, role.inline.iter().map(|p| (p.name.as_str(), p.document.as_ref())));
            self.attached(&mut one, role.attached.iter().map(|p| p.arn.as_str()), &managed);
            one.bound = self.bound(role.boundary.as_ref().map(|bound| bound.arn.as_str()), &managed);
            if role.policies_unknown {
                one.unread.push("all of its policies");
            }
            self.principals.push(one);
        }
        self.managed.extend(managed);
    }

    fn principal(account: usize, arn: &'a str, name: &'a str, kind: Kind) -> Principal<'a> {
        Principal {
            arn,
            name,
            kind,
            account,
            held: Vec::new(),
            bound: Bound::None,
            tags: &[],
            user: None,
            role: None,
            unread: Vec::new(),
        }
    }

    fn group(&mut self, account: usize, group: &'a Group, managed: &HashMap<&str, &'a ManagedPolicy>) -> GroupOf<'a> {
        let mut held = Vec::new();
        for inline in &group.inline {
            if let Some(policy) = inline.document.as_ref().and_then(Document::policy) {
                held.push(Held { text: self.texts.add(policy), from: Origin::GroupInline(&group.arn, &inline.name) });
            }
        }
        for attached in &group.attached {
            if let Some(text) = self.of_managed(&attached.arn, managed) {
                held.push(Held { text, from: Origin::GroupManaged(&group.arn, &attached.arn) });
            }
        }
        GroupOf { arn: &group.arn, account, held }
    }

    fn own(&mut self, one: &mut Principal<'a>, inline: impl Iterator<Item = (&'a str, Option<&'a Document>)>) {
        for (name, document) in inline {
            match document.and_then(Document::policy) {
                Some(policy) => one.held.push(Held { text: self.texts.add(policy), from: Origin::Inline(name) }),
                None => one.unread.push(name),
            }
        }
    }

    fn attached(
        &mut self,
        one: &mut Principal<'a>,
        arns: impl Iterator<Item = &'a str>,
        managed: &HashMap<&str, &'a ManagedPolicy>,
    ) {
        for arn in arns {
            match self.of_managed(arn, managed) {
                Some(text) => one.held.push(Held { text, from: Origin::Managed(arn) }),
                None => one.unread.push(arn),
            }
        }
    }

    fn of_managed(&mut self, arn: &str, managed: &HashMap<&str, &'a ManagedPolicy>) -> Option<TextId> {
        let said = managed.get(arn).and_then(|policy| policy.document()).and_then(Document::policy);
        said.or_else(|| of_aws(arn)).map(|policy| self.texts.add(policy))
    }

    fn bound(&mut self, arn: Option<&str>, managed: &HashMap<&str, &'a ManagedPolicy>) -> Bound {
        match arn {
            None => Bound::None,
            Some(arn) => self.of_managed(arn, managed).map_or(Bound::Unknown, Bound::Text),
        }
    }

    fn bounds_of(&mut self, organisation: &'a Organisation, account: &str) -> Bounds<'a> {
        let mut bounds = Bounds { is_management: organisation.management_account == account, ..Bounds::default() };
        let everything = self.texts.everything();
        let mut path = organisation.path_to(account);
        if path.is_empty() {
            // Where the account lies is not known; what hangs on the root and on the account itself applies anyway.
            let roots = organisation.units.iter().map(|unit| unit.id.as_str()).filter(|id| id.starts_with("r-"));
            path = roots.take(1).collect();
            path.extend(organisation.accounts.iter().map(|one| one.id.as_str()).filter(|id| *id == account));
        }
        for entity in path {
            for (kind, levels) in [
                (OrgPolicyKind::ServiceControl, &mut bounds.service),
                (OrgPolicyKind::ResourceControl, &mut bounds.resource),
            ] {
                let mut here: Vec<(&str, TextId)> = Vec::new();
                for policy in organisation.attached(entity, kind) {
                    let said = policy.content.as_ref().and_then(Document::policy);
                    match said {
                        Some(said) => here.push((&policy.summary.name, self.texts.add(said))),
                        // What is not said of AWS's own, which allow everything.
                        None if policy.summary.aws_managed => here.push((&policy.summary.name, everything)),
                        None => {}
                    }
                }
                // AWS lets no level be without a policy: where none is known, nobody has looked.
                if here.is_empty() {
                    here.push(("FullAWSAccess", everything));
                }
                levels.push((entity, here));
            }
        }
        bounds
    }
}
