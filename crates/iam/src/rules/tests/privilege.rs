//! More rights than needed, and rights that nobody uses.

#![allow(clippy::needless_pass_by_value, reason = "json! makes values")]

use serde_json::{Value, json};

use super::{ACCOUNT, arn, document, ids, role, user};

fn of_policy(statements: Value) -> Vec<String> {
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": [user("dev", &statements)]});
    let rules = ["KG-A040", "KG-A041", "KG-A042", "KG-A043", "KG-A044", "KG-A045", "KG-A048"];
    ids(&facts, &rules).into_iter().map(|id| id.split(' ').next().unwrap().to_owned()).collect()
}

fn allow(action: &str, resource: &str) -> Value {
    json!([{"Effect": "Allow", "Action": action, "Resource": resource}])
}

#[test]
fn everything_on_everything_is_told_and_nothing_beside_it() {
    assert_eq!(of_policy(allow("*", "*")), ["KG-A040"]);
}

#[test]
fn wildcards_data_secrets_sharing_and_roles_are_told_where_they_go_over_everything() {
    assert_eq!(of_policy(allow("dynamodb:*", "*")), ["KG-A041", "KG-A043"]);
    assert_eq!(of_policy(allow("s3:Get*", "*")), ["KG-A043"]);
    assert_eq!(of_policy(allow("ssm:GetParameter", "*")), ["KG-A044"]);
    assert_eq!(of_policy(allow("s3:PutBucketPolicy", "*")), ["KG-A045"]);
    assert_eq!(of_policy(allow("iam:PassRole", "*")), ["KG-A048"]);
    let but = json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::b/*"}]);
    assert_eq!(of_policy(but), ["KG-A042"]);
}

#[test]
fn what_is_narrowed_by_resource_or_condition_is_not_told() {
    assert!(of_policy(allow("s3:Get*", "arn:aws:s3:::b/*")).is_empty());
    assert!(of_policy(allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/t")).is_empty());
    let bounded = json!([{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}]);
    assert!(of_policy(bounded).is_empty());
    assert!(of_policy(allow("cloudwatch:*", "*")).is_empty());
}

#[test]
fn a_policy_that_many_have_is_told_once() {
    let users: Vec<Value> = (0..3)
        .map(|number| {
            json!({"UserName": format!("u{number}"), "Arn": arn(&format!("user/u{number}")),
            "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": arn("policy/p")}]})
        })
        .collect();
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": users, "Policies": [{"PolicyName": "p", "Arn": arn("policy/p"), "DefaultVersionId": "v2",
        "PolicyVersionList": [{"VersionId": "v2", "IsDefaultVersion": true, "Document": document(&allow("s3:*", "*"))}]}]});
    assert_eq!(ids(&facts, &["KG-A041"]), ["KG-A041 policy/p"]);
}

#[test]
fn roles_and_services_that_nobody_uses_are_told_once_they_are_old_enough_to_say_so() {
    let with = |created: &str, last: Value| {
        let mut one = role("old", &json!([]), &json!([]));
        one["CreateDate"] = json!(created);
        one["RoleLastUsed"] = last;
        ids(&json!({"AccountId": ACCOUNT, "RoleDetailList": [one]}), &["KG-A047"])
    };
    assert_eq!(with("2026-01-01T00:00:00Z", json!({})), ["KG-A047 role/old"]);
    assert!(with("2026-11-01T00:00:00Z", json!({})).is_empty());
    assert!(with("2026-01-01T00:00:00Z", json!({"LastUsedDate": "2026-11-01T00:00:00Z"})).is_empty());
    let mut dev = user("dev", &json!([]));
    dev["ServicesLastAccessed"] = json!([
        {"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-20T00:00:00Z"},
        {"ServiceNamespace": "sqs"}]);
    assert_eq!(ids(&json!({"AccountId": ACCOUNT, "UserDetailList": [dev]}), &["KG-A046"]), ["KG-A046 user/dev"]);
}
