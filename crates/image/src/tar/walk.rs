//! From blocks to entries.

use std::borrow::Cow;

use super::header::{Header, NoHeader, sparse_extension};
use super::pax::{Pax, decimal};
use super::sparse::Sparse;
use super::{BLOCK, Stream, clean};
use crate::Limits;
use crate::content::Content;
use crate::source::{Entry, EntryKind, LayerError, Visitor, Want};

/// Longest extended header that is read, bytes. Honest ones hold a path and a few attributes.
const MAX_EXTENSION: u64 = 1 << 20;

/// Shows every entry of the tar to `visitor`.
pub fn walk<S: Stream + ?Sized>(stream: &mut S, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError> {
    let mut walk = Walk::default();
    while walk.step(stream, visitor, limits)? {}
    Ok(())
}

/// What has to be remembered between headers.
#[derive(Default)]
struct Walk {
    entries: u64,
    /// Bytes of all contents, those that nobody is shown as well.
    bytes: u64,
    pax: Pax,
    /// GNU's long name and long link for the next entry.
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    name: Vec<u8>,
    seen_any: bool,
}

impl Walk {
    /// Reads one header and what belongs to it; false at the end.
    fn step<S: Stream + ?Sized>(
        &mut self,
        stream: &mut S,
        visitor: &mut dyn Visitor,
        limits: &Limits,
    ) -> Result<bool, LayerError> {
        let bytes = stream.peek(BLOCK)?;
        if bytes.is_empty() {
            return Err(LayerError::Cut);
        }
        let Some(block) = bytes.first_chunk::<BLOCK>().copied() else {
            return Err(LayerError::Malformed("it ends in the middle of a header".into()));
        };
        let header = match Header::read(&block) {
            Ok(header) => header,
            // One block of zeros should be followed by a second, but not every writer does that.
            Err(NoHeader::Zero) => return Ok(false),
            Err(NoHeader::Checksum) if self.seen_any => {
                return Err(LayerError::Malformed("the checksum of a header does not fit".into()));
            }
            Err(NoHeader::Checksum) => return Err(LayerError::Malformed("it does not begin like a tar".into())),
        };
        self.seen_any = true;
        self.entries += 1;
        if self.entries > limits.max_entries {
            return Err(LayerError::Bound(format!("it has more than {} entries", limits.max_entries)));
        }
        let Some(stored) = header.size() else {
            return Err(LayerError::Malformed("a size cannot be read".into()));
        };
        skip(stream, BLOCK as u64)?;
        match header.typeflag() {
            b'x' | b'X' => {
                // Of two such headers the second counts, as in Go.
                self.pax = Pax::default();
                if !self.pax.read(&extension(stream, stored)?) {
                    return Err(LayerError::Malformed("an extended header cannot be read".into()));
                }
            }
            b'L' => self.long_name = Some(extension(stream, stored)?),
            b'K' => self.long_link = Some(extension(stream, stored)?),
            // Global records hold comments and the like; volume labels and the names of multi-volume archives no files.
            b'g' | b'V' | b'M' | b'N' => {
                count(&mut self.bytes, stored, limits)?;
                skip(stream, padded(stored)?)?;
            }
            _ => return self.entry(stream, header, stored, visitor, limits).map(|()| true),
        }
        Ok(true)
    }

    fn entry<S: Stream + ?Sized>(
        &mut self,
        stream: &mut S,
        header: Header<'_>,
        stored: u64,
        visitor: &mut dyn Visitor,
        limits: &Limits,
    ) -> Result<(), LayerError> {
        let pax = std::mem::take(&mut self.pax);
        header.name(&mut self.name);
        // Where both are there, engines (that is, Go) believe GNU's.
        let long = |text: Option<Vec<u8>>| text.map(until_nul).filter(|text| !text.is_empty());
        let (long_name, long_link) = (long(self.long_name.take()), long(self.long_link.take()));
        let sparse_name = if pax.is_sparse() { pax.path() } else { None };
        let name = sparse_name.or(long_name.as_deref()).or(pax.path()).unwrap_or(&self.name);
        let stored = pax.size.unwrap_or(stored);
        let is_folder_by_name = name.last() == Some(&b'/');
        let kind = match header.typeflag() {
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' | b'4' | b'6' => Kind::Special,
            b'5' | b'D' => Kind::Folder,
            // Only the oldest writers had no kind for folders.
            0 if is_folder_by_name => Kind::Folder,
            b'S' => Kind::OldSparse,
            // Unknown kinds are to be taken for files, says POSIX.
            _ => Kind::File,
        };
        // Links and devices have no content, whatever their size says. PAX allows hard links with data; Go, which is what
        // engines read layers with, does not, and takes the next block for a header.
        let content = match kind {
            Kind::File | Kind::OldSparse => stored,
            Kind::Folder if header.typeflag() == b'D' => stored,
            _ => 0,
        };
        count(&mut self.bytes, content, limits)?;
        let Some(path) = clean(name) else {
            visitor.incomplete(
                format!("the entry {}", String::from_utf8_lossy(name.get(..name.len().min(200)).unwrap_or_default())),
                "its path leads out of the image or is too long".into(),
            );
            return skip_entry(stream, header, kind, content);
        };
        if whiteout(&path, visitor) {
            return skip_entry(stream, header, kind, content);
        }
        let written = long_link.as_deref().or(pax.link.as_deref()).unwrap_or(header.link());
        let link: Cow<'_, str> = match kind {
            Kind::HardLink => clean(written).unwrap_or_default(),
            Kind::Symlink => String::from_utf8_lossy(written),
            _ => Cow::Borrowed(""),
        };
        let map = if kind == Kind::OldSparse { Some(old_sparse(stream, header)?) } else { None };
        let size = match (&map, pax.real_size) {
            (Some((_, real)), _) => *real,
            (None, Some(real)) if pax.is_sparse() => real,
            _ => content,
        };
        let entry = Entry {
            path: &path,
            kind: match kind {
                Kind::File | Kind::OldSparse => EntryKind::File,
                Kind::Folder => EntryKind::Folder,
                Kind::Symlink => EntryKind::Symlink(&link),
                Kind::HardLink => EntryKind::HardLink(&link),
                Kind::Special => EntryKind::Special,
            },
            mode: header.mode(),
            size: if matches!(kind, Kind::File | Kind::OldSparse) { size } else { 0 },
            again: false,
        };
        let want = visitor.entry(&entry);
        let mut passed = 0;
        if want == Want::Stop {
            return Err(LayerError::Bound(format!(
                "it holds more than {} bytes or too many entries",
                limits.max_image
            )));
        }
        if want == Want::Content && entry.kind == EntryKind::File {
            let map = map.as_ref().map(|(map, _)| map);
            passed = stream.show(content, &mut |bytes| show(bytes, &entry, &pax, map, visitor))?;
        }
        let left = padded(content)?.saturating_sub(passed);
        skip(stream, left)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Symlink,
    HardLink,
    Special,
    OldSparse,
}

/// Shows a file's content, its holes filled in.
fn show(stored: &dyn Content, entry: &Entry<'_>, pax: &Pax, old: Option<&Vec<(u64, u64)>>, visitor: &mut dyn Visitor) {
    let sparse = if let Some(map) = old {
        Sparse::new(stored, 0, map, entry.size)
    } else if pax.sparse_in_content {
        map_in_content(stored).and_then(|(begin, map)| Sparse::new(stored, begin, &map, entry.size))
    } else if pax.is_sparse() {
        Sparse::new(stored, 0, &pax.sparse, entry.size)
    } else {
        return visitor.content(entry, stored);
    };
    match sparse {
        Some(sparse) => visitor.content(entry, &sparse),
        None => visitor.incomplete(format!("the file /{}", entry.path), "its map of holes cannot be understood".into()),
    }
}

/// GNU sparse format 1.0: decimal lines at the beginning of the content, the first of which counts the segments.
fn map_in_content(stored: &dyn Content) -> Option<(u64, Vec<(u64, u64)>)> {
    let mut text = Vec::new();
    let (mut numbers, mut place) = (Vec::new(), 0);
    let mut wanted = 1_usize;
    while numbers.len() < wanted {
        let end = text.iter().skip(place).position(|byte| *byte == b'\n').map(|end| place + end);
        let Some(end) = end else {
            let mut block = [0; BLOCK];
            let read = stored.read_at(text.len() as u64, &mut block).ok()?;
            if read == 0 || text.len() > 4 << 20 {
                return None;
            }
            text.extend_from_slice(block.get(..read)?);
            continue;
        };
        numbers.push(decimal(text.get(place..end)?)?);
        place = end + 1;
        if numbers.len() == 1 {
            let count = usize::try_from(*numbers.first()?).ok().filter(|count| *count <= 100_000)?;
            wanted = 1 + 2 * count;
        }
    }
    let map = numbers.get(1..)?.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    Some((place.next_multiple_of(BLOCK) as u64, map))
}

/// The map of an old GNU sparse file, with the blocks that continue it, and the size with all holes.
fn old_sparse<S: Stream + ?Sized>(stream: &mut S, header: Header<'_>) -> Result<(Vec<(u64, u64)>, u64), LayerError> {
    let (first, mut more, real) = header.sparse();
    let mut map: Vec<(u64, u64)> = first.collect();
    while more {
        let Some(block) = stream.peek(BLOCK)?.first_chunk::<BLOCK>().copied() else {
            return Err(LayerError::Malformed("it ends in the middle of a map of holes".into()));
        };
        let (next, again) = sparse_extension(&block);
        map.extend(next);
        more = again && map.len() < 100_000;
        skip(stream, BLOCK as u64)?;
    }
    Ok((map, real.unwrap_or(0)))
}

/// Goes past an entry that nobody is shown.
fn skip_entry<S: Stream + ?Sized>(
    stream: &mut S,
    header: Header<'_>,
    kind: Kind,
    content: u64,
) -> Result<(), LayerError> {
    if kind == Kind::OldSparse {
        old_sparse(stream, header)?;
    }
    skip(stream, padded(content)?)
}

/// Says that a path is a whiteout, where it is one. `.wh..wh.` begins the notes that aufs left for itself.
fn whiteout(path: &str, visitor: &mut dyn Visitor) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(hidden) = name.strip_prefix(".wh.") else { return false };
    if hidden == ".wh..opq" {
        visitor.opaque(folder);
    } else if !hidden.starts_with(".wh.") && !hidden.is_empty() {
        let gone = if folder.is_empty() { hidden.to_owned() } else { format!("{folder}/{hidden}") };
        visitor.removed(&gone);
    }
    true
}

