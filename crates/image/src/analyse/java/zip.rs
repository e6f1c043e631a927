//! Zip archives read at places: the central directory is walked once and only entries that matter are kept; a stored
//! entry is read where it lies, a compressed one is inflated into memory, or onto disk where it is large.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use super::budget::{Budget, Spent};
use crate::content::Content;

/// Entry name, extra field and comment are at most 64 KiB each: the largest record of a central directory fits.
const BUFFER: usize = 200 << 10;
/// Where the end of the directory is looked for: it is followed by a comment of at most 64 KiB.
const SEARCHED: u64 = 22 + 65_535;
/// Longer names are no paths of any system.
const MAX_NAME: usize = 4096;
/// Archives in the archive up to this size are inflated in memory.
const IN_MEMORY: usize = 4 << 20;
/// Bytes inflated at a time.
const PIECE: usize = 64 << 10;

/// Why an archive or an entry could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ZipError {
    #[error("it is no zip archive: {0}")]
    NoZip(rawzip::Error),
    #[error("its entry is out of place: {0}")]
    NoEntry(rawzip::Error),
    #[error("it is encrypted")]
    Encrypted,
    #[error("it is compressed with method {0}, which is not supported")]
    Method(u16),
    #[error("it could not be read: {0}")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Spent(#[from] Spent),
}

/// An entry that matters.
pub(super) struct Entry {
    /// Its path in the archive.
    pub(super) name: String,
    way: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
}

/// An archive and the entries of it that matter.
pub(super) struct Zip<'a> {
    archive: ZipArchive<At<'a>>,
    /// In the order of the central directory.
    pub(super) entries: Vec<Entry>,
    /// Where the walk of the central directory ended early, and why.
    pub(super) cut: Option<String>,
}

impl<'a> Zip<'a> {
    /// Walks the central directory of the archive in `content` and keeps the entries that are `wanted`.
    pub(super) fn open(
        content: &'a dyn Content,
        max_entries: u64,
        budget: &mut Budget,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, ZipError> {
        // What it costs to find out that it is no archive. A stored one costs nothing else, and any number of entries
        // can name the same bytes.
        budget.bytes(BUFFER.saturating_add(usize::try_from(content.size().min(SEARCHED)).unwrap_or(usize::MAX)))?;
        let mut buffer = vec![0; BUFFER];
        let archive = ZipLocator::new()
            .max_search_space(SEARCHED)
            .locate_in_reader(At(content), &mut buffer, content.size())
            .map_err(|(_, error)| ZipError::NoZip(error))?;
        let mut entries = Vec::new();
        let mut cut = None;
        let mut count: u64 = 0;
        let mut walk = archive.entries(&mut buffer);
        loop {
            let record = match walk.next_entry() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) => {
                    cut = Some(format!("its directory breaks off after {count} entries: {error}"));
                    break;
                }
            };
            if count == max_entries {
                cut = Some(format!("only the first {max_entries} entries were looked at"));
                break;
            }
            count += 1;
            budget.entry()?;
            let path = record.file_path();
            let name = String::from_utf8_lossy(path.as_ref());
            if name.len() > MAX_NAME || name.ends_with('/') || !wanted(&name) {
                continue;
            }
            budget.name(name.len())?;
            entries.push(Entry {
                name: name.into_owned(),
                way: record.wayfinder(),
                method: record.compression_method(),
                encrypted: record.flags().is_encrypted(),
            });
        }
        Ok(Self { archive, entries, cut })
    }

    /// The first `limit` bytes of an entry.
    pub(super) fn head(&self, entry: &Entry, limit: usize, budget: &mut Budget) -> Result<Vec<u8>, ZipError> {
        let mut bytes = Vec::new();
        match self.place(entry)? {
            (part, CompressionMethod::STORE) => {
                let size = usize::try_from(part.size()).unwrap_or(usize::MAX).min(limit);
                budget.bytes(size)?;
                io::Read::take(crate::content::Reader::new(&part), limit as u64).read_to_end(&mut bytes)?;
            }
            (part, _) => {
                inflate(&part, budget, |piece| {
                    let rest = limit.saturating_sub(bytes.len()).min(piece.len());
                    bytes.extend(piece.iter().take(rest));
                    Ok(bytes.len() < limit)
                })?;
            }
        }
        Ok(bytes)
    }

    /// All of an entry, to be read at places.
    pub(super) fn body(&self, entry: &Entry, budget: &mut Budget) -> Result<Body<'a>, ZipError> {
        let part = match self.place(entry)? {
            (part, CompressionMethod::STORE) => return Ok(Body::Stored(part)),
            (part, _) => part,
        };
        let mut bytes = Vec::new();
        let mut spool: Option<(File, u64)> = None;
        inflate(&part, budget, |piece| {
            match &mut spool {
                Some((file, size)) => {
                    file.write_all(piece)?;
                    *size += piece.len() as u64;
                }
                None if bytes.len() + piece.len() <= IN_MEMORY => bytes.extend_from_slice(piece),
                None => {
                    let mut file = tempfile::tempfile()?;
                    file.write_all(&bytes)?;
                    file.write_all(piece)?;
                    spool = Some((file, (bytes.len() + piece.len()) as u64));
                    bytes = Vec::new();
                }
            }
            Ok(true)
        })?;
        Ok(match spool {
            Some((file, size)) => Body::Spooled(file, size),
            None => Body::Inflated(bytes),
        })
    }

    /// Where the entry's bytes lie, as stored.
    fn place(&self, entry: &Entry) -> Result<(Part<'a>, CompressionMethod), ZipError> {
        if entry.encrypted {
            return Err(ZipError::Encrypted);
        }
        if !matches!(entry.method, CompressionMethod::STORE | CompressionMethod::DEFLATE) {
            return Err(ZipError::Method(entry.method.as_u16()));
        }
        let found = self.archive.get_entry(entry.way).map_err(ZipError::NoEntry)?;
        let (start, end) = found.compressed_data_range();
        let of = self.archive.get_ref().0;
        let size = end.min(of.size()).saturating_sub(start);
        Ok((Part { of, start, size }, entry.method))
    }
}

