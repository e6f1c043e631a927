//! The bytes of one file of an image, wherever they lie: in a layer's folder, in a tar at some offset, in a spool file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// Bytes that can be read at any place, so that nobody has to hold a whole file.
pub trait Content {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Reads at `offset` into `buffer`; fewer bytes than asked for only at the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The same bytes as a part of a file, to be read later and elsewhere. None where they pass by only once (a
    /// compressed stream): they must be read at once.
    fn detach(&self) -> Option<FileContent> {
        None
    }
}

/// A part of a file.
#[derive(Clone, Debug)]
pub struct FileContent {
    /// The file.
    pub file: Arc<File>,
    /// Where the part begins.
    pub offset: u64,
    /// How long it is, bytes.
    pub size: u64,
}

impl FileContent {
    /// All of a file.
    pub fn whole(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), offset: 0, size })
    }
}

impl Content for FileContent {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let Some(buffer) = buffer.get_mut(..count) else { return Ok(0) };
        self.file.read_at(buffer, self.offset.saturating_add(offset))
    }

    fn detach(&self) -> Option<FileContent> {
        Some(self.clone())
    }
}

impl Content for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

impl Content for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }
}

/// All of `content`, where it is at most `limit` bytes.
pub fn read_all(content: &dyn Content, limit: u64) -> io::Result<Vec<u8>> {
    let size = content.size();
    if size > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("{size} bytes, and at most {limit} are read")));
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match content.read_at(filled as u64, rest)? {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// `content` as a stream that can be sought in.
pub struct Reader<'a> {
    content: &'a dyn Content,
    position: u64,
}

impl<'a> Reader<'a> {
    /// At the beginning.
    pub fn new(content: &'a dyn Content) -> Self {
        Self { content, position: 0 }
    }
}

impl io::Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_at(self.position, buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl io::Seek for Reader<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let place = match to {
            io::SeekFrom::Start(place) => Some(place),
            io::SeekFrom::End(by) => self.content.size().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
