//! What an image of the host holds, as facts: the words in which whoever reads an image hands it to whoever judges it.

use serde::{Deserialize, Serialize};

use crate::image::{Os, Package};

/// Something about a file that a rule may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Oddity {
    /// A program that runs as its owner or group.
    Setuid,
    /// A file that everybody may write, or a folder where everybody may replace what others put there.
    WorldWritable,
    /// A symbolic link where the runtime mounts.
    LinkTrap,
    /// What a package manager downloaded and left.
    PackageCache,
    /// A private key, or credentials, by name.
    Credentials,
}

/// A file with an oddity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OddFile {
    /// Path without leading slash.
    pub path: String,
    /// What is odd.
    pub oddity: Oddity,
    /// Bytes of the file.
    pub size: u64,
}

/// What is in one image of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    /// The image's id, `sha256:…`.
    pub image: String,
    /// Its operating system, where it has one.
    pub os: Option<Os>,
    /// Packages, sorted by kind, name and version.
    pub packages: Vec<Package>,
    /// Files that are odd by name and mode.
    pub odd: Vec<OddFile>,
}
