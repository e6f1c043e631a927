//! What one registry answers to somebody without a login, and what it is reached by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Vendor;

/// Who names a registry that a user has asked.
pub const COMMAND_LINE: &str = "command line";

/// A registry that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Probe {
    /// `registry.example:5000`, as images are named by it.
    pub address: String,
    /// Who names it: `command line`, `image web:1`, `/root/.docker/config.json`.
    pub named_by: Vec<String>,
    /// Where it is.
    pub place: Where,
    /// What it runs on, as far as it says: `distribution`, `harbor`, `quay`, `docker-hub`, …
    pub software: String,
    /// Whether it is one whose purpose is to give images to everybody: Docker's hub and its like.
    pub public_service: bool,
    /// What it says without encryption; none where nobody answers so.
    pub plain: Option<Plain>,
    /// What it says with encryption; none where nobody answers so.
    pub https: Option<Https>,
    /// What it asks of whoever comes without a login.
    pub asks: Asks,
    /// The name under which things were asked for.
    pub repository: Option<String>,
    /// Whether anybody may read images.
    pub pull: Look,
    /// Whether anybody may list them.
    pub catalogue: Look,
    /// How many the list names, of those that one answer holds.
    pub listed: Option<usize>,
    /// Whether anybody may put images there.
    pub push: Look,
    /// Whether anybody may delete them.
    pub delete: Look,
    /// The same for the login that was given.
    pub with_login: Option<LoginLook>,
    /// Answers that are for operators: profiles, variables, metrics.
    pub open_endpoints: Vec<OpenEndpoint>,
    /// What a token is good for that was asked for to read one repository.
    pub token: Option<Token>,
    /// How many requests it allows.
    pub limits: Vec<Limit>,
    /// Names of logins that it is delivered with and that it takes.
    pub default_logins: Vec<String>,
    /// Logins that were tried, and whether it slowed down or shut out who tried.
    pub tried: usize,
    /// It did.
    pub slowed: bool,
    /// What the vendor's own interface says.
    pub vendor: Option<Vendor>,
}

/// Where something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// That could not be found out.
    #[default]
    Unknown,
    /// On this machine, and on no other.
    Loopback,
    /// At this site.
    Private,
    /// On the internet.
    Public,
}

/// What came of asking for something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It is done for whoever asks.
    Open,
    /// It is refused.
    Refused,
    /// The registry does not do it at all.
    Off,
    /// What it answered says neither.
    Unclear,
}

/// What is asked of whoever comes without a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// That could not be found out.
    #[default]
    Unknown,
    /// Nothing.
    Nothing,
    /// Name and password with each request.
    Basic,
    /// A token that another server gives.
    Token,
    /// Something else.
    Other,
}

/// What a given login may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LoginLook {
    /// Whether it is taken.
    pub taken: bool,
    /// Whether it may delete images.
    pub delete: Look,
}

/// An answer without encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Plain {
    /// Its status.
    pub status: u16,
    /// It sends on to an encrypted address and does nothing else.
    pub sends_on: bool,
    /// It asks for name and password here.
    pub asks_password: bool,
}

/// How it speaks TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Https {
    /// Versions that it speaks: `TLS 1.0` to `TLS 1.3`.
    pub versions: Vec<String>,
    /// Why its certificate is not trusted here; none where it is.
    pub untrusted: Option<String>,
    /// The chain as it is sent, its own certificate first.
    pub chain: Vec<Certificate>,
}

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Names that it is good for.
    pub names: Vec<String>,
    /// From when, RFC 3339.
    pub not_before: String,
    /// Until when, RFC 3339.
    pub not_after: String,
    /// `RSA`, `EC`, …
    pub key: String,
    /// Bits of the key, where that is a measure.
    pub bits: Option<usize>,
    /// How it was signed: `SHA-256`, `SHA-1`, `MD5`; empty where that is not known.
    pub signed_with: String,
}

/// An answer that is for operators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OpenEndpoint {
    /// `http://registry.example:5001/debug/pprof/`.
    pub address: String,
    /// `profiles`, `variables`, `metrics`.
    pub kind: String,
}

/// A token and its scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Token {
    /// Who gives it.
    pub realm: String,
    /// What was asked for.
    pub asked: String,
    /// What was given, as far as the token says.
    pub granted: Vec<String>,
    /// What it is good for beyond what was asked.
    pub beyond: Vec<String>,
    /// Seconds for which it is good, where it says so.
    pub seconds: Option<u64>,
}

/// A bound on requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limit {
    /// `pulls`, `requests`.
    pub of: String,
    /// How many.
    pub most: u64,
    /// In how many seconds.
    pub seconds: Option<u64>,
    /// How many are left.
    pub left: Option<u64>,
}
