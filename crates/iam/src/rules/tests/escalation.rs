//! Ways to administrator as findings, and what code runs with.

use keelguard_model::Severity;
use serde_json::{Value, json};

use super::{ACCOUNT, arn, document, ids, judged, role, user};

fn everything() -> Value {
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
}

fn lambda() -> Value {
    json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}])
}

#[test]
fn a_finding_has_the_steps_the_exact_calls_what_allows_them_and_the_change() {
    let may = json!([{"Sid": "Pass", "Effect": "Allow", "Action": ["iam:PassRole", "lambda:*"], "Resource": "*"}]);
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": [user("dev", &may)], "RoleDetailList": [role("boss", &lambda(), &everything())]});
    let judged = judged(&facts);
    let finding = judged.findings.iter().find(|finding| finding.rule == "KG-A001").unwrap();
    assert_eq!((finding.severity, finding.subject.name.as_str()), (Severity::Critical, arn("user/dev").as_str()));
    let of = |what: &str| {
        finding.evidence.iter().filter(|one| one.what == what).map(|one| one.value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(
        of("step"),
        [
            "user/dev → role/boss: makes a Lambda function with the role and calls it (lambda-001), through lambda.amazonaws.com"
        ]
    );
    assert!(
        of("call")[0].starts_with("aws lambda create-function ") && of("call")[0].contains(&arn("role/boss")),
        "{:?}",
        of("call")
    );
    assert!(of("allowed")[0].contains("inline policy inline of user/dev, statement Pass"), "{:?}", of("allowed"));
    assert!(finding.fix.summary.contains("iam:PassRole on role/boss"), "{}", finding.fix.summary);
    let policy: Value = serde_json::from_str(&finding.fix.snippets[0].text).unwrap();
    assert_eq!(policy["Statement"][0]["Effect"], "Deny");
    assert!(finding.refs.attack.contains(&"T1648".to_owned()));
    assert_eq!((judged.summary.escalating, judged.summary.administrators), (1, 1));
}

#[test]
fn an_administrator_by_trust_alone_is_told_apart_from_who_escalates() {
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": arn("user/dev")}, "Action": "sts:AssumeRole"}]);
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": [user("dev", &json!([]))], "RoleDetailList": [role("boss", &trust, &everything())]});
    assert_eq!(ids(&facts, &["KG-A001", "KG-A002"]), ["KG-A002 user/dev"]);
}

#[test]
fn many_of_one_group_are_one_finding_about_the_group_with_all_of_them_as_subjects() {
    let users: Vec<Value> = (0..40)
        .map(|number| json!({"UserName": format!("u{number}"), "Arn": arn(&format!("user/u{number}")), "GroupList": ["dev"]}))
        .collect();
    let may = json!([{"Effect": "Allow", "Action": "iam:AttachGroupPolicy", "Resource": "*"}]);
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": users, "GroupDetailList": [{"GroupName": "dev", "Arn": arn("group/dev"),
        "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": document(&may)}]}]});
    let judged = judged(&facts);
    let found: Vec<_> = judged.findings.iter().filter(|finding| finding.rule == "KG-A001").collect();
    assert_eq!((found.len(), found[0].subjects.len()), (1, 40));
    assert!(found[0].title.starts_with("40 principals can become administrator"), "{}", found[0].title);
}

#[test]
fn a_task_that_runs_as_administrator_and_a_key_in_its_variables_are_told() {
    let definition = json!({"taskDefinitionArn": format!("arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/web:1"), "family": "web",
        "taskRoleArn": arn("role/boss"), "executionRoleArn": arn("role/boss"), "containerDefinitions": [{"name": "web",
            "environment": [{"name": "AWS_ACCESS_KEY_ID", "value": "AKIAQRSTUVWXYZ234567"}]}]});
    let mut owner = user("ci", &json!([]));
    owner["AccessKeys"] = json!([{"UserName": "ci", "AccessKeyId": "AKIAQRSTUVWXYZ234567", "Status": "Active"}]);
    let facts = json!({"AccountId": ACCOUNT, "UserDetailList": [owner], "RoleDetailList": [role("boss", &lambda(), &everything())], "taskDefinitions": [definition]});
    assert_eq!(
        ids(&facts, &["KG-A011", "KG-A012", "KG-A013"]),
        ["KG-A011 role/boss", "KG-A012 role/boss", "KG-A013 task-definition/web:1"]
    );
    let judged = judged(&facts);
    let key = judged.findings.iter().find(|finding| finding.rule == "KG-A013").unwrap();
    assert!(key.title.contains("of user/ci"), "{}", key.title);
}