/// Adds `content` to what was counted: unpacking costs time whether somebody looks or not.
fn count(bytes: &mut u64, content: u64, limits: &Limits) -> Result<(), LayerError> {
    *bytes = bytes.saturating_add(content);
    if *bytes > limits.max_image {
        return Err(LayerError::Bound(format!("it holds more than {} bytes", limits.max_image)));
    }
    Ok(())
}

/// A whole extended header.
fn extension<S: Stream + ?Sized>(stream: &mut S, size: u64) -> Result<Vec<u8>, LayerError> {
    if size > MAX_EXTENSION {
        return Err(LayerError::Bound(format!("an extended header has {size} bytes")));
    }
    let count = usize::try_from(size).unwrap_or(usize::MAX);
    let bytes = stream.peek(count)?.to_vec();
    if bytes.len() < count {
        return Err(LayerError::Malformed("it ends in the middle of an extended header".into()));
    }
    skip(stream, padded(size)?)?;
    Ok(bytes)
}

/// A long name without the NUL at its end.
fn until_nul(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
    name
}

fn padded(size: u64) -> Result<u64, LayerError> {
    size.checked_next_multiple_of(BLOCK as u64)
        .ok_or_else(|| LayerError::Malformed(format!("an entry claims to have {size} bytes")))
}

fn skip<S: Stream + ?Sized>(stream: &mut S, count: u64) -> Result<(), LayerError> {
    if stream.skip(count)? {
        return Ok(());
    }
    Err(LayerError::Malformed("it ends in the middle of an entry".into()))
}
