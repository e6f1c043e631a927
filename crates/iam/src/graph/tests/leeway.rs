//! What is left to whoever tries: the region, the name, the policy; and what is not, since the facts say otherwise.

use serde_json::{Value, json};

use super::account::{ACCOUNT, Lab, allow, arn, aws, document, everything, service};

/// A user who may make functions with any role, and a role of an administrator that functions may have.
fn functions(more: &Value) -> Lab {
    let mut statements = vec![json!({"Effect": "Allow", "Resource": "*",
        "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]})];
    statements.extend(more.as_array().unwrap().iter().cloned());
    Lab::new().user("eve", &json!(statements)).admin("target", &service("lambda.amazonaws.com"))
}

#[test]
fn whoever_is_kept_to_a_region_goes_there() {
    let elsewhere = |regions: Value| {
        json!([{"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": regions}}}])
    };
    assert_eq!(functions(&elsewhere(json!(["eu-central-1", "eu-west-1"]))).ways("user/eve"), ["lambda-001"]);
}

#[test]
fn what_knows_no_resource_is_asked_in_the_region_that_is_left_too() {
    let statements = json!([
        {"Effect": "Allow", "Action": ["iam:PassRole", "elasticmapreduce:RunJobFlow"], "Resource": "*"},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}]);
    let facts = Lab::new().user("eve", &statements).admin("target", &service("ec2.amazonaws.com")).facts();
    let ways = crate::graph::Graph::of(&facts).escalations();
    assert!(ways[0].steps[0].method.id == "emr-001" && ways[0].depends.is_empty(), "{ways:?}");
}

