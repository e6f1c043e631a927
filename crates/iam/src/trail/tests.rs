//! What logs come to.

use std::io::Write as _;

use super::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/web";

fn event(source: &str, name: &str, more: &str) -> String {
    format!(
        r#"{{"eventVersion": "1.09", "userIdentity": {{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/web/i-1",
            "sessionContext": {{"sessionIssuer": {{"type": "Role", "arn": "{ROLE}"}}}}}}, "eventTime": "2026-11-24T08:00:00Z",
            "eventSource": "{source}.amazonaws.com", "eventName": "{name}", "awsRegion": "eu-central-1",
            "recipientAccountId": "111122223333"{more}}}"#
    )
}

fn read(files: &[(&str, Vec<u8>)]) -> Trail {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    Trail::read(&[folder.path().to_path_buf()], &Limits::default())
}

fn packed(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

#[test]
fn folders_of_packed_logs_lines_and_lookups_tell_what_a_role_did_and_on_what() {
    let get = event("s3", "GetObject", r#", "requestParameters": {"bucketName": "b", "key": "k/1"}"#);
    let list = event(
        "s3",
        "ListObjects",
        r#", "requestParameters": {"bucketName": "b"}, "resources": [{"ARN": "arn:aws:s3:::b"}]"#,
    );
    let denied = event("iam", "CreateUser", r#", "errorCode": "AccessDenied", "requestParameters": {"userName": "x"}"#);
    let create = event(
        "lambda",
        "CreateFunction20150331",
        r#", "requestParameters": {"functionName": "f", "role": "arn:aws:iam::111122223333:role/f"}"#,
    );
    let lookup = serde_json::json!({"Events": [{"CloudTrailEvent": create}]}).to_string();
    let trail = read(&[
        ("AWSLogs/1/CloudTrail/eu/2026/11/24/a.json.gz", packed(&format!(r#"{{"Records": [{get}, {list}]}}"#))),
        ("lines.jsonl", format!("{}\n{}\n", get.replace('\n', " "), denied.replace('\n', " ")).into_bytes()),
        ("lookup.json", lookup.into_bytes()),
        ("AWSLogs/1/x_CloudTrail-Digest_x.json.gz", b"no log".to_vec()),
    ]);
    assert!(trail.incomplete.is_empty(), "{:?}", trail.incomplete);
    assert_eq!(trail.events(), 5);
    let used = trail.used(ROLE);
    let told: Vec<(&str, u64, u64, &str)> = used
        .iter()
        .map(|one| (one.action.as_str(), one.count, one.denied, one.resources.first().map_or("", String::as_str)))
        .collect();
    assert_eq!(
        told,
        [
            ("iam:CreateUser", 0, 1, ""),
            ("iam:PassRole", 1, 0, "arn:aws:iam::111122223333:role/f"),
            ("lambda:CreateFunction", 1, 0, "arn:aws:lambda:eu-central-1:111122223333:function:f"),
            ("s3:GetObject", 2, 0, "arn:aws:s3:::b/k/1"),
            ("s3:ListBucket", 1, 0, "arn:aws:s3:::b"),
        ]
    );
    assert_eq!(used[3].regions, ["eu-central-1"]);
    assert_eq!(trail.times().map(|(_, to)| to.to_string()).as_deref(), Some("2026-11-24T08:00:00Z"));
}

#[test]
fn what_is_no_log_is_told_of_and_the_rest_is_read() {
    let good = event("ec2", "DescribeInstances", "");
    let trail = read(&[
        ("a.json", b"{\"Records\": [".to_vec()),
        ("b.json.gz", packed(&good)[..40].to_vec()),
        ("c.json", format!("{{\"Records\": [{good}, 7, {{}}]}}").into_bytes()),
        ("d.json", vec![0xff; 10]),
    ]);
    assert_eq!(trail.used(ROLE).len(), 1);
    let told: String = trail.incomplete.iter().map(|gap| format!("{} {}\n", gap.what, gap.why)).collect();
    for why in ["a.json: 1 entries", "it is damaged", "c.json: 2 entries", "it is no text"] {
        assert!(told.contains(why), "{why} is not in {told}");
    }
    let none = Trail::read(&[PathBuf::from("/nonexistent/logs")], &Limits::default());
    assert!(none.incomplete[0].why.contains("it cannot be read"));
    assert!(read(&[("a.json", b"{\"Records\": []}".to_vec())]).incomplete[0].why.contains("not one event"));
}

#[test]
fn memory_is_bounded_by_what_is_kept_and_what_is_left_out_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let lines: String = (0..50)
        .map(|n| {
            event("s3", "GetObject", &format!(r#", "requestParameters": {{"bucketName": "b", "key": "{n}"}}"#))
                .replace('\n', " ")
                + "\n"
        })
        .collect();
    let others: String = (0..5).map(|n| event("ec2", &format!("Describe{n}x"), "").replace('\n', " ") + "\n").collect();
    std::fs::write(&file, lines + &others).unwrap();
    let trail = Trail::read(&[file], &Limits { resources: 10, actions: 2, ..Limits::default() });
    let used = trail.used(ROLE);
    assert_eq!(used.len(), 2);
    let get = used.iter().find(|one| one.action == "s3:GetObject").unwrap();
    assert_eq!((get.resources.len(), get.resources_open, get.count), (10, true, 50));
    assert!(trail.incomplete[0].why.contains("4 events were left out"), "{:?}", trail.incomplete);
}

#[test]
fn logs_of_ninety_days_say_which_services_nobody_uses() {
    use crate::facts::{Facts, Input};
    let account = format!(
        r#"{{"RoleDetailList": [{{"RoleName": "web", "Arn": "{ROLE}",
            "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {{"Service": "ec2.amazonaws.com"}}}}]}},
            "RolePolicyList": [{{"PolicyName": "in", "PolicyDocument": {{"Version": "2012-10-17",
                "Statement": [{{"Effect": "Allow", "Action": ["s3:Get*", "sqs:*", "ecr:*"], "Resource": "*"}}]}}}}]}}]}}"#
    );
    let early = event("s3", "GetObject", r#", "requestParameters": {"bucketName": "b", "key": "k"}"#)
        .replace("2026-11-24", "2026-08-01");
    let late = event("s3", "GetObject", r#", "requestParameters": {"bucketName": "b", "key": "k"}"#);
    let filled = |logs: String| {
        let mut facts = Facts::read(&[Input::new("a.json", account.as_bytes())]).unwrap();
        read(&[("a.json", logs.into_bytes())]).fill(&mut facts);
        facts.accounts.remove(0).roles.remove(0)
    };
    // Of queues nothing is logged that nobody has asked for, so nothing is said of them.
    let role = filled(format!("[{early}, {late}]"));
    let used = role.services_last_accessed.unwrap();
    let told: Vec<(&str, bool)> =
        used.iter().map(|one| (one.service.as_str(), one.last_authenticated.is_some())).collect();
    assert_eq!(told, [("ecr", false), ("s3", true)]);
    assert_eq!(role.last_used.unwrap().at.unwrap().to_string(), "2026-11-24T08:00:00Z");
    assert!(filled(format!("[{late}]")).services_last_accessed.is_none());
}

/// The role with what AWS remembers, after these logs.
fn with_logs(remembered: &str, logs: &[String]) -> Vec<crate::facts::ServiceUsage> {
    use crate::facts::{Facts, Input};
    let account = format!(
        r#"{{"RoleDetailList": [{{"RoleName": "web", "Arn": "{ROLE}", "RolePolicyList": [{{"PolicyName": "in", "PolicyDocument":
            {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": ["ecr:*", "ec2:*", "kms:*"], "Resource": "*"}}]}}}}]
            {remembered}}}]}}"#
    );
    let mut facts = Facts::read(&[Input::new("a.json", account.as_bytes())]).unwrap();
    read(&[("a.json", format!("[{}]", logs.join(", ")).into_bytes())]).fill(&mut facts);
    facts.accounts.remove(0).roles.remove(0).services_last_accessed.unwrap_or_default()
}

