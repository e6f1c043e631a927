//! What reading comes to, on small inputs.

use super::*;
use crate::facts::Part;

fn read(texts: &[&str]) -> Facts {
    let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input::new("facts.json", text.as_bytes())).collect();
    Facts::read(&inputs).unwrap()
}

fn gaps(facts: &Facts) -> Vec<String> {
    facts.incomplete.iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect()
}

const DETAILS: &str = r#"{
  "UserDetailList": [{"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "GroupList": null}],
  "GroupDetailList": [],
  "RoleDetailList": [{"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web",
     "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}, "RolePolicyList": null,
     "InstanceProfileList": [{"InstanceProfileName": "web", "Arn": "arn:aws:iam::111122223333:instance-profile/web",
        "Roles": [{"RoleName": "web", "Arn": "arn:aws:iam::111122223333:role/web"}]}],
     "RoleLastUsed": {}, "SomethingNew": {"a": [1]}}],
  "Policies": [{"PolicyName": "AdministratorAccess", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
}"#;

#[test]
fn a_setting_that_cannot_be_read_counts_as_not_looked_at() {
    for (text, part) in [
        (r#"{"PasswordPolicy": 5}"#, Part::PasswordPolicy),
        (r#"{"PasswordPolicy": null}"#, Part::PasswordPolicy),
        (r#"{"SummaryMap": "x"}"#, Part::Summary),
        (r#"{"PermissionSet": 5}"#, Part::PermissionSets),
    ] {
        let facts = Facts::read(&[Input::new("f", text.as_bytes())]).unwrap();
        assert!(facts.accounts.iter().all(|account| !account.has(part)), "{text}");
        assert_eq!(facts.incomplete.is_empty(), text.contains("null"), "{text}");
    }
}

#[test]
fn raw_outputs_of_the_cli_are_read_one_by_one_in_one_object_as_an_array_or_one_behind_another() {
    let functions = r#"{"Functions": [{"FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f",
        "Role": "arn:aws:iam::111122223333:role/web", "Environment": {"Variables": {"DB_PASSWORD": "hunter2"}}}]}"#;
    for inputs in [
        vec![DETAILS.to_owned(), functions.to_owned()],
        vec![format!("[{DETAILS}, {functions}]")],
        vec![format!("{DETAILS}\n{functions}")],
    ] {
        let facts = read(&inputs.iter().map(String::as_str).collect::<Vec<_>>());
        let account = facts.account("111122223333").unwrap();
        assert_eq!((account.users.len(), account.roles.len(), account.functions.len()), (1, 1, 1));
        assert_eq!(account.instance_profiles[0].roles[0].name, "web");
        assert_eq!(facts.aws_policies.len(), 1);
        assert!(account.has(Part::Groups) && !account.has(Part::Instances));
        assert!(account.functions[0].variables()[0].is_secret());
    }
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let organisation = r#"{"AccountId": "111122223333", "Organization": {"Id": "o-1", "MasterAccountId": "444455556666"},
        "Roots": [{"Id": "r-1", "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}],
        "Accounts": [{"Id": "111122223333", "Arn": "arn:aws:organizations::444455556666:account/o-1/111122223333", "ParentId": "r-1"}],
        "OrganizationPolicies": [{"PolicySummary": {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY"},
            "Content": "{\"Statement\": []}", "Targets": [{"TargetId": "r-1"}]}]}"#;
    let rest = r#"{"Region": "eu-west-1", "AccountId": "111122223333",
        "Reservations": [{"OwnerId": "111122223333", "Instances": [{"InstanceId": "i-1", "MetadataOptions": {"HttpTokens": "optional"}}]}],
        "Jobs": [{"Name": "j", "Role": "arn:aws:iam::111122223333:role/web"}], "Buckets": [{"Name": "b"}],
        "taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/t:1",
            "containerDefinitions": [{"name": "c", "environment": [{"name": "TOKEN", "value": "hunter2"}]}]}}"#;
    let facts = read(&[DETAILS, organisation, rest]);
    assert_eq!(facts.account("111122223333").unwrap().workloads[0].arn, "arn:aws:glue:eu-west-1:111122223333:job/j");
    assert_eq!(facts.organisation.as_ref().unwrap().path_to("111122223333"), ["r-1", "111122223333"]);
    let mut first = Vec::new();
    facts.write(&mut first).unwrap();
    let first = String::from_utf8(first).unwrap();
    assert!(!first.contains("hunter2"));
    let again = read(&[&first]);
    let mut second = Vec::new();
    again.write(&mut second).unwrap();
    assert_eq!(first, String::from_utf8(second).unwrap());
    assert_eq!(gaps(&again), gaps(&facts));
    assert_eq!(again.account("111122223333").unwrap().parts, facts.account("111122223333").unwrap().parts);
}

#[test]
fn a_credential_report_is_read_plain_and_in_base64_and_joined_to_its_users() {
    use base64::Engine as _;
    let csv = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,\
               access_key_1_last_rotated\n\
               <root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,N/A,true,false,N/A\n\
               ann,arn:aws:iam::111122223333:user/ann,2020-01-01T00:00:00+00:00,true,no_information,false,true,2026-01-01T00:00:00+00:00\n\
               broken,line\n";
    let content = base64::engine::general_purpose::STANDARD.encode(csv);
    let wrapped = format!(r#"{{"Content": "{content}", "ReportFormat": "text/csv", "GeneratedTime": "2026-11-24"}}"#);
    for report in [csv, &wrapped] {
        let facts = read(&[DETAILS, report]);
        let account = facts.account("111122223333").unwrap();
        let ann = account.users[0].credentials.as_ref().unwrap();
        assert_eq!((ann.password_enabled, ann.mfa_active, ann.keys[0].active), (Some(true), Some(false), true));
        assert_eq!(ann.password_last_used, None);
        let root = account.root.as_ref().unwrap();
        assert_eq!((root.mfa_active, root.password_enabled), (Some(true), None));
        assert!(
            gaps(&facts).iter().any(|gap| gap.contains("line 4 of the credential report: it has 2 columns")),
            "{:?}",
            gaps(&facts)
        );
    }
}

#[test]
fn what_cannot_be_used_at_all_is_an_error_that_says_why() {
    for (text, why) in [
        (&b""[..], "it is empty"),
        (b"{\"UserDetailList\": [", "it ends in the middle of something (line 1)"),
        (b"not json", "it is no JSON"),
        (b"\x1f\x8b\x08", "it is compressed; unpack it first"),
        (b"\xff\xfe\x00", "it is no text"),
        (b"[1, 2]", "there is no object in it"),
        (b"{\"a\": 1} x", "it is no JSON"),
    ] {
        let error = Facts::read(&[Input::new("f.json", text)]).unwrap_err().to_string();
        assert!(error.starts_with("read f.json: ") && error.contains(why), "{error}");
    }
}

#[test]
fn one_thing_that_cannot_be_read_does_not_hide_the_others() {
    let facts = read(&[r#"{"RoleDetailList": [
        {"RoleName": 7, "Arn": "arn:aws:iam::111122223333:role/odd"},
        null,
        {"RoleName": "good", "Arn": "arn:aws:iam::111122223333:role/good", "AssumeRolePolicyDocument": "not json",
         "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Perhaps"}]}}],
         "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::111122223333:policy/x"}]}]}"#]);
    assert_eq!(facts.accounts[0].roles.len(), 1);
    let told = gaps(&facts).join("\n");
    for gap in [
        "facts.json: RoleDetailList, arn:aws:iam::111122223333:role/odd: it cannot be understood: invalid type: integer `7`",
        "role/good: trust policy: could not read the policy",
        "role/good: inline policy p: could not read the policy",
        "policy/x: it is attached once, and its document is not among the facts",
    ] {
        assert!(told.contains(gap), "{gap}\nis not in\n{told}");
    }
}

