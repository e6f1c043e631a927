//! Each method of the table on an account in which it works, and on accounts in which one thing is missing.

use serde_json::{Value, json};

use super::account::{ACCOUNT, Lab, arn, aws, document, everything, service};
use crate::escalate::{Door, Grant, Kind, Method, On, Thing, UserState, Way, methods};

/// Who tries it, and the account.
struct Case {
    lab: Lab,
    who: String,
    statements: Vec<Value>,
}

impl Case {
    fn lab(&self) -> Lab {
        with(&self.lab, &self.who, &self.statements)
    }
}

/// `who` with these statements, half of them inline and half through a group or a managed policy.
fn with(lab: &Lab, who: &str, statements: &[Value]) -> Lab {
    let mut lab = lab.clone();
    let key = if who.starts_with("user/") { "UserDetailList" } else { "RoleDetailList" };
    let list = if who.starts_with("user/") { "UserPolicyList" } else { "RolePolicyList" };
    let name = who.rsplit('/').next().unwrap();
    let (inline, rest) = statements.split_at(statements.len().div_ceil(2));
    for one in lab.0[key].as_array_mut().unwrap() {
        if one["Arn"] == json!(arn(who)) {
            one[list] = json!([{"PolicyName": "inline", "PolicyDocument": document(&json!(inline))}]);
        }
    }
    if who.starts_with("user/") {
        for group in lab.0["GroupDetailList"].as_array_mut().unwrap() {
            if group["GroupName"] == "crew" {
                group["GroupPolicyList"] = json!([{"PolicyName": "more", "PolicyDocument": document(&json!(rest))}]);
            }
        }
    } else {
        let policies = &mut lab.0["Policies"];
        for policy in policies.as_array_mut().unwrap() {
            if policy["PolicyName"] == format!("more-{name}") {
                policy["PolicyVersionList"][0]["Document"] = document(&json!(rest));
            }
        }
    }
    lab
}

