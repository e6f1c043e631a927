//! What one layer holds: kept by the cache, and put on top of one another by the merge.

pub use keelguard_model::contents::{OddFile, Oddity};
use serde::{Deserialize, Serialize};

use crate::analyse::Found;

/// A file that an analyser read, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysedFile {
    /// Path without leading slash.
    pub path: String,
    /// Place of the analyser in the table.
    pub row: usize,
    /// What was found.
    pub found: Found,
}

/// Everything that is kept of a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerInventory {
    /// Files that analysers read.
    pub files: Vec<AnalysedFile>,
    /// Odd files, at most [`MAX_ODD`] of each kind.
    pub odd: Vec<OddFile>,
    /// Paths of lower layers that are gone.
    pub removed: Vec<String>,
    /// Folders whose lower content is gone.
    pub opaque: Vec<String>,
    /// [`path_hash`] of every entry that is no folder, sorted: it replaces what lower layers have there. Empty for the lowest.
    pub present: Vec<u64>,
    /// [`path_hash`] of every folder: it replaces a file of lower layers, and nothing below it. Empty for the lowest.
    pub folders: Vec<u64>,
    /// What could not be looked at: what, and why.
    pub incomplete: Vec<(String, String)>,
}

/// Odd files of one kind that are kept. There are honest images with thousands.
pub const MAX_ODD: usize = 200;

/// A path as a number. Prefixes are hashed on the way, which is what the merge needs.
pub fn path_hash(path: &str) -> u64 {
    path.bytes().fold(START, step)
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// Hashes of all folders above `path`, the outermost first, and at last its own.
pub fn path_hashes(path: &str) -> impl Iterator<Item = u64> + '_ {
    let mut hash = START;
    let mut bytes = path.bytes();
    let mut ended = false;
    std::iter::from_fn(move || {
        loop {
            match bytes.next() {
                Some(b'/') => {
                    let folder = hash;
                    hash = step(hash, b'/');
                    return Some(folder);
                }
                Some(byte) => hash = step(hash, byte),
                None if ended => return None,
                None => {
                    ended = true;
                    return Some(hash);
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_prefixes_are_those_of_the_folders() {
        let hashes: Vec<u64> = path_hashes("usr/lib/x").collect();
        assert_eq!(hashes, [path_hash("usr"), path_hash("usr/lib"), path_hash("usr/lib/x")]);
    }
}
