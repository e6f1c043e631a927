//! IAM user guide, "Cross-account policy evaluation logic".

use serde_json::json;

use crate::support::*;

fn foreign(who: &str) -> Case {
    get(who).account("999999999999")
}

#[test]
fn both_sides_must_allow() {
    foreign(ALICE).identity(allow("s3:*")).implicitly_denied();
    foreign(ALICE).resource(allow_to(aws(ALICE), "s3:*")).implicitly_denied();
    foreign(ALICE).resource(allow_to(json!("*"), "s3:*")).implicitly_denied();
    for named in [aws(ALICE), aws(ROOT), aws("111122223333"), json!("*")] {
        foreign(ALICE).identity(allow("s3:*")).resource(allow_to(named, "s3:*")).allowed();
    }
    foreign(ALICE).identity(allow("s3:*")).resource(allow_to(aws("222222222222"), "s3:*")).implicitly_denied();
}

#[test]
fn a_resource_that_names_the_session_does_not_spare_the_callers_side() {
    let named = || foreign(SESSION).resource(allow_to(aws(SESSION), "s3:*"));
    named().implicitly_denied();
    named().identity(allow("s3:*")).allowed();
    named().identity(allow("s3:*")).boundary(allow("ec2:*")).implicitly_denied();
    named().identity(allow("s3:*")).session(allow("ec2:*")).implicitly_denied();
}

#[test]
fn the_foreign_accounts_root_needs_the_resource_only() {
    foreign(ROOT).implicitly_denied();
    foreign(ROOT).resource(allow_to(aws(ROOT), "s3:*")).allowed();
}

#[test]
fn the_resources_account_is_in_its_arn_or_told() {
    let queue = "arn:aws:sqs:eu-west-1:999999999999:q";
    asks(ALICE, "sqs:SendMessage", queue).identity(allow("sqs:*")).implicitly_denied();
    asks(ALICE, "sqs:SendMessage", queue).identity(allow("sqs:*")).resource(allow_to(aws(ROOT), "sqs:*")).allowed();
    // Nobody tells: it is the caller's own.
    asks(ALICE, "s3:GetObject", OBJECT).identity(allow("s3:*")).allowed();
}

#[test]
fn anonymous_callers_and_services_have_one_side_only() {
    get("anonymous").resource(allow_to(json!("*"), "s3:Get*")).allowed();
    get("anonymous").resource(allow_to(aws(ROOT), "s3:Get*")).implicitly_denied();
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    get("cloudtrail.amazonaws.com").resource(allow_to(service.clone(), "s3:*")).allowed();
    get("lambda.amazonaws.com").resource(allow_to(service, "s3:*")).implicitly_denied();
}

#[test]
fn the_reason_says_which_account_is_where() {
    let said = foreign(ALICE).identity(allow("s3:*")).because();
    assert!(said.contains("the resource lies in account 999999999999 and the caller in 111122223333"), "{said}");
}
