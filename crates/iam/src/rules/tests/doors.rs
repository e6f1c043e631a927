//! Who is let in from outside.

#![allow(clippy::needless_pass_by_value, reason = "json! makes values")]

use serde_json::{Value, json};

use super::{ACCOUNT, arn, document, ids, role};

fn trusting(statement: Value) -> Value {
    json!({"AccountId": ACCOUNT, "RoleDetailList": [role("door", &json!([statement]), &json!([]))]})
}

fn of_role(statement: Value) -> Vec<String> {
    ids(&trusting(statement), &["KG-A020", "KG-A021", "KG-A022", "KG-A023"])
}

#[test]
fn a_role_that_names_everybody_is_open_unless_a_condition_really_closes_it() {
    let with = |condition: Value| {
        of_role(
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}),
        )
    };
    assert_eq!(with(json!({})), ["KG-A020 role/door"]);
    for closes in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/*")}}),
        json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
    ] {
        assert!(with(closes.clone()).is_empty(), "{closes}");
    }
    for does_not in [
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "ours"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
        json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-ours/*"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-theirs"}}),
    ] {
        assert_eq!(with(does_not.clone()), ["KG-A020 role/door"], "{does_not}");
    }
}

#[test]
fn a_foreign_account_needs_further_proof() {
    let with = |who: &str, condition: Value| {
        of_role(
            json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole", "Condition": condition}),
        )
    };
    let foreign = "arn:aws:iam::999988887777:root";
    assert_eq!(with(foreign, json!({})), ["KG-A021 role/door"]);
    assert!(with(foreign, json!({"StringEquals": {"sts:ExternalId": "s3cr3t"}})).is_empty());
    assert!(with(foreign, json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})).is_empty());
    assert!(with("arn:aws:iam::999988887777:role/deploy", json!({})).is_empty());
    assert!(with(&arn("root"), json!({})).is_empty(), "the account itself is no stranger");
}

#[test]
fn a_public_identity_provider_needs_a_subject_that_is_ours() {
    let github = "token.actions.githubusercontent.com";
    let with = |condition: Value| {
        let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{github}");
        of_role(
            json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}),
        )
    };
    let sub = |operator: &str, value: &str| json!({operator: {format!("{github}:sub"): value}, "ForAnyValue:StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}});
    assert_eq!(with(json!({"StringEquals": {format!("{github}:aud"): "sts.amazonaws.com"}})), ["KG-A022 role/door"]);
    assert_eq!(with(sub("StringLike", "repo:*")), ["KG-A022 role/door"]);
    assert_eq!(with(sub("StringLike", "*")), ["KG-A022 role/door"]);
    assert_eq!(with(sub("StringLike", "repo:acme*")), ["KG-A022 role/door"], "anybody may call an owner acme-x");
    assert!(with(sub("StringLike", "repo:acme/*")).is_empty());
    assert!(with(sub("StringEquals", "repo:acme/shop:ref:refs/heads/main")).is_empty());
    assert!(with(json!({"StringEquals": {format!("{github}:repository_owner"): "acme"}})).is_empty());
}

#[test]
fn a_service_that_acts_for_many_needs_to_be_told_for_whom() {
    let with = |service: &str, condition: Value| {
        of_role(
            json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", "Condition": condition}),
        )
    };
    assert_eq!(with("transfer.amazonaws.com", json!({})), ["KG-A023 role/door"]);
    assert!(with("transfer.amazonaws.com", json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}})).is_empty());
    assert!(with("ec2.amazonaws.com", json!({})).is_empty(), "an instance takes only roles of its own account");
}

fn of_resource(arn: &str, statement: Value, more: Value) -> Vec<String> {
    let mut resource = json!({"Arn": arn, "Policy": document(&json!([statement]))});
    for (key, value) in more.as_object().unwrap() {
        resource[key] = value.clone();
    }
    let facts = json!({"AccountId": ACCOUNT, "ResourcePolicies": [resource]});
    ids(&facts, &["KG-A023", "KG-A024", "KG-A025"])
}

#[test]
fn a_bucket_is_public_by_its_policy_unless_public_policies_are_shut_off() {
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    assert_eq!(of_resource("arn:aws:s3:::b", open.clone(), json!({})), ["KG-A024 b"]);
    let shut = json!({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": true, "RestrictPublicBuckets": true}});
    assert!(of_resource("arn:aws:s3:::b", open.clone(), shut.clone()).is_empty());
    let mut account = json!({"RoleDetailList": [role("r", &json!([]), &json!([]))], "ResourcePolicies":
        [{"Arn": "arn:aws:s3:::b", "Policy": document(&json!([open]))}]});
    assert_eq!(ids(&account, &["KG-A024"]), ["KG-A024 b"]);
    account["PublicAccessBlockConfiguration"] = shut["PublicAccessBlockConfiguration"].clone();
    assert!(ids(&account, &["KG-A024"]).is_empty(), "shut off for the whole account");
}

#[test]
fn a_resource_control_policy_shuts_strangers_out_of_buckets_and_roles_and_leaves_topics_alone() {
    let topic = format!("arn:aws:sns:eu-central-1:{ACCOUNT}:t");
    let mut facts = json!({"AccountId": ACCOUNT,
    "RoleDetailList": [role("door", &json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]), &json!([]))],
    "ResourcePolicies": [
        {"Arn": "arn:aws:s3:::b", "Policy": document(&json!([{"Effect": "Allow", "Principal": {"AWS": ["999988887777", "*"]}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]))},
        {"Arn": topic, "Policy": document(&json!([{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}]))},
    ]});
    let doors = ["KG-A020", "KG-A024", "KG-A025"];
    assert_eq!(ids(&facts, &doors), ["KG-A020 role/door", "KG-A024 t", "KG-A024 b", "KG-A025 b"]);
    let fence = json!([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]);
    let organisation = json!({
        "Organization": {"Id": "o-1", "MasterAccountId": "999999999999"},
        "Roots": [{"Id": "r-1", "Arn": "arn:aws:organizations::999999999999:root/o-1/r-1", "Name": "Root"}],
        "Accounts": [{"Id": ACCOUNT, "Arn": format!("arn:aws:organizations::999999999999:account/o-1/{ACCOUNT}"), "Name": "a", "Status": "ACTIVE", "ParentId": "r-1"}],
        "OrganizationPolicies": [{"PolicySummary": {"Id": "p-1", "Name": "Fence", "Type": "RESOURCE_CONTROL_POLICY"},
            "Content": document(&fence), "Targets": [{"TargetId": "r-1"}]}],
    });
    facts.as_object_mut().unwrap().extend(organisation.as_object().unwrap().clone());
    assert_eq!(ids(&facts, &doors), ["KG-A024 t"]);
}

#[test]
fn the_policy_that_a_topic_is_born_with_lets_nobody_else_in() {
    let topic = format!("arn:aws:sns:eu-central-1:{ACCOUNT}:t");
    let born = json!({"Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish", "SNS:Subscribe"],
        "Resource": topic, "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}});
    assert!(of_resource(&topic, born, json!({})).is_empty());
}

#[test]
fn a_function_with_an_address_of_its_own_and_no_login_is_open_for_certain() {
    let function = format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f");
    let facts = json!({"AccountId": ACCOUNT, "ResourcePolicies": [{"Arn": function, "Policy": document(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": function,
         "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}]))}]});
    let judged = super::judged(&facts);
    let open = judged.findings.iter().find(|finding| finding.rule.as_str() == "KG-A024").unwrap();
    assert_eq!(open.severity, keelguard_model::Severity::Critical);
    assert!(open.evidence.iter().all(|evidence| evidence.what != "depends on"));
}

#[test]
fn a_public_policy_behind_a_block_is_told_as_held_back_with_the_block_that_does_it() {
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let told = |account: Value, bucket: Value, statement: Value| {
        let facts = json!({"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": account, "ResourcePolicies": [
            {"Arn": "arn:aws:s3:::b", "Policy": document(&json!([statement])), "PublicAccessBlockConfiguration": bucket}]});
        let found =
            super::judged(&facts).findings.into_iter().filter(|finding| finding.area == keelguard_model::Area::Iam);
        let found = found.filter(|finding| finding.subject.name.ends_with(":b"));
        found.map(|finding| format!("{} {}", finding.rule, finding.title)).collect::<Vec<_>>()
    };
    let restrict = json!({"RestrictPublicBuckets": true});
    assert_eq!(
        told(restrict.clone(), json!({}), open.clone()),
        [
            "KG-A027 The policy of b lets anybody in, and only RestrictPublicBuckets of account 111122223333 keeps them out"
        ]
    );
    assert_eq!(
        told(json!({}), restrict.clone(), open.clone()),
        ["KG-A027 The policy of b lets anybody in, and only RestrictPublicBuckets of the bucket keeps them out"]
    );
    let refuse = json!({"BlockPublicPolicy": true});
    assert_eq!(
        told(refuse.clone(), refuse, open),
        ["KG-A024 Anybody may use b: s3:getobject"],
        "that one was there before"
    );
    let foreign = json!({"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    assert_eq!(told(restrict.clone(), restrict, foreign), ["KG-A025 Account 999988887777 may use b"]);
}

#[test]
fn an_endpoint_that_is_not_ours_lets_in_whoever_owns_it_and_one_that_is_ours_does_not() {
    let with = |condition: Value, endpoints: Value| {
        let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition});
        let mut facts = json!({"AccountId": ACCOUNT, "ResourcePolicies": [{"Arn": "arn:aws:s3:::b", "Policy": document(&json!([open]))}]});
        if endpoints.is_array() {
            facts["VpcEndpoints"] = endpoints;
        }
        ids(&facts, &["KG-A024", "KG-A025"])
    };
    let through = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
    let ours = json!([{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "OwnerId": ACCOUNT}]);
    assert!(with(through.clone(), ours.clone()).is_empty());
    assert_eq!(with(through.clone(), json!([])), ["KG-A025 b"]);
    assert!(with(through.clone(), Value::Null).is_empty(), "nobody has looked for endpoints");
    let and_ours = json!({"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalOrgID": "o-ours"}});
    assert!(with(and_ours, json!([])).is_empty());
}

#[test]
fn a_policy_that_names_a_deleted_principal_says_so_and_one_that_names_somebody_who_is_there_does_not() {
    let with = |id: &str| {
        let mut facts =
            trusting(json!({"Effect": "Allow", "Principal": {"AWS": [id, ACCOUNT]}, "Action": "sts:AssumeRole"}));
        facts["UserDetailList"] = json!([{"UserName": "ann", "UserId": "AIDAANN", "Arn": arn("user/ann")}]);
        facts["ResourcePolicies"] = json!([{"Arn": "arn:aws:s3:::b", "Policy": document(&json!([
            {"Effect": "Allow", "Principal": {"AWS": id}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]))}]);
        ids(&facts, &["KG-A028"])
    };
    assert_eq!(with("AROAGONEGONEGONE"), ["KG-A028 role/door", "KG-A028 b"]);
    assert!(with("AIDAANN").is_empty());
}

#[test]
fn a_queue_that_takes_messages_of_one_topic_is_not_open_but_one_that_takes_those_of_any_is() {
    let queue = format!("arn:aws:sqs:eu-central-1:{ACCOUNT}:q");
    let with = |source: &str| {
        of_resource(
            &queue,
            json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue, "Condition": {"ArnLike": {"aws:SourceArn": source}}}),
            json!({}),
        )
    };
    assert!(with(&format!("arn:aws:sns:eu-central-1:{ACCOUNT}:topic")).is_empty());
    assert_eq!(with("arn:aws:sns:*:*:*"), ["KG-A024 q"]);
}

#[test]
fn a_deny_for_strangers_closes_what_an_allow_opened() {
    let key = format!("arn:aws:kms:eu-central-1:{ACCOUNT}:key/k");
    let facts = json!({"AccountId": ACCOUNT, "ResourcePolicies": [{"Arn": key, "Policy": document(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}},
    ]))}]});
    assert!(ids(&facts, &["KG-A024"]).is_empty());
}

#[test]
fn a_foreign_account_in_a_resources_policy_is_told_and_aws_own_are_not() {
    let with = |who: &str| {
        of_resource(
            "arn:aws:s3:::logs",
            json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}),
            json!({}),
        )
    };
    assert_eq!(with("arn:aws:iam::999988887777:root"), ["KG-A025 logs"]);
    assert!(with("arn:aws:iam::054676820928:root").is_empty(), "load balancers write their logs from there");
}

#[test]
fn a_function_that_any_bucket_may_call_is_a_confused_deputy() {
    let function = format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f");
    let with = |condition: Value| {
        of_resource(
            &function,
            json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": function, "Condition": condition}),
            json!({}),
        )
    };
    assert_eq!(with(json!({})), ["KG-A023 function:f"]);
    assert!(
        with(json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}}))
            .is_empty()
    );
}

#[test]
fn guests_of_an_identity_pool_get_its_role() {
    let facts = json!({"AccountId": ACCOUNT, "IdentityPools": [{"IdentityPoolId": "eu-central-1:1", "IdentityPoolName": "app",
        "AllowUnauthenticatedIdentities": true, "Roles": {"unauthenticated": arn("role/guest")}}]});
    assert_eq!(ids(&facts, &["KG-A026"]), ["KG-A026 role/guest"]);
}
