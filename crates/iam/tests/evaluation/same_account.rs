//! IAM user guide, "Policy evaluation for requests within a single account" and "How AWS enforcement code logic evaluates
//! requests to allow or deny access", with its table of resource policies and implicit denies.

use serde_json::json;

use crate::support::*;

#[test]
fn by_default_everything_is_denied_implicitly() {
    get(ALICE).implicitly_denied();
    get(ROLE).implicitly_denied();
    get(SESSION).implicitly_denied();
    get("anonymous").implicitly_denied();
    get("lambda.amazonaws.com").implicitly_denied();
}

#[test]
fn the_root_user_may_everything_that_nothing_denies_it() {
    get(ROOT).allowed();
    get(ROOT).resource(deny_to(json!("*"), "s3:*")).explicitly_denied();
    get(ROOT).level("scp", "r-1", &[deny("s3:*"), allow("*")]).explicitly_denied();
    get(ROOT).level("scp", "r-1", &[]).implicitly_denied();
}

#[test]
fn in_one_account_either_the_identity_or_the_resource_suffices() {
    get(ALICE).identity(allow("s3:Get*")).allowed();
    get(ALICE).resource(allow_to(aws(ALICE), "s3:Get*")).allowed();
    get(ALICE).identity(allow("s3:Get*")).resource(allow_to(aws("999999999999"), "s3:*")).allowed();
}

#[test]
fn an_explicit_deny_anywhere_wins_over_every_allow() {
    let all = || get(SESSION).identity(allow("*")).resource(allow_to(aws(SESSION), "*"));
    all().allowed();
    all().identity(deny("s3:*")).explicitly_denied();
    all().boundary(allow("*")).boundary(deny("s3:GetObject")).explicitly_denied();
    all().session(allow("*")).session(deny("s3:GetObject")).explicitly_denied();
    all().resource(deny_to(json!("*"), "s3:*")).explicitly_denied();
    all().level("scp", "r-1", &[allow("*"), deny("s3:*")]).explicitly_denied();
    all().level("rcp", "r-1", &[deny_to(json!("*"), "s3:*")]).explicitly_denied();
    all().endpoint(allow_to(json!("*"), "*")).endpoint(deny_to(json!("*"), "s3:*")).explicitly_denied();
}

#[test]
fn the_accounts_root_as_principal_leaves_it_to_the_identities_policies() {
    get(ALICE).resource(allow_to(aws(ROOT), "s3:*")).implicitly_denied();
    get(ALICE).resource(allow_to(aws("111122223333"), "s3:*")).implicitly_denied();
    get(ALICE).identity(allow("s3:*")).resource(allow_to(aws(ROOT), "s3:*")).allowed();
}

#[test]
fn everybody_as_principal_grants_to_the_own_account_without_more() {
    for everybody in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["*"]})] {
        get(ALICE).resource(allow_to(everybody.clone(), "s3:*")).allowed();
        get(ROLE).resource(allow_to(everybody.clone(), "s3:*")).allowed();
        get("anonymous").resource(allow_to(everybody, "s3:*")).allowed();
    }
}

#[test]
fn a_resource_that_names_the_user_is_not_limited_by_implicit_denies() {
    let named = get(ALICE).resource(allow_to(aws(ALICE), "s3:*"));
    named.clone().boundary(allow("ec2:*")).allowed();
    named.boundary(deny("s3:*")).explicitly_denied();
}

#[test]
fn a_resource_that_names_the_role_is_limited_by_boundary_and_session_but_not_by_the_identity() {
    let named = || get(SESSION).resource(allow_to(aws("arn:aws:iam::111122223333:role/web"), "s3:*"));
    named().allowed();
    named().boundary(allow("ec2:*")).implicitly_denied();
    named().session(allow("ec2:*")).implicitly_denied();
    named().boundary(allow("s3:*")).session(allow("s3:*")).allowed();
}

#[test]
fn a_resource_that_names_the_session_is_limited_by_none_of_them() {
    let named = || get(SESSION).resource(allow_to(aws(SESSION), "s3:*"));
    named().boundary(allow("ec2:*")).allowed();
    named().session(allow("ec2:*")).allowed();
    named().boundary(allow("ec2:*")).session(allow("ec2:*")).allowed();
    get("arn:aws:sts::111122223333:assumed-role/web/s2").resource(allow_to(aws(SESSION), "s3:*")).implicitly_denied();
}

