//! Policies of resources: whom they let in from outside.

use std::collections::BTreeSet;

use keelguard_model::{Finding, Severity, rule};

use super::stranger::{self, Answer, Guard, NUMBER};
use super::subjects::{principal, resource, short_name};
use crate::facts::{Account, Arn, Document, Facts, PublicAccessBlock, ResourcePolicy};
use crate::policy::{Effect, Policy, PrincipalPattern};

/// Actions that only read what is no secret do not make a resource of these services dangerous.
const HARMLESS: [&str; 3] = ["s3:getbucketlocation", "sns:gettopicattributes", "sqs:getqueueurl"];

pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in &facts.accounts {
        for one in &account.resources {
            let Some(policy) = one.policy.as_ref().and_then(Document::policy) else { continue };
            let guard = Guard::of(facts, policy, owner(account, one));
            findings.extend(everybody(account, one, policy, &guard));
            findings.extend(accounts(facts, account, one, policy, &guard));
            findings.extend(deputies(one, policy, &guard));
        }
        for pool in account.identity_pools.iter().filter(|pool| pool.allows_guests) {
            if let Some(role) = pool.roles.get("unauthenticated") {
                findings.push(
                    rule::ROLE_FOR_GUESTS
                        .on(principal(role))
                        .title(format!(
                            "Anybody gets {} as a guest of the identity pool {}",
                            short_name(role),
                            pool.name
                        ))
                        .evidence("IdentityPoolId", &pool.id)
                        .about(&pool.id),
                );
            }
        }
    }
    findings
}

fn owner<'a>(account: &'a Account, one: &'a ResourcePolicy) -> &'a str {
    one.account_id
        .as_deref()
        .or_else(|| Arn::parse(&one.arn).map(|arn| arn.account))
        .filter(|id| id.len() == 12)
        .unwrap_or(&account.id)
}

fn service(one: &ResourcePolicy) -> &str {
    Arn::parse(&one.arn).map_or("", |arn| arn.service)
}

fn everybody(account: &Account, one: &ResourcePolicy, policy: &Policy, guard: &Guard<'_>) -> Option<Finding> {
    let mut actions = BTreeSet::new();
    let mut hangs = BTreeSet::new();
    let mut sure = false;
    for statement in policy.statements.iter().filter(|statement| stranger::is_for_everybody(statement)) {
        let action = stranger::example(statement, service(one));
        let on = stranger::resource(statement, &one.arn);
        let direct = guard.ask(&stranger::of_account(NUMBER), &action, &on);
        // Whoever lets a service speak for them gets in where the service does.
        let for_services = statement.conditions.iter().any(|condition| condition.name.starts_with("aws:source"));
        let through = if for_services {
            guard.ask(&stranger::of_service("sns.amazonaws.com"), &action, &on)
        } else {
            Answer::Closed
        };
        match (direct, through) {
            (Answer::Open, _) | (_, Answer::Open) => {
                sure = true;
                actions.extend(statement.actions.any.iter().map(|action| action.as_str().to_owned()));
            }
            (Answer::Hangs(keys), _) => {
                hangs.extend(keys);
                actions.extend(statement.actions.any.iter().map(|action| action.as_str().to_owned()));
            }
            _ => {}
        }
    }
    let actions: Vec<String> = actions.into_iter().filter(|action| !HARMLESS.contains(&action.as_str())).collect();
    if actions.is_empty() {
        return None;
    }
    let is_bucket = service(one) == "s3";
    // What the policy tells strangers does not count where the bucket is shut to them.
    if let Some(by) = account.restricted_by(one).filter(|_| is_bucket && policy.is_public()) {
        let name = short_name(&one.arn);
        let title = format!("The policy of {name} lets anybody in, and only {by} keeps them out");
        let finding = rule::PUBLIC_POLICY_HELD_BACK.on(resource(&one.arn)).title(title);
        return Some(finding.evidence("closed by", by).evidence("Action", actions.join(", ")));
    }
    let writes = actions.iter().any(|action| {
        action.contains('*')
            || ["put", "delete", "send", "invoke", "publish", "decrypt", "getsecret"]
                .iter()
                .any(|verb| action.contains(verb))
    });
    let severity = match (sure, writes) {
        (true, true) => Severity::Critical,
        (true, false) => Severity::High,
        (false, _) => Severity::Medium,
    };
    let mut finding = rule::RESOURCE_OPEN_TO_ALL
        .on(resource(&one.arn))
        .title(format!(
            "Anybody may use {}: {}",
            short_name(&one.arn),
            actions.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
        ))
        .severity(severity)
        .evidence("Action", actions.join(", "));
    if !sure {
        finding = finding.evidence("depends on", hangs.into_iter().collect::<Vec<_>>().join(", "));
    }
    if is_bucket {
        let refuses = |block: Option<PublicAccessBlock>| block.is_some_and(|block| block.block_public_policy);
        if refuses(one.public_access_block) || refuses(account.public_access_block) {
            finding =
                finding.evidence("BlockPublicPolicy", "is on: it refuses new policies, and this one was there before");
        }
        if account.public_access_block.is_none() {
            finding = finding.evidence("public access block of the account", "not known");
        }
    }
    Some(finding)
}

