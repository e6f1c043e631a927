//! The ways of raising one's privileges: a table, one row a method. What each needs, on what, what must be there already,
//! whom the role in question must trust, and the very calls that an attacker makes. Whether a method works for somebody in
//! an account is decided in [`crate::graph`]; here is only what the methods are.
//!
//! Ids are those of pathfinding.cloud where it knows the method; the others begin with `kg-`.

mod build;
mod compute;
mod containers;
mod data;
mod identities;
#[cfg(test)]
mod tests;

/// A method.
#[derive(Debug)]
pub struct Method {
    /// `lambda-001`.
    pub id: &'static str,
    /// What the attacker does, as a phrase: `creates a Lambda function with the role and calls it`.
    pub title: &'static str,
    /// Whom or what the attacker becomes, and over what.
    pub way: Way,
    /// What they must be allowed to do, all of it.
    pub needs: &'static [Need],
    /// What the role that is gained must itself be allowed for the method to work, such as to talk to the agent's service.
    pub role_needs: &'static [&'static str],
    /// What else must be so that no facts tell.
    pub also: &'static [&'static str],
    /// The calls, in order. `{role}`, `{role-name}`, `{user}`, `{group}`, `{policy}`, `{thing}`, `{thing-name}`, `{me}`,
    /// `{account}` and `{region}` stand for names and ARNs.
    pub calls: &'static [&'static str],
    /// MITRE ATT&CK techniques.
    pub attack: &'static [&'static str],
}

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// `iam:PassRole`.
    pub action: &'static str,
    /// On what.
    pub on: On,
}

/// What a permission must be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The role that is gained, or the principal's own.
    Role,
    /// The user that is gained, or the principal's own.
    User,
    /// The group.
    Group,
    /// A customer's managed policy that is attached to whoever gains.
    Policy,
    /// What is there already.
    Thing,
    /// Something that the attacker makes, or chooses, under a name of their choice: an ARN with `{region}`, `{account}` and
    /// `{name}` in it.
    New(&'static str),
    /// Several of them at once: the call touches each.
    Each(&'static [&'static str]),
    /// An action that knows no resource.
    Any,
}

/// A service to which a role is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Whom the role must trust.
    pub trust: &'static str,
    /// What `iam:PassedToService` says.
    pub passed_to: &'static str,
    /// The role must be in an instance profile.
    pub profile: bool,
}

/// Whom the attacker becomes, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A role, by handing it to a service that it trusts (any of these).
    Pass(&'static [Service]),
    /// A role, by handing it to a service for something that must be there already.
    PassInto(Thing, &'static [Service]),
    /// The role that something has which is there already.
    Existing(Thing),
    /// Oneself, with whatever permissions one likes.
    Myself(Grant),
    /// Oneself, as a member of another group.
    Join,
    /// Oneself, without one's permissions boundary.
    Unbound(Kind),
    /// A user.
    User(UserState),
    /// A user, with whatever permissions one likes.
    GrantUser,
    /// A role.
    Role(Door),
    /// A role, with whatever permissions one likes.
    GrantRole(Door),
}

/// A user or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user.
    User,
    /// A role.
    Role,
}

/// Where a principal gives itself permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// To itself, being a user.
    User,
    /// To itself, being a role.
    Role,
    /// To a group it is in.
    Group,
    /// In a customer's managed policy that it has.
    Policy,
    /// In an older version of such a policy that allows more.
    OldVersion,
    /// In the permission set that it comes from.
    PermissionSet,
}

/// What must be so of a user that is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// Fewer than two access keys.
    RoomForKey,
    /// Two access keys.
    TwoKeys,
    /// No password.
    NoPassword,
    /// A password.
    Password,
}

/// How one gets into a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It trusts the attacker.
    Trusted,
    /// The attacker makes it trust them.
    Rewritten,
    /// It comes from a permission set, and the attacker assigns it to themselves.
    Assigned,
}

