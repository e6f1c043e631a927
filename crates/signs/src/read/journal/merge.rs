//! A journal of several files, in the order of time: of all that is next, the oldest comes first. Of files that follow each
//! other, one is open at a time.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::file::JournalFile;
use super::folder::{Begin, Marks, Waiting};
use super::head::Id;
use super::{Bounds, Choice, JournalError};
use crate::read::{Gaps, refused};

/// See the module.
pub(crate) struct Journal {
    choice: Choice,
    bounds: Bounds,
    /// The one whose entries are the oldest comes last.
    waiting: Vec<Waiting>,
    open: Vec<Open>,
    /// Which of them has the entry that was come to.
    current: Option<usize>,
    /// The oldest entry of the others.
    rival: Option<Key>,
    /// What was handed on last.
    last: Option<Key>,
    /// Entries of files that are closed.
    lines: u64,
    marks: Marks,
}

struct Open {
    path: PathBuf,
    file: JournalFile,
}

/// What orders entries, and tells one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    sequence: Id,
    seqnum: u64,
    time: i64,
    monotonic: u64,
    boot: Id,
    hash: u64,
}

impl Key {
    fn of(file: &JournalFile) -> Self {
        let Entry { seqnum, time, monotonic, boot, hash, .. } = *file.entry();
        Self { sequence: file.head().sequence, seqnum, time, monotonic, boot, hash }
    }

    /// Numbers of one writer are in order whatever its clock was set to.
    fn compare(&self, other: &Self) -> Ordering {
        if self.sequence == other.sequence && self.seqnum != other.seqnum {
            return self.seqnum.cmp(&other.seqnum);
        }
        let rest = |key: &Self| (key.time, key.boot, key.monotonic, key.hash, key.sequence, key.seqnum);
        rest(self).cmp(&rest(other))
    }
}

impl Journal {
    pub(super) fn new(mut waiting: Vec<Waiting>, choice: Choice, bounds: Bounds) -> Self {
        waiting.sort_by_key(|file| std::cmp::Reverse(file.time()));
        Self {
            choice,
            bounds,
            waiting,
            open: Vec::new(),
            current: None,
            rival: None,
            last: None,
            lines: 0,
            marks: Marks::new(),
        }
    }

    /// Goes on to the next entry of those that are asked for; false at the end.
    pub(crate) fn advance(&mut self, gaps: &mut Gaps) -> bool {
        loop {
            if let Some(index) = self.current
                && let Some(open) = self.open.get_mut(index)
                && !open.file.advance()
            {
                let open = self.open.swap_remove(index);
                self.close(&open, gaps);
                self.current = None;
            }
            if !self.leads() {
                self.current = self.choose(gaps);
            }
            let Some(open) = self.current.and_then(|index| self.open.get(index)) else { return false };
            let key = Key::of(&open.file);
            // Copies of files lie beside them now and then.
            if self.last.replace(key) != Some(key) {
                return true;
            }
        }
    }

    /// Whether the file that was read last has the oldest entry of all again.
    fn leads(&self) -> bool {
        let Some(open) = self.current.and_then(|index| self.open.get(index)) else { return false };
        let key = Key::of(&open.file);
        self.rival.is_none_or(|rival| key.compare(&rival).is_lt())
            && self.waiting.last().is_none_or(|waiting| waiting.time() > key.time)
    }

    /// The file with the oldest entry; those that may have it are opened.
    fn choose(&mut self, gaps: &mut Gaps) -> Option<usize> {
        loop {
            let keys = self.open.iter().map(|open| Key::of(&open.file)).enumerate();
            let oldest = keys.min_by(|(_, one), (_, other)| one.compare(other));
            let is_due = |waiting: &Waiting| oldest.is_none_or(|(_, key)| waiting.time() <= key.time);
            if let Some(waiting) = self.waiting.pop_if(|waiting| is_due(waiting)) {
                self.open(waiting, gaps);
                continue;
            }
            let (index, _) = oldest?;
            let others = self.open.iter().enumerate().filter(|(other, _)| *other != index);
            self.rival = others.map(|(_, open)| Key::of(&open.file)).min_by(Key::compare);
            return Some(index);
        }
    }

    fn open(&mut self, mut waiting: Waiting, gaps: &mut Gaps) {
        let opened = waiting.open().and_then(|file| JournalFile::of(file, self.choice, &self.bounds));
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return gaps.add(waiting.path.display().to_string(), why(&error)),
        };
        match waiting.begin {
            Begin::Since(Some(since)) => file.since(since),
            Begin::Since(None) => {}
            Begin::At(index) => file.from(index),
        }
        if let Some(index) = waiting.until {
            file.until(index);
        }
        let mut open = Open { path: waiting.path, file };
        if open.file.advance() {
            self.open.push(open);
        } else {
            self.close(&open, gaps);
        }
    }

    fn close(&mut self, open: &Open, gaps: &mut Gaps) {
        self.lines += open.file.looked_at();
        self.marks.insert(open.file.head().file, open.file.position());
        for sentence in open.file.damage().sentences(open.file.position()) {
            gaps.add(open.path.display().to_string(), sentence);
        }
    }

    /// The entry to which `advance` came.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.current.and_then(|index| self.open.get(index)).map(|open| open.file.entry())
    }

    /// The file that has it, and where that lies.
    pub(crate) fn current(&mut self) -> Option<(&Path, &mut JournalFile)> {
        let open = self.current.and_then(|index| self.open.get_mut(index))?;
        Some((&open.path, &mut open.file))
    }

    /// Reads its message, if that was not asked for.
    pub(crate) fn read_message(&mut self) {
        if let Some(open) = self.current.and_then(|index| self.open.get_mut(index)) {
            open.file.read_message();
        }
    }

    /// Entries that were looked at, those that nobody asked for included.
    pub(crate) fn lines(&self) -> u64 {
        self.lines + self.open.iter().map(|open| open.file.looked_at()).sum::<u64>()
    }

    /// How far the files were read that have been read to their end.
    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }
}

/// Why a file cannot be read, as a user reads it.
pub(super) fn why(error: &JournalError) -> String {
    match error {
        JournalError::Io(error) => refused(error),
        other => other.to_string(),
    }
}

/// Looks at files, and leaves those out that hold nothing of what is asked for.
pub(super) fn look_at(
    paths: &[PathBuf],
    begin: Begin,
    gaps: &mut Gaps,
    passed: &mut dyn FnMut(u64),
) -> Option<Vec<Waiting>> {
    let mut any = false;
    let mut waiting = Vec::new();
    for path in paths {
        match Waiting::look(path, begin) {
            Ok(file) => {
                any = true;
                if file.is_past() || file.head.entry_array == 0 {
                    passed(file.head.length);
                } else {
                    waiting.push(file);
                }
            }
            Err(error) => gaps.add(shown(path), why(&error)),
        }
    }
    any.then_some(waiting)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