fn accounts(
    facts: &Facts,
    account: &Account,
    one: &ResourcePolicy,
    policy: &Policy,
    guard: &Guard<'_>,
) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    // Of a public policy S3 then leaves nothing to other accounts, those it names included.
    if service(one) == "s3" && policy.is_public() && account.restricted_by(one).is_some() {
        return findings;
    }
    for (number, whole, statement) in stranger::foreign(facts, account, policy) {
        let action = stranger::example(statement, service(one));
        let on = stranger::resource(statement, &one.arn);
        let mut who = stranger::of_account(number);
        if !whole {
            // Named by its ARN: it is that principal who asks.
            let named = statement.principals.as_ref().into_iter().flat_map(|principals| &principals.any);
            let arn = named.filter_map(|principal| match principal {
                PrincipalPattern::Arn(arn) if arn.split(':').nth(4) == Some(number) => Some(arn.clone()),
                _ => None,
            });
            if let Some(arn) = arn.into_iter().next() {
                who.1.set("aws:principalarn", [arn.clone()]);
                who.0 = crate::evaluate::Caller::Arn(arn);
            }
        }
        let answer = guard.ask(&who, &action, &on);
        if answer == Answer::Closed || !seen.insert(number) {
            continue;
        }
        let mut finding = rule::RESOURCE_OPEN_TO_ACCOUNT
            .on(resource(&one.arn))
            .title(format!("Account {number} may use {}", short_name(&one.arn)))
            .severity(if whole { Severity::Medium } else { Severity::Low })
            .evidence(
                "Action",
                statement.actions.any.iter().map(crate::pattern::Pattern::as_str).collect::<Vec<_>>().join(", "),
            )
            .about(number);
        if let Answer::Hangs(keys) = answer {
            finding = finding.evidence("depends on", keys.join(", ")).severity(Severity::Low);
        }
        findings.push(finding);
    }
    findings
}

/// Services that may use the resource for whoever asks them to.
fn deputies(one: &ResourcePolicy, policy: &Policy, guard: &Guard<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        for principal in statement.principals.iter().flat_map(|principals| &principals.any) {
            let PrincipalPattern::Service(name) = principal else { continue };
            // Its own keys and images are used by services for their owner only.
            if matches!(service(one), "kms" | "ecr" | "secretsmanager") || !seen.insert(name) {
                continue;
            }
            let action = stranger::example(statement, service(one));
            let on = stranger::resource(statement, &one.arn);
            if guard.ask(&stranger::of_service(name), &action, &on) == Answer::Open {
                findings.push(
                    rule::CONFUSED_DEPUTY
                        .on(resource(&one.arn))
                        .title(format!("{name} may use {} for whoever asks it to", short_name(&one.arn)))
                        .severity(Severity::Medium)
                        .evidence("Principal", name)
                        .about(name),
                );
            }
        }
    }
    findings
}
