mod bounds;

use super::*;
use crate::evaluate::Outcome;
use crate::facts::Input;

const FACTS: &str = r#"{
 "UserDetailList": [
  {"UserName": "alice", "UserId": "AIDAALICE", "Arn": "arn:aws:iam::111122223333:user/alice", "GroupList": ["devs"],
   "Tags": [{"Key": "Team", "Value": "blue"}],
   "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
     {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
     {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:${aws:PrincipalTag/Team}"},
     {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}}]},
  {"UserName": "bob", "Arn": "arn:aws:iam::111122223333:user/team/bob",
   "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/Ghost"}],
   "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Read"}},
  {"UserName": "admin", "Arn": "arn:aws:iam::111122223333:user/admin",
   "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}],
   "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Read"}}],
 "GroupDetailList": [{"GroupName": "devs", "Arn": "arn:aws:iam::111122223333:group/devs",
   "GroupPolicyList": [{"PolicyName": "assume", "PolicyDocument": {"Version": "2012-10-17", "Statement":
     {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}}]}],
 "RoleDetailList": [
  {"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/app/web",
   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
     {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]},
   "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/Read"}]},
  {"RoleName": "task", "Arn": "arn:aws:iam::111122223333:role/task",
   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
     {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/team/bob"}, "Action": "sts:AssumeRole"}]}}],
 "Policies": [{"PolicyName": "Read", "Arn": "arn:aws:iam::111122223333:policy/Read", "DefaultVersionId": "v1",
   "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": {"Version": "2012-10-17",
     "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "sts:*", "kms:*"], "Resource": "*"}]}}]}]}"#;

fn facts() -> Facts {
    Facts::read(&[Input::new("facts.json", FACTS.as_bytes())]).unwrap()
}

fn may(accounts: &Accounts<'_>, who: &str, action: &str, resource: &str) -> Outcome {
    let person = accounts.find(who).unwrap();
    accounts.can(person, action, resource, Context::default()).unwrap().decision.outcome
}

fn who(accounts: &Accounts<'_>, action: &str, resource: Option<&str>) -> Vec<String> {
    let (all, _) = accounts.who(action, resource, &Context::default());
    all.iter().map(|who| format!("{}{}", who.person.name, if who.truth.is_yes() { "" } else { "?" })).collect()
}

#[test]
fn can_is_answered_with_groups_boundaries_and_variables() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    assert_eq!(may(&accounts, "alice", "s3:GetObject", "arn:aws:s3:::home/alice/x"), Outcome::Allowed);
    assert_eq!(may(&accounts, "alice", "s3:GetObject", "arn:aws:s3:::home/bob/x"), Outcome::ImplicitDeny);
    let queue = "arn:aws:sqs:eu-west-1:111122223333:blue";
    assert_eq!(may(&accounts, "alice", "sqs:SendMessage", queue), Outcome::Allowed);
    assert_eq!(may(&accounts, "admin", "ec2:RunInstances", "*"), Outcome::ImplicitDeny);
    assert_eq!(may(&accounts, "admin", "s3:GetObject", "arn:aws:s3:::b/k"), Outcome::Allowed);
    assert_eq!(may(&accounts, "root", "ec2:RunInstances", "*"), Outcome::Allowed);
}

#[test]
fn what_hangs_on_circumstances_names_the_keys_and_is_decided_when_they_are_told() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    let mfa = Outcome::Depends(vec!["aws:multifactorauthpresent".to_owned()]);
    assert_eq!(may(&accounts, "alice", "iam:CreateUser", "*"), mfa);
    let told = |value: &str| {
        let mut context = Context::default();
        context.set("aws:MultiFactorAuthPresent", [value.to_owned()]);
        accounts.can(accounts.find("alice").unwrap(), "iam:CreateUser", "*", context).unwrap().decision.outcome
    };
    assert_eq!(told("true"), Outcome::Allowed);
    assert_eq!(told("false"), Outcome::ImplicitDeny);
}

#[test]
fn who_may_assume_a_role_is_up_to_its_trust_too() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    // An account that is trusted lets in whom its policies let; a user that is trusted needs none.
    assert_eq!(
        who(&accounts, "sts:AssumeRole", Some("arn:aws:iam::111122223333:role/app/web")),
        ["admin", "alice", "web"]
    );
    assert_eq!(who(&accounts, "sts:AssumeRole", Some("arn:aws:iam::111122223333:role/task")), ["bob"]);
    assert_eq!(who(&accounts, "sts:AssumeRole", Some("arn:aws:iam::111122223333:role/gone")), Vec::<String>::new());
}

#[test]
fn without_a_resource_who_may_do_it_on_anything_is_answered() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    assert_eq!(who(&accounts, "s3:GetObject", None), ["admin", "alice", "web", "root"]);
    assert_eq!(who(&accounts, "iam:CreateUser", None), ["alice?", "root"]);
    // Objects are not buckets: her policy speaks of the former.
    assert_eq!(who(&accounts, "s3:CreateBucket", None), ["root"]);
    let (all, _) = accounts.who("s3:GetObject", None, &Context::default());
    let alice = all.iter().find(|who| who.person.name == "alice").unwrap();
    assert_eq!(alice.on, "arn:aws:s3:::home/alice/*");
}

#[test]
fn what_somebody_may_do_is_summed_up_by_service_and_level() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    let what = accounts.what(accounts.find("alice").unwrap(), &Context::default());
    let services: Vec<&str> = what.iter().map(|service| service.service).collect();
    assert_eq!(services, ["iam", "s3", "sqs", "sts"]);
    let create = &what[0].levels[0];
    assert_eq!((create.level, create.actions.len()), ("write", 1));
    assert_eq!(create.actions[0].action, "CreateUser");
    assert_eq!(create.actions[0].depends_on, ["aws:MultiFactorAuthPresent"]);
    assert_eq!(what[3].levels[0].actions[0].on, ["arn:aws:iam::111122223333:role/app/web"]);
}

#[test]
fn principals_are_found_by_what_people_call_them() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    for name in ["bob", "user/team/bob", "user/bob", "arn:aws:iam::111122223333:user/team/bob"] {
        assert_eq!(accounts.find(name).unwrap().name, "bob", "{name}");
    }
    assert_eq!(accounts.find("arn:aws:sts::111122223333:assumed-role/web/session").unwrap().name, "web");
    let said = accounts.find("alicce").unwrap_err().to_string();
    assert_eq!(
        said,
        "find the principal \"alicce\": there is none in the facts; did you mean arn:aws:iam::111122223333:user/alice?"
    );
}

#[test]
fn what_the_facts_do_not_say_is_said() {
    let facts = facts();
    let accounts = Accounts::of(&facts);
    let bob = accounts.find("bob").unwrap();
    let answer = accounts.can(bob, "s3:GetObject", "arn:aws:s3:::b/k", Context::default()).unwrap();
    assert!(answer.assumed[0].contains("policy/Ghost"), "{:?}", answer.assumed);
    let alice = accounts.find("alice").unwrap();
    let gone =
        accounts.can(alice, "sts:AssumeRole", "arn:aws:iam::111122223333:role/gone", Context::default()).unwrap();
    assert!(gone.assumed[0].contains("taken to trust nobody"), "{:?}", gone.assumed);
}

#[test]
fn an_action_that_nobody_knows_is_doubted_with_the_nearest() {
    assert_eq!(doubt("S3:getobject"), None);
    assert!(doubt("s3:GetObjekt").unwrap().contains("did you mean s3:GetObject?"));
    assert!(doubt("s4:GetObject").unwrap().contains("no service s4"));
}