#[test]
fn iam_is_asked_in_one_region_only_and_sts_in_whichever_one_likes() {
    let outside = |region: &str| {
        json!([{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": region}}}])
    };
    assert!(Lab::new().user("eve", &outside("eu-central-1")).ways("user/eve").is_empty());
    assert_eq!(Lab::new().user("eve", &outside("us-east-1")).ways("user/eve"), ["iam-007"]);
    let assume = json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition":
        {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}]);
    let lab = Lab::new().user("eve", &assume).admin("target", &aws(&arn("root")));
    let facts = lab.facts();
    let ways = crate::graph::Graph::of(&facts).escalations();
    assert!(ways.iter().any(|way| way.steps[0].method.id == "sts-001" && way.depends.is_empty()), "{ways:?}");
}

#[test]
fn a_condition_on_which_policy_is_attached_closes_nothing_where_it_lets_an_equal_of_administrator_through() {
    let only = |policy: &str| {
        json!([{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
            "Condition": {"ArnEquals": {"iam:PolicyARN": policy}}}])
    };
    assert!(Lab::new().user("eve", &only("arn:aws:iam::aws:policy/ReadOnlyAccess")).ways("user/eve").is_empty());
    let own = arn("policy/house-admin");
    let lab = Lab::new().user("eve", &only(&own)).policy("house-admin", &everything());
    assert_eq!(lab.ways("user/eve"), ["iam-008"]);
    let facts = lab.facts();
    let ways = crate::graph::Graph::of(&facts).escalations();
    assert!(ways[0].steps[0].calls[0].ends_with(&format!("--policy-arn {own}")), "{:?}", ways[0].steps[0].calls);
}

/// A role of an administrator on an instance with this tag, in this state.
fn instance(state: &str, tag: &str) -> Lab {
    let instance = json!({"InstanceId": "i-1", "State": {"Name": state}, "Placement": {"AvailabilityZone": "eu-central-1a"},
        "IamInstanceProfile": {"Arn": arn("instance-profile/target")}, "Tags": [{"Key": "team", "Value": tag}]});
    Lab::new()
        .admin("target", &service("ec2.amazonaws.com"))
        .push("Reservations", json!({"OwnerId": ACCOUNT, "Instances": [instance]}))
}

#[test]
fn an_instances_tags_decide_where_a_policy_asks_for_them() {
    for key in ["aws:ResourceTag/team", "ssm:resourceTag/team"] {
        let only = json!([{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*", "Condition": {"StringEquals": {key: "dev"}}}]);
        assert_eq!(instance("running", "dev").user("eve", &only).ways("user/eve"), ["ssm-001"], "{key}");
        assert!(instance("running", "prod").user("eve", &only).ways("user/eve").is_empty(), "{key}");
    }
}

#[test]
fn nobody_logs_in_to_an_instance_that_is_stopped_but_it_can_be_changed_and_started() {
    let session = allow("ssm:StartSession", "*");
    assert!(instance("stopped", "x").user("eve", &session).ways("user/eve").is_empty());
    let change = json!([{"Effect": "Allow", "Resource": "*",
        "Action": ["ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"]}]);
    assert_eq!(instance("stopped", "x").user("eve", &change).ways("user/eve"), ["ec2-002"]);
}

#[test]
fn a_deployment_runs_with_the_roles_of_the_instances_that_the_group_chooses() {
    let deploy = json!([{"Effect": "Allow", "Action": "codedeploy:*", "Resource": "*"}]);
    let group = |choice: Value| {
        let mut group = json!({"applicationName": "app", "deploymentGroupName": "g", "serviceRoleArn": arn("role/cd")});
        group.as_object_mut().unwrap().extend(choice.as_object().unwrap().clone());
        let mut lab = instance("running", "web").user("eve", &deploy);
        lab.0["deploymentGroupInfo"] = group;
        lab.ways("user/eve")
    };
    let filter = |value: &str| json!({"Key": "team", "Value": value, "Type": "KEY_AND_VALUE"});
    assert_eq!(group(json!({"ec2TagFilters": [filter("db"), filter("web")]})), ["codedeploy-001"]);
    assert_eq!(
        group(json!({"ec2TagSet": {"ec2TagSetList": [[filter("web")], [{"Key": "team", "Type": "KEY_ONLY"}]]}})),
        ["codedeploy-001"]
    );
    assert!(group(json!({"ec2TagSet": {"ec2TagSetList": [[filter("web")], [filter("db")]]}})).is_empty());
    assert!(group(json!({"ec2TagFilters": [filter("db")]})).is_empty());
    assert!(group(json!({})).is_empty());
}

#[test]
fn a_trust_policy_that_asks_for_a_tag_which_the_user_lacks_is_closed_to_them() {
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:PrincipalTag/admin": "yes"}}}]);
    let lab = |tags: Value| {
        Lab::new().admin("target", &trust).user_with("eve", &allow("sts:AssumeRole", "*"), &json!({"Tags": tags}))
    };
    assert!(lab(json!([])).ways("user/eve").is_empty());
    assert_eq!(lab(json!([{"Key": "admin", "Value": "yes"}])).ways("user/eve"), ["sts-001"]);
}

#[test]
fn a_job_definition_that_is_no_longer_active_starts_nothing() {
    let lab = |status: &str| {
        Lab::new().admin("target", &service("ecs-tasks.amazonaws.com")).user("eve", &allow("batch:SubmitJob", "*")).push(
            "jobDefinitions",
            json!({"jobDefinitionName": "j", "jobDefinitionArn": format!("arn:aws:batch:eu-central-1:{ACCOUNT}:job-definition/j:1"),
                "status": status, "containerProperties": {"image": "x", "jobRoleArn": arn("role/target")}}),
        )
    };
    assert_eq!(lab("ACTIVE").ways("user/eve"), ["batch-002"]);
    assert!(lab("INACTIVE").ways("user/eve").is_empty());
}

#[test]
fn of_a_boundarys_policy_the_version_in_force_counts() {
    let versions = json!([
        {"VersionId": "v2", "IsDefaultVersion": false, "Document": document(&everything())},
        {"VersionId": "v1", "IsDefaultVersion": true, "Document": document(&allow("s3:Get*", "*"))},
    ]);
    let lab = Lab::new()
        .push(
            "Policies",
            json!({"PolicyName": "b", "Arn": arn("policy/b"), "DefaultVersionId": "v1", "PolicyVersionList": versions}),
        )
        .user_with(
            "eve",
            &allow("iam:PutUserPolicy", "*"),
            &json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/b")}}),
        );
    assert!(lab.ways("user/eve").is_empty());
}
