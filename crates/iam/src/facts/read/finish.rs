//! When everything is read: what belongs together is put together, and what is missing is told of.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::documents;
use super::scope::Reader;
use super::shapes::HERE;
use crate::facts::account::{Loose, Part};
use crate::facts::{Account, Facts, Organisation, ResourcePolicy, Role, ServiceUsage, User};

pub(super) fn finish(mut reader: Reader) -> Facts {
    settle_homeless(&mut reader);
    for (keys, name) in std::mem::take(&mut reader.cut) {
        reader.gaps.add(
            format!("{name}: {keys}"),
            "the list goes on where this input ends; run the AWS CLI without --max-items and --no-paginate",
        );
    }
    let mut accounts = Vec::new();
    for (id, mut account) in std::mem::take(&mut reader.accounts) {
        // Accounts that only own something elsewhere (a shared security group) are none of which we know anything.
        account.id = id;
        if account.partition.is_empty() {
            "aws".clone_into(&mut account.partition);
        }
        tidy(&mut account, &mut reader.gaps);
        accounts.push(account);
    }
    let mut facts = Facts {
        accounts,
        aws_policies: unique(
            reader.aws_policies,
            |policy| &policy.arn,
            |old, new| {
                if !new.versions.is_empty() {
                    *old = new;
                }
            },
        ),
        organisation: reader.organisation.map(tidy_organisation),
        collected: reader.collected,
        incomplete: Vec::new(),
    };
    documents::parse_all(&mut facts, &mut reader.gaps);
    unplaced(&facts, &mut reader.gaps);
    missing_policies(&facts, &mut reader.gaps);
    facts.incomplete = reader.gaps.into_list();
    facts
}

/// What does not say whose it is belongs to the only account there is; of several nobody knows.
fn settle_homeless(reader: &mut Reader) {
    let homeless = std::mem::take(&mut reader.homeless);
    let only = match reader.accounts.keys().collect::<Vec<_>>().as_slice() {
        [] => Some("unknown".to_owned()),
        [only] => Some((*only).clone()),
        _ => None,
    };
    for (name, rest) in homeless {
        if rest.is_blank() {
            continue;
        }
        match &only {
            Some(only) => reader.accounts.entry(only.clone()).or_default().take(rest),
            None => reader.gaps.add(
                name,
                "it does not say to which account it belongs, and there are several; give it as --facts ACCOUNT=FILE",
            ),
        }
    }
}

/// Of several things with one ARN, the later one counts, or what `merge` makes of both.
fn unique<T>(list: Vec<T>, key: impl Fn(&T) -> &String, merge: impl Fn(&mut T, T)) -> Vec<T> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(list.len());
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        let place = places.get(key(&item)).copied().filter(|_| !key(&item).is_empty());
        if let Some(old) = place.and_then(|place| kept.get_mut(place)) {
            merge(old, item);
        } else {
            places.insert(key(&item).clone(), kept.len());
            kept.push(item);
        }
    }
    kept
}

fn replace<T>(old: &mut T, new: T) {
    *old = new;
}

/// A list of users knows when passwords were used, the details know the policies.
fn merge_users(old: &mut User, new: User) {
    let (mut base, other) = if new.policies_unknown { (std::mem::take(old), new) } else { (new, std::mem::take(old)) };
    base.password_last_used = base.password_last_used.max(other.password_last_used);
    base.has_password = base.has_password.or(other.has_password);
    base.access_keys = base.access_keys.or(other.access_keys);
    base.mfa_devices = base.mfa_devices.or(other.mfa_devices);
    base.credentials = base.credentials.or(other.credentials);
    base.services_last_accessed = base.services_last_accessed.or(other.services_last_accessed);
    *old = base;
}

fn merge_roles(old: &mut Role, new: Role) {
    let (mut base, other) = if new.policies_unknown { (std::mem::take(old), new) } else { (new, std::mem::take(old)) };
    base.last_used = base.last_used.or(other.last_used);
    base.max_session_duration = base.max_session_duration.or(other.max_session_duration);
    base.services_last_accessed = base.services_last_accessed.or(other.services_last_accessed);
    *old = base;
}

