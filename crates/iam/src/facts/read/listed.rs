//! Things of which an account has a list: which part of it that is, and whose each thing is.

use serde::de::DeserializeOwned;

use super::absorb::Field;
use super::items;
use super::scope::{Reader, Scope};
use crate::facts::account::Part;
use crate::facts::{
    Account, Analyzer, Certificate, ContainerInstance, EcsCluster, EcsService, EcsTask, Function, Group, IdentityPool,
    IdentityProvider, InstanceProfile, PermissionSet, Role, SecurityGroup, ServerCertificate, TaskDefinition, User,
    VpcEndpoint,
};

/// A thing of which an account has a list.
pub(super) trait Listed: DeserializeOwned {
    /// What has been looked at where such a list is given.
    const PART: Part;

    /// Its ARN or the number of its account; empty where only the input says whose it is.
    fn whose(&self) -> &str;

    fn list(account: &mut Account) -> &mut Vec<Self>;
}

macro_rules! listed {
    ($($thing:ident: $part:ident, $list:ident, $whose:expr;)*) => {
        $(impl Listed for $thing {
            const PART: Part = Part::$part;

            fn whose(&self) -> &str {
                let whose: fn(&Self) -> &str = $whose;
                whose(self)
            }

            fn list(account: &mut Account) -> &mut Vec<Self> {
                &mut account.$list
            }
        })*
    };
}

listed! {
    User: Users, users, |one| &one.arn;
    Group: Groups, groups, |one| &one.arn;
    Role: Roles, roles, |one| &one.arn;
    InstanceProfile: InstanceProfiles, instance_profiles, |one| &one.arn;
    IdentityProvider: IdentityProviders, identity_providers, |one| &one.arn;
    ServerCertificate: ServerCertificates, server_certificates, |one| &one.arn;
    Certificate: Certificates, certificates, |one| &one.arn;
    Analyzer: Analyzers, analyzers, |one| &one.arn;
    // They are the organisation's; the input says whose.
    PermissionSet: PermissionSets, permission_sets, |_| "";
    IdentityPool: IdentityPools, identity_pools, |_| "";
    SecurityGroup: SecurityGroups, security_groups, |one| &one.account;
    VpcEndpoint: VpcEndpoints, vpc_endpoints, |one| &one.account;
    Function: Functions, functions, |one| &one.arn;
    EcsCluster: Clusters, clusters, |one| &one.arn;
    EcsService: Services, services, |one| &one.arn;
    EcsTask: Tasks, tasks, |one| &one.arn;
    TaskDefinition: TaskDefinitions, task_definitions, |one| &one.arn;
    ContainerInstance: ContainerInstances, container_instances, |one| &one.arn;
}

/// Reads a list, marks the part as looked at, and puts each thing where it belongs.
pub(super) fn put<T: Listed>(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    scope.mark(T::PART);
    put_as(reader, scope, field, |one: T| one)
}

/// The same for a list that tells who there is and not what they may do: nobody has looked at the part by it.
pub(super) fn put_as<T: Listed>(
    reader: &mut Reader,
    scope: &mut Scope,
    field: &Field<'_, '_>,
    make: impl Fn(T) -> T,
) -> bool {
    for item in items::items::<T>(field.key, field.raw, &scope.name, &mut reader.gaps) {
        T::list(reader.home(scope, item.whose())).push(make(item));
    }
    true
}
