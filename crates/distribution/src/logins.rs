//! The file in which `docker login`, `podman login` and their like keep logins. What is in it; where such files lie and whose
//! they are is for others.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;

use crate::credentials::Login;

/// Larger files hold something else, in bytes.
pub const MAX_FILE: u64 = 1 << 20;

/// What one file holds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logins {
    /// Logins, by the registry or a part of it.
    pub auths: BTreeMap<String, Auth>,
    /// Helpers that keep the logins of one registry each.
    pub cred_helpers: BTreeMap<String, String>,
    /// The helper that keeps all others; may be empty.
    pub creds_store: String,
}

/// A login as it is kept.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Auth {
    #[serde(rename = "auth")]
    both: String,
    username: String,
    password: String,
    identitytoken: String,
    registrytoken: String,
}

impl Logins {
    /// Reads a file's content. The error names a line and shows nothing of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("it is not understood in line {}", error.line()))
    }

    /// Reads `.dockercfg`, the first form, which had nothing around the logins.
    pub fn parse_first_form(bytes: &[u8]) -> Result<Self, String> {
        let auths = serde_json::from_slice(bytes);
        let auths = auths.map_err(|error| format!("it is not understood in line {}", error.line()))?;
        Ok(Self { auths, ..Self::default() })
    }
}

impl Auth {
    /// What it comes to, if to anything.
    pub fn login(&self) -> Option<Login> {
        if !self.registrytoken.is_empty() {
            return Some(Login::Token(self.registrytoken.clone()));
        }
        if !self.identitytoken.is_empty() {
            return Some(Login::Identity(self.identitytoken.clone()));
        }
        if self.both.is_empty() {
            return (!self.username.is_empty()).then(|| Login::Password(self.username.clone(), self.password.clone()));
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(self.both.trim()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (name, password) = text.split_once(':')?;
        Some(Login::Password(name.to_owned(), password.trim_end_matches('\0').to_owned()))
    }
}