#[test]
fn what_does_not_say_whose_it_is_is_told_or_asked_for() {
    let policy = r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::b/*\"}}"}"#;
    let facts = read(&[DETAILS, policy]);
    assert_eq!(facts.accounts[0].resources[0].arn, "arn:aws:s3:::b");
    let key = r#"{"Policy": "{\"Statement\": []}", "PolicyName": "default"}"#;
    assert!(gaps(&read(&[DETAILS, key])).join("\n").contains("give it as --facts ARN=FILE"));
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let inputs = [Input::new("a", DETAILS.as_bytes()), Input::new("b", key.as_bytes()).about(arn)];
    assert_eq!(Facts::read(&inputs).unwrap().accounts[0].resources[0].arn, arn);
    // A password policy, and two accounts.
    let other = r#"{"RoleDetailList": [{"RoleName": "r", "Arn": "arn:aws:iam::444455556666:role/r"}]}"#;
    let settings = r#"{"PasswordPolicy": {"MinimumPasswordLength": 8}}"#;
    assert!(gaps(&read(&[DETAILS, other, settings])).join("\n").contains("give it as --facts ACCOUNT=FILE"));
    let inputs = [DETAILS, other].map(|text| Input::new("a", text.as_bytes()));
    let told = Input::new("c", settings.as_bytes()).about("444455556666");
    let facts = Facts::read(&[inputs[0].clone(), inputs[1].clone(), told]).unwrap();
    assert_eq!(facts.account("444455556666").unwrap().password_policy.as_ref().unwrap().minimum_length, Some(8));
    assert!(facts.account("111122223333").unwrap().password_policy.is_none());
}

#[test]
fn an_input_of_which_nothing_is_known_and_a_list_that_was_cut_are_told_of() {
    let told = gaps(&read(&[DETAILS, r#"{"Volumes": [], "x": 1}"#])).join("\n");
    assert!(told.contains("facts.json: nothing is known of what is in it (Volumes, x)"), "{told}");
    let cut = r#"{"RoleDetailList": [], "IsTruncated": true, "Marker": "m"}"#;
    assert!(gaps(&read(&[cut])).join("\n").contains("the list goes on where this input ends"));
    let rest = r#"{"RoleDetailList": [], "IsTruncated": false}"#;
    assert!(gaps(&read(&[cut, rest])).is_empty());
    let token = r#"{"Functions": [], "NextToken": "t"}"#;
    assert!(gaps(&read(&[token])).join("\n").contains("Functions: the list goes on"));
}

#[test]
fn equal_policies_are_parsed_once_and_shared() {
    let role = |n: usize| {
        format!(
            r#"{{"RoleName": "r{n}", "Arn": "arn:aws:iam::111122223333:role/r{n}",
                "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": []}}}}"#
        )
    };
    let facts = read(&[&format!(r#"{{"RoleDetailList": [{}, {}]}}"#, role(1), role(2))]);
    let shared: Vec<_> =
        facts.accounts[0].roles.iter().map(|role| role.trust.as_ref().unwrap().shared().unwrap()).collect();
    assert!(std::sync::Arc::ptr_eq(&shared[0], &shared[1]));
}

#[test]
fn an_account_whose_place_in_the_organisation_nobody_tells_is_told_of_and_a_tag_holds_no_secret() {
    let organisation = r#"{"Organization": {"Id": "o-1", "MasterAccountId": "444455556666"},
        "Accounts": [{"Id": "111122223333", "Arn": "arn:aws:organizations::444455556666:account/o-1/111122223333"}],
        "OrganizationPolicies": [{"PolicySummary": {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY"}, "Content": {"Statement": []}}]}"#;
    assert!(gaps(&read(&[DETAILS, organisation])).join("\n").contains("111122223333: its place in the organisation"));
    let tagged = r#"{"UserDetailList": [{"UserName": "a", "Arn": "arn:aws:iam::111122223333:user/a",
        "Tags": [{"Key": "team", "Value": "blue"}, {"Key": "x", "Value": "glpat-aaaaaaaaaaaaaaaaaaaa"}]}]}"#;
    let facts = read(&[tagged]);
    let values: Vec<&str> = facts.accounts[0].users[0].tags.iter().map(|tag| tag.value.as_str()).collect();
    assert_eq!(values, ["blue", "<redacted secret>"]);
}
