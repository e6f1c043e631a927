//! Whom roles trust outside their account.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::{Finding, Severity, rule};

use super::stranger::{self, Answer, Guard, NUMBER};
use super::subjects::{about_all, principal, short_name};
use crate::facts::{Account, Document, Facts, Role};
use crate::graph::{Distance, Graph};
use crate::policy::{Effect, Policy, PrincipalPattern};

/// Identity providers that serve everybody: their tokens prove nothing but whose they are.
const PUBLIC: &[&str] = &[
    "accounts.google.com",
    "agent.buildkite.com",
    "api.bitbucket.org",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "oidc.circleci.com",
    "oidc.vercel.com",
    "token.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Services that act on behalf of many accounts at once and can be told of a role in another.
const DEPUTIES: &[&str] = &[
    "apigateway.amazonaws.com",
    "appsync.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "iot.amazonaws.com",
    "logs.amazonaws.com",
    "serverlessrepo.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

pub(super) fn find(facts: &Facts, graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in &facts.accounts {
        let mut deputies: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for role in account.roles.iter().filter(|role| !role.is_service_linked()) {
            let Some(policy) = role.trust.as_ref().and_then(Document::policy) else { continue };
            let guard = Guard::of(facts, policy, &account.id);
            findings.extend(everybody(graph, role, policy, &guard));
            findings.extend(accounts(facts, graph, account, role, policy, &guard));
            findings.extend(providers(graph, role, policy, &guard));
            for service in services(policy) {
                if DEPUTIES.contains(&service)
                    && is_open(&guard, &stranger::of_service(service), "sts:AssumeRole", role)
                {
                    deputies.entry(service).or_default().push(role.arn.clone());
                }
            }
        }
        for (service, mut roles) in deputies {
            roles.sort_unstable();
            let first = roles.first().map_or("", String::as_str);
            let who = if roles.len() == 1 { short_name(first).to_owned() } else { format!("{} roles", roles.len()) };
            let finding = rule::CONFUSED_DEPUTY
                .on(principal(first))
                .title(format!("{service} may use {who} for whoever asks it to"))
                .evidence("trusts", service)
                .about(service);
            findings.push(about_all(finding, &roles));
        }
    }
    findings
}

fn is_open(
    guard: &Guard<'_>,
    who: &(crate::evaluate::Caller, crate::evaluate::Context),
    action: &str,
    role: &Role,
) -> bool {
    guard.ask(who, action, &role.arn) == Answer::Open
}

fn services(policy: &Policy) -> BTreeSet<&str> {
    let allowing = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let principals =
        allowing.filter_map(|statement| statement.principals.as_ref()).flat_map(|principals| &principals.any);
    principals
        .filter_map(
            |principal| if let PrincipalPattern::Service(name) = principal { Some(name.as_str()) } else { None },
        )
        .collect()
}

/// What a role is worth, for a title and a severity.
fn worth(graph: &Graph<'_>, role: &Role) -> (&'static str, bool) {
    match graph.distance(&role.arn) {
        Distance::Administrator => (", an administrator", true),
        Distance::Steps(_) => (", and through it become administrator", true),
        Distance::Unreachable => ("", false),
    }
}

fn path(mut finding: Finding, graph: &Graph<'_>, role: &Role) -> Finding {
    for hop in graph.path(&role.arn) {
        finding = finding.evidence("then", format!("{} ({})", hop.method.title, hop.method.id));
    }
    finding
}

fn everybody(graph: &Graph<'_>, role: &Role, policy: &Policy, guard: &Guard<'_>) -> Option<Finding> {
    if !policy.statements.iter().any(stranger::is_for_everybody) {
        return None;
    }
    let answer = guard.ask(&stranger::of_account(NUMBER), "sts:AssumeRole", &role.arn);
    let hangs = match answer {
        Answer::Open => None,
        Answer::Hangs(keys) if keys.iter().all(|key| key == "sts:externalid") => Some(keys),
        Answer::Hangs(_) | Answer::Closed => return None,
    };
    let (worth, _) = worth(graph, role);
    let mut finding = rule::ROLE_OPEN_TO_ALL
        .on(principal(&role.arn))
        .title(format!("Anybody in AWS may assume {}{worth}", short_name(&role.arn)))
        .evidence("Principal", "*");
    if let Some(keys) = hangs {
        finding = finding.evidence("depends on", keys.join(", ")).severity(Severity::High);
    }
    Some(path(finding, graph, role))
}

fn accounts(
    facts: &Facts,
    graph: &Graph<'_>,
    account: &Account,
    role: &Role,
    policy: &Policy,
    guard: &Guard<'_>,
) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for (number, whole, _) in stranger::foreign(facts, account, policy) {
        if !whole || !seen.insert(number) {
            continue;
        }
        if !is_open_to(guard, number, role) {
            continue;
        }
        let (worth, powerful) = worth(graph, role);
        let finding = rule::ROLE_OPEN_TO_ACCOUNT
            .on(principal(&role.arn))
            .title(format!("Account {number} may assume {}{worth}", short_name(&role.arn)))
            .severity(if powerful { Severity::High } else { Severity::Medium })
            .evidence("Principal", number)
            .about(number);
        findings.push(path(finding, graph, role));
    }
    findings
}

/// Whether whoever the account lets gets in. A second factor is not theirs to leave out here: it proves a person.
fn is_open_to(guard: &Guard<'_>, number: &str, role: &Role) -> bool {
    let (caller, mut context) = stranger::of_account(number);
    context.set("aws:multifactorauthpresent", ["false".to_owned()]);
    is_open(guard, &(caller, context), "sts:AssumeRole", role)
}

fn providers(graph: &Graph<'_>, role: &Role, policy: &Policy, guard: &Guard<'_>) -> Vec<Finding> {
    let allowing = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let principals =
        allowing.filter_map(|statement| statement.principals.as_ref()).flat_map(|principals| &principals.any);
    let named: BTreeSet<&str> = principals
        .filter_map(
            |principal| if let PrincipalPattern::Federated(name) = principal { Some(name.as_str()) } else { None },
        )
        .collect();
    let mut findings = Vec::new();
    for name in named {
        let host = host(name);
        let public = PUBLIC.iter().any(|known| host == *known || host.starts_with(&format!("{known}/")));
        let cluster = host.starts_with("oidc.eks.");
        let (_, context) = stranger::of_provider(host);
        let who = (crate::evaluate::Caller::Provider(name.to_owned()), context);
        if !(public || cluster) || !is_open(guard, &who, "sts:AssumeRoleWithWebIdentity", role) {
            continue;
        }
        let (worth, powerful) = worth(graph, role);
        let name = short_name(&role.arn);
        let finding = rule::PROVIDER_WITHOUT_SUBJECT.on(principal(&role.arn)).evidence("Federated", host).about(host);
        let finding = if cluster {
            let finding = finding.title(format!("Every pod of the cluster may assume {name}{worth}"));
            finding.severity(if powerful { Severity::High } else { Severity::Medium })
        } else {
            finding.title(format!("Any user of {host} may assume {name}{worth}"))
        };
        findings.push(path(finding, graph, role));
    }
    findings
}

/// `token.actions.githubusercontent.com` of the provider's ARN.
fn host(name: &str) -> &str {
    name.split_once(":oidc-provider/").map_or(name, |(_, host)| host)
}
