//! IAM user guide, "Condition operators".

use serde_json::{Value, json};

use crate::support::*;

/// Whether a statement with this condition applies when the request carries `carried` under `k:x`.
#[track_caller]
fn holds(operator: &str, wanted: Value, carried: Value, holds: bool) {
    let policy =
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"k:x": wanted}}}));
    let case = get(ALICE).identity(policy);
    let case = if carried.is_null() { case } else { case.context("K:X", carried) };
    if holds { case.allowed() } else { case.implicitly_denied() }
}

#[test]
fn every_operator_on_values_that_match_that_do_not_and_that_are_missing() {
    // Operator, policy's value, a value that matches, one that does not.
    let positive = [
        ("StringEquals", "aB", "aB", "ab"),
        ("StringEqualsIgnoreCase", "aB", "Ab", "abc"),
        ("StringLike", "a*?", "abc", "a"),
        ("NumericEquals", "10", "10.0", "11"),
        ("NumericLessThan", "10", "9", "10"),
        ("NumericLessThanEquals", "10", "10", "11"),
        ("NumericGreaterThan", "10", "10.5", "10"),
        ("NumericGreaterThanEquals", "10", "10", "9"),
        ("DateEquals", "2026-11-24T08:00:00Z", "1795507200", "2026-11-24T08:00:01Z"),
        ("DateLessThan", "2026-11-24T08:00:00Z", "2026-11-24T07:59:59Z", "2026-11-24T08:00:00Z"),
        ("DateLessThanEquals", "2026-11-24T08:00:00Z", "2026-11-24T09:00:00+01:00", "2026-11-24T08:00:01Z"),
        ("DateGreaterThan", "2026-11-24", "2026-11-24T00:00:01Z", "2026-11-24"),
        ("DateGreaterThanEquals", "2026-11-24", "2026-11-24", "2026-11-23T23:59:59Z"),
        ("Bool", "true", "True", "false"),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5"),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
        (
            "ArnEquals",
            "arn:aws:sns:*:111122223333:t*",
            "arn:aws:sns:eu-west-1:111122223333:topic",
            "arn:aws:sns:eu-west-1:999999999999:topic",
        ),
        (
            "ArnLike",
            "arn:aws:sns:*:111122223333:t*",
            "arn:aws:sns:eu-west-1:111122223333:topic",
            "arn:aws:sqs:eu-west-1:111122223333:topic",
        ),
    ];
    let negated = [
        ("StringNotEquals", "aB", "ab", "aB"),
        ("StringNotEqualsIgnoreCase", "aB", "c", "AB"),
        ("StringNotLike", "a*", "b", "abc"),
        ("NumericNotEquals", "10", "11", "10.0"),
        ("DateNotEquals", "2026-11-24", "2026-11-25", "2026-11-24T00:00Z"),
        ("NotIpAddress", "2001:db8::/32", "2001:db9::1", "2001:DB8::1"),
        (
            "ArnNotEquals",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:user/a",
            "arn:aws:iam::111122223333:role/a",
        ),
        (
            "ArnNotLike",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:user/a",
            "arn:aws:iam::111122223333:role/a",
        ),
    ];
    assert_eq!(positive.len() + negated.len() + 1, 27);
    for (operator, wanted, fits, other) in positive {
        holds(operator, json!(wanted), json!([fits]), true);
        holds(operator, json!(wanted), json!(other), false);
        holds(operator, json!(wanted), json!(null), false);
        let if_exists = format!("{operator}IfExists");
        holds(&if_exists, json!(wanted), json!(fits), true);
        holds(&if_exists, json!(wanted), json!(other), false);
        holds(&if_exists, json!(wanted), json!(null), true);
    }
    for (operator, wanted, fits, other) in negated {
        holds(operator, json!(wanted), json!([fits]), true);
        holds(operator, json!(wanted), json!(other), false);
        holds(operator, json!(wanted), json!(null), true);
        let if_exists = format!("{operator}IfExists");
        holds(&if_exists, json!(wanted), json!(other), false);
        holds(&if_exists, json!(wanted), json!(null), true);
    }
}

