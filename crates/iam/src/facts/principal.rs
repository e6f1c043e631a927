//! Users, groups, roles and their policies, as `aws iam get-account-authorization-details` tells them.

use jiff::Timestamp;
use keelguard_model::secret::{REDACTED_SECRET, is_secret_value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::credentials::{AccessKey, CredentialRow, MfaDevice};
use super::document::Document;
use super::lenient::{list, or_default, time};
use super::usage::ServiceUsage;

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct User {
    /// Its name.
    #[serde(rename = "UserName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// `AIDA…`
    #[serde(rename = "UserId", deserialize_with = "or_default")]
    pub id: String,
    /// Its path, `/` at least.
    #[serde(deserialize_with = "or_default")]
    pub path: String,
    /// When it was made.
    #[serde(rename = "CreateDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
    /// Inline policies.
    #[serde(rename = "UserPolicyList", deserialize_with = "list")]
    pub inline: Vec<InlinePolicy>,
    /// Names of its groups.
    #[serde(rename = "GroupList", deserialize_with = "list")]
    pub groups: Vec<String>,
    /// Managed policies.
    #[serde(rename = "AttachedManagedPolicies", deserialize_with = "list")]
    pub attached: Vec<AttachedPolicy>,
    /// Its permissions boundary.
    #[serde(rename = "PermissionsBoundary", skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Boundary>,
    /// Tags.
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
    /// When somebody last logged in with its password.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub password_last_used: Option<Timestamp>,
    /// Whether it has a password (`aws iam get-login-profile`); none where nobody knows.
    #[serde(rename = "HasLoginProfile", skip_serializing_if = "Option::is_none")]
    pub has_password: Option<bool>,
    /// Its access keys; none where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_keys: Option<Vec<AccessKey>>,
    /// Its second factors; none where nobody knows.
    #[serde(rename = "MFADevices", skip_serializing_if = "Option::is_none")]
    pub mfa_devices: Option<Vec<MfaDevice>>,
    /// Its row of the credential report.
    #[serde(rename = "CredentialReportRow", skip_serializing_if = "Option::is_none")]
    pub credentials: Option<CredentialRow>,
    /// Which services it has used (`aws iam get-service-last-accessed-details`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_last_accessed: Option<Vec<ServiceUsage>>,
    /// It is only known that it exists, not what it may do.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub policies_unknown: bool,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Group {
    /// Its name.
    #[serde(rename = "GroupName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// `AGPA…`
    #[serde(rename = "GroupId", deserialize_with = "or_default")]
    pub id: String,
    /// Its path, `/` at least.
    #[serde(deserialize_with = "or_default")]
    pub path: String,
    /// When it was made.
    #[serde(rename = "CreateDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
    /// Inline policies.
    #[serde(rename = "GroupPolicyList", deserialize_with = "list")]
    pub inline: Vec<InlinePolicy>,
    /// Managed policies.
    #[serde(rename = "AttachedManagedPolicies", deserialize_with = "list")]
    pub attached: Vec<AttachedPolicy>,
    /// Which services its members have used through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_last_accessed: Option<Vec<ServiceUsage>>,
    /// It is only known that it exists, not what it may do.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub policies_unknown: bool,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Role {
    /// Its name.
    #[serde(rename = "RoleName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// `AROA…`
    #[serde(rename = "RoleId", deserialize_with = "or_default")]
    pub id: String,
    /// Its path, `/` at least; `/aws-service-role/…` for service-linked roles.
    #[serde(deserialize_with = "or_default")]
    pub path: String,
    /// When it was made.
    #[serde(rename = "CreateDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
    /// Who may assume it.
    #[serde(rename = "AssumeRolePolicyDocument", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Document>,
    /// The instance profiles through which instances get it.
    #[serde(rename = "InstanceProfileList", deserialize_with = "list")]
    pub instance_profiles: Vec<InstanceProfile>,
    /// Inline policies.
    #[serde(rename = "RolePolicyList", deserialize_with = "list")]
    pub inline: Vec<InlinePolicy>,
    /// Managed policies.
    #[serde(rename = "AttachedManagedPolicies", deserialize_with = "list")]
    pub attached: Vec<AttachedPolicy>,
    /// Its permissions boundary.
    #[serde(rename = "PermissionsBoundary", skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Boundary>,
    /// Tags.
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
    /// When it was last used; none where nobody knows. AWS remembers 400 days.
    #[serde(rename = "RoleLastUsed", skip_serializing_if = "Option::is_none")]
    pub last_used: Option<LastUsed>,
    /// The longest session, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_session_duration: Option<u64>,
    /// Which services it has used (`aws iam get-service-last-accessed-details`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_last_accessed: Option<Vec<ServiceUsage>>,
    /// It is only known that it exists, not what it may do.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    pub policies_unknown: bool,
}

impl Role {
    /// Whether it is linked to a service, which alone can change it; organisation policies do not apply to it.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/") || self.arn.contains(":role/aws-service-role/")
    }
}