/// What must be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named as AWS names it")]
pub enum Thing {
    AppRunnerService,
    BatchJobDefinition,
    BatchJobQueue,
    CodeBuildProject,
    CodeDeployGroup,
    CodeInterpreter,
    CodePipeline,
    EcsCluster,
    EcsContainerInstance,
    EcsTask,
    EcsTaskDefinition,
    EksCluster,
    EmrCluster,
    EventSource,
    GlueDevEndpoint,
    GlueJob,
    GlueSession,
    IdentityPool,
    Instance,
    LambdaFunction,
    LaunchTemplate,
    NotebookInstance,
    OpenNotebook,
    RunningInstance,
    Schedule,
    Stack,
    StackSet,
    StateMachine,
}

impl Thing {
    /// In words, for a sentence: `a Lambda function`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AppRunnerService => "an App Runner service",
            Self::BatchJobDefinition => "a Batch job definition",
            Self::BatchJobQueue => "a Batch job queue",
            Self::CodeBuildProject => "a CodeBuild project",
            Self::CodeDeployGroup => "a CodeDeploy deployment group",
            Self::CodeInterpreter => "a Bedrock code interpreter",
            Self::CodePipeline => "a pipeline of CodePipeline",
            Self::EcsCluster => "an ECS cluster",
            Self::EcsContainerInstance => "an ECS container instance",
            Self::EcsTask => "a running ECS task",
            Self::EcsTaskDefinition => "an ECS task definition",
            Self::EksCluster => "an EKS cluster that knows access entries",
            Self::EmrCluster => "a running EMR cluster",
            Self::EventSource => "a queue or stream",
            Self::GlueDevEndpoint => "a Glue development endpoint",
            Self::GlueJob => "a Glue job",
            Self::GlueSession => "a Glue session",
            Self::IdentityPool => "a Cognito identity pool with guests",
            Self::Instance => "an instance",
            Self::LambdaFunction => "a Lambda function",
            Self::LaunchTemplate => "a launch template",
            Self::NotebookInstance => "a SageMaker notebook instance",
            Self::OpenNotebook => "a SageMaker notebook instance in service",
            Self::RunningInstance => "a running instance",
            Self::Schedule => "a schedule of EventBridge Scheduler",
            Self::Stack => "a CloudFormation stack",
            Self::StackSet => "a CloudFormation stack set",
            Self::StateMachine => "a state machine",
        }
    }
}

/// Every method, in the order of the tables.
pub fn methods() -> impl Iterator<Item = &'static Method> {
    [identities::METHODS, compute::METHODS, containers::METHODS, build::METHODS, data::METHODS].into_iter().flatten()
}

/// The method with this id.
pub fn method(id: &str) -> Option<&'static Method> {
    methods().find(|method| method.id.eq_ignore_ascii_case(id))
}

/// A row with the columns that most leave empty.
const fn row(
    id: &'static str,
    title: &'static str,
    way: Way,
    needs: &'static [Need],
    calls: &'static [&'static str],
    attack: &'static [&'static str],
) -> Method {
    Method { id, title, way, needs, role_needs: &[], also: &[], calls, attack }
}

impl Method {
    const fn also(mut self, also: &'static [&'static str]) -> Self {
        self.also = also;
        self
    }

    const fn role_needs(mut self, actions: &'static [&'static str]) -> Self {
        self.role_needs = actions;
        self
    }
}

const fn need(action: &'static str, on: On) -> Need {
    Need { action, on }
}

/// Handing the role over.
const PASS: Need = need("iam:PassRole", On::Role);

const fn service(name: &'static str) -> Service {
    Service { trust: name, passed_to: name, profile: false }
}

/// A role for machines: it must be in an instance profile.
const EC2: Service = Service { trust: "ec2.amazonaws.com", passed_to: "ec2.amazonaws.com", profile: true };
const ECS_TASKS: Service = service("ecs-tasks.amazonaws.com");
