//! Policies of identities and who has them: managed ones by ARN, inline ones by what they say.

use std::collections::BTreeMap;

use crate::Policy;
use crate::facts::{Account, AttachedPolicy, Document, InlinePolicy};

/// A policy and its holders.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    /// The ARN, or the name of an inline policy.
    pub(super) name: &'a str,
    pub(super) is_managed: bool,
    pub(super) is_of_aws: bool,
    pub(super) policy: &'a Policy,
    /// ARNs of users, groups and roles, sorted.
    pub(super) holders: Vec<&'a str>,
}

/// The policies that somebody in the account has; service-linked roles keep theirs for themselves.
pub(super) fn of(account: &Account) -> Vec<Kept<'_>> {
    let mut attached: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut inline: BTreeMap<(&str, usize), (&Policy, Vec<&str>)> = BTreeMap::new();
    for user in &account.users {
        collect(&mut attached, &mut inline, &user.arn, &user.attached, &user.inline);
    }
    for group in &account.groups {
        collect(&mut attached, &mut inline, &group.arn, &group.attached, &group.inline);
    }
    for role in account.roles.iter().filter(|role| !role.is_service_linked()) {
        collect(&mut attached, &mut inline, &role.arn, &role.attached, &role.inline);
    }
    let mut kept: Vec<Kept<'_>> = Vec::new();
    for managed in &account.policies {
        let (Some(holders), Some(policy)) =
            (attached.remove(managed.arn.as_str()), managed.document().and_then(Document::policy))
        else {
            continue;
        };
        let is_of_aws = managed.is_of_aws();
        kept.push(Kept { name: &managed.arn, is_managed: true, is_of_aws, policy, holders });
    }
    for (arn, holders) in attached {
        // The facts name it without saying what it says; AWS's own is known.
        if arn.ends_with(":iam::aws:policy/AdministratorAccess") {
            kept.push(Kept {
                name: arn,
                is_managed: true,
                is_of_aws: true,
                policy: crate::graph::everything(),
                holders,
            });
        }
    }
    for ((name, _), (policy, holders)) in inline {
        kept.push(Kept { name, is_managed: false, is_of_aws: false, policy, holders });
    }
    for one in &mut kept {
        one.holders.sort_unstable();
    }
    kept
}

fn collect<'a>(
    attached: &mut BTreeMap<&'a str, Vec<&'a str>>,
    inline: &mut BTreeMap<(&'a str, usize), (&'a Policy, Vec<&'a str>)>,
    arn: &'a str,
    managed: &'a [AttachedPolicy],
    own: &'a [InlinePolicy],
) {
    for policy in managed {
        attached.entry(&policy.arn).or_default().push(arn);
    }
    for one in own {
        if let Some(policy) = one.document.as_ref().and_then(Document::policy) {
            // Equal texts share what they say.
            let address = std::ptr::from_ref(policy) as usize;
            inline.entry((&one.name, address)).or_insert_with(|| (policy, Vec::new())).1.push(arn);
        }
    }
}
