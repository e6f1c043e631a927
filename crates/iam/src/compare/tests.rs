//! What compare must answer.

use proptest::prelude::*;

use super::*;
use crate::evaluate::{Caller, Request, allows};

fn policy(statements: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)).expect(statements)
}

fn allow(actions: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": {actions}, "Resource": "{resource}", "Condition": {{{condition}}}}}"#)
}

fn answer(old: &str, new: &str) -> Comparison {
    compare(&policy(old), &policy(new)).unwrap()
}

fn relation(old: &str, new: &str) -> &'static str {
    answer(old, new).relation.name()
}

const ALL: &str = "*";

#[test]
fn what_is_written_otherwise_is_equal() {
    let split = [allow(r#""s3:GetObject""#, ALL, ""), allow(r#""s3:PutObject""#, ALL, "")].join(",");
    assert_eq!(relation(&split, &allow(r#"["s3:putobject", "S3:GetObject"]"#, ALL, "")), "equal");
    let bob = |value: &str| allow(r#""s3:*""#, ALL, &format!(r#""StringLike": {{"aws:username": [{value}]}}"#));
    assert_eq!(relation(&bob(r#""a*", "ab", "b""#), &bob(r#""b", "a*""#)), "equal");
    let all_but = r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#;
    let less =
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#;
    assert_eq!(relation(all_but, less), "equal");
}

#[test]
fn a_wider_policy_is_shown_by_a_real_action() {
    let answer =
        answer(&allow(r#""s3:Get*""#, "arn:aws:s3:::b/*", ""), &allow(r#""s3:*Object""#, "arn:aws:s3:::b/*", ""));
    assert_eq!(answer.relation, Relation::Incomparable);
    let (gained, lost) = (answer.gained.unwrap(), answer.lost.unwrap());
    assert!(gained.action == "s3:PutObject" || gained.action == "s3:DeleteObject", "{gained:?}");
    assert!(gained.resource.starts_with("arn:aws:s3:::b/"), "{gained:?}");
    assert!(lost.action.starts_with("s3:Get"), "{lost:?}");
}

#[test]
fn patterns_that_reach_the_same_actions_today_are_said_to_differ_tomorrow() {
    let service = crate::catalogue::catalogue().service("sqs").unwrap();
    let gets: Vec<String> = service
        .actions
        .iter()
        .filter(|action| action.name.starts_with("Get"))
        .map(|action| format!("\"sqs:{}\"", action.name))
        .collect();
    let answer = answer(&allow(&format!("[{}]", gets.join(",")), ALL, ""), &allow(r#""sqs:Get*""#, ALL, ""));
    assert_eq!(answer.relation, Relation::Equal);
    assert!(answer.gained_later.unwrap().action.starts_with("sqs:get"));
    assert_eq!(answer.lost_later, None);
}

#[test]
fn further_and_stricter_conditions_are_narrower() {
    let plain = allow(r#""s3:GetObject""#, ALL, "");
    let on = |condition: &str| allow(r#""s3:GetObject""#, ALL, condition);
    for (old, new) in [
        (plain.clone(), on(r#""Bool": {"aws:SecureTransport": "true"}"#)),
        (
            on(r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#),
            on(r#""IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "10.255.255.0/24"]}"#),
        ),
        (on(r#""NumericLessThan": {"s3:max-keys": "10"}"#), on(r#""NumericLessThanEquals": {"s3:max-keys": "9.5"}"#)),
        (
            on(r#""DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#),
            on(r#""DateLessThan": {"aws:CurrentTime": "2026-12-31"}"#),
        ),
        (
            on(r#""StringLike": {"aws:PrincipalTag/team": "a*"}"#),
            on(r#""StringEquals": {"aws:PrincipalTag/team": ["ab", "a"]}"#),
        ),
        (
            on(r#""StringEqualsIfExists": {"aws:PrincipalTag/team": "a"}"#),
            on(r#""StringEquals": {"aws:PrincipalTag/team": "a"}"#),
        ),
        (
            on(r#""ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}"#),
            on(r#""ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}"#),
        ),
        (
            on(r#""ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}"#),
            on(r#""ArnEquals": {"aws:SourceArn": "arn:aws:s3:::b"}"#),
        ),
    ] {
        assert_eq!(relation(&old, &new), "narrower", "{old} to {new}");
        assert_eq!(relation(&new, &old), "wider", "{new} to {old}");
        assert_eq!(relation(&new, &new), "equal", "{new}");
    }
}

#[test]
fn a_missing_key_tells_apart_what_its_values_do_not() {
    let is = allow(r#""s3:GetObject""#, ALL, r#""Bool": {"aws:MultiFactorAuthPresent": "true"}"#);
    let is_not_false = allow(r#""s3:GetObject""#, ALL, r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}"#);
    let answer = answer(&is, &is_not_false);
    assert_eq!(answer.relation, Relation::Wider);
    assert_eq!(answer.gained.unwrap().context["aws:multifactorauthpresent"], Vec::<String>::new());
}

#[test]
fn policy_variables_are_compared_as_what_they_are() {
    let home = |resource: &str| allow(r#""s3:GetObject""#, resource, "");
    let own = home("arn:aws:s3:::home/${aws:username}/*");
    assert_eq!(relation(&own, &own), "equal");
    assert_eq!(relation(&home("arn:aws:s3:::home/*"), &own), "narrower");
    assert_eq!(relation(&own, &home("arn:aws:s3:::home/${aws:username}/public/*")), "narrower");
    let answer = answer(&own, &home("arn:aws:s3:::home/*"));
    assert_eq!(answer.relation, Relation::Wider);
}

#[test]
fn principals_are_compared_too() {
    let to = |principal: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#
        )
    };
    let (role, account) = (r#"{"AWS": "arn:aws:iam::123456789012:role/r"}"#, r#"{"AWS": "123456789012"}"#);
    assert_eq!(relation(&to(account), &to(role)), "narrower");
    assert_eq!(relation(&to(role), &to(r#""*""#)), "wider");
    assert_eq!(relation(&to(role), &to(r#"{"Service": "ec2.amazonaws.com"}"#)), "incomparable");
    assert_eq!(
        answer(&to(account), &to(r#""*""#)).gained.unwrap().principal.as_deref(),
        Some("arn:aws:iam::444455556666:user/stranger")
    );
    assert!(compare(&policy(&to(role)), &policy(&allow(r#""s3:*""#, ALL, ""))).is_err());
}

#[test]
fn patterns_made_to_blow_up_get_no_answer_and_take_no_time() {
    let many = |from: u32| -> String {
        let list: Vec<String> = (0..24)
            .map(|number| format!("\"arn:aws:s3:::*{}*{}*\"", (b'a' + u8::try_from(number).unwrap()) as char, from))
            .collect();
        format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": [{}]}}"#, list.join(","))
    };
    let begun = std::time::Instant::now();
    let answer = answer(&many(1), &many(2));
    assert!(answer.relation == Relation::Unknown && answer.because.is_some() || answer.gained.is_some(), "{answer:?}");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

/// Policies over a few letters: what they allow can be counted out.
fn small() -> impl Strategy<Value = String> {
    let action = prop::sample::select(vec!["a:a*", "a:*", "a:ab", "*", "a:?", "a:*b"]);
    let resource =
        prop::sample::select(vec!["*", "arn:aws:s:::a*", "arn:aws:s:::ab", "arn:aws:s:::*b", "arn:aws:s:::?"]);
    let condition = prop::sample::select(vec![
        "",
        r#""StringEquals": {"k": "a"}"#,
        r#""StringNotEquals": {"k": "a"}"#,
        r#""StringLikeIfExists": {"k": "a*"}"#,
        r#""Null": {"k": "true"}"#,
        r#""ForAllValues:StringLike": {"m": "a*"}"#,
        r#""ForAnyValue:StringEquals": {"m": ["a", "b"]}"#,
        r#""NumericLessThan": {"n": "2"}"#,
        r#""NumericGreaterThanEquals": {"n": "1"}"#,
    ]);
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    let (not_action, not_resource) = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let statement = (effect, action, resource, condition, not_action, not_resource).prop_map(
        |(effect, action, resource, condition, na, nr)| {
            let (na, nr) = (if na { "NotAction" } else { "Action" }, if nr { "NotResource" } else { "Resource" });
            format!(
                r#"{{"Effect": "{effect}", "{na}": "{action}", "{nr}": "{resource}", "Condition": {{{condition}}}}}"#
            )
        },
    );
    prop::collection::vec(statement, 1..4).prop_map(|statements| statements.join(","))
}

/// Whether `wide` allows something that `narrow` does not, by trying everything that the letters of [`small`] tell apart.
fn counted(wide: &Policy, narrow: &Policy) -> bool {
    let names = ["a", "b", "ab", "aab", "abb", "x", "aa", "bb", "xb", "ax"];
    let mut all = Vec::new();
    for action in names {
        for resource in names {
            // An empty value is as good as none to Null, and a value to everything else.
            for k in [&[][..], &[""], &["a"], &["ab"], &["x"]] {
                for m in [
                    &[][..],
                    &["a"],
                    &["b"],
                    &["aa"],
                    &["x"],
                    &["a", "b"],
                    &["a", "aa"],
                    &["a", "x"],
                    &["aa", "x"],
                    &["b", "x"],
                    &["aa", "b"],
                ] {
                    for n in [&[][..], &["0"], &["1"], &["1.5"], &["2"]] {
                        all.push((action, resource, k, m, n));
                    }
                }
            }
        }
    }
    all.into_iter().any(|(action, resource, k, m, n)| {
        let mut request = Request::new(
            Caller::Arn("arn:aws:iam::111122223333:user/u".to_owned()),
            &format!("a:{action}"),
            &format!("arn:aws:s:::{resource}"),
        );
        for (key, values) in [("k", k), ("m", m), ("n", n)] {
            request.context.set(key, values.iter().map(|value| (*value).to_owned()));
        }
        allows(wide, &request).is_yes() && allows(narrow, &request).is_no()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn it_agrees_with_counting_out(old in small(), new in small()) {
        let (old, new) = (policy(&old), policy(&new));
        let answer = compare(&old, &new).unwrap();
        prop_assert_eq!(&answer.because, &None);
        let gained = answer.gained.is_some() || answer.gained_later.is_some();
        let lost = answer.lost.is_some() || answer.lost_later.is_some();
        // Counting tries one service that AWS does not have; what it finds must be found, and what is found is confirmed
        // by the evaluator already.
        prop_assert!(gained || !counted(&new, &old), "not found: gained");
        prop_assert!(lost || !counted(&old, &new), "not found: lost");
        let whole = |policy: &Policy| policy.statements.iter().all(|statement| !statement.actions.negated && statement.actions.any.iter().all(|pattern| pattern.as_str().starts_with("a:")));
        if whole(&old) && whole(&new) {
            prop_assert!(!gained || counted(&new, &old), "found, but not counted: {answer:?}");
        }
    }
}
