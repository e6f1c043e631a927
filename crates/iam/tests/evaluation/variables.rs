//! IAM user guide, "IAM policy elements: Variables and tags".

use serde_json::{Value, json};

use crate::support::*;

fn home(resource: &str) -> Value {
    statement(json!({"Effect": "Allow", "Action": "s3:*", "Resource": resource}))
}

fn read(who: &str, key: &str) -> Case {
    asks(who, "s3:GetObject", &format!("arn:aws:s3:::bucket/{key}"))
}

#[test]
fn a_variable_in_a_resource_has_the_requests_value() {
    let policy = home("arn:aws:s3:::bucket/${aws:username}/*");
    read(ALICE, "alice/x").identity(policy.clone()).allowed();
    read(ALICE, "bob/x").identity(policy.clone()).implicitly_denied();
    read(SESSION, "web/x").identity(policy).implicitly_denied();
    let tagged = home("arn:aws:s3:::bucket/${aws:PrincipalTag/department}");
    read(ALICE, "sales").identity(tagged.clone()).context("aws:PrincipalTag/Department", json!("sales")).allowed();
    read(ALICE, "sales").identity(tagged).implicitly_denied();
}

#[test]
fn stars_in_a_value_are_no_wildcards() {
    let policy = home("arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*");
    read(ALICE, "blue/x").identity(policy.clone()).context("aws:PrincipalTag/team", json!("*")).implicitly_denied();
    read(ALICE, "*/x").identity(policy).context("aws:PrincipalTag/team", json!("*")).allowed();
}

#[test]
fn a_default_stands_for_what_is_missing() {
    let policy = home("arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'company-wide'}/*");
    read(ALICE, "company-wide/x").identity(policy.clone()).allowed();
    read(ALICE, "blue/x").identity(policy.clone()).implicitly_denied();
    read(ALICE, "blue/x").identity(policy).context("aws:PrincipalTag/team", json!("blue")).allowed();
}

#[test]
fn in_the_old_version_a_variable_is_text() {
    for version in [json!("2008-10-17"), Value::Null] {
        let mut policy = home("arn:aws:s3:::bucket/${aws:username}/*");
        if version.is_null() {
            policy.as_object_mut().unwrap().remove("Version");
        } else {
            policy["Version"] = version;
        }
        read(ALICE, "alice/x").identity(policy.clone()).implicitly_denied();
        read(ALICE, "${aws:username}/x").identity(policy).allowed();
    }
}

#[test]
fn special_characters_are_written_as_variables() {
    read(ALICE, "a*b").identity(home("arn:aws:s3:::bucket/a${*}b")).allowed();
    read(ALICE, "axb").identity(home("arn:aws:s3:::bucket/a${*}b")).implicitly_denied();
    read(ALICE, "a?b").identity(home("arn:aws:s3:::bucket/a${?}b")).allowed();
    read(ALICE, "a$b").identity(home("arn:aws:s3:::bucket/a${$}b")).allowed();
}

#[test]
fn a_missing_variable_in_a_condition_matches_nothing_and_so_satisfies_a_negated_operator() {
    let condition = |operator: &str, wanted: &str| {
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {"s3:ExistingObjectTag/Team": wanted}}}))
    };
    let team = "${aws:PrincipalTag/Team}";
    let case = |operator| {
        read(ALICE, "x").identity(condition(operator, team)).context("s3:ExistingObjectTag/Team", json!("blue"))
    };
    case("StringEquals").implicitly_denied();
    case("StringNotEquals").allowed();
    case("StringNotLike").allowed();
    case("StringEquals").context("aws:PrincipalTag/Team", json!("blue")).allowed();
    case("StringNotEquals").context("aws:PrincipalTag/Team", json!("blue")).implicitly_denied();
}

#[test]
fn a_resource_with_a_missing_variable_matches_nothing_in_not_resource_either() {
    let policy = statement(
        json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/${aws:PrincipalTag/none}"}),
    );
    read(ALICE, "x").identity(policy).allowed();
}

#[test]
fn a_key_of_several_values_is_no_variable() {
    let policy = home("arn:aws:s3:::bucket/${aws:TagKeys}");
    read(ALICE, "a").identity(policy.clone()).context("aws:TagKeys", json!(["a", "b"])).implicitly_denied();
    read(ALICE, "a").identity(policy).context("aws:TagKeys", json!(["a"])).allowed();
}

#[test]
fn variables_work_in_string_and_arn_operators_and_not_in_numbers() {
    let condition = |operator: &str, wanted: &str| {
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"k:x": wanted}}}))
    };
    let case =
        |policy, value: &str| read(ALICE, "x").identity(policy).context("k:x", json!(value)).context("k:n", json!("5"));
    case(condition("StringLike", "${aws:username}-*"), "alice-1").allowed();
    case(condition("ArnEquals", "arn:aws:iam::${aws:PrincipalAccount}:role/*"), "arn:aws:iam::111122223333:role/x")
        .allowed();
    case(condition("ArnEquals", "${aws:PrincipalArn}"), ALICE).allowed();
    case(condition("NumericEquals", "${k:n}"), "5").implicitly_denied();
}
