//! What runs with a role, asked of AWS: every kind in pages, throttled, in part refused; what ended is left out, and what it
//! comes to in the graph.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod aws;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use aws::{Answer, Request, Server, account, xml};
use keelguard_iam::collect::{Environment, Limits, Options, collect};
use keelguard_iam::facts::{Facts, Input, Part, WorkloadKind};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/r1";

fn json_of(value: &Value) -> Answer {
    Answer::Whole(200, vec![("content-type", "application/json".into())], value.to_string())
}

fn arn(rest: &str) -> String {
    let (service, resource) = rest.split_once(':').unwrap();
    format!("arn:aws:{service}:eu-central-1:111122223333:{resource}")
}

/// Two pages of one thing each: `a`, then `b`.
fn pages(request: &Request, key: &str, token: &str, item: impl Fn(&str) -> Value) -> Answer {
    let second = request.body.contains("next-one") || request.path.contains("next-one");
    if second {
        json_of(&json!({ key: [item("b")] }))
    } else {
        json_of(&json!({ key: [item("a")], token: "next-one" }))
    }
}

/// What stands in the request at this key.
fn asked(request: &Request, key: &str) -> String {
    serde_json::from_str::<Value>(&request.body).unwrap()[key].as_str().unwrap().to_owned()
}

/// An account with two of each.
fn workloads(request: &Request) -> Answer {
    let named = |key: &'static str| move |name: &str| json!({ key: name });
    let path = request.path.split('?').next().unwrap();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap();
    match request.operation().as_str() {
        "elasticmapreduce:ListClusters" => pages(request, "Clusters", "Marker", named("Id")),
        "elasticmapreduce:DescribeCluster" => {
            let id = asked(request, "ClusterId");
            let profile = if id == "a" { "r1" } else { "arn:aws:iam::111122223333:instance-profile/r1" };
            json_of(
                &json!({"Cluster": {"Id": id, "Name": id, "ClusterArn": arn(&format!("elasticmapreduce:cluster/{id}")),
                "Status": {"State": "WAITING"}, "ServiceRole": "emr", "Ec2InstanceAttributes": {"IamInstanceProfile": profile}}}),
            )
        }
        "codepipeline:ListPipelines" => pages(request, "pipelines", "nextToken", named("name")),
        "codepipeline:GetPipeline" => {
            json_of(&json!({"pipeline": {"name": asked(request, "name"), "roleArn": ROLE, "version": 1}}))
        }
        "codedeploy:ListApplications" => pages(request, "applications", "nextToken", |name| json!(name)),
        "codedeploy:ListDeploymentGroups" => pages(request, "deploymentGroups", "nextToken", |name| json!(name)),
        "codedeploy:GetDeploymentGroup" => json_of(&json!({"deploymentGroupInfo": {
            "applicationName": asked(request, "applicationName"), "deploymentGroupName": asked(request, "deploymentGroupName"),
            "serviceRoleArn": ROLE, "autoScalingGroups": [{"name": "fleet"}],
            "ec2TagSet": {"ec2TagSetList": [[{"Key": "app", "Value": "web", "Type": "KEY_AND_VALUE"}], [{"Key": "prod", "Type": "KEY_ONLY"}]]}}})),
        "sagemaker:ListTrainingJobs" => pages(request, "TrainingJobSummaries", "NextToken", named("TrainingJobName")),
        "sagemaker:DescribeTrainingJob" => {
            let name = asked(request, "TrainingJobName");
            json_of(&json!({"TrainingJobName": name, "TrainingJobArn": arn(&format!("sagemaker:training-job/{name}")),
                "RoleArn": ROLE, "TrainingJobStatus": "InProgress"}))
        }
        "sagemaker:ListProcessingJobs" => {
            pages(request, "ProcessingJobSummaries", "NextToken", named("ProcessingJobName"))
        }
        "sagemaker:DescribeProcessingJob" => {
            let name = asked(request, "ProcessingJobName");
            json_of(
                &json!({"ProcessingJobName": name, "ProcessingJobArn": arn(&format!("sagemaker:processing-job/{name}")),
                "RoleArn": ROLE, "ProcessingJobStatus": "InProgress"}),
            )
        }
        "glue:ListSessions" => pages(
            request,
            "Sessions",
            "NextToken",
            |name| json!({"Id": name, "Role": ROLE, "Status": if name == "a" { "READY" } else { "STOPPED" }}),
        ),
        "glue:GetDevEndpoints" => pages(
            request,
            "DevEndpoints",
            "NextToken",
            |name| json!({"EndpointName": name, "RoleArn": ROLE, "Status": "READY"}),
        ),
        "acm:ListCertificates" => pages(request, "CertificateSummaryList", "NextToken", |name| {
            json!({"CertificateArn": arn(&format!("acm:certificate/{name}")), "DomainName": format!("{name}.example.com"),
                "Status": "ISSUED", "NotAfter": if name == "a" { 1_600_000_000.0 } else { 4_000_000_000.0 }, "InUse": true})
        }),
        "cloudformation:ListStackSets" if request.body.contains("next-one") => xml(
            "<R><ListStackSetsResult><Summaries><member><StackSetName>b</StackSetName></member></Summaries></ListStackSetsResult></R>",
        ),
        "cloudformation:ListStackSets" => {
            xml("<R><ListStackSetsResult><Summaries><member><StackSetName>a</StackSetName></member></Summaries>\
                 <NextToken>next-one</NextToken></ListStackSetsResult></R>")
        }
        "cloudformation:DescribeStackSet" => {
            let name = request.field("StackSetName").unwrap();
            xml(format!(
                "<R><DescribeStackSetResult><StackSet><StackSetName>{name}</StackSetName><StackSetARN>{}</StackSetARN>\
                 <Status>ACTIVE</Status><AdministrationRoleARN>{ROLE}</AdministrationRoleARN></StackSet></DescribeStackSetResult></R>",
                arn(&format!("cloudformation:stackset/{name}:1"))
            ))
        }
        operation if operation.starts_with("scheduler:GET /schedules/") => {
            assert!(request.path.ends_with("?groupName=g"), "{}", request.path);
            json_of(
                &json!({"Name": last, "GroupName": "g", "Arn": arn(&format!("scheduler:schedule/g/{last}")), "Target": {"RoleArn": ROLE}}),
            )
        }
        operation if operation.starts_with("scheduler:GET /schedules") => {
            pages(request, "Schedules", "NextToken", |name| json!({"Name": name, "GroupName": "g"}))
        }
        operation if operation.starts_with("pipes:GET /v1/pipes/") => {
            json_of(&json!({"Name": last, "Arn": arn(&format!("pipes:pipe/{last}")), "RoleArn": ROLE}))
        }
        operation if operation.starts_with("pipes:GET /v1/pipes") => {
            pages(request, "Pipes", "NextToken", named("Name"))
        }
        "bedrock:POST /agents/" => pages(request, "agentSummaries", "nextToken", named("agentId")),
        operation if operation.starts_with("bedrock:GET /agents/") => json_of(&json!({"agent": {"agentId": last,
            "agentName": last, "agentArn": arn(&format!("bedrock:agent/{last}")), "agentResourceRoleArn": ROLE}})),
        operation if operation.starts_with("bedrock-agentcore:POST /code-interpreters?") => {
            pages(request, "codeInterpreterSummaries", "nextToken", named("codeInterpreterId"))
        }
        operation if operation.starts_with("bedrock-agentcore:GET /code-interpreters/") => {
            json_of(&json!({"codeInterpreterId": last, "name": last, "executionRoleArn": ROLE,
                "codeInterpreterArn": arn(&format!("bedrock-agentcore:code-interpreter-custom/{last}"))}))
        }
        operation if operation.starts_with("eks:GET /clusters/") => of_cluster(request, path, last),
        operation if operation.starts_with("eks:GET /clusters") => {
            pages(request, "clusters", "nextToken", |name| json!(name))
        }
        "s3:GET /v20180820/configuration/publicAccessBlock" => {
            assert_eq!(request.header("x-amz-account-id"), "111122223333");
            xml("<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
                 <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>")
        }
        _ => account(request),
    }
}

fn of_cluster(request: &Request, path: &str, last: &str) -> Answer {
    let cluster = path.split('/').nth(2).unwrap();
    match path.split('/').skip(3).collect::<Vec<_>>().as_slice() {
        [] => json_of(&json!({"cluster": {"name": cluster, "arn": arn(&format!("eks:cluster/{cluster}")),
            "roleArn": "arn:aws:iam::111122223333:role/eks", "accessConfig": {"authenticationMode": "API"}}})),
        ["node-groups"] => pages(request, "nodegroups", "nextToken", |name| json!(name)),
        ["node-groups", _] => json_of(&json!({"nodegroup": {"nodegroupName": last, "nodeRole": ROLE,
            "nodegroupArn": arn(&format!("eks:nodegroup/{cluster}/{last}/1"))}})),
        ["pod-identity-associations"] => {
            pages(request, "associations", "nextToken", |name| json!({"associationId": name, "serviceAccount": "s"}))
        }
        ["pod-identity-associations", _] => json_of(&json!({"association": {"serviceAccount": "s", "roleArn": ROLE,
            "associationArn": arn(&format!("eks:podidentityassociation/{cluster}/{last}"))}})),
        other => panic!("{other:?}"),
    }
}

fn options(server: &Server) -> Options {
    Options {
        environment: Environment::of([("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x")]),
        endpoint: Some(server.url.clone()),
        regions: vec!["eu-central-1".into()],
        limits: Limits {
            silence: Duration::from_secs(5),
            patience: Duration::from_secs(20),
            whole: Duration::from_mins(1),
            ..Limits::default()
        },
        ..Options::default()
    }
}

fn run(server: &Server) -> Facts {
    let options = options(server);
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(collect(&options)).unwrap()
}

fn gaps(facts: &Facts) -> String {
    facts.incomplete.iter().map(|gap| format!("{}: {}\n", gap.what, gap.why)).collect()
}

/// How many of each kind there are, and of how many the role is known.
fn counted(facts: &Facts) -> BTreeMap<WorkloadKind, (usize, usize)> {
    let mut counted = BTreeMap::new();
    for workload in &facts.account("111122223333").unwrap().workloads {
        let (all, carrying): &mut (usize, usize) = counted.entry(workload.kind).or_default();
        *all += 1;
        *carrying += usize::from(!workload.roles.is_empty());
    }
    counted
}

const ASKED_HERE: [(WorkloadKind, usize); 15] = [
    (WorkloadKind::BedrockAgent, 2),
    (WorkloadKind::BedrockCodeInterpreter, 2),
    (WorkloadKind::CloudFormationStackSet, 2),
    (WorkloadKind::CodeDeployGroup, 4),
    (WorkloadKind::CodePipeline, 2),
    (WorkloadKind::EksCluster, 2),
    (WorkloadKind::EksNodegroup, 4),
    (WorkloadKind::EksPodIdentity, 4),
    (WorkloadKind::EmrCluster, 2),
    (WorkloadKind::EventBridgePipe, 2),
    (WorkloadKind::GlueDevEndpoint, 2),
    (WorkloadKind::GlueSession, 2),
    (WorkloadKind::SageMakerProcessingJob, 2),
    (WorkloadKind::SageMakerTrainingJob, 2),
    (WorkloadKind::SchedulerSchedule, 2),
];

#[test]
fn what_carries_a_role_is_found_page_by_page_however_slowly_the_service_lets_it_be_asked() {
    let seen = Mutex::new(BTreeSet::new());
    let server = Server::start(move |request| {
        let first = seen.lock().unwrap().insert(format!("{} {} {}", request.operation(), request.path, request.body));
        if first && !request.operation().starts_with("iam:") && !request.header("content-type").contains("form") {
            return Answer::Whole(429, vec![("x-amzn-errortype", "ThrottlingException".into())], "{}".into());
        }
        workloads(request)
    });
    let facts = run(&server);
    assert_eq!(gaps(&facts), "");
    let wanted: BTreeMap<_, _> = ASKED_HERE.into_iter().map(|(kind, count)| (kind, (count, count))).collect();
    assert_eq!(counted(&facts), wanted);
    let account = facts.account("111122223333").unwrap();
    for (kind, what) in WorkloadKind::ASKED {
        assert!(account.has(Part::Workloads(*kind)), "nobody has looked at {what}");
    }
    assert_eq!(account.certificates.len(), 2);
    assert!(account.public_access_block.unwrap().restrict_public_buckets);
    let group = account.workloads.iter().find(|one| one.kind == WorkloadKind::CodeDeployGroup).unwrap();
    assert!(
        group.arn.starts_with("arn:aws:codedeploy:eu-central-1:111122223333:deploymentgroup:")
            && group.arn.contains('/')
    );

    // What was collected is written and read again as it is.
    let mut text = Vec::new();
    facts.write(&mut text).unwrap();
    let again = Facts::read(&[Input::new("facts.json", &text)]).unwrap();
    assert_eq!(counted(&again), counted(&facts));
    let again = again.account("111122223333").unwrap();
    assert!(WorkloadKind::ASKED.iter().all(|(kind, _)| again.has(Part::Workloads(*kind))));
    assert_eq!(again.workloads, account.workloads);
}

#[test]
fn of_what_may_not_be_listed_or_described_it_is_said_and_the_rest_is_there() {
    let server = Server::start(|request| {
        let operation = request.operation();
        let denied = ["elasticmapreduce:DescribeCluster", "codepipeline:ListPipelines", "acm:ListCertificates"];
        let denied_paths = ["pipes:GET /v1/pipes/", "scheduler:GET /schedules", "/node-groups/", "publicAccessBlock"];
        if denied.contains(&operation.as_str()) || denied_paths.iter().any(|path| operation.contains(path)) {
            return Answer::Whole(403, vec![("x-amzn-errortype", "AccessDeniedException".into())], "{}".into());
        }
        workloads(request)
    });
    let facts = run(&server);
    let gaps = gaps(&facts);
    for told in [
        "emr DescribeCluster in eu-central-1: it is not allowed",
        "codepipeline ListPipelines in eu-central-1: it is not allowed",
        "pipes DescribePipe in eu-central-1: it is not allowed",
        "scheduler ListSchedules in eu-central-1: it is not allowed",
        "eks DescribeNodegroup in eu-central-1: it is not allowed",
        "acm ListCertificates in eu-central-1: it is not allowed",
        "s3 GetAccountPublicAccessBlock: it is not allowed",
    ] {
        assert!(gaps.contains(told), "{told} is not in {gaps}");
    }
    let account = facts.account("111122223333").unwrap();
    for kind in [WorkloadKind::CodePipeline, WorkloadKind::SchedulerSchedule] {
        assert!(!account.has(Part::Workloads(kind)), "{kind:?}");
    }
    assert!(!account.has(Part::Certificates) && account.public_access_block.is_none());
    assert!(account.has(Part::Workloads(WorkloadKind::StateMachine)));
    assert_eq!(counted(&facts)[&WorkloadKind::EksPodIdentity], (4, 4));
}
