//! Passwords, access keys and second factors: the credential report, and the lists of one user.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lenient::{list, or_default, time};

/// A row of the credential report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct CredentialRow {
    /// `<root_account>` for the account's root.
    #[serde(deserialize_with = "or_default")]
    pub user: String,
    /// Its ARN.
    #[serde(deserialize_with = "or_default")]
    pub arn: String,
    /// When the user was made.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
    /// Whether there is a password; none where the report does not say (the root's row: there is always one, unless the
    /// organisation has removed it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_enabled: Option<bool>,
    /// When somebody last logged in with it.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub password_last_used: Option<Timestamp>,
    /// When it was last changed.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub password_last_changed: Option<Timestamp>,
    /// Whether there is a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa_active: Option<bool>,
    /// The two places for access keys.
    #[serde(deserialize_with = "list")]
    pub keys: Vec<ReportedKey>,
    /// Signing certificates that are active, of two.
    #[serde(deserialize_with = "or_default")]
    pub active_certificates: u32,
}

impl CredentialRow {
    /// Whether it is the account's root.
    pub fn is_root(&self) -> bool {
        self.user == "<root_account>"
    }
}

/// An access key as the credential report knows it: without its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReportedKey {
    /// Whether it opens anything.
    #[serde(deserialize_with = "or_default")]
    pub active: bool,
    /// When it was made.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_rotated: Option<Timestamp>,
    /// When it was last used; none: never, or before 2015.
    #[serde(deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_used: Option<Timestamp>,
    /// For which service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_service: Option<String>,
}

/// An access key, without the secret that belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct AccessKey {
    /// Whose it is.
    #[serde(rename = "UserName", deserialize_with = "or_default")]
    pub user: String,
    /// `AKIA…`: no secret, it only says which key is meant.
    #[serde(rename = "AccessKeyId", deserialize_with = "or_default")]
    pub id: String,
    /// `Active` or `Inactive`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// When it was made.
    #[serde(rename = "CreateDate", deserialize_with = "time", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created: Option<Timestamp>,
}

impl AccessKey {
    /// Whether it opens anything.
    pub fn is_active(&self) -> bool {
        self.status != "Inactive"
    }
}

/// A second factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct MfaDevice {
    /// Whose it is.
    #[serde(rename = "UserName", deserialize_with = "or_default")]
    pub user: String,
    /// `arn:…:mfa/name` for an app or a passkey; a serial number for hardware.
    #[serde(deserialize_with = "or_default")]
    pub serial_number: String,
}
