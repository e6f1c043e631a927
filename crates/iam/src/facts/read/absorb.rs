//! One object, key by key. Keys that nothing is known of are passed over; an object of which nothing is known is told of.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::listed::{put, put_as};
use super::scope::{Reader, Scope};
use super::top::Object;
use super::{items, organisation, report, resources, shapes};
use crate::facts::account::Part;
use crate::facts::lenient::{list, or_default, time_of};
use crate::facts::{
    AccessKey, Analyzer, Certificate, ContainerInstance, EcsCluster, EcsService, EcsTask, Function, Group,
    IdentityPool, IdentityProvider, Instance, InstanceProfile, LaunchTemplateVersion, ManagedPolicy, MfaDevice,
    PermissionSet, Role, SecurityGroup, ServerCertificate, ServiceUsage, TaskDefinition, User, VpcEndpoint, arn,
};

/// What is known of one key.
pub(super) struct Field<'o, 'a> {
    pub(super) key: &'o str,
    pub(super) raw: &'a RawValue,
    pub(super) object: &'o Object<'a>,
}

/// Takes in an object.
pub(super) fn absorb(reader: &mut Reader, mut scope: Scope, object: &Object<'_>) {
    if let Some(account) = object.text("AccountId").filter(|text| arn::is_account(text)) {
        scope.account = Some(account);
    }
    scope.region = object.text("Region").or(scope.region);
    for (key, raw) in &object.entries {
        let field = Field { key, raw, object };
        let known = principals(reader, &mut scope, &field)
            || credentials(reader, &mut scope, &field)
            || compute(reader, &mut scope, &field)
            || containers(reader, &mut scope, &field)
            || organisation::absorb(reader, &mut scope, &field)
            || resources::absorb(reader, &mut scope, &field)
            || shapes::absorb(reader, &mut scope, &field)
            || house(reader, &mut scope, &field);
        scope.known |= known;
    }
    if let Some(region) = scope.region.clone() {
        scope.rest.regions.insert(region);
    }
    if !scope.known {
        let keys: Vec<&str> = object.entries.iter().map(|(key, _)| key.as_ref()).take(5).collect();
        let why = format!("nothing is known of what is in it ({}); docs/iam.md says what is", keys.join(", "));
        reader.gaps.add(scope.name.clone(), why);
    }
    goes_on(reader, &scope, object);
    reader.close(scope);
}

/// A list that was cut by `--max-items` or `--no-paginate` is not all there is.
fn goes_on(reader: &mut Reader, scope: &Scope, object: &Object<'_>) {
    let mut keys: Vec<&str> =
        object.entries.iter().filter(|(_, raw)| raw.get().starts_with('[')).map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    if keys.is_empty() {
        return;
    }
    let token = ["NextToken", "nextToken", "Marker", "NextMarker"]
        .iter()
        .any(|key| object.text(key).is_some_and(|token| !token.is_empty()));
    let truncated = object.get("IsTruncated").is_some_and(|raw| raw.get() == "true");
    if truncated || (token && object.get("IsTruncated").is_none()) {
        reader.cut.insert(keys.join(", "), scope.name.clone());
    } else {
        reader.cut.remove(&keys.join(", "));
    }
}

/// The key `Users` is one of other services, too.
fn is_of_iam(field: &Field<'_, '_>) -> bool {
    field.raw.get().len() < 3 || field.raw.get().contains(":iam:")
}

