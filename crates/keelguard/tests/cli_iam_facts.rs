//! `keelguard iam facts` and `--trail`, as they are typed: what a file may be, and what is said where it cannot be used.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ACCOUNT: &str = r#"{
  "RoleDetailList": [{
    "RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web", "CreateDate": "2020-01-01T00:00:00Z",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "RolePolicyList": [{"PolicyName": "in", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:*", "sqs:SendMessage", "ecr:PutImage"], "Resource": "*"}]}}],
    "AttachedManagedPolicies": []
  }],
  "UserDetailList": [], "GroupDetailList": [], "Policies": []
}"#;

fn keelguard(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn facts_of_a_file_are_written_without_what_is_secret_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("account.json", ACCOUNT);
    write(
        "functions.json",
        r#"{"Functions": [{"FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "Role": "arn:aws:iam::111122223333:role/web", "Description": "hunter2",
            "Environment": {"Variables": {"DB_PASSWORD": "hunter2", "EMPTY": ""}}}]}"#,
    );
    write("key.json", r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}"}"#);
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k=key.json";
    let output = keelguard(
        folder.path(),
        &["iam", "facts", "--facts", "account.json", "--facts", "functions.json", "--facts", key],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("hunter2"));
    let facts: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(facts["AccountId"], "111122223333");
    assert_eq!(
        facts["Functions"][0]["Environment"]["Variables"],
        serde_json::json!({"DB_PASSWORD": "<redacted>", "EMPTY": ""})
    );
    assert_eq!(facts["ResourcePolicies"][0]["Arn"], "arn:aws:kms:eu-west-1:111122223333:key/k");
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/iam-facts.schema.json")).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = valid.iter_errors(&facts).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn what_cannot_be_used_is_said_with_exit_code_2_and_what_is_missing_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let half = ACCOUNT.len() / 2;
    write("cut.json", &ACCOUNT.as_bytes()[..half]);
    write("packed.json", b"\x1f\x8b\x08\x00");
    write("empty.json", b"");
    write("deep.json", "[".repeat(1_000_000).as_bytes());
    write("other.json", br#"{"Volumes": []}"#);
    write("account.json", ACCOUNT.as_bytes());
    write("policy.json", br#"{"Policy": "{\"Statement\": []}"}"#);
    for (file, why) in [
        ("cut.json", "could not read cut.json: it ends in the middle of something"),
        ("packed.json", "it is compressed; unpack it first"),
        ("empty.json", "could not read empty.json: it is empty"),
        ("deep.json", "could not read deep.json: it is no JSON: recursion limit exceeded"),
        (".", "it is a folder"),
        ("absent.json", "No such file"),
    ] {
        let output = keelguard(folder.path(), &["iam", "facts", "--facts", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(stderr(&output).contains(why), "{file}: {}", stderr(&output));
    }
    let output = keelguard(folder.path(), &["iam", "facts", "--facts", "other.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing is known of what is in it (Volumes)"));
    let output = keelguard(folder.path(), &["iam", "facts", "--facts", "account.json", "--facts", "policy.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("1 things could not be read"), "{}", stderr(&output));
    let output = keelguard(folder.path(), &["iam", "facts", "--live", "--facts", "account.json"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_credentials_live_says_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.args(["iam", "facts", "--live", "--verbose"]).env_clear().env("HOME", "/nonexistent");
    let output = command.env("AWS_EC2_METADATA_DISABLED", "true").current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("could not ask AWS: no credentials were found"), "{}", stderr(&output));
}

#[test]
fn what_a_role_did_by_its_logs_is_what_shrink_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("account.json"), ACCOUNT).unwrap();
    let event = |day: &str| {
        format!(
            r#"{{"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventTime": "{day}T00:00:00Z", "managementEvent": false,
                "userIdentity": {{"type": "AssumedRole", "sessionContext": {{"sessionIssuer": {{"arn": "arn:aws:iam::111122223333:role/web"}}}}}},
                "requestParameters": {{"bucketName": "b", "key": "k"}}}}"#
        )
    };
    let logs = folder.path().join("logs/2026/11");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(
        logs.join("a.json"),
        format!(r#"{{"Records": [{}, {}]}}"#, event("2026-01-01"), event("2026-11-20")),
    )
    .unwrap();
    // That calls that only read are logged, too, is seen by one of somebody else.
    let read = r#"{"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "eventTime": "2026-11-20T00:00:00Z",
        "readOnly": true, "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"}}"#;
    std::fs::write(logs.join("b.json"), format!(r#"{{"Records": [{read}]}}"#)).unwrap();
    let shrink = ["iam", "shrink", "web", "--facts", "account.json", "--trail", "logs", "--min-days", "0"];
    let output = keelguard(folder.path(), &shrink);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let policy = String::from_utf8(output.stdout).unwrap();
    assert!(policy.contains("s3:GetObject") && !policy.contains("ecr") && !policy.contains("s3:*"), "{policy}");
    // Messages are logged on demand only, so that there are none in the logs proves nothing.
    assert!(policy.contains("sqs:SendMessage"), "{policy}");
    assert!(policy.contains("arn:aws:s3:::b/k"), "{policy}");
}
