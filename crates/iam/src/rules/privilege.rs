//! Policies that allow more than anybody needs: everything, whole services, all data, all secrets, all sharing. What AWS
//! itself writes is not judged here but for administrator: nobody here can narrow it.

use std::collections::BTreeSet;

use keelguard_model::{Finding, Rule, Severity, rule};

use super::holders::{self, Kept};
use super::subjects::{about_all, policy, principal, some};
use crate::facts::Facts;
use crate::graph::{Graph, is_everything};
use crate::policy::{Effect, Statement};

/// Services of which a wildcard gives away data, rights or machines.
const SERVICES: [&str; 24] = [
    "cloudformation",
    "codebuild",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticfilesystem",
    "glue",
    "iam",
    "kms",
    "lambda",
    "organizations",
    "rds",
    "redshift",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sso",
    "sts",
];

/// Reading what is kept.
const DATA: [&str; 14] = [
    "athena:getqueryresults",
    "dynamodb:scan",
    "dynamodb:query",
    "dynamodb:exporttabletopointintime",
    "ebs:getsnapshotblock",
    "ecr:batchgetimage",
    "kinesis:getrecords",
    "logs:getlogevents",
    "rds:downloadcompletedlogfile",
    "rds:startexporttask",
    "redshift-data:executestatement",
    "s3:getobject",
    "s3:getobjectversion",
    "sqs:receivemessage",
];

/// Answers that hold credentials.
const CREDENTIALS: [&str; 20] = [
    "chime:createapikey",
    "codepipeline:pollforjobs",
    "cognito-idp:describeuserpoolclient",
    "connect:getfederationtoken",
    "ec2:getpassworddata",
    "gamelift:getinstanceaccess",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createservicespecificcredential",
    "iam:resetservicespecificcredential",
    "lightsail:downloaddefaultkeypair",
    "lightsail:getinstanceaccessdetails",
    "rds-db:connect",
    "redshift:getclustercredentials",
    "secretsmanager:batchgetsecretvalue",
    "secretsmanager:getsecretvalue",
    "ssm:getparameter",
    "ssm:getparameters",
    "ssm:getparametersbypath",
    "sts:getfederationtoken",
];

/// Changing who may use something.
const SHARING: [&str; 24] = [
    "backup:putbackupvaultaccesspolicy",
    "codeartifact:putdomainpermissionspolicy",
    "ec2:modifyimageattribute",
    "ec2:modifysnapshotattribute",
    "ecr:setrepositorypolicy",
    "elasticfilesystem:putfilesystempolicy",
    "es:updatedomainconfig",
    "glacier:setvaultaccesspolicy",
    "glue:putresourcepolicy",
    "iam:updateassumerolepolicy",
    "kms:creategrant",
    "kms:putkeypolicy",
    "lambda:addlayerversionpermission",
    "lambda:addpermission",
    "logs:putresourcepolicy",
    "ram:createresourceshare",
    "rds:modifydbsnapshotattribute",
    "s3:putaccesspointpolicy",
    "s3:putbucketacl",
    "s3:putbucketpolicy",
    "s3:putobjectacl",
    "secretsmanager:putresourcepolicy",
    "sns:addpermission",
    "sqs:addpermission",
];

pub(super) fn find(facts: &Facts, graph: &Graph<'_>) -> Vec<Finding> {
    let administrators = graph.administrators();
    let mut findings = Vec::new();
    for account in &facts.accounts {
        for kept in holders::of(account) {
            // What denies beside allowing everything may well leave no administrator.
            let denies = kept.policy.statements.iter().any(|statement| statement.effect == Effect::Deny);
            let administers = || kept.holders.iter().any(|holder| administrators.contains_key(holder));
            if is_everything(kept.policy) && (!denies || administers()) {
                let severity = if kept.is_of_aws { Severity::Medium } else { Severity::High };
                findings
                    .push(on(&rule::ADMINISTRATOR_POLICY, &kept, "allows everything on everything").severity(severity));
                continue;
            }
            // What an administrator may do beside everything says nothing new.
            let powerless = |holder: &&str| !administrators.contains_key(holder);
            if kept.is_of_aws || !kept.holders.iter().any(powerless) {
                continue;
            }
            judge(&kept, &mut findings);
        }
    }
    findings
}

fn judge(kept: &Kept<'_>, findings: &mut Vec<Finding>) {
    let wide = || kept.policy.statements.iter().filter(|statement| is_wide(statement));
    let services: BTreeSet<&str> = wide()
        .filter(|statement| !statement.actions.negated)
        .flat_map(|statement| &statement.actions.any)
        .filter_map(|pattern| pattern.as_str().strip_suffix(":*"))
        .filter(|service| SERVICES.contains(service))
        .collect();
    if !services.is_empty() {
        let list = services.iter().copied().collect::<Vec<_>>().join(", ");
        findings.push(on(&rule::WHOLE_SERVICE, kept, &format!("allows all of {list}")).evidence("Action", list));
    }
    let allowing = kept.policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    if allowing.clone().any(|statement| {
        statement.actions.negated || statement.resources.as_ref().is_some_and(|resources| resources.negated)
    }) {
        findings.push(on(&rule::ALL_BUT, kept, "allows everything that it does not name"));
    }
    for (rule, actions, says) in [
        (&rule::READS_ALL_DATA, DATA.as_slice(), "allows reading all data"),
        (&rule::READS_CREDENTIALS, &CREDENTIALS, "allows fetching credentials, whichever they are"),
        (&rule::EXPOSES_RESOURCES, &SHARING, "allows opening resources to the world"),
        (&rule::PASSES_ANY_ROLE, &["iam:passrole"], "allows handing any role to a service"),
    ] {
        let found: Vec<&str> =
            actions.iter().copied().filter(|action| wide().any(|statement| names(statement, action))).collect();
        if !found.is_empty() {
            findings.push(on(rule, kept, says).evidence("Action", found.join(", ")));
        }
    }
}

/// On every resource, without a condition.
fn is_wide(statement: &Statement) -> bool {
    let star = |template: &crate::policy::Template| {
        template
            .as_pattern()
            .is_some_and(|pattern| matches!(pattern.as_str(), "*" | "arn:aws:s3:::*" | "arn:aws:iam::*:role/*"))
    };
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && statement.resources.as_ref().is_some_and(|resources| !resources.negated && resources.any.iter().any(star))
}

fn names(statement: &Statement, action: &str) -> bool {
    statement.actions.any.iter().any(|pattern| pattern.matches(action)) != statement.actions.negated
}

fn on(rule: &'static Rule, kept: &Kept<'_>, says: &str) -> Finding {
    let first = kept.holders.first().copied().unwrap_or_default();
    let holders: Vec<String> = kept.holders.iter().map(ToString::to_string).collect();
    let whose = some(kept.holders.iter().copied());
    // The same words for all of a kind, so that reports tell many at once.
    let finding = if kept.is_managed {
        rule.on(policy(kept.name)).title(format!("A policy {says}"))
    } else {
        rule.on(principal(first))
            .title(format!("An inline policy {says}"))
            .evidence("inline policy", kept.name)
            .about(kept.name)
    };
    let finding = finding.evidence("held by", whose);
    about_all(finding, &holders)
}
