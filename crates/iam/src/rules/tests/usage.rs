//! Permissions that nobody uses: by what AWS remembers, by CloudTrail's logs, and over which time.

#![allow(clippy::needless_pass_by_value, reason = "json! makes values")]

use serde_json::{Value, json};

use super::{ACCOUNT, arn, judged, user};

/// The finding about a user who may do `actions` and has used `services`; its title and evidence.
fn told(actions: &[&str], services: Value, created: &str) -> Option<(String, Vec<(String, String)>)> {
    let mut dev = user("dev", &json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]));
    dev["CreateDate"] = json!(created);
    dev["ServicesLastAccessed"] = services;
    let judged = judged(&json!({"AccountId": ACCOUNT, "UserDetailList": [dev]}));
    let finding = judged.findings.into_iter().find(|finding| finding.rule == "KG-A046")?;
    assert_eq!(finding.subject.name, arn("user/dev"));
    let evidence = finding.evidence.into_iter().map(|one| (one.what, one.value)).collect();
    Some((finding.title, evidence))
}

const OLD: &str = "2024-01-01T00:00:00Z";

fn value<'e>(evidence: &'e [(String, String)], what: &str) -> &'e str {
    evidence.iter().find(|(name, _)| name == what).map_or("", |(_, value)| value)
}

#[test]
fn of_a_service_that_is_used_the_actions_are_told_that_are_not_where_the_policies_allow_them() {
    let services = json!([{"ServiceNamespace": "ec2", "LastAuthenticated": "2026-11-20T00:00:00Z", "TrackedActionsLastAccessed": [
        {"ActionName": "RunInstances", "LastAccessedTime": "2026-11-20T00:00:00Z"},
        {"ActionName": "TerminateInstances", "LastAccessedTime": "2026-01-20T00:00:00Z"},
        {"ActionName": "StopInstances"}, {"ActionName": "CreateVpc"}]}]);
    let (title, evidence) = told(&["ec2:*Instances"], services, OLD).unwrap();
    assert_eq!(title, "user/dev does not use 2 actions that it may use");
    let unused = value(&evidence, "actions not used for 90 days or more");
    assert_eq!(unused, "ec2:StopInstances, ec2:TerminateInstances");
    assert_eq!(value(&evidence, "known by"), "what AWS remembers, of 400 days at most");
}

#[test]
fn logs_that_hold_every_call_tell_of_each_action_that_is_not_in_them_and_over_which_time() {
    let logs =
        json!({"From": "2026-07-01T00:00:00Z", "To": "2026-11-24T00:00:00Z", "EveryAction": true, "Alone": true});
    let services = |every: bool| {
        let mut logs = logs.clone();
        logs["EveryAction"] = json!(every);
        json!([{"ServiceNamespace": "ecr", "LastAuthenticated": "2026-11-20T00:00:00Z", "Logs": logs, "TrackedActionsLastAccessed": [
            {"ActionName": "PutImage", "LastAccessedTime": "2026-11-20T00:00:00Z"}]}])
    };
    let may = ["ecr:PutImage", "ecr:DeleteRepository", "ecr:TagResource", "ecr:BatchDeleteImage"];
    let (title, evidence) = told(&may, services(true), OLD).unwrap();
    assert_eq!(title, "user/dev does not use 2 actions that it may use");
    // That things are tagged is no event of its own.
    assert_eq!(value(&evidence, "actions not used for 90 days or more"), "ecr:BatchDeleteImage, ecr:DeleteRepository");
    let known = value(&evidence, "known by");
    assert_eq!(known, "CloudTrail's logs from 2026-07-01T00:00:00Z to 2026-11-24T00:00:00Z, 146 days");
    assert_eq!(
        told(&may, services(false), OLD),
        None,
        "logs that leave calls out say nothing of those that are missing"
    );
}

#[test]
fn services_and_actions_are_told_together_and_of_a_new_principal_nothing_is_said() {
    let services = json!([
        {"ServiceNamespace": "sqs"},
        {"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-20T00:00:00Z", "TrackedActionsLastAccessed": [{"ActionName": "DeleteBucket"}]}]);
    let (title, evidence) = told(&["s3:*", "sqs:*"], services.clone(), "2026-05-01T00:00:00Z").unwrap();
    assert_eq!(title, "user/dev does not use 1 of 2 services and 1 action that it may use");
    assert_eq!(value(&evidence, "known by"), "what AWS remembers, of 207 days at most");
    assert_eq!(told(&["s3:*", "sqs:*"], services, "2026-11-01T00:00:00Z"), None);
}