#[test]
fn containers_of_an_instance_take_its_role_by_hops_by_the_old_protocol_and_by_the_engines_socket() {
    let instance = |options: Value| {
        json!({"OwnerId": ACCOUNT, "Instances": [{"InstanceId": "i-1", "Placement": {"AvailabilityZone": "eu-central-1a"},
            "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": arn("instance-profile/node")}, "MetadataOptions": options}]})
    };
    let facts = |options: Value, definition: Value| {
        let mut node = role("node", &lambda(), &everything());
        node["InstanceProfileList"] = json!([{"InstanceProfileName": "node", "Arn": arn("instance-profile/node")}]);
        json!({"AccountId": ACCOUNT, "RoleDetailList": [node], "Reservations": [instance(options)],
            "containerInstances": [{"containerInstanceArn": "arn:aws:ecs:eu-central-1:111122223333:container-instance/c/1", "ec2InstanceId": "i-1"}],
            "taskDefinitions": [definition],
            "tasks": [{"taskArn": "arn:aws:ecs:eu-central-1:111122223333:task/c/1", "taskDefinitionArn": "arn:d", "lastStatus": "RUNNING",
                "containerInstanceArn": "arn:aws:ecs:eu-central-1:111122223333:container-instance/c/1"}]})
    };
    let plain = json!({"taskDefinitionArn": "arn:d", "family": "d"});
    let socket = json!({"taskDefinitionArn": "arn:d", "family": "d", "volumes": [{"name": "s", "host": {"sourcePath": "/var/run/docker.sock"}}]});
    let shut = json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"});
    for (options, definition, found) in [
        (shut.clone(), plain.clone(), false),
        (
            json!({"HttpTokens": "optional", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"}),
            plain.clone(),
            true,
        ),
        (
            json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"}),
            plain.clone(),
            true,
        ),
        (json!({"HttpTokens": "optional", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "disabled"}), plain, false),
        (
            json!({"HttpTokens": "optional", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "disabled"}),
            socket.clone(),
            false,
        ),
        (shut, socket, true),
    ] {
        let facts = facts(options.clone(), definition);
        assert_eq!(!ids(&facts, &["KG-A010"]).is_empty(), found, "{options}");
    }
}

#[test]
fn what_the_facts_do_not_hold_is_said_and_never_reads_as_clean() {
    let mut dev = user("dev", &json!([]));
    dev["AttachedManagedPolicies"] = json!([{"PolicyName": "P", "PolicyArn": arn("policy/P")}]);
    let judged = judged(&json!({"AccountId": ACCOUNT, "UserDetailList": [dev]}));
    let gaps: Vec<&str> = judged.incomplete.iter().map(|gap| gap.what.as_str()).collect();
    let of_policy: Vec<&&str> = gaps.iter().filter(|gap| gap.contains("policy/P")).collect();
    assert!(matches!(of_policy.as_slice(), [one] if one.contains("user/dev")), "told once, with who has it: {gaps:?}");
    assert!(gaps.iter().any(|gap| gap.contains("passwords and keys")), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.contains("instances, functions, containers")), "{gaps:?}");
}

#[test]
fn another_first_step_says_what_it_hangs_on_too() {
    let eve = user(
        "eve",
        &json!([
            {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        ]),
    );
    let judged = judged(&json!({"AccountId": ACCOUNT, "UserDetailList": [eve]}));
    let finding = judged.findings.iter().find(|finding| finding.rule == "KG-A001").unwrap();
    let also: Vec<&str> =
        finding.evidence.iter().filter(|one| one.what == "also").map(|one| one.value.as_str()).collect();
    assert!(
        matches!(also.as_slice(), [one] if one.starts_with("iam-008: ") && one.ends_with("; depends on aws:SourceIp")),
        "{also:?}"
    );
}
