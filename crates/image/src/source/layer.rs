//! One layer: its entries in the order in which they are stored.

use crate::Limits;
use crate::content::Content;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind<'a> {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, and what it points to, as written.
    Symlink(&'a str),
    /// A hard link to an earlier entry: its path, without a leading slash.
    HardLink(&'a str),
    /// A character device, block device or named pipe.
    Special,
}

/// One entry of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Path without leading slash, `.` and `..`. Bytes that are not UTF-8 are replaced.
    pub path: &'a str,
    /// What it is.
    pub kind: EntryKind<'a>,
    /// Permission bits, with setuid, setgid and sticky bit.
    pub mode: u32,
    /// Bytes, for a regular file.
    pub size: u64,
    /// Another name of a regular file that was shown before: what is known by its content alone is known already.
    pub again: bool,
}

/// Whether a visitor wants to read an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// It does not: nothing of it is read.
    Nothing,
    /// It does: [`Visitor::content`] follows.
    Content,
    /// It has seen more than it can bear: the walk ends with [`LayerError::Bound`].
    Stop,
}

/// Who looks at a layer.
pub trait Visitor {
    /// An entry, whiteouts excepted.
    fn entry(&mut self, entry: &Entry<'_>) -> Want;
    /// The content of a regular file that was wanted. What is not read of it is skipped.
    fn content(&mut self, entry: &Entry<'_>, content: &dyn Content);
    /// A whiteout: this path of the layers below, and everything under it, is gone.
    fn removed(&mut self, path: &str);
    /// An opaque folder: whatever the layers below have in it is gone.
    fn opaque(&mut self, folder: &str);
    /// Something that could not be looked at, and why. The walk goes on.
    fn incomplete(&mut self, what: String, why: String);
}

/// A layer that can be walked.
pub trait Layer: Send + Sync {
    /// Shows every entry to `visitor`. Entries come in stored order, so a later one of the same path replaces an earlier
    /// one. A digest that does not fit is an error at the end of the walk.
    fn walk(&self, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError>;

    /// Names the layer's content for the cache, wherever else it lies; none where nothing vouches for the content.
    fn cache_key(&self) -> Option<String> {
        None
    }
}

/// Why a layer could not be walked to its end. What was seen until then stands.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// Reading failed.
    #[error("read the layer")]
    Read(#[from] std::io::Error),
    /// It could not be had from where it lies.
    #[error("fetch the layer: {0}")]
    Fetch(String),
    /// It is no tar, or a broken one.
    #[error("understand the layer's tar: {0}")]
    Malformed(String),
    /// It ends between two entries, without the mark that ends a tar.
    #[error("find the end of the layer's tar: it has no end mark, so it may have been cut off")]
    Cut,
    /// A bound was reached.
    #[error("look at all of the layer: {0}")]
    Bound(String),
    /// The bytes are not those the manifest promises.
    #[error("trust the layer: its digest is {found}, and the manifest says {promised}")]
    Digest {
        /// As computed.
        found: String,
        /// As promised.
        promised: String,
    },
}