fn thing(kind: Thing) -> (&'static str, String, Value) {
    let role = arn("role/target");
    let of = |service: &str, name: &str| format!("arn:aws:{service}:eu-central-1:{ACCOUNT}:{name}");
    match kind {
        Thing::Instance | Thing::RunningInstance => {
            let instance = json!({"InstanceId": "i-1", "Placement": {"AvailabilityZone": "eu-central-1a"},
                "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": arn("instance-profile/target")}});
            ("Reservations", of("ec2", "instance/i-1"), json!({"OwnerId": ACCOUNT, "Instances": [instance]}))
        }
        Thing::LaunchTemplate => (
            "LaunchTemplateVersions",
            of("ec2", "launch-template/lt-1"),
            json!({"LaunchTemplateId": "lt-1", "VersionNumber": 1, "DefaultVersion": true, "Region": "eu-central-1",
                "LaunchTemplateData": {"IamInstanceProfile": {"Name": "target"}}}),
        ),
        Thing::LambdaFunction => (
            "Functions",
            of("lambda", "function:f"),
            json!({"FunctionName": "f", "FunctionArn": of("lambda", "function:f"), "Role": role}),
        ),
        Thing::EcsCluster => {
            ("clusters", of("ecs", "cluster/c"), json!({"clusterArn": of("ecs", "cluster/c"), "clusterName": "c"}))
        }
        Thing::EcsContainerInstance => (
            "containerInstances",
            of("ecs", "container-instance/c/1"),
            json!({"containerInstanceArn": of("ecs", "container-instance/c/1"), "ec2InstanceId": "i-1"}),
        ),
        Thing::EcsTaskDefinition => (
            "taskDefinitions",
            of("ecs", "task-definition/d:1"),
            json!({"taskDefinitionArn": of("ecs", "task-definition/d:1"), "family": "d"}),
        ),
        Thing::EcsTask => (
            "tasks",
            of("ecs", "task/c/1"),
            json!({"taskArn": of("ecs", "task/c/1"), "clusterArn": of("ecs", "cluster/c"), "enableExecuteCommand": true,
                "lastStatus": "RUNNING", "taskDefinitionArn": of("ecs", "task-definition/d:1"),
                "overrides": {"taskRoleArn": role}}),
        ),
        Thing::IdentityPool => (
            "IdentityPools",
            of("cognito-identity", "identitypool/eu-central-1:1"),
            json!({"IdentityPoolId": "eu-central-1:1", "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": true}),
        ),
        Thing::EventSource => ("ResourcePolicies", of("sqs", "q"), json!({"Arn": of("sqs", "q")})),
        other => {
            let (kind, service, name) = match other {
                Thing::AppRunnerService => ("AppRunnerService", "apprunner", "service/s/1"),
                Thing::BatchJobDefinition => ("BatchJobDefinition", "batch", "job-definition/j:1"),
                Thing::BatchJobQueue => ("BatchComputeEnvironment", "batch", "compute-environment/e"),
                Thing::CodeBuildProject => ("CodeBuildProject", "codebuild", "project/p"),
                Thing::CodeDeployGroup => ("CodeDeployGroup", "codedeploy", "deploymentgroup:a/g"),
                Thing::CodeInterpreter => ("BedrockCodeInterpreter", "bedrock-agentcore", "code-interpreter-custom/i"),
                Thing::CodePipeline => ("CodePipeline", "codepipeline", "p"),
                Thing::EksCluster => ("EksCluster", "eks", "cluster/n"),
                Thing::EmrCluster => ("EmrCluster", "elasticmapreduce", "cluster/j-1"),
                Thing::GlueDevEndpoint => ("GlueDevEndpoint", "glue", "devEndpoint/e"),
                Thing::GlueJob => ("GlueJob", "glue", "job/j"),
                Thing::GlueSession => ("GlueSession", "glue", "session/s"),
                Thing::NotebookInstance | Thing::OpenNotebook => {
                    ("SageMakerNotebook", "sagemaker", "notebook-instance/n")
                }
                Thing::Schedule => ("SchedulerSchedule", "scheduler", "schedule/default/n"),
                Thing::Stack => ("CloudFormationStack", "cloudformation", "stack/s/1"),
                Thing::StackSet => ("CloudFormationStackSet", "cloudformation", "stackset/s:1"),
                Thing::StateMachine => ("StateMachine", "states", "stateMachine:m"),
                _ => unreachable!(),
            };
            let value =
                json!({"Kind": kind, "Arn": of(service, name), "Name": "n", "Roles": [{"Arn": role, "Use": "Runs"}]});
            ("Workloads", of(service, name), value)
        }
    }
}

