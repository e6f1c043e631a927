//! What follows from who asks: IAM user guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".

use serde_json::json;

use crate::support::*;

fn when(key: &str, value: &str) -> serde_json::Value {
    statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: value}}}))
}

#[test]
fn keys_that_follow_from_the_caller_need_not_be_told() {
    for (who, key, value) in [
        (ALICE, "aws:PrincipalArn", ALICE),
        (ALICE, "aws:PrincipalAccount", "111122223333"),
        (ALICE, "aws:PrincipalType", "User"),
        (ALICE, "aws:username", "alice"),
        (ALICE, "aws:PrincipalIsAWSService", "false"),
        ("arn:aws:iam::111122223333:user/team/bob", "aws:username", "bob"),
        (SESSION, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/web"),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        (ROLE, "aws:PrincipalArn", ROLE),
        ("arn:aws:iam::111122223333:user/a", "AWS:principalARN", "arn:aws:iam::111122223333:user/a"),
    ] {
        get(who).identity(when(key, value)).allowed();
        get(who).identity(when(key, value)).context(key, json!("other")).implicitly_denied();
    }
    get(SESSION).identity(when("aws:username", "web")).implicitly_denied();
    get(ALICE).account("111122223333").identity(when("aws:ResourceAccount", "111122223333")).allowed();
    asks(ALICE, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q")
        .identity(when("aws:RequestedRegion", "eu-west-1"))
        .allowed();
}

#[test]
fn services_and_the_anonymous_have_keys_of_their_own() {
    let open = |key: &str, value: &str| {
        statement(
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: value}}}),
        )
    };
    get("cloudtrail.amazonaws.com").resource(open("aws:PrincipalServiceName", "cloudtrail.amazonaws.com")).allowed();
    get("cloudtrail.amazonaws.com").resource(open("aws:PrincipalIsAWSService", "true")).allowed();
    get("anonymous").resource(open("aws:PrincipalAccount", "anonymous")).allowed();
    get("anonymous").resource(open("aws:PrincipalType", "Anonymous")).allowed();
    get("anonymous").resource(open("aws:PrincipalIsAWSService", "false")).implicitly_denied();
}

#[test]
fn a_key_told_to_have_no_value_is_not_in_the_request() {
    get(ALICE).identity(when("aws:username", "alice")).context("aws:username", json!([])).implicitly_denied();
}

#[test]
fn a_session_is_of_the_role_whatever_the_roles_path() {
    get(SESSION).resource(allow_to(aws(ROLE), "s3:*")).allowed();
    get(SESSION).resource(allow_to(aws("arn:aws:iam::111122223333:role/web"), "s3:*")).allowed();
    get(SESSION).resource(allow_to(aws("arn:aws:iam::111122223333:role/Web"), "s3:*")).implicitly_denied();
    get(SESSION).resource(allow_to(aws("arn:aws:iam::111122223333:user/web"), "s3:*")).implicitly_denied();
    get(SESSION).resource(allow_to(aws("arn:aws:iam::222222222222:role/web"), "s3:*")).implicitly_denied();
    // Where the path is known, it counts.
    get(SESSION)
        .resource(allow_to(aws("arn:aws:iam::111122223333:role/web"), "s3:*"))
        .context("aws:PrincipalArn", json!(ROLE))
        .implicitly_denied();
}

#[test]
fn a_role_with_a_session_told_beside_is_that_session() {
    let named = get(ROLE).resource(allow_to(aws(SESSION), "s3:*"));
    named.implicitly_denied();
    named.clone().session_told(json!({"name": "s1"})).allowed();
    named.clone().session_told(json!({"arn": SESSION})).allowed();
    named.session_told(json!({"name": "s2"})).implicitly_denied();
    get(ROLE).resource(allow_to(aws(ROLE), "s3:*")).session_told(json!({"name": "s1"})).allowed();
    get(SESSION)
        .identity(when("aws:PrincipalTag/team", "blue"))
        .session_told(json!({"role": ROLE, "tags": {"Team": "blue"}}))
        .allowed();
}

#[test]
fn principals_take_no_wildcards_but_the_lone_star() {
    for pattern in [
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:*",
        "arn:aws:sts::111122223333:assumed-role/web/*",
        "arn:aws:iam::*:root",
    ] {
        get(ALICE).resource(allow_to(aws(pattern), "s3:*")).implicitly_denied();
        get(SESSION).resource(allow_to(aws(pattern), "s3:*")).implicitly_denied();
    }
}

#[test]
fn names_of_principals_have_case() {
    get(ALICE).resource(allow_to(aws("arn:aws:iam::111122223333:user/Alice"), "s3:*")).implicitly_denied();
}
