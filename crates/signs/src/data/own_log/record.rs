//! A record of the chain, and the head that is kept apart.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The BLAKE3 hash of a record's line, without the line's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first record names as the one before it.
    pub const NONE: Self = Self([0; 32]);

    /// Of a record's line.
    pub fn of(line: &[u8]) -> Self {
        Self(*blake3::hash(line).as_bytes())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Hash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no hash of a record: it has 64 hexadecimal digits");
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One thing that Keelguard did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 1.
    pub sequence: u64,
    /// When.
    pub time: Timestamp,
    /// The hash of the record before it.
    pub previous: Hash,
    /// What was done: `check`, `signs logins`, `trust accept`.
    pub kind: String,
    /// How it went: verdicts, fingerprints of findings, names.
    pub detail: serde_json::Value,
    /// Bytes that a writer which died had left of a record, and that were taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn: Option<u64>,
}

/// The last record, kept apart from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) sequence: u64,
    pub(super) hash: Hash,
}

/// Where the head of a log lies.
pub(super) fn head_of(log: &Path) -> PathBuf {
    let mut name = log.file_name().unwrap_or_default().to_owned();
    name.push(".head");
    log.with_file_name(name)
}

/// Why the log cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OwnLogError {
    /// The system refuses.
    #[error("{what} {}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another writer does not end.
    #[error("write to {}: another keelguard has held it for seconds", .0.display())]
    Busy(PathBuf),
    /// The record cannot be written as JSON.
    #[error("write a record: {0}")]
    Json(#[from] serde_json::Error),
}

impl OwnLogError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source }
    }
}
