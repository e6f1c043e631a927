//! The head of a journal file: what it is, whose it is, and what it says it holds. Plain data, for whoever reads entries by
//! it and for whoever compares it with what is really there.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::JournalError;
use super::bytes::{id_at, u32_at, u64_at};

/// An id of 128 bits: of a file, a machine, a boot or a sequence.
pub type Id = [u8; 16];

/// What a file is to its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Closed as it should be.
    Offline,
    /// Written to, or left behind by a writer that died.
    Online,
    /// Rotated away; nobody writes to it any more.
    Archived,
    /// A later form's.
    Other(u8),
}

/// The head of a journal file, as systemd's `JOURNAL_FILE_FORMAT` describes it. Offsets and sizes in bytes, times in
/// microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What readers may do without: 1 sealed, 2 `tail_boot` is the last entry's.
    pub compatible: u32,
    /// What readers must know: 1 XZ, 2 LZ4, 4 keyed hashes, 8 Zstandard, 16 compact.
    pub incompatible: u32,
    /// Whether it is written to.
    pub state: State,
    /// The file's own id.
    pub file: Id,
    /// The machine whose entries these are.
    pub machine: Id,
    /// The boot of the last entry.
    pub tail_boot: Id,
    /// Whose sequence numbers count through: all files of one writer share it.
    pub sequence: Id,
    /// The size of the head.
    pub header_size: u64,
    /// The size of all that follows.
    pub arena_size: u64,
    /// The last object.
    pub tail_object: u64,
    /// Objects of every kind.
    pub objects: u64,
    /// Entries.
    pub entries: u64,
    /// The sequence number of the first entry; 0 where there is none.
    pub head_seqnum: u64,
    /// The sequence number of the last entry.
    pub tail_seqnum: u64,
    /// The first array of entries.
    pub entry_array: u64,
    /// When the first entry was written, since 1970; 0 where there is none.
    pub head_time: u64,
    /// When the last entry was written, since 1970.
    pub tail_time: u64,
    /// When the last entry was written, since its boot.
    pub tail_monotonic: u64,
    /// The size of the file as it lies there.
    pub length: u64,
}

/// Forms that can be read: XZ, LZ4, keyed hashes, Zstandard, compact.
const KNOWN_FORMS: u32 = 0b11111;
const COMPACT: u32 = 0b10000;
/// The head of the first form.
const SMALLEST: usize = 208;

impl Head {
    /// Reads the head of a file, which need not be a journal.
    pub(super) fn read(file: &File) -> Result<Self, JournalError> {
        let mut bytes = [0; SMALLEST];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, filled as u64)? {
                0 => break,
                count => filled += count,
            }
        }
        // After the head: a writer may add to both meanwhile.
        let length = file.metadata()?.len();
        Self::of(bytes.get(..filled).unwrap_or_default(), length)
    }

    /// The head that these bytes are, of a file of this length.
    fn of(bytes: &[u8], length: u64) -> Result<Self, JournalError> {
        if !bytes.starts_with(b"LPKSHHRH") {
            return Err(if bytes.is_empty() || b"LPKSHHRH".starts_with(bytes) {
                JournalError::CutOff
            } else {
                JournalError::NoJournal
            });
        }
        let incompatible = u32_at(bytes, 12).ok_or(JournalError::CutOff)?;
        if incompatible & !KNOWN_FORMS != 0 {
            return Err(JournalError::UnknownForm(incompatible));
        }
        let number = |at| u64_at(bytes, at).ok_or(JournalError::CutOff);
        let id = |at| id_at(bytes, at).ok_or(JournalError::CutOff);
        let head = Self {
            compatible: u32_at(bytes, 8).ok_or(JournalError::CutOff)?,
            incompatible,
            state: match bytes.get(16) {
                Some(0) => State::Offline,
                Some(1) => State::Online,
                Some(2) => State::Archived,
                other => State::Other(other.copied().unwrap_or_default()),
            },
            file: id(24)?,
            machine: id(40)?,
            tail_boot: id(56)?,
            sequence: id(72)?,
            header_size: number(88)?,
            arena_size: number(96)?,
            tail_object: number(136)?,
            objects: number(144)?,
            entries: number(152)?,
            tail_seqnum: number(160)?,
            head_seqnum: number(168)?,
            entry_array: number(176)?,
            head_time: number(184)?,
            tail_time: number(192)?,
            tail_monotonic: number(200)?,
            length,
        };
        if head.header_size < SMALLEST as u64 || !head.header_size.is_multiple_of(8) {
            return Err(JournalError::Damaged("its head has a size that no head has"));
        }
        Ok(head)
    }

    /// Whether offsets take four bytes rather than eight.
    pub(super) fn is_compact(&self) -> bool {
        self.incompatible & COMPACT != 0
    }

    /// Bytes that are missing at the end of the file.
    pub fn missing(&self) -> u64 {
        self.header_size.saturating_add(self.arena_size).saturating_sub(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_journal_is_told_from_what_is_left_of_one() {
        let of = |bytes: &[u8]| Head::of(bytes, 1000).unwrap_err().to_string();
        assert_eq!(of(b"LPKS"), "it is cut off");
        assert_eq!(of(b""), "it is cut off");
        assert_eq!(of(b"#!/bin/sh\n"), "it is damaged: it does not begin as a journal");
        let mut head = [b"LPKSHHRH".as_slice(), &[0; 200]].concat();
        assert_eq!(of(&head), "it is damaged: its head has a size that no head has");
        head[12] = 0x40;
        assert_eq!(of(&head), "it is of a form that is not known (flags 0x40)");
        assert_eq!(of(&head[..100]), "it is of a form that is not known (flags 0x40)");
        head[12] = 0;
        assert_eq!(of(&head[..100]), "it is cut off");
    }
}
