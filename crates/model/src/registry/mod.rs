//! Registries and the credentials for them, as facts: the words in which whoever asks them hands what they answer to whoever
//! judges it. No password, token or key is ever among them.

mod probe;
mod served;
mod vendor;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use probe::{
    Asks, COMMAND_LINE, Certificate, Https, Limit, LoginLook, Look, OpenEndpoint, Plain, Probe, Token, Where,
};
pub use served::{HtpasswdFile, HttpSecret, Served};
pub use vendor::{Account, Space, Vendor};

use crate::{Finding, Incomplete, ToolInfo, Verdict};

/// The schema's name and version of [`RegistryReport`].
pub const REGISTRY_SCHEMA: &str = "keelguard.registry/1";

/// Everything about registries that was read on one host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Registries {
    /// The registries that were asked.
    pub probes: Vec<Probe>,
    /// Files with logins: of users, in volumes, in folders that containers mount.
    pub login_files: Vec<LoginFile>,
    /// Folders of certificates, one a registry.
    pub certificates: Vec<CertificateFolder>,
    /// Where images are fetched instead of at the registry that their names say.
    pub mirrors: Vec<Mirror>,
    /// Registries that run on this host.
    pub served: Vec<Served>,
    /// What Docker's hub says of publishers: `docker.io/grafana` → `verified_publisher`.
    pub badges: BTreeMap<String, String>,
    /// Publishers that this host has accepted.
    pub accepted: Vec<String>,
    /// Files that say whose signatures images need (`policy.json` of Podman and CRI-O), and what they say of everything else.
    pub policies: BTreeMap<String, String>,
}

/// A file in which `docker login`, `podman login` and their like keep logins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LoginFile {
    /// Where it lies, as this host sees it.
    pub path: String,
    /// Whose it is: `user root`, `volume builds`, `container ci`.
    pub holder: String,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// The owner's uid.
    pub uid: u32,
    /// Folders above it that not everybody may pass: an open file below one is not open.
    pub closed_above: bool,
    /// Registry → what is kept for it: `password`, `identity token`, `registry token`.
    pub logins: BTreeMap<String, String>,
    /// The program that keeps all other logins (`credsStore`).
    pub store: Option<String>,
    /// Registry → the program that keeps its login (`credHelpers`).
    pub helpers: BTreeMap<String, String>,
    /// Programs of those two that are not on this host.
    pub missing: Vec<String>,
}

/// A folder of certificates: `/etc/docker/certs.d/registry.example:5000`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CertificateFolder {
    /// Where it is.
    pub path: String,
    /// The registry it is for.
    pub registry: String,
    /// The files in it.
    pub files: Vec<CertificateFile>,
}

/// A file of such a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CertificateFile {
    /// Its name.
    pub name: String,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// The owner's uid.
    pub uid: u32,
    /// When the certificate in it ends, where it is one; RFC 3339.
    pub not_after: Option<String>,
}

/// A place where images are fetched, as a configuration names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Mirror {
    /// The file or setting that says so.
    pub from: String,
    /// The registry whose images are fetched there; empty for all.
    pub registry: String,
    /// The place.
    pub address: String,
    /// Without TLS, or with a certificate that nobody looks at.
    pub insecure: bool,
}

/// The JSON of `keelguard registry`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegistryReport {
    /// `keelguard.registry/1`.
    pub schema: String,
    /// What wrote this.
    pub tool: ToolInfo,
    /// The verdict over all of them.
    pub verdict: Verdict,
    /// The registries that were asked.
    pub registries: Vec<Probe>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}