fn at(event: &str, day: &str) -> String {
    event.replace("2026-11-24", day)
}

fn service<'u>(usage: &'u [crate::facts::ServiceUsage], name: &str) -> &'u crate::facts::ServiceUsage {
    usage.iter().find(|one| one.service == name).unwrap()
}

#[test]
fn what_the_logs_show_is_used_whatever_aws_remembers_and_what_neither_shows_is_not() {
    let remembered = r#", "ServicesLastAccessed": [
        {"ServiceNamespace": "ecr", "LastAuthenticated": "2026-09-01T00:00:00Z", "TrackedActionsLastAccessed": [
            {"ActionName": "PutImage"}, {"ActionName": "DeleteRepository"},
            {"ActionName": "CreateRepository", "LastAccessedTime": "2026-09-01T00:00:00Z"}]},
        {"ServiceNamespace": "ec2"}]"#;
    let put = event("ecr", "PutImage", "");
    let usage = with_logs(remembered, &[at(&event("ec2", "DescribeInstances", ""), "2026-08-01"), put.clone()]);
    let ecr = service(&usage, "ecr");
    assert_eq!(ecr.last_authenticated.unwrap().to_string(), "2026-11-24T08:00:00Z");
    let done: Vec<(&str, bool)> = ecr.actions.iter().map(|one| (one.name.as_str(), one.last.is_some())).collect();
    assert_eq!(done, [("PutImage", true), ("DeleteRepository", false), ("CreateRepository", true)]);
    let logs = ecr.logs.as_ref().unwrap();
    assert!(logs.every_action && !logs.alone);
    assert!(service(&usage, "ec2").last_authenticated.is_some());
    // Logs of one day show what is used, and nothing of what is not.
    let usage = with_logs(remembered, &[event("ec2", "DescribeInstances", ""), put]);
    let logs = service(&usage, "ecr").logs.as_ref().unwrap();
    assert!(!logs.every_action && service(&usage, "ecr").actions[0].last.is_some());
}

#[test]
fn logs_that_leave_calls_out_say_of_nothing_that_nobody_uses_it() {
    let write = event("ecr", "PutImage", r#", "readOnly": false"#);
    let read = event("ec2", "DescribeInstances", r#", "readOnly": true"#);
    // Calls that only read were not logged: who does nothing else would look idle.
    assert!(
        with_logs("", &[at(&write, "2026-08-01"), write.clone()])
            .iter()
            .all(|one| one.service == "ecr" && !one.logs.as_ref().unwrap().every_action)
    );
    let usage = with_logs("", &[at(&read, "2026-08-01"), write.clone()]);
    assert!(usage.iter().all(|one| one.logs.as_ref().unwrap().every_action && one.logs.as_ref().unwrap().alone));
    let names = |usage: &[crate::facts::ServiceUsage]| usage.iter().map(|one| one.service.clone()).collect::<Vec<_>>();
    assert_eq!(names(&usage), ["ec2", "ecr"], "not a call of kms by anybody: it may be left out");
    let kms = event("kms", "Decrypt", "").replace("role/web", "role/other");
    assert_eq!(names(&with_logs("", &[at(&read, "2026-08-01"), write, kms])), ["ec2", "ecr", "kms"]);
}
