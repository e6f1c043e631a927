//! Files as they were and files as they are, side by side: both come in the same order, and neither is ever held as a whole.

use std::cmp::Ordering;

use super::{Error, States};
use crate::data::tree::{Content, Ended, Entry, Kind, Record, Seen, order};

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(Record),
    /// It is gone.
    Removed(Record),
    /// Something of it is different, be it the kernel's stamp alone.
    Changed(Record, Record),
    /// Nothing is.
    Same(Record),
}

/// See the module.
pub struct Merge {
    states: States,
    next: Option<(u16, Entry)>,
    /// A folder of which not everything could be seen: what is missing in it need not be gone.
    blind: Option<Vec<u8>>,
    /// Files of which nothing is known now.
    pub unknown: u64,
}

/// Whoever is told.
pub type Told<'a> = &'a mut dyn FnMut(&[u8], Change) -> Result<(), Error>;

impl Merge {
    /// Begins before the first tree.
    ///
    /// # Errors
    /// The baseline cannot be read.
    pub fn new(mut states: States) -> Result<Self, Error> {
        let next = states.next()?;
        Ok(Self { states, next, blind: None, unknown: 0 })
    }

    fn is_blind(&self, path: &[u8]) -> bool {
        self.blind.as_ref().is_some_and(|blind| {
            blind.is_empty()
                || path.strip_prefix(blind.as_slice()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        })
    }

    /// The next file that was, where it comes before this place.
    fn before(&mut self, tree: u16, path: Option<&[u8]>) -> Result<Option<Entry>, Error> {
        let is_before = self.next.as_ref().is_some_and(|(of, entry)| {
            *of == tree && path.is_none_or(|path| order(&entry.path, path) == Ordering::Less)
        });
        if !is_before {
            return Ok(None);
        }
        let next = self.states.next()?;
        Ok(std::mem::replace(&mut self.next, next).map(|(_, entry)| entry))
    }

    /// A file of a tree as it is now, or that nobody knows.
    ///
    /// # Errors
    /// The baseline cannot be read, or whoever is told fails.
    pub fn see(&mut self, tree: u16, seen: Seen, told: Told<'_>) -> Result<(), Error> {
        let path = match &seen {
            Seen::Entry(entry) => entry.path.clone(),
            Seen::Lost(path) => path.clone(),
        };
        while let Some(gone) = self.before(tree, Some(&path))? {
            self.gone(gone, told)?;
        }
        let Seen::Entry(Entry { record: now, .. }) = seen else {
            self.blind = Some(path);
            return Ok(());
        };
        if now.kind == Kind::Folder && now.content == Content::Unread {
            self.blind = Some(path.clone());
        }
        let is_known = self.next.as_ref().is_some_and(|(of, entry)| *of == tree && entry.path == path);
        if !is_known {
            return told(&path, Change::Added(now));
        }
        let next = self.states.next()?;
        let Some((_, was)) = std::mem::replace(&mut self.next, next) else { return Ok(()) };
        let change = if was.record == now { Change::Same(now) } else { Change::Changed(was.record, now) };
        told(&path, change)
    }

    fn gone(&mut self, entry: Entry, told: Told<'_>) -> Result<(), Error> {
        if self.is_blind(&entry.path) {
            self.unknown += 1;
            return Ok(());
        }
        told(&entry.path, Change::Removed(entry.record))
    }

    /// The tree is at its end.
    ///
    /// # Errors
    /// As for [`Merge::see`].
    pub fn end(&mut self, tree: u16, ended: Ended, told: Told<'_>) -> Result<(), Error> {
        if ended != Ended::Whole {
            self.blind = Some(Vec::new());
        }
        while let Some(gone) = self.before(tree, None)? {
            self.gone(gone, told)?;
        }
        self.blind = None;
        Ok(())
    }

    /// What could not be looked at is gone after all.
    pub fn forget_blindness(&mut self) {
        self.blind = None;
    }

    /// Leaves a tree out.
    ///
    /// # Errors
    /// The baseline cannot be read.
    pub fn skip(&mut self, tree: u16) -> Result<(), Error> {
        while self.before(tree, None)?.is_some() {}
        Ok(())
    }

    /// Reads to the end, where everything that was read is held against what was signed.
    ///
    /// # Errors
    /// It is not what was signed.
    pub fn finish(mut self) -> Result<(), Error> {
        while self.next.is_some() {
            self.next = self.states.next()?;
        }
        Ok(())
    }
}
