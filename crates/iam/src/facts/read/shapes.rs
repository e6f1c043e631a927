//! What else runs with a role: where each service's answers have the ARN, the name and the roles.

use serde_json::Value;

use super::absorb::Field;
use super::items;
use super::scope::{Reader, Scope};
use crate::facts::account::Part;
use crate::facts::container::Variable;
use crate::facts::{InstanceChoice, RoleUse, Tag, Workload, WorkloadKind, WorkloadRole};

use RoleUse::{Acts, Runs, Starts};
use WorkloadKind as Kind;

/// The form of one answer.
pub(super) struct Shape {
    /// The key at the top: of a list, or of a single thing.
    key: &'static str,
    kind: WorkloadKind,
    /// Where the ARN is; else how it is made from the name (`glue:job/`).
    arn: Result<&'static str, &'static str>,
    name: &'static str,
    roles: &'static [(&'static str, RoleUse)],
    /// Where variables are: a list of `name` and `value`.
    variables: &'static [&'static str],
}

const fn shape(
    key: &'static str,
    kind: WorkloadKind,
    arn: Result<&'static str, &'static str>,
    name: &'static str,
    roles: &'static [(&'static str, RoleUse)],
) -> Shape {
    Shape { key, kind, arn, name, roles, variables: &[] }
}

impl Shape {
    const fn with_variables(self, variables: &'static [&'static str]) -> Self {
        Self { variables, ..self }
    }
}

const EMR: &[(&str, RoleUse)] = &[("/ServiceRole", Acts), ("/Ec2InstanceAttributes/IamInstanceProfile", Runs)];

