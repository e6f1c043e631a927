//! One account.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AccessKey, Analyzer, Certificate, ContainerInstance, CredentialRow, EcsCluster, EcsService, EcsTask, Function,
    Group, IdentityPool, IdentityProvider, Instance, InstanceProfile, LaunchTemplateVersion, ManagedPolicy, MfaDevice,
    PasswordPolicy, PermissionSet, PublicAccessBlock, ResourcePolicy, Role, SecurityGroup, ServerCertificate,
    ServiceUsage, TaskDefinition, User, VpcEndpoint, Workload, WorkloadKind,
};

/// What is known of an account. An empty list may mean that nobody has looked: [`Account::has`] tells.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Its number. `unknown` where no input names one.
    pub id: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// Users.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Roles.
    pub roles: Vec<Role>,
    /// The account's own managed policies; those of AWS are in [`super::Facts::aws_policies`].
    pub policies: Vec<ManagedPolicy>,
    /// Instance profiles.
    pub instance_profiles: Vec<InstanceProfile>,
    /// The root's row of the credential report.
    pub root: Option<CredentialRow>,
    /// Second factors made by an app (`aws iam list-virtual-mfa-devices`).
    pub virtual_mfa_devices: Vec<MfaDevice>,
    /// The password policy; none where nobody has looked.
    pub password_policy: Option<PasswordPolicy>,
    /// `aws iam get-account-summary`: counts by name, `AccountMFAEnabled` among them.
    pub summary: BTreeMap<String, i64>,
    /// Identity providers, OpenID Connect and SAML.
    pub identity_providers: Vec<IdentityProvider>,
    /// Certificates in IAM's store.
    pub server_certificates: Vec<ServerCertificate>,
    /// Certificates in the Certificate Manager.
    pub certificates: Vec<Certificate>,
    /// Access analyzers.
    pub analyzers: Vec<Analyzer>,
    /// Names of all its buckets.
    pub buckets: BTreeSet<String>,
    /// Which ways to make buckets public are shut for the whole account.
    pub public_access_block: Option<PublicAccessBlock>,
    /// Policies of resources.
    pub resources: Vec<ResourcePolicy>,
    /// EC2 instances.
    pub instances: Vec<Instance>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Versions of launch templates.
    pub launch_templates: Vec<LaunchTemplateVersion>,
    /// VPC endpoints.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// ECS clusters.
    pub clusters: Vec<EcsCluster>,
    /// ECS services.
    pub services: Vec<EcsService>,
    /// ECS tasks.
    pub tasks: Vec<EcsTask>,
    /// ECS task definitions.
    pub task_definitions: Vec<TaskDefinition>,
    /// Instances that run ECS tasks.
    pub container_instances: Vec<ContainerInstance>,
    /// Lambda functions.
    pub functions: Vec<Function>,
    /// What else runs with a role.
    pub workloads: Vec<Workload>,
    /// Permission sets of IAM Identity Center.
    pub permission_sets: Vec<PermissionSet>,
    /// Identity pools of Cognito.
    pub identity_pools: Vec<IdentityPool>,
    /// Regions that were looked at; empty where nobody says.
    pub regions: BTreeSet<String>,
    pub(super) parts: BTreeSet<Part>,
    pub(super) loose: Loose,
}

/// What belongs to users and roles that may come later.
#[derive(Clone, Debug, Default)]
pub(super) struct Loose {
    pub(super) rows: Vec<CredentialRow>,
    pub(super) keys: Vec<AccessKey>,
    pub(super) mfa_devices: Vec<MfaDevice>,
    /// Names of users, and whether they have a password.
    pub(super) login_profiles: Vec<(String, bool)>,
    /// Names of users that have no access keys.
    pub(super) without_keys: Vec<String>,
    /// Names of users that have no second factor.
    pub(super) without_mfa: Vec<String>,
    /// ARN of a principal → what it has used.
    pub(super) usage: Vec<(String, Vec<ServiceUsage>)>,
    /// The bucket or account → what is shut.
    pub(super) access_blocks: Vec<(String, PublicAccessBlock)>,
    /// Identity pool → its roles.
    pub(super) pool_roles: Vec<(String, BTreeMap<String, String>)>,
}

