//! The frame of an ELF file, read at places: the header, the section headers and their names are three small reads,
//! however large the file is. Offsets and sizes come from the file and are never trusted.

use std::io;

use crate::content::Content;

/// Section and program headers that are read at most: a file of the linker's has some dozens.
const MAX_HEADERS: u64 = 10_000;
/// Bytes of section names that are read at most.
const MAX_NAMES: u64 = 1 << 20;

const SHF_ALLOC: u64 = 2;
const SHF_EXECINSTR: u64 = 4;
const SHT_NOBITS: u32 = 8;
const PT_LOAD: u32 = 1;
const PF_X: u32 = 1;
const PF_W: u32 = 2;

/// A part of the file that is mapped, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) offset: u64,
    pub(super) size: u64,
    /// Loaded data that is no code: where constants and variables lie.
    pub(super) is_data: bool,
}

/// A loaded segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) address: u64,
    pub(super) offset: u64,
    /// Bytes of it in the file.
    pub(super) size: u64,
    /// Writable and not executable: where variables lie.
    pub(super) is_data: bool,
    pub(super) is_code: bool,
}

/// An opened ELF file.
pub(super) struct Elf<'a> {
    pub(super) content: &'a dyn Content,
    is_64: bool,
    is_big: bool,
    header: Header,
    /// Sections; empty where their headers are missing (stripped by `sstrip` and packers) or beyond reading.
    pub(super) sections: Vec<Section>,
}

struct Header {
    segments: u64,
    segment_size: u16,
    segment_count: u16,
}

impl<'a> Elf<'a> {
    /// The frame of the file; none where it is no ELF file. Section headers that lie are no sections.
    pub(super) fn open(content: &'a dyn Content) -> io::Result<Option<Self>> {
        let head = read(content, 0, 64)?;
        let mut fields = match head.as_slice() {
            [0x7f, b'E', b'L', b'F', class @ (1 | 2), data @ (1 | 2), ..] if head.len() >= 52 => {
                Fields { bytes: &head, at: 24, is_64: *class == 2, is_big: *data == 2 }
            }
            _ => return Ok(None),
        };
        let (is_64, is_big) = (fields.is_64, fields.is_big);
        let (Some(_entry), Some(segments), Some(headers)) = (fields.word(), fields.word(), fields.word()) else {
            return Ok(None);
        };
        let mut halves = [0_u16; 6];
        fields.at += 4;
        for half in &mut halves {
            *half = fields.half().unwrap_or_default();
        }
        let [_, segment_size, segment_count, size, count, names] = halves;
        let header = Header { segments, segment_size, segment_count };
        let mut elf = Self { content, is_64, is_big, header, sections: Vec::new() };
        elf.sections = elf.read_sections(headers, u64::from(size), u64::from(count), u64::from(names))?;
        Ok(Some(elf))
    }

    fn read_sections(&self, offset: u64, size: u64, count: u64, names: u64) -> io::Result<Vec<Section>> {
        let wanted = if self.is_64 { 64 } else { 40 };
        if offset == 0 || size != wanted {
            return Ok(Vec::new());
        }
        // More than 65,279 sections: the number stands in the first header. That many are no program's.
        let table = read(self.content, offset, size.saturating_mul(count.min(MAX_HEADERS)))?;
        let raw: Vec<Raw> = table
            .chunks_exact(usize::try_from(size).unwrap_or(usize::MAX))
            .map_while(|bytes| Raw::parse(self.fields(bytes)))
            .collect();
        let Some(names) = usize::try_from(names).ok().and_then(|index| raw.get(index)) else { return Ok(Vec::new()) };
        let names = read(self.content, names.offset, names.size.min(MAX_NAMES))?;
        Ok(raw.iter().map(|raw| raw.section(&names)).collect())
    }

    /// The section of this name, where it has bytes in the file.
    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name && section.size > 0)
    }

    /// The loaded segments.
    pub(super) fn segments(&self) -> io::Result<Vec<Segment>> {
        let size = u64::from(self.header.segment_size);
        if self.header.segments == 0 || size != if self.is_64 { 56 } else { 32 } {
            return Ok(Vec::new());
        }
        let count = u64::from(self.header.segment_count).min(MAX_HEADERS);
        let table = read(self.content, self.header.segments, size.saturating_mul(count))?;
        Ok(table
            .chunks_exact(usize::try_from(size).unwrap_or(usize::MAX))
            .filter_map(|bytes| self.segment(bytes))
            .collect())
    }

    fn segment(&self, bytes: &[u8]) -> Option<Segment> {
        let mut fields = self.fields(bytes);
        let kind = fields.quarter()?;
        let mut flags = if self.is_64 { fields.quarter()? } else { 0 };
        let (offset, address, _physical, size, _memory) =
            (fields.word()?, fields.word()?, fields.word()?, fields.word()?, fields.word()?);
        if !self.is_64 {
            flags = fields.quarter()?;
        }
        let is_data = flags & (PF_X | PF_W) == PF_W;
        let is_code = flags & PF_X != 0;
        (kind == PT_LOAD).then_some(Segment { address, offset, size, is_data, is_code })
    }

    /// A reader of the file's own integers.
    pub(super) fn fields<'b>(&self, bytes: &'b [u8]) -> Fields<'b> {
        Fields { bytes, at: 0, is_64: self.is_64, is_big: self.is_big }
    }
}

struct Raw {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size: u64,
}

impl Raw {
    fn parse(mut fields: Fields<'_>) -> Option<Self> {
        let (name, kind, flags) = (fields.quarter()?, fields.quarter()?, fields.word()?);
        let (_address, offset, size) = (fields.word()?, fields.word()?, fields.word()?);
        Some(Self { name, kind, flags, offset, size })
    }

    fn section(&self, names: &[u8]) -> Section {
        let name = usize::try_from(self.name).ok().and_then(|at| names.get(at..)).unwrap_or_default();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        // Names that matter are short; a table of overlapping ones must not multiply.
        let name = String::from_utf8_lossy(name.get(..name.len().min(64)).unwrap_or_default()).into_owned();
        let in_file = self.kind != SHT_NOBITS;
        let is_data = in_file && self.flags & SHF_ALLOC != 0 && self.flags & SHF_EXECINSTR == 0;
        Section { name, offset: self.offset, size: if in_file { self.size } else { 0 }, is_data }
    }
}

/// Integers of the file's width and byte order, one after the other.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    is_64: bool,
    pub(super) is_big: bool,
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let end = self.at.checked_add(N)?;
        let bytes: [u8; N] = self.bytes.get(self.at..end)?.try_into().ok()?;
        self.at = end;
        Some(bytes)
    }

    fn half(&mut self) -> Option<u16> {
        let bytes = self.take()?;
        Some(if self.is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// Four bytes.
    pub(super) fn quarter(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// Eight bytes.
    pub(super) fn long(&mut self) -> Option<u64> {
        let bytes = self.take()?;
        Some(if self.is_big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// An address, an offset or a size: four or eight bytes.
    pub(super) fn word(&mut self) -> Option<u64> {
        if self.is_64 { self.long() } else { self.quarter().map(u64::from) }
    }
}

/// At most `size` bytes at `offset`; fewer where the file ends before. What a file says of its sizes costs no memory
/// that it does not have itself.
pub(super) fn read(content: &dyn Content, offset: u64, size: u64) -> io::Result<Vec<u8>> {
    let size = size.min(content.size().saturating_sub(offset));
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match content.read_at(offset + filled as u64, rest)? {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
