//! `keelguard iam simulate`, `can`, `who` and `what` as a whole: what is said, where, and with which exit code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end in a panic"
)]

mod support;

use serde_json::{Value, json};
use support::{Home, code};

const FACTS: &str = r#"{
 "UserDetailList": [
  {"UserName": "alice", "Arn": "arn:aws:iam::111122223333:user/alice", "GroupList": ["devs"],
   "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
     {"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
     {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}}]}],
 "GroupDetailList": [{"GroupName": "devs", "Arn": "arn:aws:iam::111122223333:group/devs",
   "GroupPolicyList": [{"PolicyName": "assume", "PolicyDocument": {"Version": "2012-10-17", "Statement":
     {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}}]}],
 "RoleDetailList": [
  {"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/app/web",
   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
     {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}}],
 "Policies": []}"#;

fn with_facts() -> Home {
    let home = Home::new();
    home.write("facts.json", FACTS);
    home
}

/// What it says, without the day of the table of actions.
fn says(home: &Home, arguments: &[&str]) -> String {
    let date = keelguard_iam::catalogue::header().unwrap().date;
    home.says(&[&["iam"], arguments].concat()).replace(&date, "DATE")
}

fn case(action: &str) -> Value {
    json!({
        "request": {"principal": "arn:aws:iam::111122223333:user/alice", "action": action,
            "resource": {"arn": "arn:aws:s3:::bucket/key", "account": "111122223333"}, "context": {}, "session": null},
        "policies": {"identity": [{"name": "read", "policy": {"Version": "2012-10-17", "Statement": [
            {"Sid": "Get", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}}], "boundary": null, "session": null,
            "resource": null, "scp": [], "rcp": [], "vpc_endpoint": null},
        "principal_is_management": false, "resource_is_management": false
    })
}

#[test]
fn a_case_is_decided_with_its_reasons_and_an_array_in_its_order() {
    let home = Home::new();
    home.write("one.json", case("s3:GetObject").to_string());
    home.write("many.json", json!([case("s3:GetObject"), case("s3:PutObject"), {"request": 1}]).to_string());
    insta::assert_snapshot!(
        "simulate",
        [says(&home, &["simulate", "one.json"]), says(&home, &["simulate", "many.json"])].concat()
    );
    let mut command = home.command(&["iam", "simulate", "-"]);
    command.stdin(std::fs::File::open(home.path("one.json")).unwrap());
    let output = home.output(command);
    assert_eq!(code(&output), 0);
    assert_eq!(support::follows("simulate", &output.stdout)["decision"], "allowed");
    support::follows("simulate", &home.run(&["iam", "simulate", "many.json"]).stdout);
}

#[test]
fn what_is_no_case_is_refused_with_a_sentence() {
    let home = Home::new();
    home.write("empty.json", "");
    home.write("text.json", "\u{1b}[2Jhello");
    home.write("deep.json", "[".repeat(1_000_000));
    home.write("twice.json", r#"{"request": {}, "request": {}}"#);
    let mut bad = case("s3:GetObject");
    bad["policies"]["identity"][0]["policy"]["Statement"][0]["Effect"] = json!("allow");
    home.write("policy.json", bad.to_string());
    std::fs::create_dir(home.path("folder")).unwrap();
    let mut shown = String::new();
    for file in ["empty.json", "text.json", "deep.json", "twice.json", "policy.json", "folder", "missing.json"] {
        let said = says(&home, &["simulate", file]);
        assert!(said.starts_with("exit 2\n"), "{file}: {said}");
        assert!(!said.contains('\u{1b}') && !said.contains("panicked"), "{file}: {said}");
        shown.push_str(&format!("# {file}\n{said}\n"));
    }
    insta::assert_snapshot!("simulate_refused", shown);
}

#[test]
fn can_who_and_what_are_answered_on_the_screen() {
    let home = with_facts();
    let facts = ["--facts", "facts.json"];
    let mut shown = String::new();
    for question in [
        ["can", "alice", "s3:GetObject", "arn:aws:s3:::home/alice/x"].as_slice(),
        &["can", "alice", "s3:GetObject", "arn:aws:s3:::home/bob/x"],
        &["can", "alice", "s3:PutObject"],
        &["can", "alice", "iam:CreateUser"],
        &["can", "alice", "iam:CreateUser", "--context", "aws:MultiFactorAuthPresent=true"],
        &["can", "alicce", "s3:GetObjekt"],
        &["who", "iam:CreateUser"],
        &["who", "sts:AssumeRole", "arn:aws:iam::111122223333:role/app/web"],
        &["what", "alice"],
        &["what", "role/web"],
        &["can", "alice", "s3:*"],
        &["can", "alice", "s3:GetObject", "*", "--context", "mfa"],
    ] {
        let said = says(&home, &[question, &facts].concat());
        shown.push_str(&format!("# {}\n{said}\n", question.join(" ")));
    }
    insta::assert_snapshot!("ask", shown);
}

#[test]
fn answers_in_json_say_on_what_they_hang() {
    let home = with_facts();
    let ask = |arguments: &[&str]| -> Value {
        let output = home.run(&[&["iam"], arguments, &["--facts", "facts.json", "--format", "json"]].concat());
        assert_eq!(code(&output), 0, "{arguments:?}");
        support::follows(arguments[0], &output.stdout)
    };
    let can = ask(&["can", "alice", "iam:CreateUser"]);
    assert_eq!((&can["decision"], &can["depends_on"]), (&json!("depends"), &json!(["aws:MultiFactorAuthPresent"])));
    let who = ask(&["who", "iam:CreateUser"]);
    assert_eq!(who["principals"][0]["principal"], "arn:aws:iam::111122223333:user/alice");
    assert_eq!(who["principals"][1]["kind"], "root");
    let what = ask(&["what", "alice"]);
    assert_eq!(what["services"][0]["service"], "iam");
    assert_eq!(what["services"][0]["levels"][0]["actions"][0]["action"], "CreateUser");
}