fn tidy(account: &mut Account, gaps: &mut super::Gaps) {
    macro_rules! unique {
        ($($field:ident by $key:ident),* $(,)?) => {
            $(account.$field = unique(std::mem::take(&mut account.$field), |one| &one.$key, replace);)*
        };
    }
    // Not every server tells both.
    macro_rules! names {
        ($($field:ident),*) => {
            $(for one in account.$field.iter_mut().filter(|one| one.name.is_empty()) {
                one.name = one.arn.rsplit('/').next().unwrap_or_default().to_owned();
            })*
        };
    }
    names!(users, groups, roles, policies, instance_profiles);
    account.users = unique(std::mem::take(&mut account.users), |user| &user.arn, merge_users);
    account.roles = unique(std::mem::take(&mut account.roles), |role| &role.arn, merge_roles);
    account.groups = unique(
        std::mem::take(&mut account.groups),
        |group| &group.arn,
        |old, new| {
            if !new.policies_unknown {
                *old = new;
            }
        },
    );
    account.policies = unique(
        std::mem::take(&mut account.policies),
        |policy| &policy.arn,
        |old, new| {
            if !new.versions.is_empty() {
                *old = new;
            }
        },
    );
    unique!(
        instance_profiles by arn, identity_providers by arn, server_certificates by arn, certificates by arn,
        analyzers by arn,
        instances by id, security_groups by id, vpc_endpoints by id, clusters by arn, services by arn, tasks by arn,
        task_definitions by arn, container_instances by arn, functions by arn, permission_sets by arn,
        identity_pools by id,
    );
    for workload in &mut account.workloads {
        workload.arn = workload.arn.replace(HERE, &account.id);
    }
    account.workloads = unique(std::mem::take(&mut account.workloads), |one| &one.arn, replace);
    let profiles = account.roles.iter().flat_map(|role| &role.instance_profiles).cloned();
    let profiles = account.instance_profiles.drain(..).chain(profiles).collect();
    account.instance_profiles = unique(
        profiles,
        |profile| &profile.arn,
        |old, new| {
            if old.roles.is_empty() {
                *old = new;
            }
        },
    );
    let loose = std::mem::take(&mut account.loose);
    hand_out(account, loose, gaps);
    for (what, unknown) in [
        ("users", account.users.iter().filter(|user| user.policies_unknown).count()),
        ("groups", account.groups.iter().filter(|group| group.policies_unknown).count()),
        ("roles", account.roles.iter().filter(|role| role.policies_unknown).count()),
    ] {
        if unknown > 0 {
            gaps.add(
                format!("{}: policies of {unknown} {what}", account.id),
                "only their list was given; aws iam get-account-authorization-details has their policies",
            );
        }
    }
    let known =
        |account: &Account, test: fn(&User) -> bool| !account.users.is_empty() && account.users.iter().all(test);
    for (part, all) in [
        // Those without a role are of no interest.
        (Part::InstanceProfiles, account.has(Part::Roles)),
        (Part::AccessKeys, known(account, |user| user.access_keys.is_some())),
        (Part::MfaDevices, known(account, |user| user.mfa_devices.is_some())),
        (Part::LoginProfiles, known(account, |user| user.has_password.is_some())),
        (
            Part::LastAccessed,
            account.roles.iter().any(|role| role.services_last_accessed.is_some())
                || account.users.iter().any(|user| user.services_last_accessed.is_some()),
        ),
    ] {
        if all {
            account.parts.insert(part);
        }
    }
    for instance in &account.instances {
        account.regions.insert(instance.region.clone());
    }
    account.regions.remove("");
}

/// Gives users and roles what came apart from them.
fn hand_out(account: &mut Account, loose: Loose, gaps: &mut super::Gaps) {
    let users: HashMap<String, usize> =
        account.users.iter().enumerate().map(|(place, user)| (user.name.clone(), place)).collect();
    let mut stray = 0_usize;
    for row in loose.rows {
        if row.is_root() {
            account.root = Some(row);
            continue;
        }
        if let Some(user) = users.get(&row.user).and_then(|place| account.users.get_mut(*place)) {
            user.credentials = Some(row);
        } else {
            stray += 1;
            let user = User { name: row.user.clone(), arn: row.arn.clone(), created: row.created, ..User::default() };
            account.users.push(User { credentials: Some(row), policies_unknown: true, ..user });
        }
    }
    if stray > 0 && account.has(Part::Users) {
        gaps.add(
            format!("{}: {stray} users of the credential report", account.id),
            "they are not among the users: the report is older than 4 hours, or of another time; ask for it again",
        );
    }
    for key in loose.keys {
        if let Some(user) = users.get(&key.user).and_then(|place| account.users.get_mut(*place)) {
            user.access_keys.get_or_insert_default().push(key);
        }
    }
    for device in loose.mfa_devices {
        if let Some(user) = users.get(&device.user).and_then(|place| account.users.get_mut(*place)) {
            user.mfa_devices.get_or_insert_default().push(device);
        }
    }
    for (name, has_one) in loose.login_profiles {
        if let Some(user) = users.get(&name).and_then(|place| account.users.get_mut(*place)) {
            user.has_password = Some(has_one);
        }
    }
    for name in loose.without_keys {
        if let Some(user) = users.get(&name).and_then(|place| account.users.get_mut(*place)) {
            user.access_keys.get_or_insert_default();
        }
    }
    for name in loose.without_mfa {
        if let Some(user) = users.get(&name).and_then(|place| account.users.get_mut(*place)) {
            user.mfa_devices.get_or_insert_default();
        }
    }
    let mut usage: BTreeMap<String, Vec<ServiceUsage>> = loose.usage.into_iter().collect();
    let users = account.users.iter_mut().map(|user| (&user.arn, &mut user.services_last_accessed));
    let roles = account.roles.iter_mut().map(|role| (&role.arn, &mut role.services_last_accessed));
    let groups = account.groups.iter_mut().map(|group| (&group.arn, &mut group.services_last_accessed));
    for (arn, place) in users.chain(roles).chain(groups) {
        if let Some(used) = usage.remove(arn) {
            *place = Some(used);
        }
    }
    for arn in usage.into_keys() {
        gaps.add(format!("services last accessed by {arn}"), "there is no such user, group or role");
    }
    for (arn, block) in loose.access_blocks {
        if arn == account.id || arn.is_empty() {
            account.public_access_block = Some(block);
        } else {
            account.resources.push(ResourcePolicy {
                arn,
                public_access_block: Some(block),
                ..ResourcePolicy::default()
            });
        }
    }
    account.resources = merge_resources(std::mem::take(&mut account.resources));
    for (id, roles) in loose.pool_roles {
        if let Some(pool) = account.identity_pools.iter_mut().find(|pool| pool.id == id) {
            pool.roles = roles;
        }
    }
}