/// An account in which `method` works for somebody, and nothing else does.
fn works(method: &Method) -> Case {
    let as_role = matches!(method.way, Way::Myself(Grant::Role | Grant::PermissionSet) | Way::Unbound(Kind::Role));
    let sso = matches!(method.way, Way::Myself(Grant::PermissionSet));
    let who = match (as_role, sso) {
        (true, true) => "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_dev_1",
        (true, false) => "role/eve",
        _ => "user/eve",
    };
    let name = who.rsplit('/').next().unwrap();
    let mut lab = Lab::new().group("crew", &json!([])).group("chiefs", &json!([]));
    let bounded = matches!(method.way, Way::Unbound(_));
    let boundary = json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/bound")}});
    let boundary = if bounded { boundary } else { json!({}) };
    // A boundary keeps everything away but itself.
    lab = lab.policy("bound", &json!([{"Effect": "Allow", "Action": method.needs[0].action, "Resource": "*"}]));
    lab = if as_role {
        let mut more = json!({"Arn": arn(who), "AttachedManagedPolicies":
            [{"PolicyName": "more", "PolicyArn": arn(&format!("policy/more-{name}"))}]});
        more.as_object_mut().unwrap().extend(boundary.as_object().unwrap().clone());
        lab.role_with(name, &service("ec2.amazonaws.com"), &json!([]), &more)
            .policy(&format!("more-{name}"), &json!([]))
    } else {
        let mut more = json!({"GroupList": ["crew"]});
        more.as_object_mut().unwrap().extend(boundary.as_object().unwrap().clone());
        lab.user_with("eve", &json!([]), &more)
    };
    let nobody = service("nobody.amazonaws.com");
    let mut policy = arn("policy/owned");
    let mut target = arn("role/target");
    let mut user = arn("user/target");
    let mut over = String::new();
    match method.way {
        Way::Pass(services) => lab = lab.admin("target", &service(services[0].trust)),
        Way::PassInto(kind, services) => {
            lab = lab.admin("target", &service(services[0].trust));
            let (key, thing, value) = thing(kind);
            lab = lab.push(key, value);
            over = thing;
        }
        Way::Existing(kind) => {
            lab = lab.admin("target", &nobody);
            let (key, thing, value) = thing(kind);
            lab = lab.push(key, value);
            over = thing;
        }
        Way::Myself(grant) => {
            target = arn(who);
            user = arn(who);
            over = arn("group/crew");
            if matches!(grant, Grant::Policy | Grant::OldVersion) {
                lab = lab.policy("owned", &json!([]));
                let last = lab.0["Policies"].as_array_mut().unwrap().last_mut().unwrap();
                last["PolicyVersionList"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"VersionId": "v0", "IsDefaultVersion": false, "Document": document(&everything())}));
                lab.0["UserDetailList"][0]["AttachedManagedPolicies"] =
                    json!([{"PolicyName": "owned", "PolicyArn": policy}]);
            }
        }
        Way::Join => {
            over = arn("group/chiefs");
            lab.0["GroupDetailList"][1]["GroupPolicyList"] =
                json!([{"PolicyName": "all", "PolicyDocument": document(&everything())}]);
        }
        Way::Unbound(_) => {
            target = arn(who);
            user = arn(who);
        }
        Way::User(state) => {
            let keys: Vec<Value> = (0..if state == UserState::TwoKeys { 2 } else { 1 })
                .map(|key| json!({"UserName": "target", "AccessKeyId": format!("AKIA{key}"), "Status": "Active"}))
                .collect();
            let more = json!({"AccessKeys": keys, "HasLoginProfile": state == UserState::Password, "MFADevices": []});
            lab = lab.user_with("target", &everything(), &more);
        }
        Way::GrantUser => lab = lab.user("target", &json!([])),
        Way::Role(door) | Way::GrantRole(door) => {
            let trust = if door == Door::Trusted { aws(&arn("root")) } else { nobody };
            let granted = matches!(method.way, Way::GrantRole(_));
            let statements = if granted { json!([]) } else { everything() };
            policy = arn("policy/owned");
            let more = json!({"AttachedManagedPolicies": [{"PolicyName": "owned", "PolicyArn": policy}]});
            lab = lab.policy("owned", &json!([]));
            if door == Door::Assigned {
                target = arn("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_1");
                lab = lab.role_with("AWSReservedSSO_admin_1", &trust, &statements, &json!({"Arn": target}));
            } else {
                lab = lab.role_with("target", &trust, &statements, &more);
            }
        }
    }
    let mut statements: Vec<Value> = method
        .needs
        .iter()
        .map(|need| {
            let fill = |template: &str| {
                template.replace("{region}", "eu-*").replace("{account}", ACCOUNT).replace("{name}", "app-*")
            };
            let resource = match need.on {
                On::Role => json!(target),
                On::User => json!(user),
                On::Group | On::Thing => json!(over),
                On::Policy => json!(policy),
                On::New(template) => json!(fill(template)),
                On::Each(templates) => json!(templates.iter().map(|one| fill(one)).collect::<Vec<_>>()),
                On::Any => json!("*"),
            };
            json!({"Effect": "Allow", "Action": need.action, "Resource": resource})
        })
        .collect();
    if bounded {
        statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    }
    Case { lab, who: who.to_owned(), statements }
}

