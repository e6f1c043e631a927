//! A registry that runs on this host, by its own configuration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A registry of this host: a container, or a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Served {
    /// The container's name; empty for a program of the host.
    pub container: String,
    /// The container's id, or the program's process.
    pub id: String,
    /// Where the configuration was read.
    pub config_from: Vec<String>,
    /// The configuration, its variables laid over its file: `storage.delete.enabled` → `true`. Secrets are left out.
    pub config: BTreeMap<String, String>,
    /// Settings that hold a secret: `storage.s3.secretkey`.
    pub secrets: Vec<String>,
    /// The configuration could be read, so that what is not there is not set.
    pub known: bool,
    /// Addresses of this host on which it is reached: `0.0.0.0:5000`.
    pub reached_at: Vec<String>,
    /// The secret that its replicas share.
    pub http_secret: HttpSecret,
    /// The file of logins, where one is configured.
    pub htpasswd: Option<HtpasswdFile>,
    /// It has invented a user and written the password into its log.
    pub invented_user: bool,
}

/// What is known of `http.secret`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HttpSecret {
    /// There is none: each start invents one.
    #[default]
    Absent,
    /// One that stands in examples, or is short enough to be guessed.
    Guessable,
    /// There is one.
    Set,
}

/// A file of logins as Apache keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HtpasswdFile {
    /// Where the registry looks for it.
    pub path: String,
    /// Whether it is there; none where that could not be told.
    pub exists: Option<bool>,
    /// How many logins it holds.
    pub users: usize,
    /// Logins that are not hashed by bcrypt, which the registry refuses.
    pub not_bcrypt: usize,
    /// The least cost of its hashes: 10 is 1,024 rounds.
    pub least_cost: Option<u32>,
    /// It holds nobody but the user that Distribution invents where there is no file.
    pub invented: bool,
    /// Permission bits, 0o7777.
    pub mode: Option<u32>,
}
