//! Reads as much of a file as its content is judged by: all of a small one, blocks all over a large one. Never waits: what is
//! no ordinary file is not opened.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use crate::data::ransom::{BLOCK, NOTE_BYTES, Profile, Sample};

/// Blocks that are read of a file that has more.
const BLOCKS: u64 = 16;

/// Opened without following a link, without waiting for a peer, and without a trace in its time of access where that may be.
pub(crate) fn open(path: &Path) -> Option<(File, u64)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let opened = rustix::fs::open(path, flags | OFlags::NOATIME, Mode::empty());
    let file = File::from(opened.or_else(|_| rustix::fs::open(path, flags, Mode::empty())).ok()?);
    let meta = file.metadata().ok()?;
    meta.is_file().then_some((file, meta.len()))
}

/// What a file's content is; none where it is gone, is no ordinary file or may not be read.
pub fn profile(path: &Path) -> Option<Profile> {
    let (file, size) = open(path)?;
    let blocks = size.div_ceil(BLOCK as u64);
    let many = blocks.min(BLOCKS);
    let mut bytes = vec![0u8; usize::try_from(many).unwrap_or(0) * BLOCK];
    let mut samples = Vec::new();
    for (number, room) in (0u64..).zip(bytes.chunks_mut(BLOCK)) {
        // The last one ends where the file does.
        let at = if blocks <= BLOCKS { number * BLOCK as u64 } else { (size - BLOCK as u64) / (BLOCKS - 1) * number };
        let at = if number == BLOCKS - 1 && blocks > BLOCKS { size - BLOCK as u64 } else { at };
        let read = read_at(&file, room, at);
        if read == 0 {
            break;
        }
        samples.push(Sample { at, bytes: room.get(..read).unwrap_or_default() });
    }
    Some(Profile::of(size, &samples))
}

/// The beginning of a text.
pub fn text(path: &Path) -> Option<Vec<u8>> {
    let (file, _) = open(path)?;
    let mut text = Vec::new();
    file.take(NOTE_BYTES as u64).read_to_end(&mut text).ok()?;
    Some(text)
}

fn read_at(file: &File, room: &mut [u8], at: u64) -> usize {
    let mut read = 0;
    while let Some(rest) = room.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at + read as u64) {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
    read
}
