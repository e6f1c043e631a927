//! What is in a file, as a hash. Up to [`PLAIN`] bytes it is BLAKE3 of the content, as `b3sum` prints it. Above, the content is
//! taken in blocks of [`BLOCK`] bytes and the hash is over the length and over each block that is not all zeroes, with its
//! number: so that a file of which a terabyte was never written costs nothing, whether it lies there as a hole or as zeroes.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use blake3::Hasher;
use blake3::hazmat::{
    ChainingValue, HasherExt as _, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
};
use rustix::fs::{SeekFrom, seek};
use rustix::io::{Errno, pread};

/// Files up to this many bytes have the hash that `b3sum` prints.
pub const PLAIN: u64 = 4 << 30;
/// What is read and hashed at once.
pub const BLOCK: u64 = 4 << 20;
/// What is read at once: it stays in the processor's own cache until it is hashed.
pub(super) const BUFFER: usize = 128 * 1024;

static ZEROES: [u8; BUFFER] = [0; BUFFER];

/// A file that is hashed.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) file: &'a File,
    pub(super) size: u64,
    /// The filesystem keeps less of it than its size.
    pub(super) has_holes: bool,
    /// Counts what was read, so that somebody can see that it goes on.
    pub(super) progress: &'a AtomicU64,
}

/// How a file could not be hashed.
#[derive(Debug)]
pub enum Unread {
    /// It ended before its length, or went on behind it: somebody writes to it.
    Moved,
    /// The system's own words.
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Errno> for Unread {
    fn from(error: Errno) -> Self {
        Self::Failed(error.into())
    }
}

/// The hash of the regular file at `path`, as trees hold it.
///
/// # Errors
/// It cannot be read, is no regular file, or changes while it is read.
pub fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, rustix::fs::Mode::empty())?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut buffer = vec![0; BUFFER];
    let has_holes = meta.blocks().saturating_mul(512) < meta.len();
    let input = Input { file: &file, size: meta.len(), has_holes, progress: &AtomicU64::new(0) };
    whole(&input, &mut buffer).map_err(|unread| match unread {
        Unread::Failed(error) => error,
        Unread::Moved => io::Error::other("it changes while it is read"),
    })
}

/// The hash of a file by one thread.
pub(super) fn whole(input: &Input<'_>, buffer: &mut [u8]) -> Result<[u8; 32], Unread> {
    let size = input.size;
    if size > PLAIN {
        let mut hash = Sparse::new(size);
        for number in 0..size.div_ceil(BLOCK) {
            hash.take(number, block(input, number, buffer)?);
        }
        ends(input, buffer)?;
        return Ok(hash.done());
    }
    let mut hash = Hasher::new();
    part(input, 0, size, buffer, &mut |bytes| {
        hash.update(bytes);
    })?;
    ends(input, buffer)?;
    Ok(*hash.finalize().as_bytes())
}

/// A block of a file that is hashed by several threads. `None` is a block of zeroes of a file above [`PLAIN`].
pub(super) fn block(input: &Input<'_>, number: u64, buffer: &mut [u8]) -> Result<Option<ChainingValue>, Unread> {
    let from = number * BLOCK;
    let length = BLOCK.min(input.size.saturating_sub(from));
    let mut hash = Hasher::new();
    if input.size > PLAIN {
        if input.has_holes && is_hole(input.file, from, length) {
            return Ok(None);
        }
        let mut is_empty = true;
        part(input, from, length, buffer, &mut |bytes| {
            is_empty = is_empty && bytes.iter().all(|byte| *byte == 0);
            hash.update(bytes);
        })?;
        return Ok((!is_empty).then(|| *hash.finalize().as_bytes()));
    }
    hash.set_input_offset(from);
    part(input, from, length, buffer, &mut |bytes| {
        hash.update(bytes);
    })?;
    Ok(Some(hash.finalize_non_root()))
}

