//! Random policies and requests: the evaluator, the slow one beside it, and the compiled form say the same.

use keelguard_iam::Policy;
use keelguard_iam::evaluate::{
    Attached, Caller, Compiled, Context, Holding, Level, Others, Outcome, Policies, Request, Target, Truth, outcome,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::slow;
use crate::support::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/alice";

fn principal() -> impl Strategy<Value = &'static str> {
    select(vec![
        ALICE,
        ALICE,
        SESSION,
        SESSION,
        ROLE,
        ROOT,
        FEDERATED,
        LINKED,
        "anonymous",
        "lambda.amazonaws.com",
        "arn:aws:iam::999999999999:user/eve",
    ])
}

fn named() -> impl Strategy<Value = Value> {
    let aws = select(vec![
        "*",
        ALICE,
        SESSION,
        ROLE,
        "arn:aws:iam::111122223333:role/web",
        ROOT,
        "111122223333",
        FEDERATED,
        "999999999999",
        "arn:aws:iam::111122223333:user/*",
        "AIDAEXAMPLE",
    ]);
    prop_oneof![
        Just(json!("*")),
        Just(json!({"Service": "lambda.amazonaws.com"})),
        vec(aws, 1..4).prop_map(|names| json!({"AWS": names})),
    ]
}

fn action() -> impl Strategy<Value = Value> {
    let one =
        select(vec!["*", "s3:*", "S3:Get*", "s3:PutObject", "kms:*", "sts:AssumeRole", "*:*Object", "s?:GetObject"]);
    vec(one, 1..3).prop_map(|actions| if actions.len() == 1 { json!(actions[0]) } else { json!(actions) })
}

fn resource() -> impl Strategy<Value = Value> {
    let one = select(vec![
        "*",
        "*",
        OBJECT,
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::bucket/${aws:username}",
        "arn:aws:s3:::*/k?y",
        "arn:aws:s3:::bucket/${aws:PrincipalTag/t, 'key'}",
        "arn:aws:s3:::${k:x}/key",
        "arn:aws:iam::*:role/*",
        KEY,
    ]);
    vec(one, 1..3).prop_map(|all| json!(all))
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let operators = vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
        "Bool",
        "IpAddress",
        "NotIpAddress",
        "ArnEquals",
        "ArnLike",
        "ArnNotEquals",
        "ArnNotLike",
        "Null",
    ];
    let set = select(vec!["", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    let key = select(vec![
        "k:x",
        "K:X",
        "k:y",
        "aws:username",
        "aws:PrincipalArn",
        "aws:PrincipalTag/t",
        "aws:PrincipalIsAWSService",
    ]);
    let value = select(vec![
        "1",
        "2",
        "10.0.0.0/8",
        "10.1.2.3",
        "true",
        "false",
        "a*",
        "A",
        "",
        "arn:aws:iam::*:*/web",
        "${aws:username}",
        "${k:y}",
        "alice",
        "arn:aws:iam::111122223333:user/alice",
    ]);
    (set, select(operators), suffix, key, vec(value, 1..3)).prop_map(|(set, name, suffix, key, values)| {
        let suffix = if name == "Null" { "" } else { suffix };
        let values = if name == "Null" {
            json!(values.iter().map(|value| (value.len() % 2 == 0).to_string()).collect::<Vec<_>>())
        } else {
            json!(values)
        };
        (format!("{set}{name}{suffix}"), key.to_owned(), values)
    })
}

fn a_statement(principals: bool) -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let not = || prop::bool::weighted(0.15);
    (effect, (not(), action()), (not(), resource()), (not(), named()), vec(condition(), 0..3)).prop_map(
        move |(effect, (not_action, action), (not_resource, resource), (not_principal, named), conditions)| {
            let mut whole = Map::new();
            let mut put = |not: bool, name: &str, value: Value| {
                whole.insert(if not { format!("Not{name}") } else { name.to_owned() }, value);
            };
            put(false, "Effect", json!(effect));
            put(not_action, "Action", action);
            put(not_resource, "Resource", resource);
            if principals {
                put(not_principal, "Principal", named);
            }
            let mut blocks = Map::new();
            for (operator, key, values) in conditions {
                let block = blocks.entry(operator).or_insert_with(|| json!({}));
                block[key] = values;
            }
            put(false, "Condition", Value::Object(blocks));
            Value::Object(whole)
        },
    )
}

