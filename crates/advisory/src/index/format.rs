//! The header of an index file, and the bounds-checked view of its sections.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Number of sections after the header.
pub(crate) const SECTIONS: usize = 7;
pub(super) const META: usize = 0;
pub(super) const BUCKETS: usize = 1;
pub(super) const NAMES: usize = 2;
pub(super) const AFFECTED: usize = 3;
pub(super) const RECORDS: usize = 4;
pub(super) const WORDS: usize = 5;
pub(super) const STRINGS: usize = 6;

/// Numbers in a row of `names`, `affected` and `records`.
pub(super) const NAME_ROW: usize = 3;
pub(super) const AFFECTED_ROW: usize = 7;
pub(super) const RECORD_ROW: usize = 9;

const VERSION: u32 = 1;
const CHECKED: usize = 8 + 4 + 4 + 8 + SECTIONS * 16 + 32;
/// Bytes of the header.
pub(crate) const HEADER: usize = CHECKED + 32;

/// What an index says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// `Debian`, `PyPI`; of other tables `kev` or `epss`.
    pub ecosystem: String,
    /// Records in it.
    pub records: u64,
    /// Names of packages in it.
    pub names: u64,
    /// When it was compiled, seconds since 1970.
    pub built: i64,
    /// Newest change of a record, as its database writes it.
    pub newest: String,
    /// Where it came from.
    pub source: String,
    /// `ETag` of the whole export that it was compiled from.
    pub etag: Option<String>,
    /// Digest of `modified_id.csv` at that time.
    pub listing: Option<String>,
    /// Releases that records name: `Debian:12`. Of another release nothing is known.
    pub releases: Vec<String>,
    /// Records that name commits alone: no version can be compared with those, so nothing is ever found by them.
    pub commits_only: u64,
    /// Records that could not be used.
    pub skipped: u64,
    /// The first of them, and why.
    pub notes: Vec<String>,
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) sections: [Range<usize>; SECTIONS],
    pub(crate) digest: [u8; 32],
}

impl Header {
    /// Puts a file together.
    pub(crate) fn assemble(magic: [u8; 8], sections: &[Vec<u8>; SECTIONS]) -> Vec<u8> {
        let total = HEADER + sections.iter().map(Vec::len).sum::<usize>();
        let mut file = Vec::with_capacity(total);
        file.extend(magic);
        file.extend(VERSION.to_le_bytes());
        file.extend(7_u32.to_le_bytes());
        file.extend((total as u64).to_le_bytes());
        let mut at = HEADER;
        for section in sections {
            file.extend((at as u64).to_le_bytes());
            file.extend((section.len() as u64).to_le_bytes());
            at += section.len();
        }
        let mut digest = Sha256::new();
        for section in sections {
            digest.update(section);
        }
        file.extend(digest.finalize());
        let check = Sha256::digest(&file);
        file.extend(check);
        for section in sections {
            file.extend(section);
        }
        file
    }

    /// Reads the header and checks that the file is as long as it says.
    pub(crate) fn read(magic: [u8; 8], file: &[u8]) -> Result<Self, String> {
        let mut header = Reader(file.get(..HEADER).ok_or("it is cut off within its header")?);
        if header.take::<8>() != Some(magic) {
            return Err("it is another kind of file".into());
        }
        let version = header.u32().unwrap_or_default();
        if version != VERSION {
            return Err(format!("its format is {version}, this program reads {VERSION}; update the advisory data"));
        }
        let check = Sha256::digest(file.get(..CHECKED).unwrap_or_default());
        if file.get(CHECKED..HEADER) != Some(check.as_slice()) {
            return Err("its header is damaged".into());
        }
        let _sections = header.u32();
        if header.u64() != Some(file.len() as u64) {
            return Err("it is cut off".into());
        }
        let mut sections: [Range<usize>; SECTIONS] = Default::default();
        for section in &mut sections {
            let (start, length) = header.u64().zip(header.u64()).ok_or("its header is damaged")?;
            let start = usize::try_from(start).map_err(|_| "it is larger than memory")?;
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
            *section = start..end.filter(|end| *end <= file.len()).ok_or("a section lies outside of it")?;
        }
        Ok(Self { sections, digest: header.take().unwrap_or_default() })
    }

    /// Whether the sections are what they were when the file was written. Reads all of it.
    pub(crate) fn is_whole(&self, file: &[u8]) -> bool {
        let mut digest = Sha256::new();
        for section in &self.sections {
            digest.update(file.get(section.clone()).unwrap_or_default());
        }
        digest.finalize().as_slice() == self.digest
    }
}

struct Reader<'bytes>(&'bytes [u8]);

impl Reader<'_> {
    fn take<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (first, rest) = self.0.split_first_chunk::<LENGTH>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

/// The number at a place of a section.
pub(super) fn number(section: &[u8], at: usize) -> Option<u32> {
    let start = at.checked_mul(4)?;
    let bytes = section.get(start..start.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// Row `at` of a section of rows.
pub(crate) fn row<const COLUMNS: usize>(section: &[u8], at: usize) -> Option<[u32; COLUMNS]> {
    let start = at.checked_mul(COLUMNS * 4)?;
    let bytes = section.get(start..start.checked_add(COLUMNS * 4)?)?;
    let mut row = [0; COLUMNS];
    for (cell, bytes) in row.iter_mut().zip(bytes.chunks_exact(4)) {
        *cell = u32::from_le_bytes(bytes.try_into().ok()?);
    }
    Some(row)
}

/// The hash of a name: FNV-1a, which needs no key and is the same on all machines. Whoever makes names collide makes one
/// bucket long, not the look-up wrong.
pub(super) fn hash(name: &str) -> u32 {
    let long = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    #[expect(clippy::cast_possible_truncation, reason = "the halves are folded into one")]
    let folded = (long ^ (long >> 32)) as u32;
    folded
}
