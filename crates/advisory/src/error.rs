//! What can go wrong with the advisory database.

use std::io;
use std::path::{Path, PathBuf};

/// Why something about the database did not work. Reads after "could not …"; [`AdvisoryError::reason`] reads on its own.
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
    /// There is nothing in the database.
    #[error("find any advisories in {}; fetch some with keelguard advisories update Debian PyPI npm", .0.display())]
    Missing(PathBuf),
    /// The file is no index, or a damaged one.
    #[error("use {}: {why}", .path.display())]
    BadIndex {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A record or a list is not what its format says.
    #[error("use {what}: {why}")]
    Garbage {
        /// What was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A bound was hit.
    #[error("take {what}: it is larger than {bound}")]
    TooLarge {
        /// What was read.
        what: String,
        /// The bound, with its unit.
        bound: String,
    },
    /// The source of the advisories gave no usable answer.
    #[error("get {url}: {why}")]
    Source {
        /// What was asked for.
        url: String,
        /// What came instead.
        why: String,
    },
    /// Another process updates the same folder.
    #[error("change the advisories in {}: another update of them is under way; wait for its end", .0.display())]
    Busy(PathBuf),
}

impl AdvisoryError {
    /// Why alone, without what was being done and on what.
    pub fn reason(&self) -> String {
        match self {
            Self::File { source, .. } => source.to_string(),
            Self::BadIndex { why, .. } | Self::Garbage { why, .. } | Self::Source { why, .. } => why.clone(),
            Self::TooLarge { bound, .. } => format!("it is larger than {bound}"),
            Self::Missing(_) => "there are no advisories".to_owned(),
            Self::Busy(_) => "another update of them is under way".to_owned(),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_on_after_could_not() {
        let path = PathBuf::from("/a/kev.table");
        let (what, why) = ("/a/all.zip".to_owned(), "its checksum is wrong".to_owned());
        let url = "https://mirror/all.zip".to_owned();
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        for (error, expected) in [
            (AdvisoryError::file("read", &path)(source), "could not read /a/kev.table"),
            (
                AdvisoryError::Missing(PathBuf::from("/a")),
                "could not find any advisories in /a; fetch some with keelguard advisories update Debian PyPI npm",
            ),
            (AdvisoryError::BadIndex { path, why: why.clone() }, "could not use /a/kev.table: its checksum is wrong"),
            (AdvisoryError::garbage(what.clone(), &why), "could not use /a/all.zip: its checksum is wrong"),
            (
                AdvisoryError::TooLarge { what, bound: "5 bytes".into() },
                "could not take /a/all.zip: it is larger than 5 bytes",
            ),
            (
                AdvisoryError::Source { url, why: "there is no such file".into() },
                "could not get https://mirror/all.zip: there is no such file",
            ),
            (
                AdvisoryError::Busy(PathBuf::from("/a")),
                "could not change the advisories in /a: another update of them is under way; wait for its end",
            ),
        ] {
            assert_eq!(format!("could not {error}"), expected);
        }
    }
}