fn policy(principals: bool) -> impl Strategy<Value = Value> {
    let version = select(vec!["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]);
    (version, vec(a_statement(principals), 1..4))
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

fn broad(principals: bool) -> impl Strategy<Value = Value> {
    let open = if principals { allow_to(json!("*"), "*") } else { allow("*") };
    prop_oneof![2 => policy(principals), 1 => Just(open)]
}

fn context() -> impl Strategy<Value = Value> {
    let value =
        || select(vec!["1", "2", "10.1.2.3", "true", "False", "abc", "a", "", "arn:aws:iam::1:role/web", "alice"]);
    (option::of(vec(value(), 0..3)), option::of(value()), option::of(value())).prop_map(|(x, y, tag)| {
        let mut all = Map::new();
        x.map(|x| all.insert("k:x".to_owned(), json!(x)));
        y.map(|y| all.insert("k:y".to_owned(), json!(y)));
        tag.map(|tag| all.insert("aws:PrincipalTag/T".to_owned(), json!(tag)));
        Value::Object(all)
    })
}

prop_compose! {
    fn a_case()(
        principal in principal(),
        what in select(vec![("s3:GetObject", OBJECT), ("s3:PutObject", "arn:aws:s3:::bucket/alice"), ("sts:AssumeRole", ROLE), ("kms:Decrypt", KEY)]),
        account in select(vec!["111122223333", "111122223333", "999999999999", ""]),
        context in context(),
        identity in vec(broad(false), 0..3),
        boundary in option::weighted(0.3, broad(false)),
        session in option::weighted(0.3, broad(false)),
        resource in option::weighted(0.7, broad(true)),
        endpoint in option::weighted(0.1, broad(true)),
        scp in vec(vec(broad(false), 0..3), 0..3),
        rcp in vec(vec(policy(true), 0..2), 0..2),
        management in (prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
    ) -> Value {
        let mut case = asks(principal, what.0, what.1).account(account);
        for policy in identity { case = case.identity(policy); }
        if let Some(policy) = boundary { case = case.boundary(policy); }
        if let Some(policy) = session { case = case.session(policy); }
        if let Some(policy) = resource { case = case.resource(policy); }
        if let Some(policy) = endpoint { case = case.endpoint(policy); }
        for (index, level) in scp.iter().enumerate() { case = case.level("scp", &format!("ou-{index}"), level); }
        for (index, level) in rcp.iter().enumerate() { case = case.level("rcp", &format!("ou-{index}"), level); }
        let case = case.set("principal_is_management", json!(management.0)).set("resource_is_management", json!(management.1));
        let mut case = case.json();
        case["request"]["context"] = context;
        case
    }
}

/// The policies of a case, parsed, as the compiled form wants them.
struct Parsed {
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    session: Option<Policy>,
    resource: Option<Policy>,
    scp: Vec<Vec<Policy>>,
    rcp: Vec<Vec<Policy>>,
}

impl Parsed {
    fn of(case: &Value) -> Self {
        let read = |named: &Value| Policy::parse(&named["policy"].to_string()).unwrap();
        let all = |list: &Value| list.as_array().into_iter().flatten().map(read).collect::<Vec<_>>();
        let levels = |list: &Value| list.as_array().unwrap().iter().map(|level| all(&level["policies"])).collect();
        let policies = &case["policies"];
        Self {
            identity: all(&policies["identity"]),
            boundary: all(&policies["boundary"]).pop(),
            session: all(&policies["session"]).pop(),
            resource: policies["resource"].get("policy").map(|_| read(&policies["resource"])),
            scp: levels(&policies["scp"]),
            rcp: levels(&policies["rcp"]),
        }
    }

    fn policies(&self, case: &Value) -> Policies<'_> {
        fn one(policy: &Policy) -> Attached<'_> {
            Attached { name: "p", policy }
        }
        fn levels(levels: &[Vec<Policy>]) -> Vec<Level<'_>> {
            levels.iter().map(|level| Level { entity: "ou", policies: level.iter().map(one).collect() }).collect()
        }
        Policies {
            identity: self.identity.iter().map(one).collect(),
            boundary: self.boundary.as_ref().map(|policy| vec![one(policy)]),
            session: self.session.as_ref().map(|policy| vec![one(policy)]),
            resource: self.resource.as_ref().map(|policy| vec![one(policy)]),
            scp: levels(&self.scp),
            rcp: levels(&self.rcp),
            vpc_endpoint: None,
            principal_is_management: case["principal_is_management"] == true,
            resource_is_management: case["resource_is_management"] == true,
        }
    }
}

fn context_of(case: &Value, keys: impl Fn(&str) -> bool) -> Context {
    let mut context = Context::default();
    for (key, values) in case["request"]["context"].as_object().unwrap() {
        if keys(key) {
            let values = match values {
                Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
                value => vec![value.as_str().unwrap().to_owned()],
            };
            context.set(key, values);
        }
    }
    context
}

fn request_of(case: &Value) -> Request {
    let request = &case["request"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let caller = Caller::named(&text(&request["principal"])).unwrap();
    Request {
        resource_account: Some(text(&request["resource"]["account"])),
        context: context_of(case, |_| true),
        ..Request::new(caller, &text(&request["action"]), &text(&request["resource"]["arn"]))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluator_agrees_with_the_slow_one(case in a_case()) {
        let answer = keelguard_iam::simulate::run(case.to_string().as_bytes()).unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        prop_assert_eq!(&answer["decision"], slow::decide(&case), "{:#}", case);
        prop_assert!(!answer["because"].as_array().unwrap().is_empty(), "no reason: {:#}", case);
    }

    #[test]
    fn the_compiled_form_agrees_with_single_decisions(case in a_case()) {
        let parsed = Parsed::of(&case);
        let request = request_of(&case);
        let mut compiled = Compiled::default();
        let mut add = |policy| compiled.add("p", policy);
        let mut holding = Holding {
            identity: parsed.identity.iter().map(&mut add).collect(),
            boundary: parsed.boundary.as_ref().map(|policy| vec![add(policy)]),
            session: parsed.session.as_ref().map(|policy| vec![add(policy)]),
            scp: None,
            is_management: case["principal_is_management"] == true,
            unique_id: None,
        };
        let levels: Vec<_> = parsed.scp.iter().map(|level| ("ou", level.iter().map(&mut add).collect::<Vec<_>>())).collect();
        holding.scp = Some(levels.into());
        let of_caller = |key: &str| key.to_lowercase().starts_with("aws:principal");
        // Another principal with the same policies, so that what is remembered of one could mislead about the other.
        let bob = Caller::named("arn:aws:iam::111122223333:user/bob").unwrap();
        let bob = compiled.hold(&bob, Context::default(), holding.clone());
        let asker = compiled.hold(&request.principal, context_of(&case, of_caller), holding);
        let policies = parsed.policies(&case);
        let target = Target {
            account: request.resource_account.as_deref().filter(|account| !account.is_empty()),
            policy: policies.resource.clone(),
            rcp: policies.rcp.clone(),
            is_management: policies.resource_is_management,
            ..Target::new(&request.resource)
        };
        let view = compiled.action(&request.action);
        let question = view.on(target, context_of(&case, |key| !of_caller(key)));
        let _ = question.may(bob);
        let allowed = question.may(asker) == Truth::Yes;
        prop_assert_eq!(allowed, outcome(&request, &policies) == Outcome::Allowed, "{:#}", case);
        prop_assert_eq!(question.who().iter().any(|(id, _)| *id == asker), allowed, "{:#}", case);
    }

    /// Whatever the keys turn out to be of which nothing is known: what was certain stays, and what hangs on keys names them.
    #[test]
    fn what_is_certain_without_the_circumstances_stays_so_with_them(case in a_case()) {
        let parsed = Parsed::of(&case);
        let policies = parsed.policies(&case);
        let full = request_of(&case);
        let mut blind = full.clone();
        blind.context = Context { others: Others::Unknown, ..Context::default() };
        let allowed = outcome(&full, &policies) == Outcome::Allowed;
        match outcome(&blind, &policies) {
            Outcome::Allowed => prop_assert!(allowed, "{:#}", case),
            Outcome::ImplicitDeny | Outcome::ExplicitDeny => prop_assert!(!allowed, "{:#}", case),
            Outcome::Depends(keys) => prop_assert!(!keys.is_empty()),
        }
    }
}

#[test]
fn an_unknown_key_is_named_and_a_known_one_decides() {
    let policy = Policy::parse(
        &statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:PrincipalType": "User"}}}))
        .to_string(),
    )
    .unwrap();
    let policies = Policies { identity: vec![Attached { name: "p", policy: &policy }], ..Policies::default() };
    let asked = |who: &str| {
        let mut request = Request::new(Caller::named(who).unwrap(), "s3:GetObject", OBJECT);
        request.context.others = Others::Unknown;
        outcome(&request, &policies)
    };
    assert_eq!(asked(ALICE), Outcome::Depends(vec!["aws:multifactorauthpresent".to_owned()]));
    assert_eq!(asked(SESSION), Outcome::ImplicitDeny);
}

#[test]
fn who_may_finds_a_session_by_a_role_with_a_path_which_the_sessions_arn_lacks() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app/web"}, "Action": "*", "Resource": "*"}}"#;
    let policy = Policy::parse(text).unwrap();
    let mut compiled = Compiled::default();
    let session = Caller::named("arn:aws:sts::111122223333:assumed-role/web/s1").unwrap();
    let session = compiled.hold(&session, Context::default(), Holding::default());
    let view = compiled.action("s3:GetObject");
    let on = vec![Attached { name: "on the resource", policy: &policy }];
    let target = Target { account: Some("111122223333"), policy: Some(on), ..Target::new("arn:aws:s3:::bucket/key") };
    assert_eq!(view.on(target, Context::default()).who(), [(session, Truth::Yes)]);
}
