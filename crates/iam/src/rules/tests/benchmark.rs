//! CIS AWS Foundations 7.0, section 2: an account that fails each recommendation that can be decided, and one that fails
//! none.

#![allow(clippy::needless_pass_by_value, reason = "json! makes values")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::cis::{By, SECTION_2};
use super::{ACCOUNT, arn, document, judged};

const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

fn report(rows: &[&str]) -> Value {
    use base64::Engine as _;
    let text = std::iter::once(HEAD).chain(rows.iter().copied()).collect::<Vec<_>>().join("\n");
    json!({"Content": base64::engine::general_purpose::STANDARD.encode(text), "ReportFormat": "text/csv"})
}

fn organisation(parent: &str, policies: Value) -> Value {
    json!({
        "Organization": {"Id": "o-1", "MasterAccountId": "999999999999"},
        "Roots": [{"Id": "r-1", "Arn": "arn:aws:organizations::999999999999:root/o-1/r-1", "Name": "Root"}],
        "OrganizationalUnits": [{"Id": "ou-1", "Arn": "arn:aws:organizations::999999999999:ou/o-1/ou-1", "Name": "Work", "ParentId": "r-1"}],
        "Accounts": [{"Id": ACCOUNT, "Arn": format!("arn:aws:organizations::999999999999:account/o-1/{ACCOUNT}"), "Name": "a", "Status": "ACTIVE", "ParentId": parent}],
        "OrganizationPolicies": policies,
    })
}

fn put(into: &mut Value, more: &Value) {
    into.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

fn failing() -> Value {
    let everything = document(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    let mut facts = json!({
        "AccountId": ACCOUNT,
        "UserDetailList": [{"UserName": "eve", "Arn": arn("user/eve"), "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": everything}],
            "AttachedManagedPolicies": [{"PolicyName": "AWSCloudShellFullAccess", "PolicyArn": "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"}]}],
        "RoleDetailList": [], "GroupDetailList": [], "Policies": [],
        "PasswordPolicy": {"MinimumPasswordLength": 8},
        "VirtualMFADevices": [{"SerialNumber": arn("mfa/root-account-mfa-device")}],
        "OpenIDConnectProviderList": [{"Arn": arn("oidc-provider/idp.acme.example")}],
        "ServerCertificateMetadataList": [{"ServerCertificateName": "old", "Arn": arn("server-certificate/old"), "Expiration": "2020-01-01T00:00:00Z"}],
        "analyzers": [],
        "Reservations": [{"OwnerId": ACCOUNT, "Instances": [{"InstanceId": "i-1", "Placement": {"AvailabilityZone": "eu-central-1a"}, "State": {"Name": "running"}}]}],
        "ResourcePolicies": [{"Arn": "arn:aws:s3:::b", "Policy": document(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]))}],
    });
    put(
        &mut facts,
        &report(&[
            &format!(
                "<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-01-01T00:00:00+00:00,not_supported,2026-11-20T00:00:00+00:00,not_supported,not_supported,false,true,2019-01-01T00:00:00+00:00,2026-11-20T00:00:00+00:00,us-east-1,iam,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
            ),
            &format!(
                "eve,{},2019-01-01T00:00:00+00:00,true,2020-01-01T00:00:00+00:00,2019-01-01T00:00:00+00:00,N/A,false,true,2019-01-01T00:00:00+00:00,2020-01-01T00:00:00+00:00,us-east-1,s3,true,2026-11-20T00:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A",
                arn("user/eve")
            ),
        ]),
    );
    put(
        &mut facts,
        &organisation(
            "r-1",
            json!([{"PolicySummary": {"Id": "p-1", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true},
        "Targets": [{"TargetId": "r-1"}, {"TargetId": ACCOUNT}]}]),
        ),
    );
    facts
}

fn sections(facts: &Value) -> BTreeSet<String> {
    judged(facts).findings.iter().flat_map(|finding| finding.refs.cis_aws.clone()).collect()
}

