//! What a generation says of itself, and its signature. It stands at the end of the file, as JSON that everybody can read:
//! `tail -c 2000 000001.baseline`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Key, hex, key};

/// The form of generations.
pub const FORMAT: &str = "keelguard.baseline/1";
/// The longest seal; the packages of a host are in it.
pub(super) const LONGEST: usize = 16 << 20;
pub(super) const SIGNATURE: usize = 64;

/// One tree of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedTree {
    /// `/etc`, `volume:shop_db`.
    pub name: String,
    /// Where it lay.
    pub path: PathBuf,
    /// The root of its Merkle tree.
    pub root: String,
    /// Files of all kinds in it.
    pub files: u64,
    /// Bytes of content.
    pub bytes: u64,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// [`FORMAT`].
    pub format: String,
    /// From 1.
    pub generation: u64,
    /// Everything is in it; else what became different since the one before.
    pub is_full: bool,
    /// When the last file was looked at.
    pub made: Timestamp,
    /// Of which host.
    pub host: String,
    /// By which version.
    pub tool: String,
    /// The trees, by name.
    pub trees: Vec<SealedTree>,
    /// What was left out.
    pub excluded: Vec<String>,
    /// The root over all trees, as it is after this generation.
    pub root: String,
    /// BLAKE3 of everything before the seal.
    pub body: String,
    /// BLAKE3 of the seal before, with its signature; none in the first.
    pub previous: Option<String>,
    /// The public key.
    pub key: String,
    /// Versions of packages, so that an upgrade can be told from somebody who rewrites the package manager's checksums.
    #[serde(default)]
    pub packages: BTreeMap<String, String>,
}

/// A seal with what can be checked of it alone.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub(super) seal: Seal,
    /// Whether the key that it names has signed it.
    pub(super) is_signed: bool,
    /// BLAKE3 of seal and signature.
    pub(super) hash: String,
    /// Bytes at the end of the file that are not the body.
    pub(super) length: usize,
}

fn signed(json: &[u8]) -> Vec<u8> {
    [b"keelguard baseline seal\0", json].concat()
}

/// Seal, signature and length, as they stand at the end of a file; and the hash by which the next one names it.
pub(super) fn write(seal: &Seal, key: &Key) -> (Vec<u8>, String) {
    // A struct of text and numbers always is JSON.
    let mut bytes = serde_json::to_vec(seal).unwrap_or_default();
    let signature = key.sign(&signed(&bytes));
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    bytes.extend(signature);
    let hash = blake3::hash(&bytes).to_hex().to_string();
    bytes.extend(length.to_le_bytes());
    (bytes, hash)
}

/// The seal at the end of these bytes.
pub(super) fn parse(end: &[u8]) -> Result<Parsed, String> {
    let cut = || "it is cut off, or no generation of a baseline".to_owned();
    let (rest, length) = end.split_last_chunk::<4>().ok_or_else(cut)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > LONGEST {
        return Err(cut());
    }
    let from = rest.len().checked_sub(length + SIGNATURE).ok_or_else(cut)?;
    let whole = rest.get(from..).ok_or_else(cut)?;
    let (json, signature) = whole.split_at_checked(length).ok_or_else(cut)?;
    let seal: Seal = serde_json::from_slice(json).map_err(|_| cut())?;
    if seal.format != FORMAT {
        return Err(format!("its form is {:?}, not {FORMAT:?}; update keelguard", seal.format));
    }
    let is_signed = key::has_signed(&seal.key, &signed(json), signature);
    let hash = blake3::hash(whole).to_hex().to_string();
    Ok(Parsed { seal, is_signed, hash, length: length + SIGNATURE + 4 })
}

/// The digits of a hash.
pub(super) fn digits(hash: &[u8; 32]) -> String {
    hex::encode(hash)
}
