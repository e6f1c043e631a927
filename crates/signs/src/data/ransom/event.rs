//! What happens to files, and who does it: what the detector is fed with, by fanotify as by the audit log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::content::Profile;
use super::notes::Words;

/// A process, as far as it could be asked before it was gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Its number.
    pub pid: u32,
    /// Its name; empty where it was gone already.
    pub name: String,
    /// Its command line, at most 1 KiB of it.
    pub command: String,
    /// Whose it is: a name, or `uid 1000`.
    pub user: String,
    /// The number of its parent; 0 where it is not known.
    pub parent: u32,
    /// The name of its parent.
    pub parent_name: String,
    /// The container in which it runs: its name, or its id.
    pub container: Option<String>,
}

/// What was done to a decoy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// It was opened.
    Read,
    /// It was written to.
    Written,
    /// It has another name now.
    Moved,
    /// It is gone.
    Removed,
}

impl Touch {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Written => "written to",
            Self::Moved => "renamed",
            Self::Removed => "deleted",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Nothing: this is what a file was found to be.
    Known(Profile),
    /// There is a new file.
    Made,
    /// A file was closed after it was written to.
    Written(Profile),
    /// A file has another name; whatever had that name is gone. With its content, where it could be read.
    Moved {
        /// The new name.
        to: Vec<u8>,
        /// The content.
        now: Option<Profile>,
    },
    /// A file is gone; with how many names are left in its folder, where that was counted.
    Removed {
        /// Names that are left.
        left: Option<u32>,
    },
    /// A text was written that speaks as those do who want money.
    Note(Words),
    /// A decoy was touched.
    Touched(Touch),
    /// A program was started that can delete snapshots or backups; its command line is the actor's.
    Ran,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// The whole path, as bytes: names need not be UTF-8.
    pub path: Vec<u8>,
    /// Who; none where nobody saw it.
    pub actor: Option<Actor>,
    /// What.
    pub what: What,
}

/// The last part of a path.
pub(crate) fn name(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).and_then(|slash| path.get(slash + 1..)).unwrap_or(path)
}

/// All but the last part of a path.
pub(crate) fn folder(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).and_then(|slash| path.get(..slash)).unwrap_or(b"")
}

/// A path for people, at most 300 bytes of it.
pub(crate) fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path.get(..300).unwrap_or(path)).into_owned()
}
