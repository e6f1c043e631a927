//! What of a journal file could not be read, counted and told in sentences.

use super::JournalError;

/// See the module.
#[derive(Debug, Default)]
pub struct Damage {
    /// Bytes that are missing at the end.
    pub missing: u64,
    /// Entries that were passed over.
    pub entries: u64,
    /// Fields of entries that could not be read.
    pub fields: u64,
    /// Values of which only the beginning was read.
    pub cut: u64,
    /// Entries that the head counts and that are not in the list.
    pub unlisted: u64,
    /// Where the first of what is damaged lies, and how.
    first: Option<(u64, String)>,
    /// Why it was not read to its end.
    stopped: Option<String>,
}

impl Damage {
    /// That of a file which lacks so many bytes at its end.
    pub(super) fn of_cut(missing: u64) -> Self {
        Self { missing, ..Self::default() }
    }

    pub(super) fn entry(&mut self, offset: u64, error: &JournalError) {
        self.entries += 1;
        self.note(offset, error);
    }

    pub(super) fn field(&mut self, offset: u64, error: &JournalError) {
        self.fields += 1;
        self.note(offset, error);
    }

    pub(super) fn stop(&mut self, error: &std::io::Error) {
        self.stopped = Some(error.to_string());
    }

    fn note(&mut self, offset: u64, error: &JournalError) {
        if self.first.is_none() {
            self.first = Some((offset, error.detail()));
        }
    }

    /// What is to be told, one thing a sentence; nothing where all was well.
    pub fn sentences(&self, read: u64) -> Vec<String> {
        let mut told = Vec::new();
        if self.missing > 0 {
            told.push(format!("it is cut off: {} bytes are missing; what is left was read", self.missing));
        }
        let first = |what: &str, count: u64| {
            let (offset, why) = self.first.as_ref()?;
            let (are, were) = if count == 1 { ("is", "was") } else { ("are", "were") };
            Some(format!("{count} {what} {are} damaged and {were} passed over; the first at byte {offset}: {why}"))
        };
        told.extend(first("of its entries", self.entries).filter(|_| self.entries > 0));
        told.extend(first("of its entries' fields", self.fields).filter(|_| self.fields > 0));
        if self.unlisted > 0 {
            told.push(format!("its head counts {} more entries than its list leads to", self.unlisted));
        }
        if self.cut > 0 {
            told.push(format!("of long messages, only the beginning was read; there are {}", self.cut));
        }
        if let Some(why) = &self.stopped {
            told.push(format!("it was read up to entry {read}: {why}"));
        }
        told
    }
}
