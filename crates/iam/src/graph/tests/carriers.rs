//! What carries a role, in the form in which AWS tells of it, and to whom that gives a way.

#![allow(clippy::needless_pass_by_value, reason = "json! makes values")]

use serde_json::{Value, json};

use super::account::{ACCOUNT, Lab, arn, service};

fn of(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:eu-central-1:{ACCOUNT}:{name}")
}

fn statements(actions: &[&str]) -> Value {
    json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}])
}

/// An instance with an administrator's role and these tags.
fn instance(tags: Value) -> Value {
    let instance = json!({"InstanceId": "i-1", "Placement": {"AvailabilityZone": "eu-central-1a"}, "State": {"Name": "running"},
        "IamInstanceProfile": {"Arn": arn("instance-profile/target")}, "Tags": tags});
    json!({"OwnerId": ACCOUNT, "Instances": [instance]})
}

#[test]
fn a_deployment_group_leads_to_the_roles_of_the_instances_that_its_tags_mean() {
    let deploys =
        ["codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision", "codedeploy:GetDeploymentConfig"];
    let ways = |tags: Value, group: Value| {
        let mut info =
            json!({"applicationName": "app", "deploymentGroupName": "g", "serviceRoleArn": arn("role/deploys")});
        info.as_object_mut().unwrap().extend(group.as_object().unwrap().clone());
        let mut lab = Lab::new()
            .admin("target", &service("ec2.amazonaws.com"))
            .user("eve", &statements(&deploys))
            .push("Reservations", instance(tags))
            .push("deploymentGroupsInfo", info);
        lab.0["Region"] = json!("eu-central-1");
        lab.ways("user/eve").contains(&"codedeploy-001")
    };
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let both = |key: &str, value: &str| json!({"Key": key, "Value": value, "Type": "KEY_AND_VALUE"});
    let web = json!({"ec2TagFilters": [both("app", "web")]});
    assert!(ways(json!([tag("app", "web")]), web.clone()));
    assert!(!ways(json!([tag("app", "db")]), web));
    assert!(ways(json!([tag("app", "db")]), json!({"ec2TagFilters": [{"Key": "app", "Type": "KEY_ONLY"}]})));
    let sets =
        json!({"ec2TagSet": {"ec2TagSetList": [[both("app", "web"), both("app", "db")], [both("stage", "prod")]]}});
    assert!(ways(json!([tag("app", "db"), tag("stage", "prod")]), sets.clone()));
    assert!(!ways(json!([tag("app", "db")]), sets), "one tag of each set");
    let fleet = json!({"autoScalingGroups": [{"name": "fleet", "hook": "h"}]});
    assert!(ways(json!([tag("aws:autoscaling:groupName", "fleet")]), fleet.clone()));
    assert!(!ways(json!([]), fleet));
    assert!(!ways(json!([tag("app", "web")]), json!({"computePlatform": "Lambda"})));
}

#[test]
fn a_kubernetes_cluster_leads_to_the_roles_of_its_machines_and_pods_and_not_to_its_own() {
    let enters = ["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"];
    let ways = |mode: &str, key: &str, part: Value| {
        let cluster = json!({"name": "c", "arn": of("eks", "cluster/c"), "roleArn": arn("role/cluster"),
            "accessConfig": {"authenticationMode": mode}});
        let lab = Lab::new()
            .admin("target", &service("nobody.amazonaws.com"))
            .admin("cluster", &service("eks.amazonaws.com"))
            .user("eve", &statements(&enters))
            .push("eksClusters", cluster)
            .push(key, part);
        lab.ways("user/eve").contains(&"kg-eks-access")
    };
    let nodes = |cluster: &str| json!({"nodegroupName": "n", "nodegroupArn": of("eks", &format!("nodegroup/{cluster}/n/1")), "nodeRole": arn("role/target")});
    let pods = json!({"serviceAccount": "s", "associationArn": of("eks", "podidentityassociation/c/a-1"), "roleArn": arn("role/target")});
    assert!(ways("API", "nodegroups", nodes("c")));
    assert!(ways("API_AND_CONFIG_MAP", "podIdentityAssociations", pods));
    assert!(!ways("CONFIG_MAP", "nodegroups", nodes("c")), "this cluster knows no access entries");
    assert!(!ways("API", "nodegroups", nodes("other")), "the cluster's own role is out of everybody's reach");
}

#[test]
fn a_running_cluster_of_emr_leads_to_its_machines_role_by_the_name_of_its_profile() {
    let ways = |state: &str| {
        let cluster = json!({"Id": "j-1", "Name": "c", "ClusterArn": of("elasticmapreduce", "cluster/j-1"), "Status": {"State": state},
            "ServiceRole": "emr", "Ec2InstanceAttributes": {"IamInstanceProfile": "target"}});
        let lab = Lab::new()
            .admin("target", &service("ec2.amazonaws.com"))
            .admin("emr", &service("elasticmapreduce.amazonaws.com"))
            .user("eve", &statements(&["elasticmapreduce:AddJobFlowSteps"]))
            .push("emrClusters", cluster);
        lab.ways("user/eve")
    };
    assert_eq!(ways("WAITING"), ["kg-emr-steps"]);
    assert!(ways("TERMINATING").is_empty());
}

#[test]
fn a_code_interpreter_and_an_open_session_lead_to_their_roles_and_a_closed_one_does_not() {
    let lab = |key: &str, thing: Value, actions: &[&str]| {
        let mut lab = Lab::new()
            .admin("target", &service("nobody.amazonaws.com"))
            .user("eve", &statements(actions))
            .push(key, thing);
        lab.0["Region"] = json!("eu-central-1");
        lab.ways("user/eve")
    };
    let interpreter = json!({"codeInterpreterId": "i-1", "name": "i", "codeInterpreterArn": of("bedrock-agentcore", "code-interpreter-custom/i-1"),
        "executionRoleArn": arn("role/target")});
    let invoke = ["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"];
    assert_eq!(lab("codeInterpreters", interpreter, &invoke), ["bedrock-002"]);
    let session = |status: &str| json!({"Id": "s-1", "Role": arn("role/target"), "Status": status});
    assert_eq!(lab("Sessions", session("READY"), &["glue:RunStatement"]), ["kg-glue-session"]);
    assert!(lab("Sessions", session("STOPPED"), &["glue:RunStatement"]).is_empty());
}

#[test]
fn a_pipeline_or_schedule_that_is_there_takes_the_role_that_may_be_passed() {
    for (key, thing, passes, way) in [
        (
            "codePipelines",
            json!({"name": "p", "roleArn": arn("role/other")}),
            ["codepipeline:UpdatePipeline", "codepipeline:StartPipelineExecution"].as_slice(),
            ("kg-codepipeline-update", "codepipeline.amazonaws.com"),
        ),
        (
            "Schedules",
            json!({"Name": "s", "Arn": of("scheduler", "schedule/default/s"), "Target": {"RoleArn": arn("role/other")}}),
            ["scheduler:UpdateSchedule"].as_slice(),
            ("kg-scheduler-update", "scheduler.amazonaws.com"),
        ),
    ] {
        let actions: Vec<&str> = passes.iter().copied().chain(["iam:PassRole"]).collect();
        let mut lab = Lab::new().admin("target", &service(way.1)).user("eve", &statements(&actions));
        lab.0["Region"] = json!("eu-central-1");
        lab.0[key] = json!([]);
        assert!(lab.ways("user/eve").is_empty(), "{key}: somebody has looked, and nothing is there");
        assert_eq!(lab.push(key, thing).ways("user/eve"), [way.0]);
    }
}
