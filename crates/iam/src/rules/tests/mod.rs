//! Whole accounts, judged.

mod benchmark;
mod doors;
mod escalation;
mod privilege;
mod usage;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Judgement, find};
use crate::facts::{Facts, Input};

const ACCOUNT: &str = "111122223333";

fn judged(facts: &Value) -> Judgement {
    let facts = Facts::read(&[Input::new("lab.json", facts.to_string().as_bytes())]).unwrap();
    find(&facts, "2026-11-24T12:00:00Z".parse::<Timestamp>().unwrap())
}

/// Rule and subject of each finding of these rules.
fn ids(facts: &Value, rules: &[&str]) -> Vec<String> {
    let judged = judged(facts);
    let of = |finding: &&keelguard_model::Finding| rules.contains(&finding.rule.as_str());
    judged
        .findings
        .iter()
        .filter(of)
        .map(|finding| format!("{} {}", finding.rule, super::short_name(&finding.subject.name)))
        .collect()
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn role(name: &str, trust: &Value, statements: &Value) -> Value {
    json!({"RoleName": name, "Arn": arn(&format!("role/{name}")), "Path": "/", "AssumeRolePolicyDocument": document(trust),
        "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": document(statements)}]})
}

fn user(name: &str, statements: &Value) -> Value {
    json!({"UserName": name, "Arn": arn(&format!("user/{name}")), "Path": "/",
        "UserPolicyList": [{"PolicyName": "inline", "PolicyDocument": document(statements)}]})
}
