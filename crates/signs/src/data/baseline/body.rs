//! The files of a generation, in the order of trees: blocks of a quarter of a megabyte, packed with zstd. Within a block a path is
//! written as what it shares with the one before, and the rest.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::data::tree::Record;

pub(super) const MAGIC: &[u8] = b"KEELGUARD BASELINE 1\n";
/// A block is closed at this size, before packing.
const BLOCK: usize = 256 * 1024;
/// A file with many long attributes can make a block larger; nothing can make it larger than this.
const LONGEST: usize = 32 << 20;
/// The longest path: the kernel's own bound for one that is opened at once, many times over.
const PATH: usize = 1 << 20;

/// A file as it is since a generation, or that it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The number of its tree, in the order of names.
    pub tree: u16,
    /// Its path in the tree.
    pub path: Vec<u8>,
    /// None where it is gone.
    pub record: Option<Record>,
}

#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    tree: u16,
    shared: u32,
    #[serde(borrow)]
    rest: &'a [u8],
    record: Option<Record>,
}

/// Writes items.
pub(super) struct Writer<W: Write> {
    out: W,
    hash: blake3::Hasher,
    block: Vec<u8>,
    last: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        let mut hash = blake3::Hasher::new();
        hash.update(MAGIC);
        out.write_all(MAGIC)?;
        Ok(Self { out, hash, block: Vec::with_capacity(BLOCK * 2), last: Vec::new() })
    }

    pub(super) fn write(&mut self, tree: u16, path: &[u8], record: Option<&Record>) -> io::Result<()> {
        let shared =
            if self.block.is_empty() { 0 } else { path.iter().zip(&self.last).take_while(|(a, b)| a == b).count() };
        let rest = path.get(shared..).unwrap_or_default();
        let shared = u32::try_from(shared).map_err(io::Error::other)?;
        let packed = Packed { tree, shared, rest, record: record.cloned() };
        let block = std::mem::take(&mut self.block);
        self.block = postcard::to_extend(&packed, block).map_err(io::Error::other)?;
        self.last.clear();
        self.last.extend_from_slice(path);
        if self.block.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let packed = zstd::bulk::compress(&self.block, 3)?;
        self.block.clear();
        self.put(&u32::try_from(packed.len()).map_err(io::Error::other)?.to_le_bytes())?;
        self.put(&packed)
    }

    /// Ends the body; what was written to, and the hash of it.
    pub(super) fn finish(mut self) -> io::Result<(W, String)> {
        if !self.block.is_empty() {
            self.flush()?;
        }
        self.put(&0u32.to_le_bytes())?;
        Ok((self.out, self.hash.finalize().to_hex().to_string()))
    }
}

/// Reads what was written, and what somebody made of it.
pub struct Reader<R: Read> {
    input: R,
    hash: blake3::Hasher,
    block: Vec<u8>,
    at: usize,
    last: Vec<u8>,
    is_first: bool,
    is_done: bool,
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl<R: Read> Reader<R> {
    /// Begins.
    ///
    /// # Errors
    /// It is no body, or cannot be read.
    pub fn new(mut input: R) -> io::Result<Self> {
        let mut magic = [0u8; 21];
        input.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(bad("it does not begin as a baseline does"));
        }
        let mut hash = blake3::Hasher::new();
        hash.update(MAGIC);
        Ok(Self { input, hash, block: Vec::new(), at: 0, last: Vec::new(), is_first: true, is_done: false })
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut length = [0u8; 4];
        self.input.read_exact(&mut length)?;
        self.hash.update(&length);
        let length = u32::from_le_bytes(length) as usize;
        if length == 0 {
            self.is_done = true;
            return Ok(());
        }
        if length > LONGEST {
            return Err(bad("a block is larger than any"));
        }
        let mut packed = Vec::new();
        self.input.by_ref().take(length as u64).read_to_end(&mut packed)?;
        if packed.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.hash.update(&packed);
        self.block.clear();
        let mut unpack = zstd::stream::read::Decoder::with_buffer(packed.as_slice())?;
        unpack.by_ref().take(LONGEST as u64 + 1).read_to_end(&mut self.block)?;
        if self.block.is_empty() || self.block.len() > LONGEST {
            return Err(bad("a block is larger than any, or empty"));
        }
        self.at = 0;
        self.is_first = true;
        Ok(())
    }

    /// The next item; none at the end.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Option<Item>> {
        if self.is_done {
            return Ok(None);
        }
        if self.at >= self.block.len() {
            self.fill()?;
            if self.is_done {
                return Ok(None);
            }
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let (packed, after) =
            postcard::take_from_bytes::<Packed<'_>>(rest).map_err(|_| bad("a file in it is damaged"))?;
        let shared = packed.shared as usize;
        let is_sound =
            shared <= self.last.len() && (shared == 0 || !self.is_first) && shared + packed.rest.len() <= PATH;
        if !is_sound {
            return Err(bad("a path in it is damaged"));
        }
        self.last.truncate(shared);
        self.last.extend_from_slice(packed.rest);
        let item = Item { tree: packed.tree, path: self.last.clone(), record: packed.record };
        self.at = self.block.len() - after.len();
        self.is_first = false;
        Ok(Some(item))
    }

    /// The hash of everything that was read, when it was read to its end.
    pub(super) fn hash(&self) -> Option<String> {
        self.is_done.then(|| self.hash.finalize().to_hex().to_string())
    }
}
