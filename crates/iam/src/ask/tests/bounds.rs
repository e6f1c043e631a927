//! What bounds access beside the policies of principal and resource: blocks of public access, the policy of a VPC endpoint;
//! and principals whom policies name by their unique ids.

use serde_json::{Value, json};

use super::*;

const OWNER: &str = "111122223333";
const OTHER: &str = "444455556666";

fn role(account: &str, name: &str, id: &str) -> Value {
    let all = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    json!({"RoleName": name, "RoleId": id, "Arn": format!("arn:aws:iam::{account}:role/{name}"),
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": all}]})
}

/// Two accounts, and a bucket of the first with this policy and what else is given.
fn facts(statements: &Value, bucket: &Value, account: &Value) -> Facts {
    let mut resource = json!({"Arn": "arn:aws:s3:::b", "AccountId": OWNER, "Policy": {"Version": "2012-10-17", "Statement": statements}});
    resource.as_object_mut().unwrap().extend(bucket.as_object().unwrap().clone());
    let mut one =
        json!({"AccountId": OWNER, "RoleDetailList": [role(OWNER, "own", "AROAOWN")], "ResourcePolicies": [resource]});
    one.as_object_mut().unwrap().extend(account.as_object().unwrap().clone());
    let other = json!({"AccountId": OTHER, "RoleDetailList": [role(OTHER, "foreign", "AROAFOREIGN")]});
    Facts::read(&[Input::new("facts.json", json!([one, other]).to_string().as_bytes())]).unwrap()
}

fn answer(facts: &Facts, who: &str, told: &[(&str, &str)]) -> (Outcome, String, Vec<String>) {
    let accounts = Accounts::of(facts);
    let mut context = Context::default();
    for (key, value) in told {
        context.set(key, [(*value).to_owned()]);
    }
    let person = accounts.find(who).unwrap();
    let can = accounts.can(person, "s3:GetObject", "arn:aws:s3:::b/k", context.clone()).unwrap();
    // Who may is answered alike.
    let (all, _) = accounts.who("s3:GetObject", Some("arn:aws:s3:::b/k"), &context);
    let among = all.iter().any(|one| one.person.name == who);
    assert_eq!(among, matches!(can.decision.outcome, Outcome::Allowed | Outcome::Depends(_)));
    let because = can.decision.because.iter().map(|reason| format!("{}\n", reason.says)).collect();
    (can.decision.outcome, because, can.assumed)
}

fn public() -> Value {
    json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}])
}

#[test]
fn a_public_policy_counts_for_its_own_account_only_where_public_buckets_are_restricted_and_the_reason_names_the_block()
{
    let restrict = json!({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}});
    let none = json!({});
    assert_eq!(answer(&facts(&public(), &none, &none), "foreign", &[]).0, Outcome::Allowed);
    for (bucket, account, told) in [
        (&restrict, &none, "RestrictPublicBuckets of the bucket"),
        (&none, &restrict, "RestrictPublicBuckets of account 111122223333"),
        (&restrict, &restrict, "RestrictPublicBuckets of account 111122223333 and of the bucket"),
    ] {
        let facts = facts(&public(), bucket, account);
        let (outcome, because, _) = answer(&facts, "foreign", &[]);
        assert_eq!(outcome, Outcome::ExplicitDeny, "{told}");
        assert!(because.contains(told), "{because}");
        assert_eq!(answer(&facts, "own", &[]).0, Outcome::Allowed);
    }
}

#[test]
fn what_refuses_new_public_policies_leaves_those_alone_that_are_there() {
    let refuse = json!({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": true, "BlockPublicAcls": true}});
    assert_eq!(answer(&facts(&public(), &refuse, &refuse), "foreign", &[]).0, Outcome::Allowed);
}

#[test]
fn a_policy_that_is_not_public_is_not_touched_by_the_block_and_in_a_public_one_no_other_account_counts() {
    let restrict = json!({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}});
    let named = json!({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    assert_eq!(answer(&facts(&json!([named]), &restrict, &json!({})), "foreign", &[]).0, Outcome::Allowed);
    let both = json!([named, public()[0]]);
    assert_eq!(answer(&facts(&both, &restrict, &json!({})), "foreign", &[]).0, Outcome::ExplicitDeny);
}

#[test]
fn whoever_comes_through_an_endpoint_needs_its_policy_too() {
    let endpoint = json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3",
        "OwnerId": OWNER, "PolicyDocument": {"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}}}]});
    let facts = facts(&public(), &json!({}), &endpoint);
    assert_eq!(answer(&facts, "own", &[]).0, Outcome::Allowed);
    let (outcome, because, assumed) = answer(&facts, "own", &[("aws:SourceVpce", "vpce-1")]);
    assert_eq!((outcome, assumed.len()), (Outcome::ImplicitDeny, 0));
    assert!(because.contains("vpce-1"), "{because}");
    let (outcome, _, assumed) = answer(&facts, "own", &[("aws:SourceVpce", "vpce-2")]);
    assert_eq!(outcome, Outcome::Allowed);
    assert!(assumed[0].contains("vpce-2") && assumed[0].contains("not in the facts"), "{assumed:?}");
}

#[test]
fn a_role_is_known_by_its_unique_id_and_a_deleted_one_of_the_same_name_is_not_it() {
    let named = |id: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": id}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
        facts(&json!([statement]), &json!({}), &json!({}))
    };
    assert_eq!(answer(&named("AROAFOREIGN"), "foreign", &[]).0, Outcome::Allowed);
    assert_eq!(answer(&named("AROAFORMERLY"), "foreign", &[]).0, Outcome::ImplicitDeny);
}
