//! The data. Names of engine fields are Docker's own (`HostConfig.CapAdd`), so that evidence reads like
//! `docker inspect`; everything else is in snake case.

mod container;
mod engine;
mod host;
mod process;

pub use container::*;
pub use engine::*;
pub use host::*;
pub use process::*;

use jiff::Timestamp;
use keelguard_model::Incomplete;
use keelguard_model::contents::Contents;
use keelguard_model::registry::Registries;
use keelguard_model::sign::SignReport;
use serde::{Deserialize, Serialize};

/// The schema's name and version, the first key of a facts file.
pub const FACTS_SCHEMA: &str = "keelguard.facts/1";

/// Everything that was read about one host in one pass.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// [`FACTS_SCHEMA`].
    pub schema: String,
    /// The version of Keelguard that collected them.
    pub tool_version: String,
    /// When collecting began.
    pub collected: Timestamp,
    /// When it was done.
    pub finished: Timestamp,
    /// The host Keelguard ran on. With a remote engine most of it is about another machine: see [`Engine::local`].
    pub host: Host,
    /// The engine; none where none answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// What is in the engine's images, as far as they were read; each names the image by its id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Contents>,
    /// Registries that the host names, and the credentials for them on it; none where they were not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<Registries>,
    /// What the host's logs say, a sign each, as far as they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<SignReport>,
    /// What could not be read, for which area, and why.
    #[serde(default)]
    pub incomplete: Vec<Incomplete>,
    /// Set where these facts are not this host's own: `lab`, `example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Facts {
    /// Facts without any content, the ground that tests build on.
    pub fn empty() -> Self {
        Self {
            schema: FACTS_SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            collected: Timestamp::UNIX_EPOCH,
            finished: Timestamp::UNIX_EPOCH,
            host: Host::default(),
            engine: None,
            contents: Vec::new(),
            registries: None,
            signs: Vec::new(),
            incomplete: Vec::new(),
            source: None,
        }
    }

    /// The containers, in whatever state; empty where no engine answered.
    pub fn containers(&self) -> &[Container] {
        self.engine.as_ref().map_or(&[], |engine| &engine.containers)
    }

    /// Whether the host's files and processes are the engine's: its mounts and limits can then be judged for real.
    pub fn engine_is_local(&self) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.local)
    }
}
