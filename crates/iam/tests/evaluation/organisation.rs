//! AWS Organizations user guide, "SCP evaluation", "RCP evaluation" and what is not restricted by them.

use serde_json::json;

use crate::support::*;

fn member(action: &str) -> Case {
    asks(ALICE, action, OBJECT).account("111122223333").identity(allow("*"))
}

#[test]
fn every_level_must_allow() {
    let full = allow("*");
    let levels = |root, unit, account| {
        member("s3:GetObject").level("scp", "r-1", &[root]).level("scp", "ou-1", &[unit]).level(
            "scp",
            "111122223333",
            &[account],
        )
    };
    levels(full.clone(), full.clone(), full.clone()).allowed();
    levels(full.clone(), allow("s3:*"), full.clone()).allowed();
    levels(full.clone(), allow("ec2:*"), full.clone()).implicitly_denied();
    levels(allow("ec2:*"), full.clone(), full.clone()).implicitly_denied();
    levels(full.clone(), full.clone(), allow("ec2:*")).implicitly_denied();
    levels(full.clone(), deny("s3:*"), full).explicitly_denied();
}

#[test]
fn a_level_without_policies_allows_nothing_and_no_level_is_no_organisation() {
    member("s3:GetObject").level("scp", "r-1", &[allow("*")]).level("scp", "ou-1", &[]).implicitly_denied();
    member("s3:GetObject").allowed();
    let said = member("s3:GetObject").level("scp", "ou-1", &[]).because();
    assert!(said.contains("no service control policy hangs on ou-1"), "{said}");
}

#[test]
fn an_scp_grants_nothing() {
    get(ALICE).level("scp", "r-1", &[allow("*")]).implicitly_denied();
}

#[test]
fn an_scp_limits_what_a_resource_grants_as_well() {
    get(ALICE).resource(allow_to(aws(ALICE), "s3:*")).level("scp", "r-1", &[allow("ec2:*")]).implicitly_denied();
}

#[test]
fn neither_limits_the_management_account() {
    let denied = || member("s3:GetObject").level("scp", "r-1", &[deny("*")]);
    denied().explicitly_denied();
    denied().set("principal_is_management", json!(true)).allowed();
    denied().set("resource_is_management", json!(true)).explicitly_denied();
    let denied = || member("s3:GetObject").level("rcp", "r-1", &[deny_to(json!("*"), "*")]);
    denied().explicitly_denied();
    denied().set("resource_is_management", json!(true)).allowed();
    denied().set("principal_is_management", json!(true)).explicitly_denied();
}

#[test]
fn neither_limits_service_linked_roles() {
    for who in [
        "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/session",
    ] {
        get(who)
            .identity(allow("*"))
            .level("scp", "r-1", &[deny("*")])
            .level("rcp", "r-1", &[deny_to(json!("*"), "*")])
            .allowed();
    }
    get(SESSION).identity(allow("*")).level("scp", "r-1", &[deny("*")]).explicitly_denied();
}

#[test]
fn resource_control_policies_only_deny_as_full_access_hangs_at_each_level() {
    member("s3:GetObject").level("rcp", "r-1", &[]).level("rcp", "ou-1", &[]).allowed();
    let elsewhere = || member("s3:GetObject").level("rcp", "r-1", &[deny_to(json!("*"), "sqs:*")]);
    elsewhere().allowed();
    elsewhere().level("rcp", "ou-1", &[deny_to(json!("*"), "s3:Get*")]).explicitly_denied();
}

#[test]
fn resource_control_policies_hold_for_strangers_services_and_the_anonymous() {
    let only_us = statement(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}));
    let open =
        |who: &str| get(who).resource(allow_to(json!("*"), "s3:*")).level("rcp", "r-1", std::slice::from_ref(&only_us));
    open("anonymous").explicitly_denied();
    open("cloudtrail.amazonaws.com").allowed();
    open(ALICE).explicitly_denied();
    open(ALICE).context("aws:PrincipalOrgID", json!("o-1")).allowed();
    let foreign = "arn:aws:iam::999999999999:user/eve";
    open(foreign).identity(allow("s3:*")).explicitly_denied();
}

#[test]
fn service_control_policies_do_not_hold_for_services_and_the_anonymous() {
    for who in ["anonymous", "cloudtrail.amazonaws.com"] {
        get(who).resource(allow_to(json!("*"), "s3:*")).level("scp", "r-1", &[deny("*")]).allowed();
    }
}

#[test]
fn a_region_may_be_forbidden_with_exceptions() {
    let region = statement(json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1"]},
                      "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Admin"]}}}));
    let starts = |who: &str, region_asked: &str| {
        asks(who, "ec2:RunInstances", "*")
            .identity(allow("*"))
            .level("scp", "r-1", &[allow("*"), region.clone()])
            .context("aws:RequestedRegion", json!(region_asked))
    };
    starts(ALICE, "eu-central-1").allowed();
    starts(ALICE, "us-east-1").explicitly_denied();
    starts("arn:aws:sts::111122223333:assumed-role/Admin/me", "us-east-1").allowed();
    asks(ALICE, "iam:CreateUser", "*")
        .identity(allow("*"))
        .level("scp", "r-1", &[allow("*"), region.clone()])
        .allowed();
}
