//! IAM user guide, "AWS JSON policy elements: NotPrincipal".

use serde_json::{Value, json};

use crate::support::*;

fn deny_all_but(principals: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": principals}, "Action": "s3:*", "Resource": "*"}]})
}

#[test]
fn a_user_is_excepted_when_it_and_its_account_are_named() {
    let policy = deny_all_but(&[ALICE, ROOT]);
    get(ALICE).resource(policy.clone()).allowed();
    get("arn:aws:iam::111122223333:user/bob").resource(policy.clone()).explicitly_denied();
    get("anonymous").resource(policy).explicitly_denied();
    // Without the account the whole account is denied, and the user with it.
    get(ALICE).resource(deny_all_but(&[ALICE])).explicitly_denied();
    // The account alone excepts its root user, not everybody in it.
    get(ROOT).resource(deny_all_but(&[ROOT])).allowed();
    get(ALICE).resource(deny_all_but(&[ROOT])).explicitly_denied();
}

#[test]
fn a_session_is_excepted_when_account_and_role_are_named_and_it_too_where_sessions_are() {
    let role = "arn:aws:iam::111122223333:role/web";
    get(SESSION).resource(deny_all_but(&[SESSION, role, ROOT])).allowed();
    get(SESSION).resource(deny_all_but(&[role, ROOT])).allowed();
    get(SESSION).resource(deny_all_but(&[SESSION, ROOT])).explicitly_denied();
    get(SESSION).resource(deny_all_but(&[SESSION, role])).explicitly_denied();
    let other = "arn:aws:sts::111122223333:assumed-role/web/s2";
    get(other).resource(deny_all_but(&[SESSION, role, ROOT])).explicitly_denied();
}

#[test]
fn whoever_has_a_boundary_is_denied_whatever_is_named() {
    get(ALICE).resource(deny_all_but(&[ALICE, ROOT])).boundary(allow("*")).explicitly_denied();
}

#[test]
fn services_are_excepted_by_their_name() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:*", "Resource": "*"}]});
    get("cloudtrail.amazonaws.com").resource(policy.clone()).allowed();
    get("config.amazonaws.com").resource(policy).explicitly_denied();
}

#[test]
fn with_allow_it_lets_in_everybody_else() {
    let policy = statement(json!({"Effect": "Allow", "NotPrincipal": aws(ALICE), "Action": "s3:*", "Resource": "*"}));
    get("anonymous").resource(policy.clone()).allowed();
    get(ALICE).resource(policy).implicitly_denied();
}
