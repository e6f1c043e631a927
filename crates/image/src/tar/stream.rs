//! The bytes of a tar: in a file, where what is not wanted is jumped over, or passing by from a decompressor.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use crate::content::{Content, FileContent};

/// A tar being read from its beginning to its end.
pub trait Stream {
    /// The next `count` bytes, fewer at the end. They stay where they are.
    fn peek(&mut self, count: usize) -> io::Result<&[u8]>;
    /// Goes on by `count` bytes; false where the stream ends before.
    fn skip(&mut self, count: u64) -> io::Result<bool>;
    /// Shows the next `size` bytes as content, and says how many of them have passed by for good.
    fn show(&mut self, size: u64, see: &mut dyn FnMut(&dyn Content)) -> io::Result<u64>;
}

/// A part of a file. Read through a small window: headers of small files lie near each other, and the contents of
/// large ones are never touched. Not mapped, since mapped pages count as memory of the process.
pub struct FileStream {
    file: Arc<File>,
    /// Place of the next byte.
    position: u64,
    /// Place behind the last byte.
    end: u64,
    window: Box<[u8]>,
    /// Where the window's bytes lie in the file, and how many they are.
    at: u64,
    filled: usize,
}

impl FileStream {
    /// Bytes read at once. Small, because most of it is copied for nothing: see the bench `walk`.
    const WINDOW: usize = 16 << 10;

    /// The `size` bytes at `offset`.
    pub fn new(file: Arc<File>, offset: u64, size: u64) -> Self {
        Self {
            file,
            position: offset,
            end: offset.saturating_add(size),
            window: vec![0; Self::WINDOW].into_boxed_slice(),
            at: offset,
            filled: 0,
        }
    }
}

impl Stream for FileStream {
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let count = count.min(left);
        let inside = self.position >= self.at && self.position + count as u64 <= self.at + self.filled as u64;
        if !inside {
            if count > self.window.len() {
                self.window = vec![0; count].into_boxed_slice();
            }
            let room = self.window.len().min(left);
            self.at = self.position;
            self.filled = 0;
            while self.filled < count {
                let Some(rest) = self.window.get_mut(self.filled..room) else { break };
                match self.file.read_at(rest, self.at + self.filled as u64) {
                    Ok(0) => break,
                    Ok(read) => self.filled += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let start = usize::try_from(self.position - self.at).unwrap_or(usize::MAX);
        Ok(self.window.get(start..self.filled.min(start.saturating_add(count))).unwrap_or_default())
    }

    fn skip(&mut self, count: u64) -> io::Result<bool> {
        let there = count <= self.end - self.position;
        self.position = if there { self.position + count } else { self.end };
        Ok(there)
    }

    fn show(&mut self, size: u64, see: &mut dyn FnMut(&dyn Content)) -> io::Result<u64> {
        let size = size.min(self.end - self.position);
        see(&FileContent { file: Arc::clone(&self.file), offset: self.position, size });
        Ok(0)
    }
}

/// Where the pieces of a passing stream come from.
pub trait Pieces {
    /// The next piece; none at the end. `spent` is a piece that is not needed any more, to be filled again.
    fn next(&mut self, spent: Vec<u8>) -> io::Result<Option<Vec<u8>>>;
}

/// Any reader, cut into pieces.
pub struct ReadPieces<R>(pub R);

/// Bytes of a piece: whole blocks, so that headers hardly ever lie across two of them.
pub const PIECE: usize = 256 << 10;

impl<R: Read> Pieces for ReadPieces<R> {
    fn next(&mut self, spent: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        let mut piece = spent;
        piece.resize(PIECE, 0);
        let mut filled = 0;
        while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What came before a broken end is looked at first; the error comes again.
                Err(error) if filled == 0 => return Err(error),
                Err(_) => break,
            }
        }
        piece.truncate(filled);
        Ok((filled > 0).then_some(piece))
    }
}

/// Bytes that pass by once, in pieces.
pub struct ChunkStream<P> {
    source: P,
    piece: Vec<u8>,
    /// First byte of `piece` that has not passed by.
    start: usize,
    ended: bool,
    /// Largest content that is kept for reading at places, bytes.
    max_kept: u64,
}

