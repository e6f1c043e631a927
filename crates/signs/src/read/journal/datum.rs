//! A datum: a field with its value, as it lies in the file.

use std::fs::File;

use super::JournalError;
use super::bytes::u64_at;
use super::pages::{Pages, Window};
use super::unpack::{Packing, Unpacker};

/// Where things lie in a file's objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Where the first object begins.
    pub(super) begin: u64,
    /// Where a datum's value begins in its object.
    pub(super) value: u64,
    /// Bytes of an item of an entry.
    pub(super) item: usize,
}

impl Form {
    pub(super) fn new(is_compact: bool, begin: u64) -> Self {
        if is_compact { Self { begin, value: 72, item: 4 } } else { Self { begin, value: 64, item: 16 } }
    }
}

/// The head of a datum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Datum {
    /// Where it lies.
    pub(super) offset: u64,
    /// How it is packed.
    pub(super) packing: Option<Packing>,
    /// How many entries have it; at least that many.
    pub(super) entries: u64,
    /// How long it is, as it lies there.
    pub(super) length: u64,
}

const DATA: u8 = 1;

/// The bytes of a file: those near where it is gone through, and all others.
pub(super) struct Places<'a> {
    pub(super) file: &'a File,
    pub(super) window: &'a Window,
    pub(super) pages: &'a mut Pages,
    pub(super) form: Form,
}

impl Places<'_> {
    fn bytes(&mut self, offset: u64, length: usize) -> std::io::Result<&[u8]> {
        match self.window.peek(offset, length) {
            Some(bytes) => Ok(bytes),
            None => self.pages.get(self.file, offset, length),
        }
    }

    /// The head of a datum, and the first bytes of it, as it lies there.
    pub(super) fn datum(&mut self, offset: u64, first: usize) -> Result<(Datum, &[u8]), JournalError> {
        let Form { begin, value, .. } = self.form;
        if offset < begin || !offset.is_multiple_of(8) {
            return Err(JournalError::Damaged("an entry points to where no field can be"));
        }
        let from = usize::try_from(value).unwrap_or_default();
        let bytes = self.bytes(offset, from + first)?;
        let (head, rest) = bytes.split_at_checked(from).ok_or(JournalError::Damaged("a field lies behind the end"))?;
        let size = u64_at(head, 8).unwrap_or_default();
        if head.first() != Some(&DATA) || size <= value {
            return Err(JournalError::Damaged("an entry points to where there is no field"));
        }
        let packing = Packing::of(head.get(1).copied().unwrap_or_default())?;
        let datum = Datum { offset, packing, entries: u64_at(head, 56).unwrap_or_default(), length: size - value };
        let length = usize::try_from(datum.length).unwrap_or(usize::MAX);
        Ok((datum, rest.get(..length).unwrap_or(rest)))
    }

    /// The first `most` bytes of it, unpacked; and whether there are more.
    pub(super) fn whole<'a>(
        &'a mut self,
        datum: Datum,
        most: usize,
        unpacker: &'a mut Unpacker,
    ) -> Result<(&'a [u8], bool), JournalError> {
        let place = datum.offset + self.form.value;
        let length = usize::try_from(datum.length).unwrap_or(usize::MAX);
        let Some(packing) = datum.packing else {
            let bytes = self.bytes(place, length.min(most))?;
            if bytes.len() < length.min(most) {
                return Err(JournalError::Damaged("a field lies behind the end"));
            }
            return Ok((bytes, length > most));
        };
        let enough = match packing {
            // Blocks of 128 KiB come out as a whole.
            Packing::Zstd => most.saturating_add(256 << 10),
            Packing::Lz4 | Packing::Xz => LONGEST_PACKED,
        };
        let packed = self.bytes(place, length.min(enough))?;
        // One byte more tells whether that is all.
        let bytes = unpacker.unpack(packing, packed, most.saturating_add(1))?;
        Ok((bytes.get(..most).unwrap_or(bytes), bytes.len() > most))
    }
}

/// What is packed as a whole is not taken in if it is longer.
const LONGEST_PACKED: usize = 9 << 20;
