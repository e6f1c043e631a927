//! What principals have really used: as AWS remembers it, or as CloudTrail's logs show it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lenient::{list, or_default, time};

/// A service that a principal may use, and when it did (`aws iam get-service-last-accessed-details`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServiceUsage {
    /// `s3`
    #[serde(rename = "ServiceNamespace", deserialize_with = "or_default")]
    pub service: String,
    /// When it last did; none: never in the time that AWS remembers.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_authenticated: Option<Timestamp>,
    /// Single actions, where these were asked for and the service tells.
    #[serde(rename = "TrackedActionsLastAccessed", deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<TrackedAction>,
    /// What CloudTrail's logs add, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logged>,
}

/// How far CloudTrail's logs tell of the use of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Logged {
    /// The first event of them.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The last one.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    /// Whether they hold every call of the service: what is not among the actions was not done in that time.
    #[serde(deserialize_with = "or_default")]
    pub every_action: bool,
    /// Whether nothing is known but what they hold: nobody has asked AWS what it remembers.
    #[serde(deserialize_with = "or_default")]
    pub alone: bool,
}

/// An action that AWS keeps track of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct TrackedAction {
    /// `PutObject`, without the service.
    #[serde(rename = "ActionName", deserialize_with = "or_default")]
    pub name: String,
    /// When it was last done; none: never in the time that AWS remembers.
    #[serde(rename = "LastAccessedTime", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last: Option<Timestamp>,
}

/// What one principal has done, by CloudTrail's logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The action as policies name it: `s3:ListBucket`.
    pub action: String,
    /// The ARNs on which, as far as the logs name them; sorted.
    pub resources: Vec<String>,
    /// Whether the logs leave out on which resource, at least once, or there were more than are kept.
    pub resources_open: bool,
    /// How often it went well.
    pub count: u64,
    /// How often it was refused.
    pub denied: u64,
    /// The first time.
    pub first: Option<Timestamp>,
    /// The last time.
    pub last: Option<Timestamp>,
    /// In which regions.
    pub regions: Vec<String>,
}
