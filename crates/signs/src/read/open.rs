//! Opens a log and takes it out of its wrapping. What is packed is unpacked as it is read, up to a bound.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::Reading;

/// What a file turns out to be.
pub(crate) enum Opened {
    /// Lines of text.
    Text(Box<dyn BufRead>),
    /// Records of `wtmp` and its relatives.
    Records(Box<dyn BufRead>),
    /// `lastlog`: a record for each user id.
    LastLogins(Box<dyn BufRead>),
    /// A journal file.
    Journal,
    /// A database of SQLite: of `wtmpdb` or `lastlog2`.
    Database,
    /// What sysstat wrote, in whichever form.
    Samples(Box<dyn BufRead>),
}

const BUFFER: usize = 256 << 10;
/// Opening a fifo that nobody writes to would wait for ever.
const NONBLOCK: i32 = 0o4000;

/// Opens `path`; `-` is standard input. At most as much comes out as `reading` allows.
pub(crate) fn open(path: &Path, reading: &Reading) -> io::Result<(Opened, Option<std::fs::Metadata>)> {
    let most = reading.most_unpacked;
    if path.as_os_str() == "-" {
        let opened = unwrapped(BufReader::with_capacity(BUFFER, io::stdin()), "", most)?;
        return Ok((opened, None));
    }
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() && !meta.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut options = File::options();
    options.read(true);
    if meta.is_file() {
        options.custom_flags(NONBLOCK);
    }
    let file = options.open(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // What is written from here on is read by whoever follows the log.
    let file = file.take(reading.end_of(path).unwrap_or(u64::MAX));
    let file = Counted { inner: file, count: Arc::clone(&reading.progress) };
    Ok((unwrapped(BufReader::with_capacity(BUFFER, file), &name, most)?, Some(meta)))
}

fn unwrapped(mut reader: BufReader<impl Read + 'static>, name: &str, most: u64) -> io::Result<Opened> {
    let start = reader.fill_buf()?;
    let mut unpacked: Box<dyn BufRead> = match start {
        [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(BUFFER, Bound::new(MultiGzDecoder::new(reader), most))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            Box::new(BufReader::with_capacity(BUFFER, Bound::new(decoder, most)))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Box::new(BufReader::with_capacity(BUFFER, Bound::new(Xz::new(reader), most)))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
            Box::new(BufReader::with_capacity(BUFFER, Bound::new(MultiBzDecoder::new(reader), most)))
        }
        [b'L', b'P', b'K', b'S', b'H', b'H', b'R', b'H', ..] => return Ok(Opened::Journal),
        _ if start.starts_with(b"SQLite format 3\0") => return Ok(Opened::Database),
        _ => Box::new(reader),
    };
    match unpacked.fill_buf() {
        Ok(start) if super::sysstat::begins(start) => return Ok(Opened::Samples(unpacked)),
        Ok(_) => {}
        // Damaged at once: said like damage further on.
        Err(error) => return Ok(Opened::Text(Box::new(BufReader::new(Broken(Some(error)))))),
    }
    if name.starts_with("lastlog") {
        return Ok(Opened::LastLogins(unpacked));
    }
    let records = ["wtmp", "btmp", "utmp"].iter().any(|kind| name.starts_with(kind));
    Ok(if records { Opened::Records(unpacked) } else { Opened::Text(unpacked) })
}

/// What xz packed. It may ask for gigabytes of memory: as much as `xz -9` takes is given.
struct Xz<R: Read>(XzReader<R>);

/// A dictionary of 64 MiB, and a mebibyte for what stands around it.
const MOST_MEMORY: u32 = 65 << 10;

impl<R: Read> Xz<R> {
    fn new(reader: R) -> Self {
        Self(XzReader::new_mem_limit(reader, true, MOST_MEMORY))
    }
}

impl<R: Read> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => {
                let why = "it was packed with a larger dictionary than xz -9 makes (64 MiB); unpack it first (unxz)";
                io::Error::new(io::ErrorKind::OutOfMemory, why)
            }
            _ => error,
        })
    }
}

/// What cannot be unpacked, and why.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Says how much was read.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// An end to what a small file can become.
struct Bound<R> {
    inner: R,
    left: u64,
}

impl<R> Bound<R> {
    fn new(inner: R, most: u64) -> Self {
        Self { inner, left: most }
    }
}

impl<R: Read> Read for Bound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::FileTooLarge, "more comes out of it than is read of one packed file")
        })?;
        Ok(count)
    }
}
