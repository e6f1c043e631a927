//! What is there that runs with a role, in the words of the methods that use it.

use std::collections::{BTreeSet, HashMap};

use super::principals::Everybody;
use crate::escalate::Thing;
use crate::facts::{
    Account, EcsTask, Facts, InstanceProfileSpec, Part, RoleUse, Tag, TaskDefinition, Workload, WorkloadKind,
};

/// One thing.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) kind: Thing,
    pub(crate) account: usize,
    pub(crate) arn: String,
    pub(crate) name: String,
    /// Principals: what runs has their rights.
    pub(crate) roles: Vec<usize>,
    /// Its tags, where the facts tell them.
    pub(crate) tags: Option<Vec<Tag>>,
}

/// Whether a kind of thing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Somebody has looked.
    Looked,
    /// Nobody has.
    NotLooked,
}

/// All things.
#[derive(Debug, Default)]
pub(crate) struct Things {
    pub(crate) all: Vec<Found>,
    by_kind: HashMap<(usize, Thing), Vec<usize>>,
    by_role: HashMap<usize, Vec<usize>>,
    looked: BTreeSet<(usize, Thing)>,
}

impl Things {
    pub(crate) fn of(facts: &Facts, everybody: &Everybody<'_>) -> Self {
        let mut things = Self::default();
        for (number, account) in facts.accounts.iter().enumerate() {
            Reader { things: &mut things, number, account, everybody }.read();
        }
        for (index, thing) in things.all.iter().enumerate() {
            things.by_kind.entry((thing.account, thing.kind)).or_default().push(index);
            for role in &thing.roles {
                things.by_role.entry(*role).or_default().push(index);
            }
        }
        things
    }

    /// The things of this kind in an account.
    pub(crate) fn of_kind(&self, account: usize, kind: Thing) -> impl Iterator<Item = (usize, &Found)> {
        self.by_kind
            .get(&(account, kind))
            .into_iter()
            .flatten()
            .filter_map(|index| Some((*index, self.all.get(*index)?)))
    }

    /// The things that run with this role.
    pub(crate) fn with_role(&self, role: usize, kind: Thing) -> impl Iterator<Item = (usize, &Found)> {
        let all = self.by_role.get(&role).into_iter().flatten();
        all.filter_map(|index| Some((*index, self.all.get(*index)?))).filter(move |(_, found)| found.kind == kind)
    }

    pub(crate) fn known(&self, account: usize, kind: Thing) -> Known {
        if self.looked.contains(&(account, kind)) { Known::Looked } else { Known::NotLooked }
    }
}

