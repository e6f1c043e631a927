//! What kopia is connected to, by its own configuration. Restoring single files is left to kopia's own verification.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Asked, Entries, Entry, Repository, Soundness, Trouble, brief, telling};
use crate::data::backup::Snapshot;

pub(super) struct Kopia<'a>(pub(super) Asked<'a>);

#[derive(Deserialize)]
struct Listed {
    id: String,
    source: Source,
    #[serde(rename = "startTime")]
    start: Timestamp,
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    host: String,
    #[serde(default)]
    path: String,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(rename = "totalSize")]
    total_size: Option<u64>,
}

impl Kopia<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("kopia");
        command.args(words);
        let file = self.0.backup.password_file.as_deref();
        if let Some(password) = file.and_then(|file| std::fs::read_to_string(file).ok()) {
            command.env("KOPIA_PASSWORD", password.trim_end_matches(['\n', '\r']));
        }
        command.env("KOPIA_CHECK_FOR_UPDATES", "false").env("TMPDIR", self.0.scratch);
        command
    }

    fn refused(said: &[u8]) -> Option<Trouble> {
        let text = String::from_utf8_lossy(said).to_lowercase();
        if text.contains("not connected") {
            return Some(Trouble::Unable("kopia is not connected to it; type: kopia repository connect …".to_owned()));
        }
        text.contains("password").then(|| super::no_password("KOPIA_PASSWORD", &brief(said)))
    }
}

impl Repository for Kopia<'_> {
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble> {
        let ran = self.0.run(self.command(&["snapshot", "list", "--all", "--json"]), "kopia", self.0.time())?;
        if !ran.status.success() {
            return Err(
                Self::refused(&ran.err).unwrap_or_else(|| Trouble::Unable(format!("kopia said: {}", brief(&ran.err))))
            );
        }
        let listed: Vec<Listed> = serde_json::from_slice(&ran.out)
            .map_err(|error| Trouble::Unable(format!("what kopia lists cannot be understood: {error}")))?;
        let snapshot = |listed: Listed| Snapshot {
            set: format!("{}:{}", listed.source.host, listed.source.path),
            at: listed.start,
            bytes: listed.stats.and_then(|stats| stats.total_size),
            id: listed.id,
        };
        Ok(listed.into_iter().map(snapshot).collect())
    }

    fn check(&self, _newest: &[&Snapshot]) -> Result<Soundness, Trouble> {
        let words = ["snapshot", "verify", "--verify-files-percent=1"];
        let ran = self.0.run(self.command(&words), "kopia", self.0.check_time())?;
        if ran.status.success() {
            return Ok(Soundness::Sound);
        }
        match Self::refused(&ran.err) {
            Some(trouble) => Err(trouble),
            None => Ok(Soundness::Damaged(telling(&ran.err, &["error", "missing", "not found"]))),
        }
    }

    fn entries(&self, _snapshot: &Snapshot) -> Result<Entries, Trouble> {
        let why = "no drill is made with kopia; type: kopia snapshot verify --verify-files-percent=5";
        Err(Trouble::Unable(why.to_owned()))
    }

    fn restore(&self, _snapshot: &Snapshot, _entry: &Entry, _to: &Path) -> Result<(), Trouble> {
        Err(Trouble::Unable("no drill is made with kopia".to_owned()))
    }
}