impl<P: Pieces> ChunkStream<P> {
    /// Over `source`, keeping at most `max_kept` bytes of one file.
    pub fn new(source: P, max_kept: u64) -> Self {
        Self { source, piece: Vec::new(), start: 0, ended: false, max_kept }
    }

    /// Bytes at hand.
    fn ready(&self) -> &[u8] {
        self.piece.get(self.start..).unwrap_or_default()
    }

    /// Gets pieces until `count` bytes are at hand or the source ends.
    fn fill(&mut self, count: usize) -> io::Result<()> {
        while self.ready().len() < count && !self.ended {
            let held = self.ready().to_vec();
            match self.source.next(std::mem::take(&mut self.piece))? {
                None => {
                    self.ended = true;
                    self.piece = held;
                }
                Some(piece) if held.is_empty() => self.piece = piece,
                Some(piece) => {
                    self.piece = held;
                    self.piece.extend_from_slice(&piece);
                }
            }
            self.start = 0;
        }
        Ok(())
    }

    /// Takes up to `buffer.len()` bytes.
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill(1)?;
        let count = self.ready().len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), self.ready().get(..count)) {
            to.copy_from_slice(from);
        }
        self.start += count;
        Ok(count)
    }

    /// Reads to the end, so that whoever checks the bytes has seen all of them. At most `bound` more bytes.
    pub fn drain(&mut self, bound: u64) -> io::Result<()> {
        let mut seen = 0_u64;
        while let Some(piece) = self.source.next(std::mem::take(&mut self.piece))? {
            seen += piece.len() as u64;
            self.piece = piece;
            if seen > bound {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("{bound} bytes follow the archive's end"),
                ));
            }
        }
        Ok(())
    }
}

impl<P: Pieces> Stream for ChunkStream<P> {
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        self.fill(count)?;
        let ready = self.ready();
        Ok(ready.get(..count).unwrap_or(ready))
    }

    fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        while count > 0 {
            self.fill(1)?;
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(self.ready().len());
            if step == 0 {
                return Ok(false);
            }
            self.start += step;
            count -= step as u64;
        }
        Ok(true)
    }

    fn show(&mut self, size: u64, see: &mut dyn FnMut(&dyn Content)) -> io::Result<u64> {
        let max_kept = self.max_kept;
        let kept = Kept { stream: self, memory: Vec::new(), spool: None, count: 0 };
        let passing = Passing { size, max_kept, state: RefCell::new(kept) };
        see(&passing);
        Ok(passing.state.into_inner().count)
    }
}

/// A content that passes by. What was read of it is kept, so that it can be read at any place: a little in memory, more
/// in a file that has no name.
struct Passing<'a, P> {
    size: u64,
    max_kept: u64,
    state: RefCell<Kept<'a, P>>,
}

struct Kept<'a, P> {
    stream: &'a mut ChunkStream<P>,
    memory: Vec<u8>,
    spool: Option<File>,
    count: u64,
}

/// Bytes of one content that are kept in memory.
const IN_MEMORY: u64 = 4 << 20;

impl<P: Pieces> Kept<'_, P> {
    /// Keeps everything before `end`.
    fn keep(&mut self, end: u64) -> io::Result<()> {
        if self.spool.is_none() && end > IN_MEMORY {
            let mut file = tempfile::tempfile()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.spool = Some(file);
        }
        while self.count < end {
            let mut piece = [0; 16 << 10];
            let want = usize::try_from(end - self.count).unwrap_or(usize::MAX).min(piece.len());
            let count = self.stream.take(piece.get_mut(..want).unwrap_or_default())?;
            let piece = piece.get(..count).unwrap_or_default();
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match &mut self.spool {
                Some(file) => {
                    file.seek(SeekFrom::End(0))?;
                    file.write_all(piece)?;
                }
                None => self.memory.extend_from_slice(piece),
            }
            self.count += count as u64;
        }
        Ok(())
    }
}

impl<P: Pieces> Content for Passing<'_, P> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..count).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let end = offset + count as u64;
        if end > self.max_kept {
            let text = format!("more than {} bytes of one file would have to be kept", self.max_kept);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        let mut state = self.state.borrow_mut();
        state.keep(end)?;
        match &state.spool {
            Some(file) => file.read_exact_at(buffer, offset)?,
            None => return state.memory.as_slice().read_at(offset, buffer),
        }
        Ok(count)
    }
}
