//! The list of publishers that this host has accepted: a small file of its own, which is written whole or not at all.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::rules::publishers::is_publisher;

/// The schema's name and version.
pub const LEDGER_SCHEMA: &str = "keelguard.trust/1";

/// Larger files hold something else.
const MAX_FILE: u64 = 4 << 20;

/// The whole list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    /// `keelguard.trust/1`.
    pub schema: String,
    /// Who was accepted, by name.
    pub publishers: Vec<Accepted>,
}

/// A publisher that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// `docker.io/grafana`, or a whole registry: `registry.example`.
    pub name: String,
    /// When, RFC 3339.
    #[schemars(with = "String")]
    pub accepted: Timestamp,
    /// Why, in the words of who did it.
    #[serde(default)]
    pub reason: String,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { schema: LEDGER_SCHEMA.to_owned(), publishers: Vec::new() }
    }
}

impl Ledger {
    /// Where it lies below the folder of what is kept.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("trust.json")
    }

    /// Reads it; a list that was never written is empty.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = Self::path(folder);
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(Error::Ledger { doing: "read", path, source }),
            Ok(_) if bytes.len() as u64 > MAX_FILE => {
                return Err(Error::Damaged { path, why: "it is too large".into() });
            }
            Ok(_) => {}
        }
        let ledger: Self = serde_json::from_slice(&bytes)
            .map_err(|error| Error::Damaged { path: path.clone(), why: error.to_string() })?;
        if ledger.schema != LEDGER_SCHEMA {
            return Err(Error::Damaged { path, why: format!("its schema is not {LEDGER_SCHEMA}") });
        }
        Ok(ledger)
    }

    /// Writes it beside its place and puts it there, so that a full disk leaves the old one.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = Self::path(folder);
        let failed = |source| Error::Ledger { doing: "write", path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::Builder::new().prefix(".trust-").tempfile_in(folder).map_err(failed)?;
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        file.write_all(&bytes).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Puts `name` on the list; false where it was there.
    pub fn accept(&mut self, name: &str, reason: &str, now: Timestamp) -> Result<bool, Error> {
        let name = written(name);
        if !is_publisher(&name) {
            return Err(Error::Publisher {
                name,
                why: "write it as docker.io/grafana, or as a registry: registry.example".into(),
            });
        }
        if self.publishers.iter().any(|one| one.name == name) {
            return Ok(false);
        }
        self.publishers.push(Accepted { name, accepted: now, reason: reason.to_owned() });
        self.publishers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(true)
    }

    /// Takes `name` off the list; false where it was not there.
    pub fn revoke(&mut self, name: &str) -> bool {
        let (name, before) = (written(name), self.publishers.len());
        self.publishers.retain(|one| one.name != name);
        self.publishers.len() < before
    }

    /// The names.
    pub fn names(&self) -> Vec<String> {
        self.publishers.iter().map(|one| one.name.clone()).collect()
    }
}

/// As publishers are written everywhere: `grafana` is `docker.io/grafana`.
fn written(name: &str) -> String {
    let name = name.trim().trim_end_matches('/').to_lowercase();
    let first = name.split('/').next().unwrap_or_default();
    if first.contains(['.', ':']) || first == "localhost" { name } else { format!("docker.io/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_is_accepted_once_and_can_be_taken_off() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("data");
        let mut ledger = Ledger::read(&folder).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert!(ledger.accept("Grafana", "dashboards", now).unwrap());
        assert!(!ledger.accept("docker.io/grafana/", "again", now).unwrap());
        assert!(ledger.accept("registry.example:5000", "", now).unwrap());
        ledger.write(&folder).unwrap();
        let again = Ledger::read(&folder).unwrap();
        assert_eq!(again.names(), ["docker.io/grafana", "registry.example:5000"]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        ledger = again;
        assert!(ledger.revoke("grafana") && !ledger.revoke("grafana"));
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let mut ledger = Ledger::default();
        for name in ["", "/", "a b", "docker.io/..", "x\u{1b}[2J", "docker.io/a/b/c/d/e/f/g/h/i", &"a".repeat(300)] {
            assert!(ledger.accept(name, "", Timestamp::UNIX_EPOCH).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_damaged_list_is_said_to_be_damaged() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "[]", "{\"schema\": \"keelguard.trust/9\", \"publishers\": []}", "{\"schema\":"] {
            std::fs::write(Ledger::path(folder.path()), text).unwrap();
            let error = Ledger::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains("trust.json"), "{error}");
        }
    }
}