impl Account {
    /// Whether anybody has looked at this part, be it that nothing was there.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The kinds of workloads that somebody has looked at.
    pub fn workload_kinds(&self) -> impl Iterator<Item = WorkloadKind> {
        self.parts.iter().filter_map(|part| match part {
            Part::Workloads(kind) => Some(*kind),
            _ => None,
        })
    }

    /// What keeps a public policy of this bucket from letting anybody in, in words; none: nothing does. `BlockPublicPolicy`
    /// does not: it refuses new policies and leaves those alone that are there.
    pub fn restricted_by(&self, bucket: &ResourcePolicy) -> Option<String> {
        let restricts = |block: Option<PublicAccessBlock>| block.is_some_and(|block| block.restrict_public_buckets);
        let of_account = restricts(self.public_access_block).then(|| format!("account {}", self.id));
        let of_bucket = restricts(bucket.public_access_block).then(|| "the bucket".to_owned());
        let of: Vec<String> = of_account.into_iter().chain(of_bucket).collect();
        (!of.is_empty()).then(|| format!("RestrictPublicBuckets of {}", of.join(" and of ")))
    }

    /// Takes in what another input says of the same account.
    pub(super) fn take(&mut self, other: Self) {
        macro_rules! lists {
            ($($field:ident),* $(,)?) => { $(self.$field.extend(other.$field);)* };
        }
        if self.partition.is_empty() {
            self.partition = other.partition;
        }
        lists!(
            aliases,
            users,
            groups,
            roles,
            policies,
            instance_profiles,
            virtual_mfa_devices,
            summary,
            identity_providers,
            server_certificates,
            certificates,
            analyzers,
            buckets,
            resources,
            instances,
            security_groups,
            launch_templates,
            vpc_endpoints,
            clusters,
            services,
            tasks,
            task_definitions,
            container_instances,
            functions,
            workloads,
            permission_sets,
            identity_pools,
            regions,
            parts,
        );
        self.public_access_block = other.public_access_block.or(self.public_access_block);
        self.root = other.root.or(self.root.take());
        self.password_policy = other.password_policy.or(self.password_policy.take());
        self.loose.rows.extend(other.loose.rows);
        self.loose.keys.extend(other.loose.keys);
        self.loose.mfa_devices.extend(other.loose.mfa_devices);
        self.loose.login_profiles.extend(other.loose.login_profiles);
        self.loose.without_keys.extend(other.loose.without_keys);
        self.loose.without_mfa.extend(other.loose.without_mfa);
        self.loose.usage.extend(other.loose.usage);
        self.loose.access_blocks.extend(other.loose.access_blocks);
        self.loose.pool_roles.extend(other.loose.pool_roles);
    }

    /// Whether nothing at all is in it.
    pub(super) fn is_blank(&self) -> bool {
        let Self { parts, loose, users, groups, roles, regions, aliases, .. } = self;
        let Loose { rows, keys, mfa_devices, login_profiles, usage, access_blocks, pool_roles, .. } = loose;
        parts.is_empty()
            && (users.is_empty() && groups.is_empty() && roles.is_empty())
            && (rows.is_empty() && keys.is_empty() && mfa_devices.is_empty() && login_profiles.is_empty())
            && (usage.is_empty() && access_blocks.is_empty() && pool_roles.is_empty())
            && (regions.is_empty() && aliases.is_empty() && self.resources.is_empty())
            && (self.identity_pools.is_empty() && self.permission_sets.is_empty())
    }

    /// The parts that somebody has looked at.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.parts.iter().copied()
    }
}

/// A part of an account's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the field of the same name")]
pub enum Part {
    Users,
    Groups,
    Roles,
    Policies,
    InstanceProfiles,
    CredentialReport,
    AccessKeys,
    MfaDevices,
    LoginProfiles,
    VirtualMfaDevices,
    PasswordPolicy,
    Summary,
    IdentityProviders,
    ServerCertificates,
    Certificates,
    Analyzers,
    LastAccessed,
    Buckets,
    Resources,
    Instances,
    SecurityGroups,
    LaunchTemplates,
    VpcEndpoints,
    Clusters,
    Services,
    Tasks,
    TaskDefinitions,
    ContainerInstances,
    Functions,
    /// What else runs with a role, of this kind.
    Workloads(WorkloadKind),
    PermissionSets,
    IdentityPools,
}
