//! IAM user guide, "Single-valued vs. multivalued context keys" and "Conditions with multiple context keys or values".

use serde_json::{Value, json};

use crate::support::*;

#[track_caller]
fn holds(operator: &str, carried: Value, holds: bool) {
    let policy = statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {operator: {"aws:TagKeys": ["a", "b"]}}}));
    let case = get(ALICE).identity(policy);
    let case = if carried.is_null() { case } else { case.context("aws:TagKeys", carried) };
    if holds { case.allowed() } else { case.implicitly_denied() }
}

#[test]
fn for_all_values_wants_each_and_for_any_value_one() {
    for (carried, all, any) in [
        (json!(["a"]), true, true),
        (json!(["a", "b"]), true, true),
        (json!(["a", "c"]), false, true),
        (json!(["c"]), false, false),
    ] {
        holds("ForAllValues:StringEquals", carried.clone(), all);
        holds("ForAnyValue:StringEquals", carried.clone(), any);
        holds("forallvalues:stringlike", carried.clone(), all);
    }
}

#[test]
fn over_nothing_for_all_values_is_true_and_for_any_value_false() {
    for nothing in [json!(null), json!([]), json!([""])] {
        holds("ForAllValues:StringEquals", nothing.clone(), true);
        holds("ForAnyValue:StringEquals", nothing.clone(), false);
        holds("ForAllValues:StringNotEquals", nothing.clone(), true);
        holds("ForAnyValue:StringNotEquals", nothing, false);
    }
    holds("ForAnyValue:StringEqualsIfExists", json!(null), true);
    holds("ForAllValues:StringEqualsIfExists", json!(null), true);
    holds("ForAnyValue:StringEqualsIfExists", json!(["c"]), false);
}

#[test]
fn negated_operators_ask_of_each_value_that_it_is_none_of_them() {
    holds("ForAllValues:StringNotEquals", json!(["c", "d"]), true);
    holds("ForAllValues:StringNotEquals", json!(["a", "c"]), false);
    holds("ForAnyValue:StringNotEquals", json!(["a", "c"]), true);
    holds("ForAnyValue:StringNotEquals", json!(["a", "b"]), false);
}

#[test]
fn without_a_set_operator_one_match_is_a_match() {
    holds("StringEquals", json!(["c", "a"]), true);
    holds("StringNotEquals", json!(["c", "a"]), false);
    holds("StringNotEquals", json!(["c", "d"]), true);
}