#[test]
fn every_recommendation_that_facts_can_decide_fails_where_it_is_not_kept() {
    // Two of them cannot fail together with others: root without any factor has no soft one, and the account that manages
    // the organisation lies in no unit.
    let mut failed = sections(&failing());
    let mut soft = failing();
    soft["Content"] = report(&[&format!("<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A")])["Content"].clone();
    failed.extend(sections(&soft));
    let mut managing = failing();
    managing["Organization"]["MasterAccountId"] = json!(ACCOUNT);
    failed.extend(sections(&managing));
    let decidable: BTreeSet<String> =
        SECTION_2.iter().filter(|one| one.by != By::Person).map(|one| one.section.to_owned()).collect();
    assert_eq!(failed, decidable);
}

#[test]
fn an_account_that_keeps_them_all_fails_none() {
    let support = json!([{"PolicyName": "AWSSupportAccess", "PolicyArn": "arn:aws:iam::aws:policy/AWSSupportAccess"}]);
    let mut facts = json!({
        "AccountId": ACCOUNT,
        "UserDetailList": [{"UserName": "robot", "Arn": arn("user/robot"), "GroupList": ["robots"]}],
        "GroupDetailList": [{"GroupName": "robots", "Arn": arn("group/robots")}],
        "RoleDetailList": [{"RoleName": "support", "Arn": arn("role/support"), "AttachedManagedPolicies": support,
            "AssumeRolePolicyDocument": document(&json!([]))}],
        "Policies": [],
        "PasswordPolicy": {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24},
        "VirtualMFADevices": [], "OpenIDConnectProviderList": [{"Arn": arn("oidc-provider/idp.acme.example")}],
        "ServerCertificateMetadataList": [], "analyzers": [{"arn": format!("arn:aws:access-analyzer:eu-central-1:{ACCOUNT}:analyzer/a"), "type": "ACCOUNT", "status": "ACTIVE"}],
        "Reservations": [], "ResourcePolicies": [],
    });
    put(
        &mut facts,
        &report(&[
            &format!(
                "<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-01-01T00:00:00+00:00,not_supported,2020-11-20T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
            ),
            &format!(
                "robot,{},2026-10-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,2026-10-01T00:00:00+00:00,2026-11-23T00:00:00+00:00,us-east-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
                arn("user/robot")
            ),
        ]),
    );
    let deny = document(&json!([{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]));
    put(
        &mut facts,
        &organisation(
            "ou-1",
            json!([{"PolicySummary": {"Id": "p-2", "Name": "Stay", "Type": "SERVICE_CONTROL_POLICY"}, "Content": deny, "Targets": [{"TargetId": "ou-1"}]}]),
        ),
    );
    let judged = judged(&facts);
    let found: Vec<_> = judged.findings.iter().map(|finding| (&finding.rule, &finding.subject.name)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_recommendation_of_the_section_is_a_rules_or_a_persons() {
    assert_eq!(SECTION_2.len(), 26);
    for one in SECTION_2 {
        let rules = keelguard_model::rules().filter(|rule| rule.cis_aws.contains(&one.section)).count();
        assert_eq!(rules > 0, one.by != By::Person, "{}", one.section);
    }
    let known: BTreeSet<&str> = SECTION_2.iter().map(|one| one.section).collect();
    for rule in keelguard_model::rules() {
        assert!(rule.cis_aws.iter().all(|section| known.contains(section)), "{}", rule.id);
    }
}

#[test]
fn what_nobody_has_looked_at_is_a_persons_to_look_at() {
    let judged = judged(&json!({"AccountId": ACCOUNT, "UserDetailList": [], "RoleDetailList": []}));
    let manual: Vec<&str> = judged.manual.iter().map(|manual| manual.cis.as_str()).collect();
    for section in ["AWS 2.2", "AWS 2.5", "AWS 2.18", "AWS 2.21"] {
        assert!(manual.contains(&section), "{manual:?}");
    }
    assert!(!manual.contains(&"AWS 2.13"));
}

#[test]
fn certificates_that_have_ended_are_told_wherever_they_lie_and_the_section_needs_both_places_looked_at() {
    let acm = |name: &str, status: &str, end: &str| {
        json!({"CertificateArn": format!("arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/{name}"), "DomainName": "x.example",
            "Status": status, "NotAfter": end, "InUse": false})
    };
    let facts = json!({"AccountId": ACCOUNT, "RoleDetailList": [], "UserDetailList": [], "CertificateSummaryList": [
        acm("good", "ISSUED", "2027-01-01T00:00:00Z"), acm("old", "ISSUED", "2026-01-01T00:00:00Z"),
        {"CertificateArn": format!("arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/told"), "Status": "EXPIRED"}]});
    let found: Vec<String> = judged(&facts)
        .findings
        .iter()
        .filter(|finding| finding.refs.cis_aws.contains(&"2.17".to_owned()))
        .map(|finding| finding.subject.name.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(found, ["old", "told"]);
    let open = |facts: &Value| judged(facts).manual.iter().any(|manual| manual.cis == "AWS 2.17");
    assert!(open(&facts), "nobody has looked into IAM's own store");
    let mut both = facts.clone();
    both["ServerCertificateMetadataList"] = json!([]);
    assert!(!open(&both));
}

#[test]
fn of_what_runs_the_kinds_that_nobody_has_looked_at_are_named() {
    let unseen = |facts: &Value| {
        let told = judged(facts).incomplete.into_iter().find(|gap| gap.what.starts_with("what runs in account"));
        told.map(|gap| gap.what).unwrap_or_default()
    };
    let mut facts = json!({"AccountId": ACCOUNT, "RoleDetailList": [], "UserDetailList": [], "Reservations": [], "Functions": [],
        "taskDefinitions": []});
    assert!(unseen(&facts).ends_with(": builds, notebooks, stacks and their like"), "{}", unseen(&facts));
    facts["Stacks"] = json!([]);
    let some = unseen(&facts);
    assert!(some.contains("CodeBuild projects") && !some.contains("CloudFormation stacks"), "{some}");
    facts["Workloads"] = json!([]);
    assert_eq!(unseen(&facts), "");
}

#[test]
fn a_password_policy_is_asked_for_even_where_nobody_has_a_password_yet_but_quietly() {
    let facts = |password: &str| {
        let row = format!(
            "eve,{},2026-11-01T00:00:00+00:00,{password},N/A,N/A,N/A,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
            arn("user/eve")
        );
        let mut facts = json!({"AccountId": ACCOUNT, "UserDetailList": [{"UserName": "eve", "Arn": arn("user/eve")}],
            "PasswordPolicy": {"MinimumPasswordLength": 8}});
        put(&mut facts, &report(&[&row]));
        let judged = judged(&facts);
        let of = |section: &str| {
            let found = judged.findings.iter().find(|one| one.refs.cis_aws.iter().any(|cis| cis == section));
            found.map(|found| found.severity)
        };
        [of("2.8"), of("2.9")]
    };
    let quiet = Some(keelguard_model::Severity::Info);
    assert_eq!(facts("false"), [quiet, quiet]);
    assert!(facts("true").iter().all(|severity| severity.is_some_and(|severity| Some(severity) > quiet)));
}

#[test]
fn roots_access_key_is_told_of_by_either_of_the_two_that_know() {
    let facts = json!({"AccountId": ACCOUNT, "SummaryMap": {"AccountAccessKeysPresent": 1}});
    let mut both = facts.clone();
    put(
        &mut both,
        &report(&[&format!(
            "<root_account>,arn:aws:iam::{ACCOUNT}:root,2019-01-01T00:00:00+00:00,not_supported,N/A,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        )]),
    );
    for facts in [facts, both] {
        let judged = judged(&facts);
        assert!(judged.findings.iter().any(|one| one.refs.cis_aws.iter().any(|cis| cis == "2.4")));
    }
}
