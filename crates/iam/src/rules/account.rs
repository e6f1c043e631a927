//! The account itself: root, the password policy, certificates, analyzers, support.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

use super::subjects::{account as subject, resource};
use crate::facts::{Account, Arn, Facts, Part};

const LATELY: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in &facts.accounts {
        root(account, now, &mut findings);
        passwords(account, &mut findings);
        findings.extend(support(account));
        findings.extend(analyzers(account));
        for certificate in &account.server_certificates {
            if let Some(end) = certificate.expiration.filter(|end| *end < now) {
                findings.push(
                    rule::EXPIRED_CERTIFICATE.on(resource(&certificate.arn)).evidence("Expiration", end.to_string()),
                );
            }
        }
        for certificate in &account.certificates {
            let end = certificate.not_after.filter(|end| *end < now);
            if end.is_none() && certificate.status != "EXPIRED" {
                continue;
            }
            let ended = end.map_or_else(|| certificate.status.clone(), |end| end.to_string());
            let mut finding = rule::EXPIRED_CERTIFICATE
                .on(resource(&certificate.arn))
                .evidence("DomainName", &certificate.domain)
                .evidence("NotAfter", ended);
            if let Some(used) = certificate.in_use {
                finding = finding.evidence("InUse", if used { "yes" } else { "no" });
            }
            findings.push(finding);
        }
        let running = account.instances.iter().filter(|instance| !instance.is_terminated());
        for instance in running.filter(|instance| instance.profile.is_none()) {
            findings.push(rule::INSTANCE_WITHOUT_ROLE.on(resource(&instance.arn())));
        }
    }
    findings
}

fn on(account: &Account) -> Subject {
    subject(&account.id)
}

fn root(account: &Account, now: Timestamp, findings: &mut Vec<Finding>) {
    let row = account.root.as_ref();
    let counted = |name: &str| account.summary.get(name).map(|count| *count > 0);
    // The report may be hours old, and the count may be what is missing: either tells.
    let keys = row.is_some_and(|row| row.keys.iter().any(|key| key.active));
    if keys || counted("AccountAccessKeysPresent") == Some(true) {
        findings.push(rule::ROOT_KEYS.on(on(account)).evidence("AccountAccessKeysPresent", "1"));
    }
    // Where the organisation has removed root's password there is nothing to protect.
    let removed = row.is_some_and(|row| row.password_enabled == Some(false));
    let factor = row.and_then(|row| row.mfa_active).or_else(|| counted("AccountMFAEnabled"));
    if factor == Some(false) && !removed {
        findings.push(rule::ROOT_WITHOUT_FACTOR.on(on(account)).evidence("AccountMFAEnabled", "0"));
    }
    let soft = account.virtual_mfa_devices.iter().any(|device| {
        device.serial_number.ends_with(":mfa/root-account-mfa-device") || device.user == "<root_account>"
    });
    if factor != Some(false) && soft {
        findings.push(rule::ROOT_SOFT_FACTOR.on(on(account)).evidence("VirtualMFADevices", "root-account-mfa-device"));
    }
    if let Some(row) = row {
        let used = row.keys.iter().filter_map(|key| key.last_used).chain(row.password_last_used).max();
        if let Some(used) = used.filter(|used| now.duration_since(*used) < LATELY) {
            findings.push(rule::ROOT_USED.on(on(account)).evidence("last used", used.to_string()));
        }
    }
}

fn passwords(account: &Account, findings: &mut Vec<Finding>) {
    let Some(policy) = &account.password_policy else { return };
    // Where nobody has a password, nobody has a bad one yet; the benchmark asks for the policy all the same.
    let nobody = account.has(Part::CredentialReport)
        && account.users.iter().all(|user| super::users::has_password(user) == Some(false));
    let on = |rule: &'static Rule| {
        let finding = rule.on(on(account));
        if nobody { finding.severity(Severity::Info).evidence("users with a password", "none") } else { finding }
    };
    let length = policy.minimum_length.filter(|_| policy.exists);
    if length.is_none_or(|length| length < 14) {
        let shown = length.map_or_else(|| "none".to_owned(), |length| length.to_string());
        findings.push(on(&rule::SHORT_PASSWORDS).evidence("MinimumPasswordLength", shown));
    }
    let again = policy.reuse_prevention.filter(|_| policy.exists);
    if again.is_none_or(|again| again < 24) {
        let shown = again.map_or_else(|| "none".to_owned(), |again| again.to_string());
        findings.push(on(&rule::PASSWORDS_AGAIN).evidence("PasswordReusePrevention", shown));
    }
}

fn support(account: &Account) -> Option<Finding> {
    if !account.has(Part::Roles) {
        return None;
    }
    let all = account.roles.iter().map(|role| &role.attached);
    let all = all
        .chain(account.users.iter().map(|user| &user.attached))
        .chain(account.groups.iter().map(|group| &group.attached));
    let has = all.flatten().any(|policy| policy.arn.ends_with(":iam::aws:policy/AWSSupportAccess"));
    (!has).then(|| rule::NO_SUPPORT_ROLE.on(on(account)))
}

fn analyzers(account: &Account) -> Option<Finding> {
    if !account.has(Part::Analyzers) {
        return None;
    }
    let active = account
        .analyzers
        .iter()
        .filter(|analyzer| analyzer.status == "ACTIVE" && matches!(analyzer.kind.as_str(), "ACCOUNT" | "ORGANIZATION"));
    let watched: BTreeSet<&str> =
        active.filter_map(|analyzer| Arn::parse(&analyzer.arn).map(|arn| arn.region)).collect();
    let mut open: Vec<&str> =
        account.regions.iter().map(String::as_str).filter(|region| !watched.contains(region)).collect();
    if account.regions.is_empty() && watched.is_empty() {
        open.push("all regions");
    }
    (!open.is_empty()).then(|| rule::NO_ANALYZER.on(on(account)).evidence("without an analyzer", open.join(", ")))
}
