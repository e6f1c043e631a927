//! Policies that must allow by themselves: IAM user guide, "How AWS enforcement code logic evaluates requests"; "IAM role
//! trust policies"; KMS developer guide, "Key policies in AWS KMS".

use serde_json::{Value, json};

use crate::support::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

fn trusts(principal: Value) -> Value {
    statement(json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}))
}

fn assumes(who: &str) -> Case {
    asks(who, "sts:AssumeRole", ROLE)
}

#[test]
fn no_identity_policy_lets_anybody_into_a_role_that_does_not_trust_it() {
    assumes(ALICE).identity(allow("*")).implicitly_denied();
    assumes(ALICE).identity(allow("*")).resource(trusts(json!({"Service": "ec2.amazonaws.com"}))).implicitly_denied();
}

#[test]
fn a_trusted_user_of_the_account_needs_nothing_else_but_a_trusted_account_decides_itself() {
    assumes(ALICE).resource(trusts(aws(ALICE))).allowed();
    assumes(ALICE).resource(trusts(aws(ROOT))).implicitly_denied();
    assumes(ALICE).identity(allow("sts:AssumeRole")).resource(trusts(aws(ROOT))).allowed();
    assumes(ALICE)
        .identity(allow("sts:AssumeRole"))
        .boundary(allow("s3:*"))
        .resource(trusts(aws(ROOT)))
        .implicitly_denied();
}

#[test]
fn a_foreign_user_needs_both() {
    let foreign = "arn:aws:iam::999999999999:user/eve";
    assumes(foreign).resource(trusts(aws(foreign))).implicitly_denied();
    assumes(foreign).identity(allow("sts:*")).resource(trusts(aws(foreign))).allowed();
    assumes(foreign).identity(allow("sts:*")).resource(trusts(aws("999999999999"))).allowed();
    assumes(foreign).identity(allow("sts:*")).resource(trusts(json!("*"))).allowed();
}

#[test]
fn services_and_identity_providers_need_the_trust_only() {
    assumes("ec2.amazonaws.com")
        .resource(trusts(json!({"Service": ["ecs.amazonaws.com", "ec2.amazonaws.com"]})))
        .allowed();
    let web = statement(
        json!({"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:me/app:*"}}}),
    );
    let comes = |sub: &str| {
        asks(
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            "sts:AssumeRoleWithWebIdentity",
            ROLE,
        )
        .resource(web.clone())
        .context("token.actions.githubusercontent.com:sub", json!([sub]))
    };
    comes("repo:me/app:ref:refs/heads/main").allowed();
    comes("repo:you/app:ref:refs/heads/main").implicitly_denied();
    let google = statement(
        json!({"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}),
    );
    asks("accounts.google.com", "sts:AssumeRoleWithWebIdentity", ROLE).resource(google).allowed();
}

#[test]
fn the_id_of_somebody_deleted_is_nobody_unless_it_is_the_callers() {
    let trust = trusts(aws("AIDACKCEVSQ6C2EXAMPLE"));
    assumes(ALICE).identity(allow("*")).resource(trust.clone()).implicitly_denied();
    assumes(ALICE).resource(trust).context("aws:userid", json!("AIDACKCEVSQ6C2EXAMPLE")).allowed();
}

#[test]
fn a_root_user_cannot_assume_roles() {
    assumes(ROOT).resource(trusts(aws(ROOT))).implicitly_denied();
}

#[test]
fn a_key_is_governed_by_its_own_policy() {
    let decrypt = |who| asks(who, "kms:Decrypt", KEY);
    decrypt(ALICE).identity(allow("kms:*")).implicitly_denied();
    decrypt(ALICE)
        .identity(allow("kms:*"))
        .resource(allow_to(aws("arn:aws:iam::111122223333:role/other"), "kms:*"))
        .implicitly_denied();
    decrypt(ALICE).resource(allow_to(aws(ALICE), "kms:Decrypt")).allowed();
    // The default policy of a key: the account's own policies decide.
    decrypt(ALICE).resource(allow_to(aws(ROOT), "kms:*")).implicitly_denied();
    decrypt(ALICE).identity(allow("kms:Decrypt")).resource(allow_to(aws(ROOT), "kms:*")).allowed();
    decrypt(ROOT).implicitly_denied();
    decrypt(ROOT).resource(allow_to(aws(ROOT), "kms:*")).allowed();
    // What concerns no key has no key policy.
    asks(ALICE, "kms:ListKeys", "*").identity(allow("kms:*")).allowed();
}

#[test]
fn passing_a_role_is_the_identitys_matter_whatever_the_role_trusts() {
    asks(ALICE, "iam:PassRole", ROLE)
        .identity(allow("iam:PassRole"))
        .resource(trusts(json!({"Service": "ec2.amazonaws.com"})))
        .allowed();
}
