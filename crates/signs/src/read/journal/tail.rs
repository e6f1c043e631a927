//! A folder of journals that is looked at again and again. Files are known by their ids, whatever they are called after they
//! were rotated, and how far each was read by a number, whatever the clock says.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keelguard_model::Incomplete;

use super::entry::Entry;
use super::file::JournalFile;
use super::folder::{Begin, Marks, Waiting, files_in};
use super::merge::{Journal, why};
use super::{Bounds, Choice, JournalError};
use crate::read::{Gaps, Reading};

/// See the module.
pub(crate) struct JournalTail {
    folder: PathBuf,
    /// How far each file was read.
    marks: Marks,
    /// What could not be read; said once.
    said: BTreeSet<Incomplete>,
}

/// Whoever has told of so much has told enough.
const MOST_SAID: usize = 1000;

impl JournalTail {
    /// Follows a folder from where its files end now.
    pub(crate) fn begin(folder: PathBuf, reading: &Reading, gaps: &mut Gaps) -> Self {
        let mut marks = Marks::new();
        // What cannot be read is told of by whoever reads what was there before.
        for path in files_in(&folder, gaps) {
            if let Ok(file) = JournalFile::open(&path, Choice::All, &Bounds::of(reading)) {
                let count = file.count();
                marks.insert(file.head().file, count);
            }
        }
        Self { folder, marks, said: BTreeSet::new() }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its files end.
    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Hands on what has come since.
    pub(crate) fn poll(&mut self, reading: &Reading, choice: Choice, gaps: &mut Gaps, take: &mut dyn FnMut(&Entry)) {
        let mut new = gaps.alike();
        self.look(reading, choice, &mut new, take);
        for gap in new.into_list() {
            if self.said.len() < MOST_SAID && self.said.insert(gap.clone()) {
                gaps.add(gap.what, gap.why);
            }
        }
    }

    fn look(&mut self, reading: &Reading, choice: Choice, gaps: &mut Gaps, take: &mut dyn FnMut(&Entry)) {
        let bounds = Bounds::of(reading);
        let mut waiting = Vec::new();
        for path in files_in(&self.folder, gaps) {
            match Waiting::look(&path, Begin::At(0)) {
                Ok(file) => waiting.extend(self.news(file, &bounds, gaps)),
                // Old files are taken away now and then.
                Err(JournalError::Io(error)) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => gaps.add(path.display().to_string(), format!("it could not be read on: {}", why(&error))),
            }
        }
        if waiting.is_empty() {
            return;
        }
        let mut journal = Journal::new(waiting, choice, bounds);
        while journal.advance(gaps) {
            journal.entry().into_iter().for_each(&mut *take);
        }
        self.marks.extend(journal.marks());
    }

    /// A file, where it has entries that were not read.
    fn news(&mut self, mut file: Waiting, bounds: &Bounds, gaps: &mut Gaps) -> Option<Waiting> {
        let mark = self.marks.get(&file.head.file).copied().unwrap_or_default();
        if file.head.entries == mark {
            return None;
        }
        let handle = file.open().ok()?;
        let opened = JournalFile::of(handle.try_clone().ok()?, Choice::All, bounds).ok()?;
        let count = opened.count();
        if count < mark {
            gaps.add(
                file.path.display().to_string(),
                format!("it has {count} entries, and had {mark} while it was followed: somebody has taken some out"),
            );
            self.marks.insert(file.head.file, count);
            return None;
        }
        file.file = Some(handle);
        file.begin = Begin::At(mark);
        (count > mark).then_some(file)
    }
}