fn merge_resources(list: Vec<ResourcePolicy>) -> Vec<ResourcePolicy> {
    unique(
        list,
        |one| &one.arn,
        |old, new| {
            old.policy = new.policy.or(old.policy.take());
            old.account_id = new.account_id.or(old.account_id.take());
            old.public_access_block = new.public_access_block.or(old.public_access_block);
        },
    )
}

fn tidy_organisation(organisation: Organisation) -> Organisation {
    Organisation {
        units: unique(
            organisation.units,
            |unit| &unit.id,
            |old, new| {
                let parent = new.parent.clone().or(old.parent.take());
                *old = crate::facts::OrganisationUnit { parent, ..new };
            },
        ),
        accounts: unique(
            organisation.accounts,
            |one| &one.id,
            |old, new| {
                let parent = new.parent.clone().or(old.parent.take());
                *old = crate::facts::MemberAccount { parent, ..new };
            },
        ),
        policies: unique(
            organisation.policies,
            |policy| &policy.summary.id,
            |old, new| {
                old.content = new.content.or(old.content.take());
                old.targets.extend(new.targets);
            },
        ),
        ..organisation
    }
}

/// Policies of units hold for accounts by their place in the tree, which the CLI's lists do not tell.
fn unplaced(facts: &Facts, gaps: &mut super::Gaps) {
    let Some(organisation) = facts.organisation.as_ref().filter(|organisation| !organisation.policies.is_empty())
    else {
        return;
    };
    let members: HashMap<&str, Option<&str>> =
        organisation.accounts.iter().map(|member| (member.id.as_str(), member.parent.as_deref())).collect();
    for account in &facts.accounts {
        let unplaced = match members.get(account.id.as_str()) {
            None => false,
            Some(None) => true,
            Some(Some(parent)) => !organisation.units.iter().any(|unit| unit.id == *parent),
        };
        if unplaced {
            gaps.add(
                format!("{}: its place in the organisation", account.id),
                "nothing says in which unit it lies, so policies of units are not known to hold; put ParentId beside the \
                 accounts, or let the management account be asked: keelguard iam facts --live",
            );
        }
    }
}

/// A policy that is attached, but whose document nobody has given, may allow anything.
fn missing_policies(facts: &Facts, gaps: &mut super::Gaps) {
    let known: HashSet<&str> = facts
        .managed_policies()
        .into_iter()
        .filter(|(_, policy)| policy.document().is_some())
        .map(|(arn, _)| arn)
        .collect();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &facts.accounts {
        let users = account.users.iter().map(|user| (&user.attached, &user.boundary));
        let roles = account.roles.iter().map(|role| (&role.attached, &role.boundary));
        let groups = account.groups.iter().map(|group| (&group.attached, &None));
        for (attached, boundary) in users.chain(roles).chain(groups) {
            let boundary = boundary.iter().map(|boundary| &boundary.arn);
            for arn in attached.iter().map(|policy| &policy.arn).chain(boundary) {
                // What a service's own role may do is the service's affair, and some of AWS's are known by heart.
                let told = arn.contains(":policy/aws-service-role/") || crate::graph::of_aws(arn).is_some();
                if !told && !known.contains(arn.as_str()) {
                    *missing.entry(arn).or_default() += 1;
                }
            }
        }
    }
    for (arn, count) in missing {
        let often = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let why = format!("it is attached {often}, and its document is not among the facts");
        gaps.add(arn, format!("{why}: aws iam get-account-authorization-details has it"));
    }
}
