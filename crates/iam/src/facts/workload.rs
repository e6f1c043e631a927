//! Everything else that runs with a role: functions, builds, notebooks, stacks and their like.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::container::Variable;
use super::document::Document;
use super::lenient::{list, or_default};
use super::principal::{AttachedPolicy, Tag};

/// A Lambda function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Function {
    /// Its name.
    #[serde(rename = "FunctionName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(rename = "FunctionArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Its role.
    #[serde(deserialize_with = "or_default")]
    pub role: String,
    /// Its variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentVariables>,
    /// `Zip` or `Image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_type: Option<String>,
}

impl Function {
    /// Its variables.
    pub fn variables(&self) -> &[Variable] {
        self.environment.as_ref().map(|environment| environment.variables.as_slice()).unwrap_or_default()
    }
}

/// Variables, in the form of Lambda: an object of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct EnvironmentVariables {
    /// The variables.
    #[serde(deserialize_with = "variables", serialize_with = "as_object")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub variables: Vec<Variable>,
}

fn variables<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Variable>, D::Error> {
    let named: Option<BTreeMap<String, Option<String>>> = Option::deserialize(from)?;
    let named = named.unwrap_or_default().into_iter();
    Ok(named.map(|(name, value)| Variable::new(&name, value.as_deref().unwrap_or_default())).collect())
}

fn as_object<S: serde::Serializer>(variables: &[Variable], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(variables.iter().map(|variable| (&variable.name, &variable.value)))
}

/// Something that runs with a role, or can be made to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Workload {
    /// What it is.
    #[serde(deserialize_with = "or_default")]
    pub kind: WorkloadKind,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// With which roles.
    #[serde(deserialize_with = "list")]
    pub roles: Vec<WorkloadRole>,
    /// Its variables.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
    /// `ACTIVE`, `InService`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Tags.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Of a Kubernetes cluster, whom it lets in: `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`, where it knows no access entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<String>,
    /// On which instances it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<InstanceChoice>,
}

/// Instances, by their tags or their Auto Scaling groups; either suffices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct InstanceChoice {
    /// Of each set the instance has one tag. An empty key or value stands for any.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub tag_sets: Vec<Vec<Tag>>,
    /// Names of Auto Scaling groups.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub auto_scaling_groups: Vec<String>,
}

impl InstanceChoice {
    /// Whether an instance with these tags is among them.
    pub fn takes(&self, tags: &[Tag]) -> bool {
        let is = |wanted: &Tag, tag: &Tag| {
            (wanted.key.is_empty() || wanted.key == tag.key) && (wanted.value.is_empty() || wanted.value == tag.value)
        };
        let in_set = |set: &Vec<Tag>| set.iter().any(|wanted| tags.iter().any(|tag| is(wanted, tag)));
        let in_group =
            |tag: &Tag| tag.key == "aws:autoscaling:groupName" && self.auto_scaling_groups.contains(&tag.value);
        (!self.tag_sets.is_empty() && self.tag_sets.iter().all(in_set)) || tags.iter().any(in_group)
    }
}

/// What a [`Workload`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each is named as AWS names it")]
pub enum WorkloadKind {
    AppRunnerService,
    AutoScalingGroup,
    BatchJobDefinition,
    BatchComputeEnvironment,
    BatchJobQueue,
    BedrockAgent,
    BedrockCodeInterpreter,
    CloudFormationStack,
    CloudFormationStackSet,
    CodeBuildProject,
    CodeDeployGroup,
    CodePipeline,
    DataPipeline,
    EksCluster,
    EksNodegroup,
    EksPodIdentity,
    EmrCluster,
    EmrServerlessApplication,
    EventBridgeRule,
    EventBridgePipe,
    GlueDevEndpoint,
    GlueJob,
    GlueSession,
    ImageBuilderPipeline,
    SageMakerNotebook,
    SageMakerTrainingJob,
    SageMakerProcessingJob,
    SchedulerSchedule,
    SsmAutomation,
    StateMachine,
    /// Something that this version of Keelguard does not know.
    #[default]
    #[serde(other)]
    Other,
}

impl WorkloadKind {
    /// Those of which somebody asks AWS, in words for a sentence.
    pub const ASKED: &'static [(Self, &'static str)] = &[
        (Self::AppRunnerService, "App Runner services"),
        (Self::BatchComputeEnvironment, "Batch compute environments"),
        (Self::BatchJobDefinition, "Batch job definitions"),
        (Self::BedrockAgent, "Bedrock agents"),
        (Self::BedrockCodeInterpreter, "Bedrock code interpreters"),
        (Self::CloudFormationStack, "CloudFormation stacks"),
        (Self::CloudFormationStackSet, "CloudFormation stack sets"),
        (Self::CodeBuildProject, "CodeBuild projects"),
        (Self::CodeDeployGroup, "CodeDeploy deployment groups"),
        (Self::CodePipeline, "pipelines of CodePipeline"),
        (Self::EksCluster, "EKS clusters"),
        (Self::EksNodegroup, "EKS node groups"),
        (Self::EksPodIdentity, "EKS pod identities"),
        (Self::EmrCluster, "EMR clusters"),
        (Self::EventBridgePipe, "EventBridge pipes"),
        (Self::GlueDevEndpoint, "Glue development endpoints"),
        (Self::GlueJob, "Glue jobs"),
        (Self::GlueSession, "Glue sessions"),
        (Self::SageMakerNotebook, "SageMaker notebooks"),
        (Self::SageMakerProcessingJob, "SageMaker processing jobs"),
        (Self::SageMakerTrainingJob, "SageMaker training jobs"),
        (Self::SchedulerSchedule, "EventBridge schedules"),
        (Self::StateMachine, "state machines"),
    ];
}

/// A role and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct WorkloadRole {
    /// The role's ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// What for.
    #[serde(rename = "Use", deserialize_with = "or_default")]
    pub used: RoleUse,
}

/// What a role is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum RoleUse {
    /// What runs has it.
    #[default]
    Runs,
    /// The service starts it with this role: fetches images and secrets, writes logs.
    Starts,
    /// The service acts with it on the owner's behalf, such as a stack's role.
    Acts,
}

/// A permission set of IAM Identity Center.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PermissionSet {
    /// Its ARN.
    #[serde(rename = "PermissionSetArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Its name; the roles that come of it are called `AWSReservedSSO_NAME_…`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its inline policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_policy: Option<Document>,
    /// Managed policies.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub attached_managed_policies: Vec<AttachedPolicy>,
    /// Numbers of the accounts in which it is in force.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// An identity pool of Cognito: who logs in, or does not, gets a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct IdentityPool {
    /// `eu-central-1:…`
    #[serde(rename = "IdentityPoolId", deserialize_with = "or_default")]
    pub id: String,
    /// Its name.
    #[serde(rename = "IdentityPoolName", deserialize_with = "or_default")]
    pub name: String,
    /// Whether anybody gets a role, without any login.
    #[serde(rename = "AllowUnauthenticatedIdentities", deserialize_with = "or_default")]
    pub allows_guests: bool,
    /// Whether guests get it by the older way, without the reduction of their rights.
    #[serde(rename = "AllowClassicFlow", deserialize_with = "or_default")]
    pub allows_classic_flow: bool,
    /// `authenticated` and `unauthenticated` → the role's ARN.
    #[serde(deserialize_with = "or_default")]
    pub roles: BTreeMap<String, String>,
}