#[test]
fn null_asks_whether_the_key_is_there() {
    holds("Null", json!("true"), json!(null), true);
    holds("Null", json!(true), json!([]), true);
    holds("Null", json!("true"), json!("x"), false);
    holds("Null", json!(false), json!("x"), true);
    holds("Null", json!("false"), json!(null), false);
}

#[test]
fn several_values_are_or_and_for_negated_operators_neither_nor() {
    holds("StringEquals", json!(["a", "b"]), json!("b"), true);
    holds("StringNotEquals", json!(["a", "b"]), json!("b"), false);
    holds("StringNotEquals", json!(["a", "b"]), json!("c"), true);
    holds("IpAddress", json!(["10.0.0.0/8", "2001:db8::/32"]), json!("2001:db8::1"), true);
    holds("NotIpAddress", json!(["10.0.0.0/8", "192.168.0.0/16"]), json!("192.168.1.1"), false);
    holds("NumericLessThan", json!(["5", "50"]), json!("20"), true);
}

#[test]
fn operators_and_keys_are_and() {
    let policy = |condition: Value| {
        statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}))
    };
    let both = policy(json!({"StringEquals": {"k:x": "1", "k:y": "2"}, "Bool": {"k:z": true}}));
    let case = get(ALICE).identity(both).context("k:x", json!("1")).context("k:y", json!("2"));
    case.clone().context("k:z", json!(true)).allowed();
    case.clone().context("k:z", json!(false)).implicitly_denied();
    case.implicitly_denied();
}

#[test]
fn wildcards_work_in_like_only() {
    holds("StringEquals", json!("a*"), json!("abc"), false);
    holds("StringEquals", json!("a*"), json!("a*"), true);
    holds("StringLike", json!("a*"), json!("abc"), true);
    holds("StringLike", json!(""), json!(""), true);
    holds("StringLike", json!("A*"), json!("abc"), false);
}

#[test]
fn arn_operators_compare_part_by_part() {
    // The example of the page.
    let pattern = "arn:aws:someservice:*:111122223333:finance/*";
    let value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    holds("StringLike", json!(pattern), json!(value), true);
    holds("ArnLike", json!(pattern), json!(value), false);
    holds("ArnEquals", json!(pattern), json!(value), false);
    holds("ArnNotLike", json!(pattern), json!(value), true);
    holds("ArnLike", json!("arn:aws:s3:::bucket/*"), json!("not an arn"), false);
    holds("ArnNotLike", json!("arn:aws:s3:::bucket/*"), json!("not an arn"), true);
}

#[test]
fn values_of_the_wrong_kind_match_nothing() {
    for operator in ["NumericEquals", "DateEquals", "Bool", "IpAddress", "ArnLike", "BinaryEquals"] {
        holds(operator, json!("%"), json!("%"), false);
    }
    for operator in ["NumericNotEquals", "DateNotEquals", "NotIpAddress", "ArnNotLike"] {
        holds(operator, json!("%"), json!("%"), true);
    }
}

#[test]
fn numbers_and_truth_values_need_no_quotes() {
    holds("NumericLessThanEquals", json!(3600), json!(3600), true);
    holds("Bool", json!(true), json!([true]), true);
    holds("StringEquals", json!(true), json!("true"), true);
}

#[test]
fn keys_have_no_case_their_tag_part_included() {
    let tagged = statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/TagKey1": "Value1"}}}));
    get(ALICE).identity(tagged.clone()).context("aws:ResourceTag/tagkey1", json!("Value1")).allowed();
    get(ALICE).identity(tagged).context("aws:ResourceTag/tagkey1", json!("value1")).implicitly_denied();
}

#[test]
fn a_deny_with_a_negated_operator_hits_whoever_lacks_the_key() {
    let deny = |operator: &str| {
        statement(
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:SourceVpce": "vpce-1"}}}),
        )
    };
    let case = |operator| get(ALICE).identity(allow("*")).identity(deny(operator));
    case("StringNotEquals").explicitly_denied();
    case("StringNotEqualsIfExists").explicitly_denied();
    case("StringNotEquals").context("aws:SourceVpce", json!("vpce-1")).allowed();
    case("StringEquals").allowed();
}