/// Keys as the CLI prints them; the answers that it prints without a key (`describe-notebook-instance`) are lists of one
/// here, under the plural of their name.
pub(super) const SHAPES: &[Shape] = &[
    shape("projects", Kind::CodeBuildProject, Ok("/arn"), "/name", &[("/serviceRole", Runs)])
        .with_variables(&["/environment/environmentVariables"]),
    shape("DevEndpoints", Kind::GlueDevEndpoint, Err("glue:devEndpoint/"), "/EndpointName", &[("/RoleArn", Runs)]),
    shape("Jobs", Kind::GlueJob, Err("glue:job/"), "/Name", &[("/Role", Runs)]),
    shape("Sessions", Kind::GlueSession, Err("glue:session/"), "/Id", &[("/Role", Runs)]),
    shape(
        "NotebookInstances",
        Kind::SageMakerNotebook,
        Ok("/NotebookInstanceArn"),
        "/NotebookInstanceName",
        &[("/RoleArn", Runs)],
    ),
    shape("TrainingJobs", Kind::SageMakerTrainingJob, Ok("/TrainingJobArn"), "/TrainingJobName", &[("/RoleArn", Runs)]),
    shape(
        "ProcessingJobs",
        Kind::SageMakerProcessingJob,
        Ok("/ProcessingJobArn"),
        "/ProcessingJobName",
        &[("/RoleArn", Runs)],
    ),
    shape("Stacks", Kind::CloudFormationStack, Ok("/StackId"), "/StackName", &[("/RoleARN", Acts)]),
    shape(
        "StackSets",
        Kind::CloudFormationStackSet,
        Ok("/StackSetARN"),
        "/StackSetName",
        &[("/AdministrationRoleARN", Acts)],
    ),
    shape(
        "StackSet",
        Kind::CloudFormationStackSet,
        Ok("/StackSetARN"),
        "/StackSetName",
        &[("/AdministrationRoleARN", Acts)],
    ),
    shape(
        "AppRunnerServices",
        Kind::AppRunnerService,
        Ok("/ServiceArn"),
        "/ServiceName",
        &[
            ("/InstanceConfiguration/InstanceRoleArn", Runs),
            ("/SourceConfiguration/AuthenticationConfiguration/AccessRoleArn", Starts),
        ],
    ),
    shape(
        "Service",
        Kind::AppRunnerService,
        Ok("/ServiceArn"),
        "/ServiceName",
        &[
            ("/InstanceConfiguration/InstanceRoleArn", Runs),
            ("/SourceConfiguration/AuthenticationConfiguration/AccessRoleArn", Starts),
        ],
    ),
    shape("cluster", Kind::EksCluster, Ok("/arn"), "/name", &[("/roleArn", Acts)]),
    shape("eksClusters", Kind::EksCluster, Ok("/arn"), "/name", &[("/roleArn", Acts)]),
    shape("nodegroup", Kind::EksNodegroup, Ok("/nodegroupArn"), "/nodegroupName", &[("/nodeRole", Runs)]),
    shape("nodegroups", Kind::EksNodegroup, Ok("/nodegroupArn"), "/nodegroupName", &[("/nodeRole", Runs)]),
    shape("association", Kind::EksPodIdentity, Ok("/associationArn"), "/serviceAccount", &[("/roleArn", Runs)]),
    shape(
        "podIdentityAssociations",
        Kind::EksPodIdentity,
        Ok("/associationArn"),
        "/serviceAccount",
        &[("/roleArn", Runs)],
    ),
    shape("stateMachines", Kind::StateMachine, Ok("/stateMachineArn"), "/name", &[("/roleArn", Acts)]),
    shape(
        "jobDefinitions",
        Kind::BatchJobDefinition,
        Ok("/jobDefinitionArn"),
        "/jobDefinitionName",
        &[
            ("/containerProperties/jobRoleArn", Runs),
            ("/containerProperties/executionRoleArn", Starts),
            ("/ecsProperties/taskProperties/0/taskRoleArn", Runs),
            ("/ecsProperties/taskProperties/0/executionRoleArn", Starts),
            ("/nodeProperties/nodeRangeProperties/0/container/jobRoleArn", Runs),
        ],
    )
    .with_variables(&["/containerProperties/environment"]),
    shape(
        "computeEnvironments",
        Kind::BatchComputeEnvironment,
        Ok("/computeEnvironmentArn"),
        "/computeEnvironmentName",
        &[("/serviceRole", Acts), ("/computeResources/instanceRole", Runs)],
    ),
    shape("Cluster", Kind::EmrCluster, Ok("/ClusterArn"), "/Name", EMR),
    shape("emrClusters", Kind::EmrCluster, Ok("/ClusterArn"), "/Name", EMR),
    shape("Schedules", Kind::SchedulerSchedule, Ok("/Arn"), "/Name", &[("/Target/RoleArn", Acts)]),
    shape("Pipes", Kind::EventBridgePipe, Ok("/Arn"), "/Name", &[("/RoleArn", Acts)]),
    shape("Rules", Kind::EventBridgeRule, Ok("/Arn"), "/Name", &[("/RoleArn", Acts)]),
    shape("pipeline", Kind::CodePipeline, Err("codepipeline:"), "/name", &[("/roleArn", Acts)]),
    shape("codePipelines", Kind::CodePipeline, Err("codepipeline:"), "/name", &[("/roleArn", Acts)]),
    shape(
        "deploymentGroupInfo",
        Kind::CodeDeployGroup,
        Err("codedeploy:deploymentgroup:"),
        "/deploymentGroupName",
        &[("/serviceRoleArn", Acts)],
    ),
    shape(
        "deploymentGroupsInfo",
        Kind::CodeDeployGroup,
        Err("codedeploy:deploymentgroup:"),
        "/deploymentGroupName",
        &[("/serviceRoleArn", Acts)],
    ),
    shape("agent", Kind::BedrockAgent, Ok("/agentArn"), "/agentName", &[("/agentResourceRoleArn", Acts)]),
    shape("bedrockAgents", Kind::BedrockAgent, Ok("/agentArn"), "/agentName", &[("/agentResourceRoleArn", Acts)]),
    shape(
        "codeInterpreters",
        Kind::BedrockCodeInterpreter,
        Ok("/codeInterpreterArn"),
        "/codeInterpreterId",
        &[("/executionRoleArn", Runs)],
    ),
    shape("jobQueues", Kind::BatchJobQueue, Ok("/jobQueueArn"), "/jobQueueName", &[]),
    shape("AutoScalingGroups", Kind::AutoScalingGroup, Ok("/AutoScalingGroupARN"), "/AutoScalingGroupName", &[]),
];

