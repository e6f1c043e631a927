//! `keelguard iam lint`, `compare` and `shrink` as a whole: what is said, where, and with which exit code.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may end in a panic")]

mod support;

use support::{Home, code};

const FAULTY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read it",
      "Effect": "Allow",
      "Action": ["s3:GetObjekt", "s3:ListBucket", "dynamdb:GetItem"],
      "Resource": "arn:aws:s3:::bucket/*",
      "Condition": {"StringEquals": {"aws:SourceIp": "10.0.0.1", "aws:SourceVcp": "vpc-1"}}
    }
  ]
}
"#;

const READ: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;
const WRITE: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::b/*"}}"#;

/// What the home says, without the day of the table.
fn says(home: &Home, arguments: &[&str]) -> String {
    let date = keelguard_iam::catalogue::header().unwrap().date;
    home.says(arguments).replace(&date, "DATE")
}

#[test]
fn findings_have_their_place_and_what_to_type() {
    let home = Home::new();
    home.write("faulty.json", FAULTY);
    insta::assert_snapshot!("lint", says(&home, &["iam", "lint", "faulty.json"]));
    insta::assert_snapshot!(
        "lint_jsonl",
        says(&home, &["iam", "lint", "faulty.json", "--format", "jsonl", "--min-severity", "high"])
    );
}

#[test]
fn severities_decide_the_exit_code_and_nothing_found_is_said() {
    let home = Home::new();
    home.write("faulty.json", FAULTY);
    home.write("read.json", READ);
    let exit = |arguments: &[&str]| code(&home.run(&[&["iam", "lint"], arguments].concat()));
    assert_eq!(exit(&["faulty.json"]), 0);
    assert_eq!(exit(&["faulty.json", "--fail-on", "high"]), 1);
    assert_eq!(exit(&["faulty.json", "--fail-on", "critical"]), 0);
    // Findings that are not shown count.
    assert_eq!(exit(&["faulty.json", "--fail-on", "high", "--min-severity", "critical"]), 1);
    assert_eq!(exit(&["read.json", "--fail-on", "low"]), 0);
    assert_eq!(exit(&["missing.json"]), 2);
    home.write("latin.json", b"\xff\xfe{\0}\0");
    assert_eq!(exit(&["latin.json"]), 3);
    insta::assert_snapshot!("lint_nothing", says(&home, &["iam", "lint", "read.json"]));
}

#[test]
fn folders_are_looked_through_and_other_files_in_them_are_left_alone() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("policies/below")).unwrap();
    home.write("policies/read.json", READ);
    home.write("policies/below/faulty.json", FAULTY);
    home.write("policies/package.json", r#"{"name": "x"}"#);
    let output = home.run(&["iam", "lint", "policies", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let files: Vec<&str> =
        report["policies"].as_array().unwrap().iter().map(|policy| policy["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["policies/below/faulty.json", "policies/read.json"]);
}

#[test]
fn json_follows_its_schema_and_sarif_points_into_the_file() {
    let home = Home::new();
    home.write("faulty.json", FAULTY);
    home.write("read.json", READ);
    for (schema, arguments) in [
        ("lint", ["iam", "lint", "faulty.json", "--format", "json"].as_slice()),
        ("compare", ["iam", "compare", "read.json", "read.json", "--format", "json"].as_slice()),
    ] {
        support::follows(schema, &home.run(arguments).stdout);
    }
    let output = home.run(&["iam", "lint", "faulty.json", "--format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let unknown = results.iter().find(|result| result["ruleId"] == "unknown-action").unwrap();
    let place = &unknown["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"faulty.json".into(), &7.into()));
}

#[test]
fn comparisons_answer_with_a_witness() {
    let home = Home::new();
    home.write("read.json", READ);
    home.write("write.json", WRITE);
    insta::assert_snapshot!("compare_wider", says(&home, &["iam", "compare", "read.json", "write.json"]));
    insta::assert_snapshot!("compare_narrower", says(&home, &["iam", "compare", "write.json", "read.json"]));
    let exit = |arguments: &[&str]| code(&home.run(&[&["iam", "compare"], arguments].concat()));
    assert_eq!(exit(&["read.json", "write.json"]), 0);
    assert_eq!(exit(&["read.json", "write.json", "--fail-on", "wider"]), 1);
    assert_eq!(exit(&["write.json", "read.json", "--fail-on", "wider"]), 0);
    assert_eq!(exit(&["-", "-"]), 2);
    home.write("broken.json", FAULTY.replace("Allow", "allow"));
    insta::assert_snapshot!("compare_broken", says(&home, &["iam", "compare", "read.json", "broken.json"]));
}

#[test]
fn a_role_is_shrunk_to_what_it_used_or_refused_with_the_reason() {
    let home = Home::new();
    let facts = |created: &str| {
        format!(
            r#"{{"RoleDetailList": [{{"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web", "Path": "/", "CreateDate": "{created}",
            "AttachedManagedPolicies": [], "RolePolicyList": [{{"PolicyName": "p", "PolicyDocument": {{"Version": "2012-10-17",
            "Statement": {{"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}}}}}}],
            "ServicesLastAccessed": [{{"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-01T00:00:00Z"}}, {{"ServiceNamespace": "sqs"}}]}}]}}"#
        )
    };
    home.write("facts.json", facts("2024-01-01T00:00:00Z"));
    home.write("young.json", facts(&jiff::Timestamp::now().to_string()));
    insta::assert_snapshot!("shrink", says(&home, &["iam", "shrink", "web", "--facts", "facts.json"]));
    insta::assert_snapshot!("shrink_too_young", says(&home, &["iam", "shrink", "web", "--facts", "young.json"]));
    support::follows(
        "shrink",
        &home.run(&["iam", "shrink", "web", "--facts", "facts.json", "--format", "json"]).stdout,
    );
    insta::assert_snapshot!("shrink_nobody", says(&home, &["iam", "shrink", "nobody", "--facts", "facts.json"]));
}
