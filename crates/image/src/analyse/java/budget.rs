//! What one archive of the image may cost, all archives inside it together: bytes unpacked, entries walked, names kept.

use crate::Limits;

/// Bytes of names (entries worth reading, coordinates, places) that are kept for one archive of the image.
const NAMES: u64 = 16 << 20;
/// An archive may hold archives, and each has entries of its own: all of them together, in multiples of the bound for
/// one. The same stored archive can be named by any number of entries without costing a byte.
const NESTED_ENTRIES: u64 = 10;
/// Messages that are kept; the rest is counted.
const NOTES: usize = 50;

/// What is left, and what was given up.
pub(super) struct Budget {
    bytes: u64,
    entries: u64,
    names: u64,
    packages: usize,
    notes: Vec<String>,
    unsaid: usize,
}

/// The bound that was reached. Walking ends there: every further archive would only say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Spent {
    #[error("it unpacks to more than the bound for one archive")]
    Bytes,
    #[error("the archives in it have more entries than the bound for one archive")]
    Entries,
    #[error("the names in it are larger than the bound for one archive")]
    Names,
    #[error("it names more packages than the bound for one archive")]
    Packages,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            bytes: limits.max_unpacked,
            entries: limits.max_archive_entries.saturating_mul(NESTED_ENTRIES),
            names: NAMES,
            packages: limits.max_packages,
            notes: Vec::new(),
            unsaid: 0,
        }
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<(), Spent> {
        self.bytes = self.bytes.checked_sub(count as u64).ok_or(Spent::Bytes)?;
        Ok(())
    }

    pub(super) fn entry(&mut self) -> Result<(), Spent> {
        self.entries = self.entries.checked_sub(1).ok_or(Spent::Entries)?;
        Ok(())
    }

    pub(super) fn name(&mut self, length: usize) -> Result<(), Spent> {
        self.names = self.names.checked_sub(length as u64).ok_or(Spent::Names)?;
        Ok(())
    }

    pub(super) fn package(&mut self) -> Result<(), Spent> {
        self.packages = self.packages.checked_sub(1).ok_or(Spent::Packages)?;
        Ok(())
    }

    /// Notes what could not be looked at, and where: inside which archive, empty for the file itself.
    pub(super) fn note(&mut self, place: &str, what: impl std::fmt::Display) {
        if self.notes.len() >= NOTES {
            self.unsaid += 1;
        } else if place.is_empty() {
            self.notes.push(what.to_string());
        } else {
            self.notes.push(format!("{place}: {what}"));
        }
    }

    pub(super) fn into_notes(mut self) -> Vec<String> {
        if self.unsaid > 0 {
            self.notes.push(format!("{} more of its entries could not be looked at", self.unsaid));
        }
        self.notes
    }
}
