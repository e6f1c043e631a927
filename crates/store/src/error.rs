//! What can go wrong with the store.

use std::path::{Path, PathBuf};

/// What could not be done. Fit for "could not {error}".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be made.
    #[error(
        "make the folder {folder} for Keelguard's data; set data_dir (KEELGUARD_DATA_DIR) to one that can be written"
    )]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be opened, or is no store.
    #[error("open the store {path}")]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A newer Keelguard wrote it.
    #[error("use the store {path}: a newer Keelguard wrote it (version {version} of its tables); update this one")]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// Something else failed.
    #[error("{doing} in the store {path}")]
    Use {
        /// What was being done.
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

impl Error {
    pub(crate) fn open(path: &Path, source: rusqlite::Error) -> Self {
        Self::Open { path: path.to_path_buf(), source }
    }
}
