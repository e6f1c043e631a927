//! From one file to the packages it names. An analyser is a row of a table: which files it wants, and a pure function
//! from their content to what was found. It knows nothing of layers; the merge does.

mod binary;
mod found;
mod java;
mod lang;
mod os;
mod table;

pub use binary::is_worth_opening;
pub use found::{Found, FoundPackage, PathKey};
pub(crate) use os::named as os_named;
pub use os::place as os_place;
pub use table::{Table, table};

use crate::Limits;
use crate::content::Content;

/// Which files an analyser wants. Paths have no leading slash: `var/lib/dpkg/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly this path.
    Path(&'static str),
    /// Every file directly in this folder (no trailing slash) whose name ends like this (empty: every file).
    In(&'static str, &'static str),
    /// A file of this name, wherever it lies.
    Name(&'static str),
    /// A file whose name ends in this, dot included, without regard to case: `.jar`. The last dot of the name counts.
    Extension(&'static str),
    /// A file whose name begins and ends like this, the end being or holding an extension, directly in a folder of this
    /// name (empty: in any): `("", "requirements", ".txt")`.
    Like(&'static str, &'static str, &'static str),
    /// A file of this name in a folder whose name ends like this: `("METADATA", ".dist-info")`.
    NameBelow(&'static str, &'static str),
    /// A file of this name anywhere below this folder (no trailing slash): `("desc", "var/lib/pacman/local")`.
    NameUnder(&'static str, &'static str),
    /// An ELF file, executable or not, and every file with the execute bit that begins with the ELF magic.
    Executable,
}

/// Where the analyser's files count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What is installed: in images, root filesystems and source folders.
    Installed,
    /// What is only asked for (lock files, manifests): in source folders, not in images.
    Declared,
}

/// One row of the table.
#[derive(Debug)]
pub struct Analyser {
    /// Its name in caches and messages: `dpkg-status`.
    pub name: &'static str,
    /// Raised whenever it finds something else in the same file; part of the cache's key.
    pub version: u32,
    /// Which files.
    pub wants: &'static [Pattern],
    /// Where they count.
    pub scope: Scope,
    /// What is in one of them.
    pub analyse: fn(&File<'_>, &Limits) -> Result<Found, AnalyseError>,
}

/// A file to analyse.
pub struct File<'a> {
    /// Its path without a leading slash. Bytes that are not UTF-8 are replaced.
    pub path: &'a str,
    /// Its mode bits.
    pub mode: u32,
    /// Its bytes.
    pub content: &'a dyn Content,
}

impl File<'_> {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// All of it, where it is within the bound for text.
    pub fn bytes(&self, limits: &Limits) -> Result<Vec<u8>, AnalyseError> {
        Ok(crate::content::read_all(self.content, limits.max_text)?)
    }

    /// All of it as text; what is not UTF-8 is replaced.
    pub fn text(&self, limits: &Limits) -> Result<String, AnalyseError> {
        Ok(match String::from_utf8(self.bytes(limits)?) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }
}

/// Why a file gave nothing. Becomes an `incomplete` entry that names the file.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// It could not be read, or is larger than the bound.
    #[error("read it")]
    Read(#[from] std::io::Error),
    /// It is not what its name says, or is broken.
    #[error("understand it: {0}")]
    Malformed(String),
}

impl AnalyseError {
    /// It is broken, and how.
    pub fn malformed(how: impl std::fmt::Display) -> Self {
        Self::Malformed(how.to_string())
    }
}
