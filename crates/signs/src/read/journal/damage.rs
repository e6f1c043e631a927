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
    /// Entries that the head or the list counts and that are not there.
    pub unlisted: u64,
    /// The list of entries leads to where it cannot go on.
    pub breaks_off: bool,
    /// Where the first of what is damaged lies, and how.
    first: Option<(u64, String)>,
    /// Why it was not read to its end.
    stopped: Option<String>,
}

impl Damage {
    /// What is seen at once: so many bytes are missing at the end, and whether the list of entries breaks off.
    pub(super) fn at_first(missing: u64, breaks_off: bool) -> Self {
        Self { missing, breaks_off, ..Self::default() }
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
        if self.breaks_off && self.missing == 0 {
            told.push("its list of entries breaks off".to_owned());
        }
        if self.unlisted > 0 {
            let (entries, are) = if self.unlisted == 1 { ("entry", "is") } else { ("entries", "are") };
            told.push(format!("{} {entries} that its head or its list counts {are} not there", self.unlisted));
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