#[test]
fn every_method_works_where_all_it_needs_is_there_and_split_permissions_count() {
    for method in methods() {
        let case = works(method);
        let ways = case.lab().ways(&case.who);
        assert!(ways.contains(&method.id), "{}: {ways:?}", method.id);
    }
}

#[test]
fn no_method_works_where_one_permission_is_missing() {
    for method in methods() {
        let case = works(method);
        for missing in 0..method.needs.len() {
            let mut statements = case.statements.clone();
            let gone = statements.remove(missing);
            // A name that the other half of the same permission covers is no loss.
            if statements.iter().any(|one| one["Action"] == gone["Action"]) && method.needs.len() > 1 {
                continue;
            }
            let bounded = matches!(method.way, Way::Unbound(_));
            if bounded {
                continue;
            }
            let ways = with(&case.lab, &case.who, &statements).ways(&case.who);
            assert!(!ways.contains(&method.id), "{} without {gone}: {ways:?}", method.id);
        }
    }
}

#[test]
fn a_deny_elsewhere_cancels_every_method() {
    for method in methods() {
        let case = works(method);
        let mut statements = case.statements.clone();
        statements.push(json!({"Effect": "Deny", "Action": method.needs[0].action, "Resource": "*"}));
        let ways = with(&case.lab, &case.who, &statements).ways(&case.who);
        assert!(!ways.contains(&method.id), "{}: {ways:?}", method.id);
    }
}

#[test]
fn a_service_control_policy_cancels_every_method() {
    for method in methods() {
        let case = works(method);
        let deny = json!([{"Effect": "Deny", "Action": method.needs[0].action, "Resource": "*"}]);
        let organisation = json!({
            "Organization": {"Id": "o-1", "MasterAccountId": "999999999999"},
            "Roots": [{"Id": "r-1", "Arn": "arn:aws:organizations::999999999999:root/o-1/r-1", "Name": "Root"}],
            "Accounts": [{"Id": ACCOUNT, "Arn": format!("arn:aws:organizations::999999999999:account/o-1/{ACCOUNT}"), "Name": "a", "Status": "ACTIVE", "ParentId": "r-1"}],
            "OrganizationPolicies": [
                {"PolicySummary": {"Id": "p-1", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true},
                 "Content": document(&everything()), "Targets": [{"TargetId": "r-1"}, {"TargetId": ACCOUNT}]},
                {"PolicySummary": {"Id": "p-2", "Name": "Fence", "Type": "SERVICE_CONTROL_POLICY"},
                 "Content": document(&deny), "Targets": [{"TargetId": "r-1"}]},
            ],
        });
        let mut lab = case.lab();
        lab.0.as_object_mut().unwrap().extend(organisation.as_object().unwrap().clone());
        let ways = lab.ways(&case.who);
        assert!(!ways.contains(&method.id), "{}: {ways:?}", method.id);
    }
}

#[test]
fn nobody_gets_a_role_from_a_service_that_it_does_not_trust() {
    for method in methods() {
        if !matches!(method.way, Way::Pass(_) | Way::PassInto(..)) {
            continue;
        }
        let case = works(method);
        let mut lab = case.lab();
        for role in lab.0["RoleDetailList"].as_array_mut().unwrap() {
            role["AssumeRolePolicyDocument"] = document(&service("backup.amazonaws.com"));
        }
        assert!(lab.ways(&case.who).is_empty(), "{}", method.id);
    }
}

#[test]
fn what_must_be_there_already_must_be_there() {
    for method in methods() {
        let (Way::Existing(kind) | Way::PassInto(kind, _)) = method.way else { continue };
        let case = works(method);
        let mut lab = case.lab();
        let (key, _, _) = thing(kind);
        // Somebody has looked, and nothing was there.
        lab.0[key] = json!([]);
        if matches!(kind, Thing::EventSource) {
            continue;
        }
        assert!(!lab.ways(&case.who).contains(&method.id), "{}", method.id);
    }
}
