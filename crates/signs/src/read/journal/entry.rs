//! An entry, as it is handed on.

use super::bytes::{hex, id_at, u64_at};
use super::fields::{FIELDS, Field};
use super::head::Id;
use super::{Choice, JournalError};

/// An entry of a journal: the fields that are read, and what its head says. Its room is used again for the next.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number in the sequence.
    pub seqnum: u64,
    /// When it was written, in microseconds since 1970.
    pub time: i64,
    /// When it was written, in microseconds since the boot.
    pub monotonic: u64,
    /// The boot.
    pub boot: Id,
    /// What its fields hash to, all together.
    pub hash: u64,
    /// Whether it is one of those that were asked for.
    pub chosen: bool,
    boot_text: [u8; 32],
    values: [Value; FIELDS.len()],
}

/// A value, and whether there is one.
#[derive(Clone, Debug, Default)]
struct Value {
    is_there: bool,
    bytes: Vec<u8>,
}

/// What systemd takes for a time: until the year 3111.
const LATEST: u64 = 1 << 55;

impl Default for Entry {
    fn default() -> Self {
        Self {
            seqnum: 0,
            time: 0,
            monotonic: 0,
            boot: [0; 16],
            hash: 0,
            chosen: false,
            boot_text: [b'0'; 32],
            values: Default::default(),
        }
    }
}

impl Entry {
    /// Takes on what the head of an entry object says, and forgets the fields of the one before.
    pub(super) fn begin(&mut self, head: &[u8]) -> Result<(), JournalError> {
        let number = |at| u64_at(head, at).ok_or(JournalError::Damaged("an entry is cut off"));
        self.seqnum = number(16)?;
        self.time = time_of(head)?;
        self.monotonic = number(32)?;
        self.hash = number(56)?;
        let boot = id_at(head, 40).unwrap_or_default();
        if boot != self.boot {
            self.boot = boot;
            self.boot_text = hex(boot);
        }
        self.values.iter_mut().for_each(|value| value.is_there = false);
        Ok(())
    }

    pub(super) fn set(&mut self, field: Field, bytes: &[u8]) {
        if let Some(value) = self.values.get_mut(field as usize) {
            value.is_there = true;
            value.bytes.clear();
            value.bytes.extend_from_slice(bytes);
            // One long message must not take its room for ever.
            if value.bytes.capacity() > 1 << 20 {
                value.bytes.shrink_to_fit();
            }
        }
    }

    /// The first value of a field.
    pub fn get(&self, field: Field) -> Option<&[u8]> {
        self.values.get(field as usize).filter(|value| value.is_there).map(|value| value.bytes.as_slice())
    }

    /// What was said; none where it was not asked for.
    pub fn message(&self) -> Option<&[u8]> {
        self.get(Field::Message)
    }

    /// The program, in its own words, else in the kernel's.
    pub fn program(&self) -> &[u8] {
        self.get(Field::Identifier).or_else(|| self.get(Field::Command)).unwrap_or_default()
    }

    /// The process.
    pub fn process(&self) -> Option<&[u8]> {
        self.get(Field::Process).or_else(|| self.get(Field::ClaimedProcess))
    }

    /// The machine's name.
    pub fn host(&self) -> Option<&[u8]> {
        self.get(Field::Host)
    }

    /// The boot's id, in hexadecimal digits.
    pub fn boot_id(&self) -> &[u8] {
        &self.boot_text
    }
}

/// The time in the head of an entry object.
pub(super) fn time_of(head: &[u8]) -> Result<i64, JournalError> {
    let time = u64_at(head, 24).filter(|time| (1..LATEST).contains(time));
    time.and_then(|time| i64::try_from(time).ok())
        .ok_or(JournalError::Damaged("an entry has a time that no clock shows"))
}

impl Choice {
    /// Whether a value makes its entry one that is asked for.
    pub(super) fn by(self, field: Field, value: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(chosen) | Self::Mark(chosen) => chosen(field, value),
        }
    }
}
