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
