//! The OSV schema (ossf.github.io/osv-schema), as much of it as decides whether a package is affected and how badly.

use serde::{Deserialize, Deserializer};

use super::bounded::{Few, Word};

/// Names of one record. A kernel errata names some thousand CVEs.
type Names = Few<String, 20_000>;

#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    #[serde(default)]
    pub(super) modified: Word,
    #[serde(default)]
    pub(super) withdrawn: Word,
    #[serde(default)]
    pub(super) aliases: Names,
    #[serde(default)]
    pub(super) upstream: Names,
    #[serde(default)]
    pub(super) related: Names,
    #[serde(default, deserialize_with = "text")]
    pub(super) summary: String,
    /// Its first line stands in for a missing summary.
    #[serde(default, deserialize_with = "text")]
    pub(super) details: String,
    #[serde(default)]
    pub(super) severity: Few<Severity, 100>,
    #[serde(default)]
    pub(super) affected: Few<Affected, 50_000>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) database_specific: Specific,
}

#[derive(Debug, Deserialize)]
pub(super) struct Severity {
    #[serde(default, rename = "type")]
    pub(super) kind: Word,
    #[serde(default)]
    pub(super) score: Word,
}

#[derive(Debug, Deserialize)]
pub(super) struct Affected {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) package: Package,
    #[serde(default)]
    pub(super) severity: Few<Severity, 100>,
    #[serde(default)]
    pub(super) ranges: Few<Range, 10_000>,
    #[serde(default)]
    pub(super) versions: Few<String, 200_000>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) ecosystem_specific: Specific,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) database_specific: Specific,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Package {
    #[serde(default)]
    pub(super) ecosystem: String,
    #[serde(default)]
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) events: Few<Event, 20_000>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub(super) introduced: Option<String>,
    #[serde(default)]
    pub(super) fixed: Option<String>,
    #[serde(default)]
    pub(super) last_affected: Option<String>,
    #[serde(default)]
    pub(super) limit: Option<String>,
}

/// The words of `database_specific` and `ecosystem_specific` that say how bad it is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Specific {
    #[serde(default)]
    pub(super) severity: Word,
    /// Debian's and Ubuntu's word.
    #[serde(default)]
    pub(super) urgency: Word,
    /// Ubuntu's other word.
    #[serde(default)]
    pub(super) ubuntu_priority: Word,
    /// RustSec's: `unmaintained`, `unsound`, `notice`.
    #[serde(default)]
    pub(super) informational: Word,
}

/// Null where a text is expected is no text.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