/// A managed policy: the account's own, or one of AWS (`arn:aws:iam::aws:policy/…`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManagedPolicy {
    /// Its name.
    #[serde(rename = "PolicyName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// `ANPA…`
    #[serde(rename = "PolicyId", deserialize_with = "or_default")]
    pub id: String,
    /// Its path, `/` at least.
    #[serde(deserialize_with = "or_default")]
    pub path: String,
    /// `v3`: the version that holds.
    #[serde(rename = "DefaultVersionId", deserialize_with = "or_default")]
    pub default_version: String,
    /// To how many it is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_count: Option<u64>,
    /// Whose boundary it is, how many.
    #[serde(rename = "PermissionsBoundaryUsageCount", skip_serializing_if = "Option::is_none")]
    pub boundary_count: Option<u64>,
    /// Its versions; the one that holds is what counts, the others can be made to.
    #[serde(rename = "PolicyVersionList", deserialize_with = "list")]
    pub versions: Vec<PolicyVersion>,
}

impl ManagedPolicy {
    /// The version that holds.
    pub fn current(&self) -> Option<&PolicyVersion> {
        let named = self.versions.iter().find(|version| version.id == self.default_version);
        named.or_else(|| self.versions.iter().find(|version| version.is_default))
    }

    /// What holds.
    pub fn document(&self) -> Option<&Document> {
        self.current()?.document.as_ref()
    }

    /// Whether AWS manages it.
    pub fn is_of_aws(&self) -> bool {
        self.arn.contains(":iam::aws:")
    }
}

/// A version of a managed policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PolicyVersion {
    /// `v3`
    #[serde(rename = "VersionId", deserialize_with = "or_default")]
    pub id: String,
    /// Whether it holds.
    #[serde(rename = "IsDefaultVersion", deserialize_with = "or_default")]
    pub is_default: bool,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// When it was made.
    #[serde(rename = "CreateDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
}

/// An inline policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct InlinePolicy {
    /// Its name.
    #[serde(rename = "PolicyName", deserialize_with = "or_default")]
    pub name: String,
    /// What it says.
    #[serde(rename = "PolicyDocument", skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// A managed policy that is attached to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct AttachedPolicy {
    /// Its name.
    #[serde(rename = "PolicyName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(rename = "PolicyArn", deserialize_with = "or_default")]
    pub arn: String,
}

/// A permissions boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Boundary {
    /// The managed policy that bounds.
    #[serde(rename = "PermissionsBoundaryArn", deserialize_with = "or_default")]
    pub arn: String,
}

/// An instance profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct InstanceProfile {
    /// Its name.
    #[serde(rename = "InstanceProfileName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// The role in it: one at most.
    #[serde(deserialize_with = "list")]
    pub roles: Vec<RoleName>,
}

/// A role in an instance profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct RoleName {
    /// Its name.
    #[serde(rename = "RoleName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    /// Its key.
    #[serde(alias = "key", deserialize_with = "or_default")]
    pub key: String,
    /// Its value; left out where it can be nothing but a secret.
    #[serde(alias = "value", deserialize_with = "no_secret")]
    pub value: String,
}

fn no_secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let value: String = or_default(from)?;
    Ok(if is_secret_value(&value) { REDACTED_SECRET.to_owned() } else { value })
}

/// When something was last used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LastUsed {
    /// When; none: never in the time that AWS remembers.
    #[serde(rename = "LastUsedDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// In which region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}
