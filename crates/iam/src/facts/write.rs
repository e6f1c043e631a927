//! The file that `keelguard iam facts` writes: the same keys that are read, for each account an object.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use jiff::Timestamp;
use keelguard_model::Incomplete;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Account, Analyzer, Certificate, ContainerInstance, CredentialRow, EcsCluster, EcsService, EcsTask, Facts, Function,
    Group, IdentityPool, IdentityProvider, Instance, InstanceProfile, LaunchTemplateVersion, ManagedPolicy,
    MemberAccount, MfaDevice, OrgPolicy, OrganisationUnit, Part, PasswordPolicy, PermissionSet, PublicAccessBlock,
    ResourcePolicy, Role, SecurityGroup, ServerCertificate, TaskDefinition, User, VpcEndpoint, Workload, WorkloadKind,
};

/// The form of the file.
pub const FACTS_SCHEMA: &str = "keelguard.iam-facts/1";

/// One object of a file of facts. Every key but `Schema` may be missing: then nobody has looked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "IamFacts")]
pub struct FactsObject<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    collected: Option<Timestamp>,
    /// What could not be read, and why.
    incomplete: Vec<Gap<'a>>,
    /// The account of which the rest tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    /// The regions that were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<&'a BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_aliases: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_detail_list: Option<Vec<User>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_detail_list: Option<&'a [Group]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_detail_list: Option<&'a [Role]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<&'a ManagedPolicy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_profiles: Option<&'a [InstanceProfile]>,
    /// Rows of the credential report.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_report: Option<Vec<&'a CredentialRow>>,
    #[serde(rename = "VirtualMFADevices", skip_serializing_if = "Option::is_none")]
    virtual_mfa_devices: Option<&'a [MfaDevice]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_policy: Option<&'a PasswordPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary_map: Option<&'a BTreeMap<String, i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_providers: Option<&'a [IdentityProvider]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_certificate_metadata_list: Option<&'a [ServerCertificate]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_summary_list: Option<&'a [Certificate]>,
    #[serde(rename = "analyzers", skip_serializing_if = "Option::is_none")]
    analyzers: Option<&'a [Analyzer]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buckets: Option<Vec<BucketName<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_access_block_configuration: Option<PublicAccessBlock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_policies: Option<&'a [ResourcePolicy]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservations: Option<[Reservation<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_groups: Option<&'a [SecurityGroup]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_template_versions: Option<&'a [LaunchTemplateVersion]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_endpoints: Option<&'a [VpcEndpoint]>,
    #[serde(rename = "clusters", skip_serializing_if = "Option::is_none")]
    clusters: Option<&'a [EcsCluster]>,
    #[serde(rename = "services", skip_serializing_if = "Option::is_none")]
    services: Option<&'a [EcsService]>,
    #[serde(rename = "tasks", skip_serializing_if = "Option::is_none")]
    tasks: Option<&'a [EcsTask]>,
    #[serde(rename = "taskDefinitions", skip_serializing_if = "Option::is_none")]
    task_definitions: Option<&'a [TaskDefinition]>,
    #[serde(rename = "containerInstances", skip_serializing_if = "Option::is_none")]
    container_instances: Option<&'a [ContainerInstance]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    functions: Option<&'a [Function]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workloads: Option<&'a [Workload]>,
    /// The kinds of workloads that somebody has looked at; where it is missing beside `Workloads`, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    workload_kinds: Option<Vec<WorkloadKind>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_sets: Option<&'a [PermissionSet]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_pools: Option<&'a [IdentityPool]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Head<'a>>,
    /// The root and the units, each with its `ParentId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    organizational_units: Option<&'a [OrganisationUnit]>,
    /// The accounts of the organisation, each with its `ParentId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<&'a [MemberAccount]>,
    /// Service control and resource control policies with their targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_policies: Option<&'a [OrgPolicy]>,
}

#[derive(Serialize, JsonSchema)]
struct Gap<'a> {
    what: &'a str,
    why: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct BucketName<'a> {
    name: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Reservation<'a> {
    owner_id: &'a str,
    instances: &'a [Instance],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Head<'a> {
    id: &'a str,
    master_account_id: &'a str,
}

