//! What shrink must keep, drop and refuse.

use super::*;
use crate::facts::{Facts, Input};

const NOW: &str = "2026-11-24T00:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A role with one inline policy of these statements, made in 2024, and what AWS remembers of its use.
fn facts(statements: &str, last_accessed: &str) -> (Owner, History) {
    let text = format!(
        r#"{{"RoleDetailList": [{{"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web", "Path": "/",
            "CreateDate": "2024-01-01T00:00:00Z", "AttachedManagedPolicies": [], "RolePolicyList": [{{"PolicyName": "p",
            "PolicyDocument": {{"Version": "2012-10-17", "Statement": [{statements}]}}}}],
            "ServicesLastAccessed": [{last_accessed}]}}]}}"#
    );
    let facts = Facts::read(&[Input::new("facts.json", text.as_bytes())]).unwrap();
    owner(&facts, "web").unwrap()
}

fn used(action: &str, resources: &[&str]) -> Usage {
    Usage {
        action: action.to_owned(),
        resources: resources.iter().map(|resource| (*resource).to_owned()).collect(),
        count: 1,
        first: "2026-01-01T00:00:00Z".parse().ok(),
        last: "2026-11-01T00:00:00Z".parse().ok(),
        ..Usage::default()
    }
}

const BROAD: &str = r#"{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}"#;

#[test]
fn what_was_never_used_goes_and_conditions_and_denies_stay() {
    let (owner, history) = facts(
        BROAD,
        r#"{"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-01T00:00:00Z"}, {"ServiceNamespace": "sqs"}"#,
    );
    let shrunk = shrink(&owner, &history, 90, now()).unwrap();
    assert_eq!(shrunk.comparison.relation.name(), "narrower");
    assert_eq!(shrunk.dropped, ["sqs"]);
    assert_eq!(
        shrunk.policy["Statement"],
        serde_json::json!([
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
        ])
    );
}

#[test]
fn logs_name_actions_and_resources() {
    let (owner, history) = facts(BROAD, "");
    let usage =
        vec![used("s3:GetObject", &["arn:aws:s3:::b/k"]), used("sqs:SendMessage", &[]), used("ec2:RunInstances", &[])];
    let from = "2026-01-01T00:00:00Z".parse().ok();
    let shrunk = shrink(&owner, &history.with_trail(usage, Vec::new(), from), 90, now()).unwrap();
    let statements = shrunk.policy["Statement"].as_array().unwrap();
    let of = |place: usize| (&statements[place]["Action"], &statements[place]["Resource"]);
    assert_eq!(of(0), (&"s3:GetObject".into(), &"arn:aws:s3:::b/k".into()));
    assert_eq!(of(1), (&"sqs:SendMessage".into(), &"*".into()));
    assert_eq!(shrunk.elsewhere, ["ec2:RunInstances on *"]);
    assert!(shrunk.comparison.grants_nothing_new());
}

#[test]
fn what_logs_do_not_show_stays() {
    let (owner, history) = facts(BROAD, "");
    let from = "2026-01-01T00:00:00Z".parse().ok();
    let history = history.with_trail(vec![used("sqs:SendMessage", &[])], vec!["s3".to_owned()], from);
    let shrunk = shrink(&owner, &history, 90, now()).unwrap();
    let text = shrunk.policy.to_string();
    assert!(text.contains("\"s3:*\"") && text.contains("\"sqs:SendMessage\"") && !text.contains("sqs:*"), "{text}");
    assert!(shrunk.notes.iter().any(|note| note.contains("s3")), "{:?}", shrunk.notes);
    assert_eq!(shrunk.dropped, Vec::<String>::new());
}

#[test]
fn actions_that_aws_tracks_and_that_were_not_used_go() {
    let tracked = r#"{"ServiceNamespace": "sqs", "LastAuthenticated": "2026-11-01T00:00:00Z", "TrackedActionsLastAccessed":
        [{"ActionName": "CreateQueue", "LastAccessedTime": "2026-10-01T00:00:00Z"}, {"ActionName": "DeleteQueue"}]}"#;
    let (owner, history) = facts(BROAD, tracked);
    let shrunk = shrink(&owner, &history, 90, now()).unwrap();
    let actions = shrunk.policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.contains(&"sqs:CreateQueue".into()) && actions.contains(&"sqs:SendMessage".into()), "{actions:?}");
    assert!(!actions.contains(&"sqs:DeleteQueue".into()), "{actions:?}");
}

#[test]
fn what_aws_remembers_and_the_logs_do_not_show_stays() {
    let remembered = r#"{"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-01T00:00:00Z", "TrackedActionsLastAccessed":
        [{"ActionName": "CreateBucket", "LastAccessedTime": "2026-10-01T00:00:00Z"}, {"ActionName": "PutBucketTagging"}]},
        {"ServiceNamespace": "sqs", "LastAuthenticated": "2026-11-01T00:00:00Z"}"#;
    let (owner, history) = facts(BROAD, remembered);
    let from = "2026-01-01T00:00:00Z".parse().ok();
    let history = history.with_trail(vec![used("s3:GetObject", &["arn:aws:s3:::b/k"])], Vec::new(), from);
    let shrunk = shrink(&owner, &history, 90, now()).unwrap();
    let text = shrunk.policy.to_string();
    for stays in ["s3:GetObject", "s3:CreateBucket", "sqs:*"] {
        assert!(text.contains(stays), "{stays} is not in {text}");
    }
    assert!(!text.contains("PutBucketTagging") && !text.contains("s3:*"), "{text}");
    assert!(shrunk.dropped.is_empty());
}

#[test]
fn too_little_history_is_refused_with_what_would_help() {
    let one = r#"{"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-01T00:00:00Z"}"#;
    let (owner, history) = facts(BROAD, one);
    let young = History { since: "2026-11-01T00:00:00Z".parse().ok(), ..history.clone() };
    assert!(matches!(shrink(&owner, &young, 90, now()), Err(Refusal::TooShort { days: 23, wanted: 90, .. })));
    let (unused, nothing) = facts(BROAD, r#"{"ServiceNamespace": "s3"}"#);
    assert!(matches!(shrink(&unused, &nothing, 90, now()), Err(Refusal::NothingUsed(_))));
    let unknown = Owner { services_known: false, ..owner.clone() };
    assert!(matches!(shrink(&unknown, &History::default(), 90, now()), Err(Refusal::NoHistory(_))));
    assert!(matches!(
        shrink(&Owner { incomplete: true, ..owner }, &history, 90, now()),
        Err(Refusal::PoliciesUnknown(_))
    ));
}
