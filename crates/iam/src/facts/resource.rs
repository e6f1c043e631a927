//! Policies of resources: buckets, keys, queues, topics, functions, repositories, secrets and whatever else has one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::lenient::or_default;

/// A resource and its policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResourcePolicy {
    /// The resource's ARN.
    #[serde(alias = "ResourceArn", deserialize_with = "or_default")]
    pub arn: String,
    /// The number of the account in which it lies, where the ARN does not say (buckets).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The policy; none: somebody has looked, and there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Document>,
    /// For buckets: which of the ways to make it public are shut, beside those that are shut for the whole account.
    #[serde(
        rename = "PublicAccessBlockConfiguration",
        alias = "PublicAccessBlock",
        skip_serializing_if = "Option::is_none"
    )]
    pub public_access_block: Option<PublicAccessBlock>,
}

/// Which of the ways to make a bucket public are shut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PublicAccessBlock {
    /// New public lists of access are refused.
    #[serde(deserialize_with = "or_default")]
    pub block_public_acls: bool,
    /// Public lists of access do not count.
    #[serde(deserialize_with = "or_default")]
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    #[serde(deserialize_with = "or_default")]
    pub block_public_policy: bool,
    /// A public policy counts for the own account and for services only.
    #[serde(deserialize_with = "or_default")]
    pub restrict_public_buckets: bool,
}