impl Facts {
    /// Writes them in the form that [`Facts::read`] reads: one object, or a list of one for each account.
    ///
    /// # Errors
    /// What writing to `out` fails with.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), serde_json::Error> {
        let nobody = Account::default();
        let mut objects: Vec<FactsObject<'_>> = self.accounts.iter().map(object).collect();
        if objects.is_empty() {
            objects.push(FactsObject { account_id: None, ..object(&nobody) });
        }
        // What is not of one account stands in the first object.
        if let Some(first) = objects.first_mut() {
            first.incomplete = self.incomplete.iter().map(|Incomplete { what, why, .. }| Gap { what, why }).collect();
            first.collected = self.collected;
            if !self.aws_policies.is_empty() {
                first.policies.get_or_insert_default().extend(&self.aws_policies);
            }
            if let Some(organisation) = &self.organisation {
                let (id, master_account_id) = (organisation.id.as_str(), organisation.management_account.as_str());
                first.organization = Some(Head { id, master_account_id });
                first.organizational_units = Some(&organisation.units);
                first.accounts = Some(&organisation.accounts);
                first.organization_policies = Some(&organisation.policies);
            }
        }
        match objects.as_slice() {
            [one] => serde_json::to_writer_pretty(out, one),
            several => serde_json::to_writer_pretty(out, several),
        }
    }
}

fn object(account: &Account) -> FactsObject<'_> {
    fn part<'a, T>(account: &Account, part: Part, list: &'a [T]) -> Option<&'a [T]> {
        (account.has(part) || !list.is_empty()).then_some(list)
    }
    let rows = account.users.iter().filter_map(|user| user.credentials.as_ref()).chain(&account.root);
    let instances = part(account, Part::Instances, &account.instances);
    let resources = part(account, Part::Resources, &account.resources);
    let users = part(account, Part::Users, &account.users);
    let kinds: Vec<WorkloadKind> = account.workload_kinds().collect();
    FactsObject {
        schema: FACTS_SCHEMA,
        collected: None,
        incomplete: Vec::new(),
        account_id: (account.id != "unknown").then_some(&account.id),
        regions: (!account.regions.is_empty()).then_some(&account.regions),
        account_aliases: (!account.aliases.is_empty()).then_some(&account.aliases),
        // Rows stand in the credential report.
        user_detail_list: users
            .map(|users| users.iter().map(|user| User { credentials: None, ..user.clone() }).collect()),
        group_detail_list: part(account, Part::Groups, &account.groups),
        role_detail_list: part(account, Part::Roles, &account.roles),
        policies: part(account, Part::Policies, &account.policies).map(|policies| policies.iter().collect()),
        instance_profiles: part(account, Part::InstanceProfiles, &account.instance_profiles),
        credential_report: account.has(Part::CredentialReport).then(|| rows.collect()),
        virtual_mfa_devices: part(account, Part::VirtualMfaDevices, &account.virtual_mfa_devices),
        password_policy: account.password_policy.as_ref(),
        summary_map: account.has(Part::Summary).then_some(&account.summary),
        identity_providers: part(account, Part::IdentityProviders, &account.identity_providers),
        server_certificate_metadata_list: part(account, Part::ServerCertificates, &account.server_certificates),
        certificate_summary_list: part(account, Part::Certificates, &account.certificates),
        analyzers: part(account, Part::Analyzers, &account.analyzers),
        buckets: account.has(Part::Buckets).then(|| account.buckets.iter().map(|name| BucketName { name }).collect()),
        public_access_block_configuration: account.public_access_block,
        resource_policies: resources,
        reservations: instances.map(|instances| [Reservation { owner_id: &account.id, instances }]),
        security_groups: part(account, Part::SecurityGroups, &account.security_groups),
        launch_template_versions: part(account, Part::LaunchTemplates, &account.launch_templates),
        vpc_endpoints: part(account, Part::VpcEndpoints, &account.vpc_endpoints),
        clusters: part(account, Part::Clusters, &account.clusters),
        services: part(account, Part::Services, &account.services),
        tasks: part(account, Part::Tasks, &account.tasks),
        task_definitions: part(account, Part::TaskDefinitions, &account.task_definitions),
        container_instances: part(account, Part::ContainerInstances, &account.container_instances),
        functions: part(account, Part::Functions, &account.functions),
        workloads: (!kinds.is_empty() || !account.workloads.is_empty()).then_some(&account.workloads),
        workload_kinds: (!kinds.is_empty()).then_some(kinds),
        permission_sets: part(account, Part::PermissionSets, &account.permission_sets),
        identity_pools: part(account, Part::IdentityPools, &account.identity_pools),
        organization: None,
        organizational_units: None,
        accounts: None,
        organization_policies: None,
    }
}