/// Hands the inflated bytes of `part` to `take`, piece by piece, until it wants no more.
fn inflate(
    part: &Part<'_>,
    budget: &mut Budget,
    mut take: impl FnMut(&[u8]) -> io::Result<bool>,
) -> Result<(), ZipError> {
    let mut decoder = DeflateDecoder::new(crate::content::Reader::new(part));
    let mut piece = vec![0; PIECE];
    loop {
        let count = match decoder.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        budget.bytes(count)?;
        if !take(piece.get(..count).unwrap_or_default())? {
            return Ok(());
        }
    }
}

/// The bytes of an entry.
pub(super) enum Body<'a> {
    /// As they lie in the archive.
    Stored(Part<'a>),
    Inflated(Vec<u8>),
    /// In an unlinked temporary file of this size.
    Spooled(File, u64),
}

impl Content for Body<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Stored(part) => part.size(),
            Self::Inflated(bytes) => bytes.size(),
            Self::Spooled(_, size) => *size,
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(part) => part.read_at(offset, buffer),
            Self::Inflated(bytes) => Content::read_at(bytes, offset, buffer),
            Self::Spooled(file, size) if offset < *size => file.read_at(buffer, offset),
            Self::Spooled(..) => Ok(0),
        }
    }
}

/// A part of some content.
pub(super) struct Part<'a> {
    of: &'a dyn Content,
    start: u64,
    size: u64,
}

impl Content for Part<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        match (self.start.checked_add(offset), buffer.get_mut(..rest)) {
            (Some(place), Some(buffer)) if rest > 0 => self.of.read_at(place, buffer),
            _ => Ok(0),
        }
    }
}

/// Content in the words of the zip reader.
struct At<'a>(&'a dyn Content);

impl ReaderAt for At<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.0.size() { Ok(0) } else { self.0.read_at(offset, buffer) }
    }
}
