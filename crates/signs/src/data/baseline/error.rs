//! What can go wrong with a baseline.

use std::io;
use std::path::PathBuf;

/// What could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused.
    #[error("{doing} {}", path.display())]
    System {
        /// `read the baseline`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        #[source]
        /// Why.
        source: io::Error,
    },
    /// A file that is no generation, or no longer.
    #[error("use the baseline {}: {why}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// In what way.
        why: String,
    },
    /// The key cannot be used.
    #[error("use the key {}: {why}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A tree did not answer, so that nothing is known of a part of it.
    #[error("record {name}: its filesystem does not answer; leave it out, or try again when it does")]
    Stuck {
        /// Which.
        name: String,
    },
    /// There is a baseline already.
    #[error("make a baseline in {}: there is one already; add what changed with --update, or name another folder with --baseline", .0.display())]
    Exists(PathBuf),
    /// There is none yet.
    #[error("find a baseline in {}: there is none; make one: keelguard signs data baseline --key FILE", .0.display())]
    None(PathBuf),
    /// It was tampered with; nothing is added to it.
    #[error("add to the baseline in {}: {why}", path.display())]
    Tampered {
        /// The folder.
        path: PathBuf,
        /// How one can tell.
        why: String,
    },
}

impl Error {
    pub(super) fn system(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::System { doing, path, source }
    }
}
