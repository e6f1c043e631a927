//! Questions over an account of 5,000 principals with 2,000 managed policies, and single decisions. The yardstick of "who" is
//! each principal decided on its own, as an evaluator without an index does.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench may panic")]

use divan::{Bencher, black_box};
use keelguard_iam::ask::Accounts;
use keelguard_iam::evaluate::Context;
use keelguard_iam::facts::{Facts, Input};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

const SERVICES: [&str; 12] =
    ["s3", "ec2", "sqs", "sns", "kms", "dynamodb", "lambda", "iam", "ecs", "logs", "rds", "sts"];
const VERBS: [&str; 7] = ["Get*", "List*", "Describe*", "Put*", "Create*", "Delete*", "*"];

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.roll(of.len())).copied().unwrap_or_default()
    }
}

fn statement(dice: &mut Dice, number: usize) -> Value {
    let service = dice.one(&SERVICES);
    let actions: Vec<String> = (0..3).map(|_| format!("{service}:{}", dice.one(&VERBS))).collect();
    let resource = if dice.roll(10) < 7 { format!("arn:aws:{service}:*:*:x{number}/*") } else { "*".to_owned() };
    let effect = if dice.roll(10) == 0 { "Deny" } else { "Allow" };
    let mut statement = json!({"Effect": effect, "Action": actions, "Resource": resource});
    if dice.roll(5) == 0
        && let Some(statement) = statement.as_object_mut()
    {
        let blue = json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}});
        statement.insert("Condition".to_owned(), blue);
    }
    statement
}

fn account() -> Facts {
    let mut dice = Dice(1);
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::111122223333:{kind}/{name}");
    let policies: Vec<Value> = (0..2_000)
        .map(|number| {
            let statements: Vec<Value> = (0..3).map(|_| statement(&mut dice, number)).collect();
            json!({"PolicyName": format!("p{number}"), "Arn": arn("policy", &format!("p{number}")), "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true,
                    "Document": {"Version": "2012-10-17", "Statement": statements}}]})
        })
        .collect();
    let mut holding = |number: usize| {
        let attached: Vec<Value> =
            (0..5).map(|_| json!({"PolicyArn": arn("policy", &format!("p{}", dice.roll(2_000)))})).collect();
        let own = json!([{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": ["s3:GetObject", "sts:AssumeRole"],
            "Resource": [format!("arn:aws:s3:::b{number}/*"), arn("role", &format!("r{}", number * 7 % 2_500))]}}}]);
        let team = json!([{"Key": "team", "Value": if dice.roll(2) == 0 { "blue" } else { "red" }}]);
        (json!(attached), own, team)
    };
    let mut users = Vec::new();
    let mut roles = Vec::new();
    for number in 0..2_500 {
        let (attached, own, team) = holding(number);
        users.push(json!({"UserName": format!("u{number}"), "Arn": arn("user", &format!("u{number}")),
            "AttachedManagedPolicies": attached, "UserPolicyList": own, "Tags": team}));
        let (attached, own, team) = holding(number);
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}});
        roles.push(json!({"RoleName": format!("r{number}"), "Arn": arn("role", &format!("r{number}")), "Tags": team,
            "AttachedManagedPolicies": attached, "RolePolicyList": own, "AssumeRolePolicyDocument": trust}));
    }
    let whole = json!({"UserDetailList": users, "RoleDetailList": roles, "Policies": policies, "GroupDetailList": []});
    Facts::read(&[Input::new("account.json", whole.to_string().as_bytes())]).expect("the account can be read")
}

#[divan::bench]
fn getting_ready(bencher: Bencher<'_, '_>) {
    let facts = account();
    bencher.bench_local(|| Accounts::of(black_box(&facts)).people().len());
}

#[divan::bench]
fn who_may_read_one_object(bencher: Bencher<'_, '_>) {
    let facts = account();
    let accounts = Accounts::of(&facts);
    let object = Some("arn:aws:s3:::b7/key");
    bencher.bench_local(|| accounts.who(black_box("s3:GetObject"), object, &Context::default()).0.len());
}

/// The yardstick.
#[divan::bench(sample_count = 5)]
fn who_may_read_one_object_each_on_its_own(bencher: Bencher<'_, '_>) {
    let facts = account();
    let accounts = Accounts::of(&facts);
    bencher.bench_local(|| {
        let can = |person| accounts.can(person, "s3:GetObject", "arn:aws:s3:::b7/key", Context::default());
        accounts.people().iter().filter_map(can).count()
    });
}

#[divan::bench(sample_count = 10)]
fn who_may_read_any_object(bencher: Bencher<'_, '_>) {
    let facts = account();
    let accounts = Accounts::of(&facts);
    bencher.bench_local(|| accounts.who(black_box("s3:GetObject"), None, &Context::default()).0.len());
}

#[divan::bench(sample_count = 10)]
fn who_may_assume_any_role(bencher: Bencher<'_, '_>) {
    let facts = account();
    let accounts = Accounts::of(&facts);
    bencher.bench_local(|| accounts.who(black_box("sts:AssumeRole"), None, &Context::default()).0.len());
}

#[divan::bench(sample_count = 10)]
fn what_one_may_do(bencher: Bencher<'_, '_>) {
    let facts = account();
    let accounts = Accounts::of(&facts);
    let person = accounts.find("user/u7").expect("it is there");
    bencher.bench_local(|| accounts.what(black_box(person), &Context::default()).len());
}

#[divan::bench]
fn one_case_of_simulate(bencher: Bencher<'_, '_>) {
    let case = json!({
        "request": {"principal": "arn:aws:sts::111122223333:assumed-role/web/s", "action": "s3:GetObject",
            "resource": {"arn": "arn:aws:s3:::bucket/key", "account": "111122223333"}, "context": {"aws:SourceIp": ["203.0.113.7"]}},
        "policies": {"identity": [{"name": "read", "policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket/*",
             "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}}]}
    })
    .to_string();
    bencher.bench_local(|| keelguard_iam::simulate::run(black_box(case.as_bytes())).is_ok());
}
