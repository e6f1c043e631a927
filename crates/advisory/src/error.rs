//! What can go wrong with the advisory database.

use std::io;
use std::path::{Path, PathBuf};

/// Why something about the database did not work. Reads after "could not …" or after a colon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdvisoryError {
    /// A file could not be read, written or renamed.
    #[error("{what} {}", .path.display())]
    File {
        /// What was being done: `read`, `write`.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no index of that ecosystem.
    #[error("there is no advisory data for {0}; fetch it with keelguard advisories update")]
    Missing(String),
    /// The file is no index, or a damaged one.
    #[error("{} is not a usable index: {why}", .path.display())]
    BadIndex {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A record or a list is not what its format says.
    #[error("{what} is not what it should be: {why}")]
    Garbage {
        /// What was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A bound was hit.
    #[error("{what} is larger than {bound}")]
    TooLarge {
        /// What was read.
        what: String,
        /// The bound, with its unit.
        bound: String,
    },
    /// The source of the advisories gave no usable answer.
    #[error("{url}: {why}")]
    Source {
        /// What was asked for.
        url: String,
        /// What came instead.
        why: String,
    },
    /// Another process updates the same folder.
    #[error("another update of {} is under way", .0.display())]
    Busy(PathBuf),
}

impl AdvisoryError {
    /// An error of the file system on a path.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }

    /// Something that is not what it should be.
    #[expect(clippy::needless_pass_by_value, reason = "reads better at the calls, which hand over what they drop")]
    pub(crate) fn garbage(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Garbage { what: what.into(), why: shortened(&why.to_string()) }
    }
}

/// Errors quote what they met, at whatever length.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut short: String = text.chars().take(MOST).map(plain).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}
