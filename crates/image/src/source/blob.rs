//! A layer that is stored as one file, or as a part of one: a tar, plain or compressed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::{Layer, LayerError, Visitor};
use crate::Limits;
use crate::tar::{self, ChunkStream, FileStream, Pieces, ReadPieces};

/// How a blob is compressed, by its first bytes: media types lie, and old ones do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// By the first bytes of a blob.
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // Skippable frames (0x184D2A50 to 5F) may come before the first frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// `source`, decompressed.
    pub fn decoder<'a>(self, source: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        const INPUT: usize = 256 << 10;
        Ok(match self {
            Self::None => Box::new(source),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(INPUT, source))),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(INPUT, source))?;
                // 128 MiB, what `zstd --ultra` needs; more is an attack on memory.
                decoder.window_log_max(27)?;
                Box::new(decoder)
            }
        })
    }
}

/// A part of a file, read from its beginning to its end.
#[derive(Clone)]
pub struct Part {
    file: Arc<File>,
    position: u64,
    end: u64,
}

impl Part {
    /// The `size` bytes at `offset`.
    pub fn new(file: Arc<File>, offset: u64, size: u64) -> Self {
        Self { file, position: offset, end: offset.saturating_add(size) }
    }

    /// The first bytes, without going on.
    pub fn first(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.clone().read(buffer)
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        let read = self.file.read_at(buffer.get_mut(..count).unwrap_or_default(), self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// A layer as a tar in a part of a file.
pub struct BlobLayer {
    /// The part.
    pub part: Part,
    /// The digest that a manifest promises for the bytes as stored, `sha256:…`; none where nothing promises one.
    pub digest: Option<String>,
}

impl Layer for BlobLayer {
    fn walk(&self, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError> {
        let mut first = [0; 6];
        let count = self.part.first(&mut first)?;
        let compression = Compression::of(first.get(..count).unwrap_or_default());
        let promised = self.digest.as_deref();
        std::thread::scope(|scope| {
            // On the other core, while this one unpacks: hashing costs a fifth of unpacking.
            let hash = promised.map(|_| scope.spawn(|| sha256(self.part.clone())));
            let walked = match compression {
                Compression::None => {
                    let size = self.part.end - self.part.position;
                    let mut stream = FileStream::new(Arc::clone(&self.part.file), self.part.position, size);
                    tar::walk(&mut stream, visitor, limits)
                }
                compression => {
                    let (to_walk, pieces) = mpsc::sync_channel(2);
                    let (back, spent) = mpsc::sync_channel(4);
                    let part = self.part.clone();
                    let unpack = scope.spawn(move || unpack(part, compression, &to_walk, &spent));
                    let source = Unpacked { pieces, back };
                    let mut stream = ChunkStream::new(source, limits.max_file);
                    let walked = tar::walk(&mut stream, visitor, limits);
                    // Ends the other thread, too, where the walk ended early.
                    drop(stream);
                    let unpacked = unpack.join().unwrap_or_else(|_| Err(io::Error::other("unpacking stopped")));
                    match (walked, unpacked) {
                        // A tar that ends too early, because unpacking did: the reason is the better answer. What follows
                        // the end mark is nobody's.
                        (Err(LayerError::Malformed(_) | LayerError::Cut), Err(error)) => Err(LayerError::Read(error)),
                        (walked, _) => walked,
                    }
                }
            };
            if let (Some(hash), Some(promised)) = (hash, promised) {
                let found = hash.join().unwrap_or_else(|_| Err(io::Error::other("hashing stopped")))?;
                if found != promised {
                    return Err(LayerError::Digest { found, promised: promised.to_owned() });
                }
                // All that was promised is there: whoever wrote it left the end mark out.
                if matches!(walked, Err(LayerError::Cut)) {
                    return Ok(());
                }
            }
            walked
        })
    }

    fn cache_key(&self) -> Option<String> {
        self.digest.clone()
    }
}

/// Digest of all of `part`.
pub fn sha256(mut part: impl Read) -> io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 128 << 10]);
    loop {
        let count = match part.read(&mut buffer) {
            Ok(0) => return Ok(super::digest_text(&hash.finalize())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(buffer.get(..count).unwrap_or_default());
    }
}

/// Unpacks on a thread of its own, so that looking at one piece and unpacking the next go on at the same time.
fn unpack(
    part: Part,
    compression: Compression,
    to_walk: &SyncSender<io::Result<Vec<u8>>>,
    spent: &Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut pieces = ReadPieces(compression.decoder(part)?);
    loop {
        match pieces.next(spent.try_recv().unwrap_or_default()) {
            Ok(Some(piece)) => {
                if to_walk.send(Ok(piece)).is_err() {
                    return Ok(());
                }
            }
            Ok(None) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// The other end of [`unpack`].
struct Unpacked {
    pieces: Receiver<io::Result<Vec<u8>>>,
    back: SyncSender<Vec<u8>>,
}

impl Pieces for Unpacked {
    fn next(&mut self, spent: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        // Full or gone: the piece is let go.
        let _ = self.back.try_send(spent);
        self.pieces.recv().ok().transpose()
    }
}

/// A layer that passes by once and cannot be walked again: the whole of standard input, a download.
pub struct PassingLayer<R>(Mutex<Option<R>>);

impl<R: Read + Send> PassingLayer<R> {
    /// From `source`.
    pub fn new(source: R) -> Self {
        Self(Mutex::new(Some(source)))
    }
}

impl<R: Read + Send> Layer for PassingLayer<R> {
    fn walk(&self, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError> {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let source = source.ok_or_else(|| io::Error::other("it has passed by already"))?;
        let mut stream = ChunkStream::new(ReadPieces(source), limits.max_file);
        tar::walk(&mut stream, visitor, limits)
    }
}