fn principals(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    match field.key {
        "UserDetailList" => put::<User>(reader, scope, field),
        "GroupDetailList" => put::<Group>(reader, scope, field),
        "RoleDetailList" => put::<Role>(reader, scope, field),
        "Users" if is_of_iam(field) => put_as(reader, scope, field, |user| User { policies_unknown: true, ..user }),
        "Groups" if is_of_iam(field) => put_as(reader, scope, field, |group| Group { policies_unknown: true, ..group }),
        "Roles" if is_of_iam(field) && field.object.get("IdentityPoolId").is_none() => {
            put_as(reader, scope, field, |role| Role { policies_unknown: true, ..role })
        }
        "Policies" if !organisation::is_list_of_policies(field) => {
            scope.mark(Part::Policies);
            for policy in items::items::<ManagedPolicy>(field.key, field.raw, &scope.name, &mut reader.gaps) {
                if policy.is_of_aws() {
                    reader.aws_policies.push(policy);
                } else {
                    reader.home(scope, &policy.arn).policies.push(policy);
                }
            }
            true
        }
        "InstanceProfiles" => put::<InstanceProfile>(reader, scope, field),
        "OpenIDConnectProviderList" | "SAMLProviderList" | "IdentityProviders" => {
            put::<IdentityProvider>(reader, scope, field)
        }
        "ServerCertificateMetadataList" => put::<ServerCertificate>(reader, scope, field),
        "CertificateSummaryList" => put::<Certificate>(reader, scope, field),
        "analyzers" => put::<Analyzer>(reader, scope, field),
        "PermissionSets" if field.raw.get().contains('{') || field.raw.get().len() < 3 => {
            put::<PermissionSet>(reader, scope, field)
        }
        "PermissionSet" => {
            if let Some(set) = items::item::<PermissionSet>(field.key, field.raw, &scope.name, &mut reader.gaps) {
                scope.mark(Part::PermissionSets);
                scope.rest.permission_sets.push(set);
            }
            true
        }
        "IdentityPools" => put::<IdentityPool>(reader, scope, field),
        "IdentityPoolId" => {
            let text = |key| field.object.text(key).unwrap_or_default();
            if let Some(raw) = field.object.get("Roles") {
                let roles = items::item("Roles", raw, &scope.name, &mut reader.gaps).unwrap_or_default();
                scope.rest.loose.pool_roles.push((text("IdentityPoolId"), roles));
            }
            if field.object.get("IdentityPoolName").is_some() {
                scope.mark(Part::IdentityPools);
                let is = |key| field.object.get(key).is_some_and(|raw| raw.get() == "true");
                scope.rest.identity_pools.push(IdentityPool {
                    id: text("IdentityPoolId"),
                    name: text("IdentityPoolName"),
                    allows_guests: is("AllowUnauthenticatedIdentities"),
                    allows_classic_flow: is("AllowClassicFlow"),
                    ..IdentityPool::default()
                });
            }
            true
        }
        _ => false,
    }
}

/// `{"UserName": …}`
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LoginProfile {
    #[serde(deserialize_with = "or_default")]
    user_name: String,
    exists: Option<bool>,
}