struct Reader<'r, 'a> {
    things: &'r mut Things,
    number: usize,
    account: &'r Account,
    everybody: &'r Everybody<'a>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        self.machines();
        self.containers();
        self.rest();
    }

    fn looked(&mut self, part: Part, kind: Thing) {
        if self.account.has(part) {
            self.things.looked.insert((self.number, kind));
        }
    }

    fn add(&mut self, kind: Thing, arn: &str, name: &str, roles: impl IntoIterator<Item = Option<usize>>) {
        let found = Found {
            kind,
            account: self.number,
            arn: arn.to_owned(),
            name: name.to_owned(),
            roles: roles.into_iter().flatten().collect(),
            tags: None,
        };
        self.things.looked.insert((self.number, kind));
        self.things.all.push(found);
    }

    /// What was added last has these tags.
    fn tagged(&mut self, tags: &[Tag]) {
        if let Some(last) = self.things.all.last_mut() {
            last.tags = Some(tags.to_vec());
        }
    }

    /// A role by its ARN, or by its name or its instance profile's, as some services have it.
    fn role(&self, named: &str) -> Option<usize> {
        if named.is_empty() {
            return None;
        }
        if let Some(known) = self.everybody.by_arn.get(named) {
            return Some(*known);
        }
        let last = named.rsplit('/').next().unwrap_or(named);
        self.of_profile(last).or_else(|| {
            let role = self.account.roles.iter().find(|role| role.name == last)?;
            self.everybody.by_arn.get(role.arn.as_str()).copied()
        })
    }

    fn of_profile(&self, name: &str) -> Option<usize> {
        let in_role = self.account.roles.iter().find(|role| role.instance_profiles.iter().any(|one| one.name == name));
        if let Some(role) = in_role {
            return self.everybody.by_arn.get(role.arn.as_str()).copied();
        }
        let profile = self.account.instance_profiles.iter().find(|one| one.name == name)?;
        let role = profile.roles.first()?;
        self.everybody.by_arn.get(role.arn.as_str()).copied()
    }

    fn of_spec(&self, spec: Option<&InstanceProfileSpec>) -> Option<usize> {
        self.of_profile(spec?.short_name()?)
    }

    fn machines(&mut self) {
        self.looked(Part::Instances, Thing::Instance);
        self.looked(Part::Instances, Thing::RunningInstance);
        for instance in &self.account.instances {
            if !instance.is_terminated() {
                let role = self.of_spec(instance.profile.as_ref());
                self.add(Thing::Instance, &instance.arn(), &instance.id, [role]);
                self.tagged(&instance.tags);
                // Nobody logs in to one that is stopped; it can still be changed and started.
                if !matches!(instance.state.name.as_str(), "stopped" | "stopping") {
                    self.add(Thing::RunningInstance, &instance.arn(), &instance.id, [role]);
                    self.tagged(&instance.tags);
                }
            }
        }
        self.looked(Part::LaunchTemplates, Thing::LaunchTemplate);
        let mut seen: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        for version in &self.account.launch_templates {
            let role = self.of_spec(version.data.profile.as_ref());
            seen.entry(&version.id).or_default().extend(role);
        }
        for (id, roles) in seen {
            let region = self.account.launch_templates.iter().find(|one| one.id == id).map_or("", |one| &one.region);
            let arn = format!("arn:{}:ec2:{region}:{}:launch-template/{id}", self.account.partition, self.account.id);
            self.add(Thing::LaunchTemplate, &arn, id, roles.into_iter().map(Some));
        }
        self.looked(Part::Functions, Thing::LambdaFunction);
        for function in &self.account.functions {
            let role = self.role(&function.role);
            self.add(Thing::LambdaFunction, &function.arn, &function.name, [role]);
        }
    }

    fn containers(&mut self) {
        for (part, kind) in [
            (Part::Clusters, Thing::EcsCluster),
            (Part::ContainerInstances, Thing::EcsContainerInstance),
            (Part::TaskDefinitions, Thing::EcsTaskDefinition),
            (Part::Tasks, Thing::EcsTask),
        ] {
            self.looked(part, kind);
        }
        let definitions: HashMap<&str, &TaskDefinition> =
            self.account.task_definitions.iter().map(|one| (one.arn.as_str(), one)).collect();
        for cluster in &self.account.clusters {
            self.add(Thing::EcsCluster, &cluster.arn, &cluster.name, []);
        }
        for instance in &self.account.container_instances {
            self.add(Thing::EcsContainerInstance, &instance.arn, instance.instance.as_deref().unwrap_or_default(), []);
        }
        for definition in &self.account.task_definitions {
            self.add(Thing::EcsTaskDefinition, &definition.arn, &definition.family, []);
        }
        let runs = |task: &&EcsTask| !matches!(task.last_status.as_str(), "STOPPED" | "STOPPING" | "DELETED");
        for task in self.account.tasks.iter().filter(|task| task.enable_execute_command).filter(runs) {
            let defined = definitions.get(task.task_definition.as_str()).and_then(|one| one.task_role.as_deref());
            let role = task.overrides.task_role_arn.as_deref().or(defined);
            let role = role.and_then(|role| self.role(role));
            self.add(Thing::EcsTask, &task.arn, task.arn.rsplit('/').next().unwrap_or_default(), [role]);
        }
        // A service whose tasks are not listed stands for them.
        for service in &self.account.services {
            let has_tasks = self.account.tasks.iter().any(|task| task.task_definition == service.task_definition);
            if service.enable_execute_command && service.desired_count > 0 && !has_tasks {
                let role = definitions.get(service.task_definition.as_str()).and_then(|one| one.task_role.as_deref());
                let role = role.and_then(|role| self.role(role));
                let arn = service.arn.replace(":service/", ":task/");
                self.add(Thing::EcsTask, &arn, &service.name, [role]);
            }
        }
    }

    /// What pods of a Kubernetes cluster can have: the roles of its machines, and those that pods are given. The service's own
    /// is out of their reach.
    fn in_cluster(&self, name: &str) -> Vec<Option<usize>> {
        let of_it = |workload: &&Workload| {
            matches!(workload.kind, WorkloadKind::EksNodegroup | WorkloadKind::EksPodIdentity)
                && workload.arn.split('/').nth(1) == Some(name)
        };
        let workloads = self.account.workloads.iter().filter(of_it);
        workloads.flat_map(|workload| &workload.roles).map(|role| self.role(&role.arn)).collect()
    }

    fn rest(&mut self) {
        for (of, kind) in KINDS {
            self.looked(Part::Workloads(*of), *kind);
        }
        self.looked(Part::Workloads(WorkloadKind::SageMakerNotebook), Thing::OpenNotebook);
        for workload in &self.account.workloads {
            let Some((_, kind)) = KINDS.iter().find(|(of, _)| *of == workload.kind) else { continue };
            let status = workload.status.as_deref().unwrap_or_default();
            if ended(*kind, status) {
                continue;
            }
            let roles = workload.roles.iter().filter(|role| role.used != RoleUse::Starts);
            let serves = |role: &&crate::facts::WorkloadRole| {
                // The service's own role in a cluster or a deployment is not what the code there runs with.
                role.used == RoleUse::Runs
                    || !matches!(kind, Thing::EmrCluster | Thing::CodeDeployGroup | Thing::EksCluster)
            };
            let mut roles: Vec<Option<usize>> = roles.filter(serves).map(|role| self.role(&role.arn)).collect();
            let reached = self.account.instances.iter().filter(|instance| {
                let chosen = workload.instances.as_ref().is_some_and(|choice| choice.takes(&instance.tags));
                chosen && !instance.is_terminated()
            });
            roles.extend(reached.map(|instance| self.of_spec(instance.profile.as_ref())));
            if *kind == Thing::NotebookInstance && matches!(status, "" | "InService" | "Updating") {
                self.add(Thing::OpenNotebook, &workload.arn, &workload.name, roles.clone());
            }
            if *kind == Thing::EksCluster {
                // It knows no access entries: nobody gets in by IAM.
                if workload.authentication.as_deref() == Some("CONFIG_MAP") {
                    continue;
                }
                roles.extend(self.in_cluster(&workload.name));
            }
            self.add(*kind, &workload.arn, &workload.name, roles);
        }
        self.looked(Part::IdentityPools, Thing::IdentityPool);
        for pool in self.account.identity_pools.iter().filter(|pool| pool.allows_guests) {
            let region = pool.id.split(':').next().unwrap_or_default();
            let arn = format!(
                "arn:{}:cognito-identity:{region}:{}:identitypool/{}",
                self.account.partition, self.account.id, pool.id
            );
            self.add(Thing::IdentityPool, &arn, &pool.id, []);
        }
        for resource in &self.account.resources {
            let source = resource.arn.split(':').nth(2);
            if matches!(source, Some("sqs" | "kinesis" | "dynamodb")) {
                self.add(Thing::EventSource, &resource.arn, resource.arn.rsplit(':').next().unwrap_or_default(), []);
            }
        }
    }
}

