//! The database as a whole: what is there, how old it is, and how it is carried to a machine without a network.

mod asked;
mod export;
mod import;
mod sort;
mod status;

pub use export::export;
pub use import::{Imported, import};
pub use status::{Status, status};

/// The list of contents, first in an exported file.
const MANIFEST: &str = "keelguard-advisories.json";

/// What an exported file says about one of its files.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Item {
    name: String,
    bytes: u64,
    sha256: String,
    /// When its source was last asked, seconds since 1970. Older exports do not say.
    #[serde(default)]
    asked: Option<i64>,
}

/// The list of contents.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Manifest {
    schema: String,
    files: Vec<Item>,
}

const SCHEMA: &str = "keelguard.advisories/1";

#[cfg(test)]
mod tests;