fn credentials(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    let (name, gaps) = (&scope.name, &mut reader.gaps);
    match field.key {
        "Content" if field.object.get("PolicySummary").is_none() => {
            let content: Option<String> = items::item(field.key, field.raw, name, gaps);
            if let Some(rows) = content.and_then(|content| report::decoded(&content, name, gaps)) {
                scope.report(rows);
            }
        }
        "CredentialReport" => {
            let rows = items::items(field.key, field.raw, name, gaps);
            scope.report(rows);
        }
        "AccessKeyMetadata" => {
            let keys: Vec<AccessKey> = items::items(field.key, field.raw, name, gaps);
            // An empty list says whose it is only where somebody has put the name beside it.
            scope.rest.loose.without_keys.extend(field.object.text("UserName").filter(|_| keys.is_empty()));
            scope.rest.loose.keys.extend(keys);
        }
        "MFADevices" => {
            let devices: Vec<MfaDevice> = items::items(field.key, field.raw, name, gaps);
            scope.rest.loose.without_mfa.extend(field.object.text("UserName").filter(|_| devices.is_empty()));
            scope.rest.loose.mfa_devices.extend(devices);
        }
        "VirtualMFADevices" => {
            let devices: Vec<MfaDevice> = items::items(field.key, field.raw, name, gaps);
            scope.rest.virtual_mfa_devices.extend(devices);
            scope.mark(Part::VirtualMfaDevices);
        }
        "LoginProfile" => {
            let profile: Option<LoginProfile> = items::item(field.key, field.raw, name, gaps);
            let profile = profile.map(|profile| (profile.user_name, profile.exists.unwrap_or(true)));
            scope.rest.loose.login_profiles.extend(profile);
        }
        "PasswordPolicy" => {
            // What cannot be read, or is null, has not been looked at: nothing follows from it.
            if let Some(policy) = items::item(field.key, field.raw, name, gaps) {
                scope.rest.password_policy = Some(policy);
                scope.mark(Part::PasswordPolicy);
            }
        }
        "SummaryMap" => {
            if let Some(summary) = items::item(field.key, field.raw, name, gaps) {
                scope.rest.summary = summary;
                scope.mark(Part::Summary);
            }
        }
        "AccountAliases" => scope.rest.aliases = items::items(field.key, field.raw, name, gaps),
        "ServicesLastAccessed" => {
            let used: Vec<ServiceUsage> = items::items(field.key, field.raw, name, gaps);
            let of = field.object.text("Arn").or_else(|| scope.about.clone());
            match of.filter(|about| about.contains(":iam:")) {
                Some(about) => scope.rest.loose.usage.push((about, used)),
                None => gaps.add(
                    format!("{name}: ServicesLastAccessed"),
                    "it does not say of whom; give it as --facts ARN=FILE, with the ARN of the user, group or role",
                ),
            }
        }
        _ => return false,
    }
    true
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Reservation {
    #[serde(deserialize_with = "or_default")]
    owner_id: String,
    #[serde(deserialize_with = "list")]
    instances: Vec<Instance>,
}

/// `eu-central-1` of `eu-central-1a` and `us-west-2` of `us-west-2-lax-1a`: up to the first number.
fn region_of(zone: &str) -> &str {
    let begin = zone.find(|letter: char| letter.is_ascii_digit()).unwrap_or(zone.len());
    let digits = zone.get(begin..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    zone.get(..begin + digits).unwrap_or(zone)
}

fn compute(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    match field.key {
        "Reservations" => {
            scope.mark(Part::Instances);
            for reservation in items::items::<Reservation>(field.key, field.raw, &scope.name, &mut reader.gaps) {
                for mut instance in reservation.instances {
                    if instance.account.is_empty() {
                        instance.account.clone_from(&reservation.owner_id);
                    }
                    if instance.region.is_empty() {
                        let zone = region_of(&instance.placement.availability_zone).to_owned();
                        instance.region = scope.region.clone().unwrap_or(zone);
                    }
                    let account = instance.account.clone();
                    reader.home(scope, &account).instances.push(instance);
                }
            }
            true
        }
        "SecurityGroups" => put::<SecurityGroup>(reader, scope, field),
        "LaunchTemplateVersions" => {
            scope.mark(Part::LaunchTemplates);
            let region = scope.region.clone().unwrap_or_default();
            let versions = items::items::<LaunchTemplateVersion>(field.key, field.raw, &scope.name, &mut reader.gaps);
            scope.rest.launch_templates.extend(versions.into_iter().map(|mut version| {
                if version.region.is_empty() {
                    version.region.clone_from(&region);
                }
                version
            }));
            true
        }
        "VpcEndpoints" => put::<VpcEndpoint>(reader, scope, field),
        "Functions" => put::<Function>(reader, scope, field),
        "Configuration" if field.raw.get().contains("FunctionArn") => put::<Function>(reader, scope, field),
        _ => false,
    }
}

fn containers(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    match field.key {
        "clusters" if !field.raw.get().contains("\"arn:") && field.raw.get().len() > 2 => false,
        "clusters" => put::<EcsCluster>(reader, scope, field),
        "services" => put::<EcsService>(reader, scope, field),
        "tasks" => put::<EcsTask>(reader, scope, field),
        "taskDefinition" | "taskDefinitions" => put::<TaskDefinition>(reader, scope, field),
        "containerInstances" => put::<ContainerInstance>(reader, scope, field),
        _ => false,
    }
}

/// What is missing, as an earlier run has written it down.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Gap {
    #[serde(deserialize_with = "or_default")]
    what: String,
    #[serde(deserialize_with = "or_default")]
    why: String,
}

/// Keelguard's own keys.
fn house(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    match field.key {
        "Incomplete" => {
            for gap in items::items::<Gap>(field.key, field.raw, &scope.name, &mut reader.gaps) {
                reader.gaps.add(gap.what, gap.why);
            }
        }
        "Collected" => {
            let time = field.object.text("Collected").and_then(|text| time_of(&text));
            reader.collected = reader.collected.max(time);
        }
        "Regions" if !field.raw.get().contains('{') => {
            let regions: Vec<String> = items::items(field.key, field.raw, &scope.name, &mut reader.gaps);
            scope.rest.regions.extend(regions);
        }
        // Who asked (aws sts get-caller-identity).
        "Account" if field.object.get("Arn").is_some() => {
            if let Some(account) = field.object.text("Account").filter(|text| arn::is_account(text)) {
                scope.account = Some(account);
            }
        }
        "AccountId" | "Schema" => {}
        _ => return false,
    }
    true
}