/// Whether it is there no more, or runs nothing that could be told what to do.
fn ended(kind: Thing, status: &str) -> bool {
    match kind {
        Thing::GlueSession => matches!(status, "FAILED" | "TIMEOUT" | "STOPPING" | "STOPPED"),
        Thing::BatchJobDefinition => status == "INACTIVE",
        Thing::NotebookInstance => matches!(status, "Deleting" | "Failed"),
        Thing::AppRunnerService => status == "DELETED",
        _ => {
            let gone = ["TERMINAT", "DELETE_COMPLETE", "DELETE_IN_PROGRESS", "DELETING"];
            gone.iter().any(|gone| status.starts_with(gone)) || status == "Deleted"
        }
    }
}

/// What the facts call it, what the methods call it.
const KINDS: &[(WorkloadKind, Thing)] = &[
    (WorkloadKind::AppRunnerService, Thing::AppRunnerService),
    (WorkloadKind::BatchComputeEnvironment, Thing::BatchJobQueue),
    (WorkloadKind::BatchJobDefinition, Thing::BatchJobDefinition),
    (WorkloadKind::BatchJobQueue, Thing::BatchJobQueue),
    (WorkloadKind::BedrockCodeInterpreter, Thing::CodeInterpreter),
    (WorkloadKind::CloudFormationStack, Thing::Stack),
    (WorkloadKind::CloudFormationStackSet, Thing::StackSet),
    (WorkloadKind::CodeBuildProject, Thing::CodeBuildProject),
    (WorkloadKind::CodeDeployGroup, Thing::CodeDeployGroup),
    (WorkloadKind::CodePipeline, Thing::CodePipeline),
    (WorkloadKind::EksCluster, Thing::EksCluster),
    (WorkloadKind::EmrCluster, Thing::EmrCluster),
    (WorkloadKind::GlueDevEndpoint, Thing::GlueDevEndpoint),
    (WorkloadKind::GlueJob, Thing::GlueJob),
    (WorkloadKind::GlueSession, Thing::GlueSession),
    (WorkloadKind::SageMakerNotebook, Thing::NotebookInstance),
    (WorkloadKind::SchedulerSchedule, Thing::Schedule),
    (WorkloadKind::StateMachine, Thing::StateMachine),
];
