//! What holds for an account as a whole: its password policy, the identity providers it trusts, its certificates.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lenient::{list, or_default, time};

/// The password policy (`aws iam get-account-password-policy`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PasswordPolicy {
    /// False: somebody has looked, and there is none.
    pub exists: bool,
    /// Letters at least.
    #[serde(rename = "MinimumPasswordLength", skip_serializing_if = "Option::is_none")]
    pub minimum_length: Option<u32>,
    /// Earlier passwords that may not be taken again.
    #[serde(rename = "PasswordReusePrevention", skip_serializing_if = "Option::is_none")]
    pub reuse_prevention: Option<u32>,
    /// Days after which a password no longer counts.
    #[serde(rename = "MaxPasswordAge", skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { exists: true, minimum_length: None, reuse_prevention: None, max_age: None }
    }
}

/// An identity provider that the account trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct IdentityProvider {
    /// `arn:aws:iam::…:oidc-provider/token.actions.githubusercontent.com` or `…:saml-provider/name`.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// For OpenID Connect: whose tokens are accepted (audiences).
    #[serde(rename = "ClientIDList", deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
}

/// A certificate in IAM's store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServerCertificate {
    /// Its name.
    #[serde(rename = "ServerCertificateName", deserialize_with = "or_default")]
    pub name: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// When it ends.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expiration: Option<Timestamp>,
}

/// A certificate in the Certificate Manager (`aws acm list-certificates`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Certificate {
    /// Its ARN, which names the region.
    #[serde(rename = "CertificateArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Whose it is.
    #[serde(rename = "DomainName", deserialize_with = "or_default")]
    pub domain: String,
    /// `ISSUED`, `EXPIRED`, `REVOKED`, …
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// When it ends.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub not_after: Option<Timestamp>,
    /// Whether something uses it, where AWS says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<bool>,
}

/// An access analyzer (`aws accessanalyzer list-analyzers`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Analyzer {
    /// Its ARN, which names the region.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// `ACCOUNT`, `ORGANIZATION`, `ACCOUNT_UNUSED_ACCESS`, …
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// `ACTIVE` where it works.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
}
