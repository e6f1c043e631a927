//! The organisation: its tree of units and accounts, and the policies that bound them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::lenient::{list, or_default};

/// An organisation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    /// `o-…`
    pub id: String,
    /// The number of the account that manages it, which its policies do not bound.
    pub management_account: String,
    /// Its root and its units.
    pub units: Vec<OrganisationUnit>,
    /// Its accounts.
    pub accounts: Vec<MemberAccount>,
    /// Service control and resource control policies.
    pub policies: Vec<OrgPolicy>,
}

impl Organisation {
    /// From the root down to the account itself: `r-…`, `ou-…`, …, the account's number. Empty where the account's place
    /// is not known.
    pub fn path_to(&self, account: &str) -> Vec<&str> {
        let Some(member) = self.accounts.iter().find(|member| member.id == account) else { return Vec::new() };
        let mut path = vec![member.id.as_str()];
        let mut parent = member.parent.as_deref();
        while let Some(id) = parent {
            // A file may claim that a unit lies in itself.
            if path.contains(&id) || path.len() > 64 {
                return Vec::new();
            }
            let Some(unit) = self.units.iter().find(|unit| unit.id == id) else { return Vec::new() };
            path.push(&unit.id);
            parent = unit.parent.as_deref();
        }
        path.reverse();
        if path.first().is_some_and(|first| first.starts_with("r-")) { path } else { Vec::new() }
    }

    /// The policies of a kind that are attached to `entity`.
    pub fn attached<'a>(&'a self, entity: &'a str, kind: OrgPolicyKind) -> impl Iterator<Item = &'a OrgPolicy> {
        let at = move |policy: &&OrgPolicy| policy.targets.iter().any(|target| target.id == entity);
        self.policies.iter().filter(move |policy| policy.summary.kind() == Some(kind)).filter(at)
    }
}

/// The root, or a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrganisationUnit {
    /// `r-…` or `ou-…`.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// In what it lies; none for the root, and where nobody knows.
    #[serde(rename = "ParentId", skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// For the root: which types of policy are in force.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub policy_types: Vec<PolicyType>,
}

/// A type of policy, switched on or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PolicyType {
    /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`.
    #[serde(rename = "Type", deserialize_with = "or_default")]
    pub kind: String,
    /// `ENABLED`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
}

/// An account of the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct MemberAccount {
    /// Its number.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Its ARN, which names the management account.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, …
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// The root or unit in which it lies; none where nobody knows.
    #[serde(rename = "ParentId", skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// Which of the policies that hold for whole accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrgPolicyKind {
    /// Bounds what the principals of an account may do.
    ServiceControl,
    /// Bounds what may be done with the resources of an account.
    ResourceControl,
}

/// A policy of the organisation (`aws organizations describe-policy`, with its targets beside).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrgPolicy {
    /// Name and kind.
    #[serde(rename = "PolicySummary", deserialize_with = "or_default")]
    pub summary: OrgPolicySummary,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Document>,
    /// To what it is attached (`aws organizations list-targets-for-policy`).
    #[serde(deserialize_with = "list")]
    pub targets: Vec<OrgTarget>,
}

/// Name and kind of a policy of the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrgPolicySummary {
    /// `p-…`
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`, …
    #[serde(rename = "Type", deserialize_with = "or_default")]
    pub type_name: String,
    /// Whether AWS manages it.
    #[serde(deserialize_with = "or_default")]
    pub aws_managed: bool,
}

impl OrgPolicySummary {
    /// Its kind; none for those that bound no permissions.
    pub fn kind(&self) -> Option<OrgPolicyKind> {
        match self.type_name.as_str() {
            "SERVICE_CONTROL_POLICY" => Some(OrgPolicyKind::ServiceControl),
            "RESOURCE_CONTROL_POLICY" => Some(OrgPolicyKind::ResourceControl),
            _ => None,
        }
    }
}

/// To what a policy of the organisation is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrgTarget {
    /// `r-…`, `ou-…` or the number of an account.
    #[serde(rename = "TargetId", deserialize_with = "or_default")]
    pub id: String,
}