pub(super) fn absorb(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    if field.key == "WorkloadKinds" {
        for kind in items::items::<WorkloadKind>(field.key, field.raw, &scope.name, &mut reader.gaps) {
            scope.mark(Part::Workloads(kind));
        }
        return true;
    }
    if field.key == "Workloads" {
        scope.known = true;
        if field.object.get("WorkloadKinds").is_none() {
            for (kind, _) in WorkloadKind::ASKED {
                scope.mark(Part::Workloads(*kind));
            }
        }
        for workload in items::items::<Workload>(field.key, field.raw, &scope.name, &mut reader.gaps) {
            let home = if workload.arn.contains(HERE) { String::new() } else { workload.arn.clone() };
            reader.home(scope, &home).workloads.push(workload);
        }
        return true;
    }
    let Some(shape) = SHAPES.iter().find(|shape| shape.key == field.key) else { return false };
    scope.mark(Part::Workloads(shape.kind));
    for value in items::items::<Value>(field.key, field.raw, &scope.name, &mut reader.gaps) {
        let Some(workload) = read(shape, &value, scope.region.as_deref()) else { continue };
        let home = if workload.arn.contains(HERE) { String::new() } else { workload.arn.clone() };
        reader.home(scope, &home).workloads.push(workload);
    }
    true
}

/// Stands for the number of the account until that is known.
pub(super) const HERE: &str = "{account}";

/// The thing, where it has a name: other services have lists under the same keys.
fn read(shape: &Shape, value: &Value, region: Option<&str>) -> Option<Workload> {
    let text = |place: &str| value.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text(shape.name);
    let arn = match shape.arn {
        Ok(place) => text(place),
        Err(begin) => {
            let (service, resource) = begin.split_once(':')?;
            // A deployment group's name is its own within an application.
            let application = value.get("applicationName").and_then(Value::as_str).map(|name| format!("{name}/"));
            let application = application.unwrap_or_default();
            format!("arn:aws:{service}:{}:{HERE}:{resource}{application}{name}", region.unwrap_or_default())
        }
    };
    if name.is_empty() || arn.is_empty() {
        return None;
    }
    let roles = shape.roles.iter().map(|(place, used)| WorkloadRole { arn: text(place), used: *used });
    let variables = shape.variables.iter().filter_map(|place| value.pointer(place)?.as_array()).flatten();
    let of = |variable: &Value, key: &str| variable.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // A build fetches variables of these types; what stands there is where from.
    let plain = |variable: &&Value| matches!(of(variable, "type").as_str(), "" | "PLAINTEXT");
    Some(Workload {
        kind: shape.kind,
        arn,
        name,
        roles: roles.filter(|role| !role.arn.is_empty()).collect(),
        environment: variables.filter(plain).map(|one| Variable::new(&of(one, "name"), &of(one, "value"))).collect(),
        status: STATUS.iter().find_map(|place| value.pointer(place)?.as_str()).map(str::to_owned),
        tags: Vec::new(),
        authentication: value.pointer("/accessConfig/authenticationMode").and_then(Value::as_str).map(str::to_owned),
        instances: (shape.kind == Kind::CodeDeployGroup).then(|| deployed_to(value)),
    })
}

/// Where answers say whether a thing still runs.
const STATUS: &[&str] = &[
    "/Status",
    "/Status/State",
    "/status",
    "/StackStatus",
    "/NotebookInstanceStatus",
    "/TrainingJobStatus",
    "/ProcessingJobStatus",
    "/agentStatus",
];

/// To which instances a deployment group deploys: filters, of which one suffices, or sets of them, all of which count.
fn deployed_to(group: &Value) -> InstanceChoice {
    let of = |filter: &Value, key: &str| filter.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |place: &str| group.get(place).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // A filter for keys alone may have a value, which does not count, and the other way round.
    let unless = |filter: &Value, kind: &str, key: &str| {
        if of(filter, "Type") == kind { String::new() } else { of(filter, key) }
    };
    let tag =
        |filter: &Value| Tag { key: unless(filter, "VALUE_ONLY", "Key"), value: unless(filter, "KEY_ONLY", "Value") };
    let tags = |filters: &[Value]| -> Vec<Tag> { filters.iter().map(tag).collect() };
    let sets = group.pointer("/ec2TagSet/ec2TagSetList").and_then(Value::as_array).into_iter().flatten();
    let sets = sets.filter_map(|set| set.as_array().map(|filters| tags(filters)));
    let single = Some(tags(list("ec2TagFilters"))).filter(|filters| !filters.is_empty());
    InstanceChoice {
        tag_sets: sets.chain(single).filter(|set| !set.is_empty()).collect(),
        auto_scaling_groups: list("autoScalingGroups").iter().map(|group| of(group, "name")).collect(),
    }
}
