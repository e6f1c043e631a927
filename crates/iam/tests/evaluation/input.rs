//! Cases that cannot be used, and those that look as if they could not.

use serde_json::{Value, json};

use crate::support::*;

fn refused(text: &str) -> String {
    keelguard_iam::simulate::run(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_no_case_is_refused_with_a_sentence() {
    let wrong = |change: fn(&mut Value)| {
        let mut case = get(ALICE).json();
        change(&mut case);
        refused(&case.to_string())
    };
    for (said, why) in [
        (refused(""), "understand the case: it is empty"),
        (refused("hello"), "understand the case: it is not JSON: expected value at line 1 column 1"),
        (refused("\"x\""), "understand the case: a case is an object, and this is a string"),
        (refused("{}"), "understand the case: it has no \"request\""),
        (wrong(|case| case["request"]["principal"] = json!("alice")), "the principal \"alice\" is no ARN"),
        (wrong(|case| case["request"]["principal"] = json!(7)), "the principal is a number, not a string"),
        (wrong(|case| case["request"]["action"] = json!("GetObject")), "should look like s3:GetObject"),
        (wrong(|case| case["request"]["action"] = json!("s3:*")), "has a wildcard"),
        (wrong(|case| case["request"]["context"] = json!([1])), "the context is an array, not an object"),
        (wrong(|case| case["request"]["context"] = json!({"a": {"b": 1}})), "the context's a has an object as a value"),
        (wrong(|case| case["policies"]["scps"] = json!([])), "there is no kind of policy \"scps\""),
        (
            wrong(|case| case["policies"]["identity"] = json!([{"name": "mine", "policy": {}}])),
            "read the policy mine: it has no Statement",
        ),
        (
            wrong(|case| case["policies"]["identity"] = json!([{"name": "mine", "policy": "{"}])),
            "read the policy mine: it is not JSON",
        ),
        (
            wrong(|case| case["policies"]["identity"] = json!([{"name": "mine", "policy": allow_to(json!("*"), "*")}])),
            "a policy of this kind has no Principal",
        ),
        (
            wrong(|case| case["policies"]["resource"] = json!({"name": "its", "policy": allow("*")})),
            "Principal or NotPrincipal is missing",
        ),
        (
            wrong(|case| case["principal_is_management"] = json!("yes")),
            "\"principal_is_management\" is a string, not true or false",
        ),
    ] {
        assert!(said.contains(why), "said {said}\nnot  {why}");
    }
}

#[test]
fn an_array_is_answered_in_its_order_with_what_is_wrong_in_its_place() {
    let cases = json!([get(ALICE).identity(allow("*")).json(), {"request": 1}, get(ALICE).json()]);
    let answers = keelguard_iam::simulate::run(cases.to_string().as_bytes()).unwrap();
    assert_eq!(answers.refused(), 1);
    let shown = serde_json::to_value(answers).unwrap();
    assert_eq!(shown[0]["decision"], "allowed");
    assert_eq!(shown[1]["error"], "could not understand the case: \"request\" is a number, not an object");
    assert_eq!(shown[2]["decision"], "implicit_deny");
    assert_eq!(serde_json::to_value(keelguard_iam::simulate::run(b"[]").unwrap()).unwrap(), json!([]));
}

#[test]
fn policies_may_be_texts_and_everything_optional_may_be_left_out() {
    let short = json!({
        "request": {"principal": ALICE, "action": "s3:GetObject", "resource": {"arn": OBJECT}},
        "policies": {"identity": [{"name": "text", "policy": allow("s3:*").to_string()}]},
    });
    let answer = keelguard_iam::simulate::run(short.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap()["decision"], "allowed");
}

#[test]
fn patterns_made_to_blow_up_and_endless_values_end_soon() {
    let started = std::time::Instant::now();
    let nasty = format!("arn:aws:s3:::{}b", "*a".repeat(20_000));
    let policy = statement(json!({"Effect": "Allow", "Action": "*", "Resource": nasty}));
    asks(ALICE, "s3:GetObject", &format!("arn:aws:s3:::{}", "a".repeat(8_000))).identity(policy).implicitly_denied();
    assert!(started.elapsed().as_secs() < 10);
    let long = asks(ALICE, "s3:GetObject", &"a".repeat(9_000)).json().to_string();
    assert!(refused(&long).contains("longer than 8 KiB"));
    let much = get(ALICE).context("k", json!(vec!["a".repeat(1_000); 100])).json().to_string();
    assert!(refused(&much).contains("longer than 64 KiB together"));
}

#[test]
fn look_alikes_of_letters_are_other_letters() {
    // A Cyrillic s in the key, a full-width star, a Kelvin sign.
    let policy = |key: &str| {
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: "1"}}}))
    };
    get(ALICE).identity(policy("aws:\u{455}ource")).context("aws:source", json!("1")).implicitly_denied();
    get(ALICE).identity(policy("aws:\u{212a}ey")).context("aws:key", json!("1")).implicitly_denied();
    let star = statement(json!({"Effect": "Allow", "Action": "*", "Resource": "\u{ff0a}"}));
    get(ALICE).identity(star).implicitly_denied();
}

#[test]
fn reasons_repeat_no_secret_of_the_request_or_the_policy() {
    let key = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let case = format!(
        r#"{{"request": {{"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject",
            "context": {{"aws:RequestTag/note": ["{key}"], "x:token": ["hunter2"]}}}},
            "policies": {{"identity": [{{"name": "p", "policy": {{"Statement": [
                {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringEquals": {{"aws:RequestTag/note": "x"}}}}}},
                {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringEquals": {{"x:token": "swordfish"}}}}}}]}}}}]}}}}"#
    );
    let answer = serde_json::to_string(&keelguard_iam::simulate::run(case.as_bytes()).unwrap()).unwrap();
    for secret in [key, "hunter2", "swordfish"] {
        assert!(!answer.contains(secret), "{answer}");
    }
    assert!(answer.contains("x:token wants <redacted secret>, and the request has <redacted secret>"), "{answer}");
}
