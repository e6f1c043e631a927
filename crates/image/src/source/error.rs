//! Why a target could not be opened.

use std::io;

/// Why a target could not be opened. Fit for "could not {error}".
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder could not be read.
    #[error("read {what}")]
    Read {
        /// Which.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// What is there is not what it should be.
    #[error("understand {what}: {why}")]
    Malformed {
        /// Which part.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// It names several images, or none.
    #[error("choose an image in {what}: {why}")]
    Choice {
        /// Where.
        what: String,
        /// Which there are, and how to name one.
        why: String,
    },
    /// Content is not what its digest promises.
    #[error("trust {what}: its digest is {found}, and {promised} was promised")]
    Digest {
        /// Which content.
        what: String,
        /// As computed.
        found: String,
        /// As promised.
        promised: String,
    },
    /// A registry does not give it.
    #[error("fetch {what}: {why}")]
    Fetch {
        /// The image.
        what: String,
        /// Who was asked, and what happened.
        why: String,
    },
    /// The name means nothing here.
    #[error("find {what}: {why}")]
    NotFound {
        /// The name.
        what: String,
        /// Where was looked, and what to do.
        why: String,
    },
    /// The target is written in a way that means nothing.
    #[error("use the target {what}: {why}")]
    Target {
        /// As written.
        what: String,
        /// How to write it.
        why: String,
    },
}

impl SourceError {
    /// `what` could not be read.
    pub(crate) fn read(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Read { what, source }
    }

    /// `what` is broken.
    pub(crate) fn malformed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Malformed { what: what.into(), why: why.into() }
    }
}
