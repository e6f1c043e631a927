//! Why facts could not be had at all. What is merely missing from them is an `incomplete` entry instead.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine's address cannot be used.
    #[error("use the engine address {address:?} (from {found_by}): {advice}")]
    Endpoint {
        /// As written.
        address: String,
        /// Where it came from.
        found_by: String,
        /// What to write instead.
        advice: String,
    },
    /// A facts file could not be opened.
    #[error("read the facts file {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A facts file is larger than the bound.
    #[error("read the facts file {path}: it is larger than {bound} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        bound: u64,
    },
    /// A facts file is not what it should be.
    #[error("read the facts file {path}: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
}