/// The hash of a whole file from those of its blocks; more than one block.
pub(super) fn joined(size: u64, blocks: &[Option<ChainingValue>]) -> [u8; 32] {
    if size > PLAIN {
        let mut hash = Sparse::new(size);
        for (number, block) in (0..).zip(blocks) {
            hash.take(number, *block);
        }
        return hash.done();
    }
    let (left, right) = halves(size, blocks);
    *merge_subtrees_root(&left, &right, Mode::Hash).as_bytes()
}

fn halves(size: u64, blocks: &[Option<ChainingValue>]) -> (ChainingValue, ChainingValue) {
    let left = left_subtree_len(size);
    let at = usize::try_from(left / BLOCK).unwrap_or(usize::MAX).min(blocks.len());
    let (before, after) = blocks.split_at(at);
    (subtree(left, before), subtree(size - left, after))
}

fn subtree(size: u64, blocks: &[Option<ChainingValue>]) -> ChainingValue {
    match blocks {
        [] => ChainingValue::default(),
        [one] => one.unwrap_or_default(),
        _ => {
            let (left, right) = halves(size, blocks);
            merge_subtrees_non_root(&left, &right, Mode::Hash)
        }
    }
}

/// The hash of a file above [`PLAIN`].
struct Sparse(Hasher);

impl Sparse {
    fn new(size: u64) -> Self {
        let mut hash = Hasher::new_derive_key("keelguard 2026-11 content by blocks");
        hash.update(&size.to_le_bytes());
        Self(hash)
    }

    fn take(&mut self, number: u64, block: Option<ChainingValue>) {
        if let Some(block) = block {
            self.0.update(&number.to_le_bytes());
            self.0.update(&block);
        }
    }

    fn done(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// Whether the filesystem knows that there is nothing.
fn is_hole(file: &File, from: u64, length: u64) -> bool {
    match seek(file.as_fd(), SeekFrom::Data(from)) {
        Ok(data) => data >= from.saturating_add(length),
        // From here to the end.
        Err(Errno::NXIO) => true,
        Err(_) => false,
    }
}

/// Reads a part of a file. Where much of it was never written (`has_holes`), the filesystem is asked where, and not made to
/// read zeroes.
fn part(
    input: &Input<'_>,
    from: u64,
    length: u64,
    buffer: &mut [u8],
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), Unread> {
    let Input { file, progress, .. } = input;
    let (mut at, end) = (from, from.saturating_add(length));
    let mut data = at;
    while at < end {
        if input.has_holes && at >= data {
            data = match seek(file.as_fd(), SeekFrom::Data(at)) {
                Ok(data) => data.min(end),
                Err(Errno::NXIO) => end,
                Err(_) => at,
            };
            while at < data {
                let zeroes = usize::try_from(data - at).unwrap_or(usize::MAX).min(ZEROES.len());
                take(ZEROES.get(..zeroes).unwrap_or_default());
                at += zeroes as u64;
            }
            data = match seek(file.as_fd(), SeekFrom::Hole(at)) {
                Ok(hole) => hole.max(at + 1),
                Err(_) => end,
            };
            progress.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let end = if input.has_holes { end.min(data) } else { end };
        let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(buffer.len());
        let Some(room) = buffer.get_mut(..most) else { break };
        let read = match pread(file.as_fd(), &mut *room, at) {
            Ok(0) => return Err(Unread::Moved),
            Ok(read) => read,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        take(room.get(..read).unwrap_or_default());
        progress.fetch_add(1, Ordering::Relaxed);
        at += read as u64;
    }
    Ok(())
}

/// Makes sure that nothing comes behind the end: what grows without one, whatever length it claims, is not hashed.
pub(super) fn ends(input: &Input<'_>, buffer: &mut [u8]) -> Result<(), Unread> {
    let Some(room) = buffer.get_mut(..1) else { return Ok(()) };
    match pread(input.file.as_fd(), room, input.size) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Unread::Moved),
        Err(error) => Err(error.into()),
    }
}
