//! Users: passwords, second factors, access keys, policies of their own.

use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Finding, rule};

use super::subjects::principal;
use crate::facts::{Account, Facts, User};

const STALE: SignedDuration = SignedDuration::from_hours(45 * 24);
const OLD: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in &facts.accounts {
        let federated = !account.identity_providers.is_empty() || facts.organisation.is_some();
        for user in &account.users {
            findings.extend(second_factor(user));
            findings.extend(stale(user, now));
            findings.extend(old_keys(user, now));
            findings.extend(two_keys(user));
            findings.extend(own_policies(user));
            if federated && has_password(user) == Some(true) {
                findings.push(rule::LOCAL_LOGINS.on(principal(&user.arn)).evidence("password_enabled", "true"));
            }
        }
        findings.extend(cloud_shell(account));
    }
    findings
}

/// Whether the user has a password; none where nobody knows.
pub(super) fn has_password(user: &User) -> Option<bool> {
    user.has_password.or_else(|| user.credentials.as_ref().and_then(|row| row.password_enabled))
}

fn second_factor(user: &User) -> Option<Finding> {
    let listed = user.mfa_devices.as_ref().map(|devices| !devices.is_empty());
    let factor = listed.or_else(|| user.credentials.as_ref().and_then(|row| row.mfa_active))?;
    (has_password(user)? && !factor).then(|| {
        let finding = rule::PASSWORD_ALONE.on(principal(&user.arn));
        finding.evidence("password_enabled", "true").evidence("mfa_active", "false")
    })
}

fn stale(user: &User, now: Timestamp) -> Option<Finding> {
    let row = user.credentials.as_ref()?;
    let since = |at: Timestamp| now.duration_since(at) >= STALE;
    let mut finding = rule::STALE_CREDENTIALS.on(principal(&user.arn));
    let before = finding.evidence.len();
    if row.password_enabled == Some(true) {
        // Never used counts from when it was set.
        let last = row.password_last_used.or(user.password_last_used).or(row.password_last_changed).or(row.created);
        if let Some(last) = last.filter(|last| since(*last)) {
            finding = finding.evidence("password_last_used", last.to_string());
        }
    }
    for (number, key) in row.keys.iter().enumerate().filter(|(_, key)| key.active) {
        if let Some(last) = key.last_used.or(key.last_rotated).filter(|last| since(*last)) {
            let used = if key.last_used.is_some() { last.to_string() } else { format!("never, made {last}") };
            finding = finding.evidence(format!("access_key_{}_last_used_date", number + 1), used);
        }
    }
    (finding.evidence.len() > before).then_some(finding)
}

/// Ages of active keys, by what they are called.
fn active_keys(user: &User) -> Vec<(String, Option<Timestamp>)> {
    if let Some(keys) = &user.access_keys {
        let active = keys.iter().filter(|key| key.is_active());
        return active.map(|key| (key.id.clone(), key.created)).collect();
    }
    let rows = user.credentials.iter().flat_map(|row| row.keys.iter().enumerate());
    rows.filter(|(_, key)| key.active)
        .map(|(number, key)| (format!("access_key_{}", number + 1), key.last_rotated))
        .collect()
}

fn old_keys(user: &User, now: Timestamp) -> Option<Finding> {
    let mut finding = rule::OLD_KEY.on(principal(&user.arn));
    let before = finding.evidence.len();
    for (name, made) in active_keys(user) {
        if let Some(made) = made.filter(|made| now.duration_since(*made) > OLD) {
            finding = finding.evidence(format!("{name} made"), made.to_string());
        }
    }
    (finding.evidence.len() > before).then_some(finding)
}

fn two_keys(user: &User) -> Option<Finding> {
    let keys = active_keys(user);
    (keys.len() > 1).then(|| {
        let names = keys.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        rule::TWO_KEYS.on(principal(&user.arn)).evidence("active keys", names)
    })
}

fn own_policies(user: &User) -> Option<Finding> {
    let inline = user.inline.iter().map(|policy| policy.name.as_str());
    let names: Vec<&str> = inline.chain(user.attached.iter().map(|policy| policy.name.as_str())).collect();
    (!names.is_empty()).then(|| rule::DIRECT_POLICIES.on(principal(&user.arn)).evidence("policies", names.join(", ")))
}

fn cloud_shell(account: &Account) -> Vec<Finding> {
    let users = account.users.iter().map(|user| (&user.arn, &user.attached));
    let groups = account.groups.iter().map(|group| (&group.arn, &group.attached));
    let roles = account.roles.iter().map(|role| (&role.arn, &role.attached));
    let has = |attached: &[crate::facts::AttachedPolicy]| {
        attached.iter().any(|policy| policy.arn.ends_with(":iam::aws:policy/AWSCloudShellFullAccess"))
    };
    let all = users.chain(groups).chain(roles).filter(|(_, attached)| has(attached));
    all.map(|(arn, _)| rule::CLOUD_SHELL.on(principal(arn)).evidence("AttachedPolicies", "AWSCloudShellFullAccess"))
        .collect()
}