#[test]
fn everybody_with_a_condition_on_the_role_is_not_limited_by_implicit_denies_either() {
    let policy = statement(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/web"}}}));
    get(SESSION).resource(policy.clone()).boundary(allow("ec2:*")).session(allow("ec2:*")).allowed();
    get(ALICE).resource(policy).implicitly_denied();
}

#[test]
fn a_federated_user_needs_session_policies_unless_the_resource_names_the_session() {
    let federated = "arn:aws:sts::111122223333:federated-user/alice";
    get(federated).identity(allow("s3:*")).implicitly_denied();
    get(federated).identity(allow("s3:*")).session(allow("s3:*")).allowed();
    get(federated).session(allow("s3:*")).implicitly_denied();
    get(federated).resource(allow_to(aws(federated), "s3:*")).session(allow("ec2:*")).allowed();
    let by_user = || get(federated).resource(allow_to(aws(ALICE), "s3:*"));
    by_user().implicitly_denied();
    by_user().session(allow("ec2:*")).implicitly_denied();
    by_user().session(allow("s3:*")).allowed();
    by_user().session(allow("s3:*")).boundary(allow("ec2:*")).implicitly_denied();
}

#[test]
fn session_policies_only_narrow() {
    get(SESSION).identity(allow("s3:*")).session(allow("s3:Put*")).implicitly_denied();
    get(SESSION).identity(allow("s3:*")).session(allow("s3:Get*")).allowed();
    get(SESSION).session(allow("s3:*")).implicitly_denied();
}

#[test]
fn empty_lists_mean_that_there_is_nothing_of_the_kind() {
    let mut case = get(ALICE).identity(allow("s3:*")).json();
    for kind in ["boundary", "session", "vpc_endpoint", "scp", "rcp"] {
        case["policies"][kind] = json!([]);
    }
    let answer = keelguard_iam::simulate::run(case.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap()["decision"], "allowed");
}

#[test]
fn an_endpoints_policy_must_allow_too_and_may_name_its_principals() {
    let through = |policy| get(ALICE).identity(allow("s3:*")).endpoint(policy);
    through(allow_to(json!("*"), "s3:*")).allowed();
    through(allow_to(aws(ALICE), "s3:*")).allowed();
    through(allow_to(aws(ROOT), "s3:*")).allowed();
    through(allow_to(json!("*"), "ec2:*")).implicitly_denied();
    through(allow_to(aws("999999999999"), "s3:*")).implicitly_denied();
    // It grants nothing by itself.
    get(ALICE).endpoint(allow_to(json!("*"), "s3:*")).implicitly_denied();
}

#[test]
fn actions_have_no_case_and_resources_do() {
    asks(ALICE, "S3:getOBJECT", OBJECT).identity(allow("s3:GetObject")).allowed();
    let policy = |resource: &str| statement(json!({"Effect": "Allow", "Action": "s3:*", "Resource": resource}));
    get(ALICE).identity(policy("arn:aws:s3:::bucket/*")).allowed();
    get(ALICE).identity(policy("arn:aws:s3:::Bucket/*")).implicitly_denied();
    get(ALICE).identity(policy("arn:aws:s3:::bucket/k?y")).allowed();
    get(ALICE).identity(policy("arn:aws:s3:::bucket")).implicitly_denied();
    get(ALICE).identity(policy("arn:aws:s3:*")).allowed();
}

#[test]
fn not_action_and_not_resource_mean_everything_else() {
    let policy = |rest: serde_json::Value| {
        let mut whole = json!({"Effect": "Allow"});
        whole.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        statement(whole)
    };
    get(ALICE).identity(policy(json!({"NotAction": "iam:*", "Resource": "*"}))).allowed();
    get(ALICE).identity(policy(json!({"NotAction": ["iam:*", "s3:Get*"], "Resource": "*"}))).implicitly_denied();
    get(ALICE).identity(policy(json!({"Action": "*", "NotResource": "arn:aws:s3:::other/*"}))).allowed();
    get(ALICE).identity(policy(json!({"Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}))).implicitly_denied();
    asks(ALICE, "s3:ListAllMyBuckets", "*")
        .identity(policy(json!({"Action": "*", "NotResource": "arn:aws:s3:::b"})))
        .allowed();
}

#[test]
fn an_action_without_a_resource_needs_a_statement_about_all_resources() {
    let list = || asks(ALICE, "ec2:DescribeInstances", "*");
    list().identity(allow("ec2:Describe*")).allowed();
    list()
        .identity(statement(json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*"})))
        .implicitly_denied();
}

#[test]
fn carlos_of_the_user_guide() {
    let carlos = "arn:aws:iam::123456789012:user/carlossalazar";
    let identity = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"},
        {"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]},
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"}]});
    let of_bucket = statement(json!({"Effect": "Allow", "Principal": {"AWS": carlos}, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]}));
    let put = |resource| asks(carlos, "s3:PutObject", resource).identity(identity.clone()).resource(of_bucket.clone());
    put("arn:aws:s3:::carlossalazar-logs/file").explicitly_denied();
    put("arn:aws:s3:::carlossalazar/file").allowed();
}

#[test]
fn reasons_name_the_statement_and_what_did_not_fit() {
    let two = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::own/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}}]});
    let case = get(ALICE).identity(two).identity(allow("ec2:*"));
    assert_eq!(
        case.because(),
        "statement 1 (Own) of identity policy identity-1 does not allow it: its resource is arn:aws:s3:::own/*, and the \
         request is for arn:aws:s3:::bucket/key\n\
         statement 2 of identity policy identity-1 does not allow it: its condition StringEquals aws:SourceVpc wants vpc-1 \
         or vpc-2, and the request does not carry that key\n\
         no statement of identity policy identity-2 allows s3:GetObject"
    );
    let answer = case.context("aws:SourceVpc", json!("vpc-2")).answer();
    assert_eq!(answer["because"][0]["statement"], "2");
    assert_eq!(answer["because"][0]["policy"], "identity-1");
    assert_eq!(answer["because"][0]["kind"], "identity");
}
