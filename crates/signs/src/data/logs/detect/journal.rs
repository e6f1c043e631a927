//! A journal by its numbers, boots and hashes. journald numbers every entry through all files of a sequence; vacuuming takes
//! the oldest files. So what is missing was taken out, unless it can lie in a file of a user's that was vacuumed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sequence::{Hole, Sequence};
use crate::bounded::Bounded;

/// An id of 128 bits, in hexadecimal digits.
pub type Name = String;

/// What a file says of itself, and what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeen {
    /// Where.
    pub path: String,
    /// Its id.
    pub file: Name,
    /// Its sequence.
    pub sequence: Name,
    /// The numbers of its first and its last entry.
    pub numbers: (u64, u64),
    /// The times of its first and its last entry, in seconds.
    pub times: (i64, i64),
    /// Entries by its head.
    pub entries: u64,
    /// Rotated away.
    pub archived: bool,
    /// Set aside by journald after a crash.
    pub set_aside: bool,
    /// A user's, not the system's.
    pub of_user: bool,
    /// What of it is damaged.
    pub damage: Vec<String>,
    /// Entries that do not fit their hashes.
    pub unfit: u64,
    /// The number of the first of them, and its time.
    pub first_unfit: Option<(u64, i64)>,
}

/// What is missing of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which numbers.
    pub hole: Hole,
    /// Whether a whole file is missing between two others.
    pub between_files: bool,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalWatch {
    /// The folder.
    pub name: String,
    pub(super) files: Vec<FileSeen>,
    sequences: Bounded<Name, Sequence>,
    /// The first and the last time of each boot.
    boots: BTreeMap<Name, (i64, i64)>,
    /// Files that could not be read.
    unread: u64,
    /// Entries.
    pub count: u64,
}

const FILES: usize = 4000;
const BOOTS: usize = 10_000;
/// journald begins a new file at least once a month (MaxFileSec=).
const MONTH: i64 = 31 * 86_400;

impl JournalWatch {
    /// One that has seen nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            files: Vec::new(),
            sequences: Bounded::new(256),
            boots: BTreeMap::new(),
            unread: 0,
            count: 0,
        }
    }

    /// Takes a file in, once all of it was read.
    pub fn file(&mut self, file: FileSeen) {
        if self.files.len() < FILES {
            self.files.push(file);
        } else {
            self.unread += 1;
        }
    }

    /// A file that could not be read: what is missing may be in it.
    pub fn unread(&mut self) {
        self.unread += 1;
    }

    /// Takes in what an entry's head says. Entries come in the order of their numbers, from all files at once.
    pub fn entry(&mut self, sequence: &str, number: u64, second: i64, boot: &str) {
        self.count += 1;
        self.sequences.entry(sequence.to_owned(), second, Sequence::default).see(number, second);
        if let Some((first, last)) = self.boots.get_mut(boot) {
            *first = (*first).min(second);
            *last = (*last).max(second);
        } else if self.boots.len() < BOOTS {
            self.boots.insert(boot.to_owned(), (second, second));
        }
    }

    /// Begins and ends of boots, in order.
    pub fn boots(&self) -> Vec<(i64, i64)> {
        let mut boots: Vec<(i64, i64)> = self.boots.values().copied().collect();
        boots.sort_unstable();
        boots
    }

    /// The files.
    pub fn files(&self) -> &[FileSeen] {
        &self.files
    }

    /// What is missing, and vacuuming does not explain.
    pub fn missing(&self) -> Vec<Missing> {
        let mut found = Vec::new();
        for (sequence, numbers) in self.sequences.iter() {
            let mut files: Vec<&FileSeen> = self.files.iter().filter(|file| file.sequence == *sequence).collect();
            files.sort_by_key(|file| file.numbers);
            // What is damaged is told of as such, and what could not be read may hold what is missing.
            let is_damaged = |hole: &Hole| {
                // A file that was set aside after a crash lacks its last entries.
                let touches = |file: &&&FileSeen| {
                    let end = file.numbers.1.saturating_add(u64::from(file.set_aside));
                    file.numbers.0 <= hole.last && hole.first <= end
                };
                files.iter().filter(touches).any(|file| !file.damage.is_empty() || file.set_aside)
            };
            for hole in numbers.holes() {
                let between_files = !files.iter().any(|file| file.numbers.0 < hole.first && hole.last < file.numbers.1);
                if self.unread == 0 && !is_damaged(&hole) && !is_vacuumed(&hole, between_files, &files) {
                    found.push(Missing { hole, between_files });
                }
            }
        }
        found
    }
}

/// Whether vacuuming may have taken what is missing: it takes the oldest files first.
fn is_vacuumed(hole: &Hole, between_files: bool, files: &[&FileSeen]) -> bool {
    let oldest = files.iter().filter(|file| file.archived).min_by_key(|file| file.numbers);
    let Some(oldest) = oldest else {
        // Nothing but files that are in use, which vacuuming leaves: what lay between them and before may be gone.
        return between_files || files.iter().any(|file| file.of_user);
    };
    if between_files {
        // One that is older is still there: this one was not its turn.
        return oldest.numbers.0 > hole.last;
    }
    // Entries between those of one file lie in a user's. That one may have begun before the oldest that is left.
    let vacuumed = files.first().is_none_or(|first| first.numbers.0 > 1);
    vacuumed && hole.to <= oldest.times.0 + MONTH
}

/// What a file held at the last look, and holds no more; or is gone though older ones are there.
pub fn lost_since(before: &BTreeMap<Name, FileSeen>, now: &[FileSeen]) -> Vec<(FileSeen, Option<u64>)> {
    let mut lost = Vec::new();
    for old in before.values() {
        match now.iter().find(|file| file.file == old.file) {
            Some(file) if file.entries < old.entries => lost.push((old.clone(), Some(file.entries))),
            Some(_) => {}
            None => {
                let older =
                    |file: &&FileSeen| file.sequence == old.sequence && file.archived && file.numbers.0 < old.numbers.0;
                let others = now.iter().any(|file| file.sequence == old.sequence);
                // Files in use stay; of a sequence of which nothing is left, somebody took these, too.
                if now.iter().any(|file| older(&file)) || !others && !old.of_user {
                    lost.push((old.clone(), None));
                }
            }
        }
    }
    lost.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    lost
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str, numbers: (u64, u64), archived: bool) -> FileSeen {
        let time = |number: u64| i64::try_from(number).unwrap() * 60;
        FileSeen {
            path: path.into(),
            file: path.into(),
            sequence: "s".into(),
            numbers,
            times: (time(numbers.0), time(numbers.1)),
            entries: numbers.1 - numbers.0 + 1,
            archived,
            of_user: path.starts_with("user"),
            ..FileSeen::default()
        }
    }

    fn watch(files: &[FileSeen], numbers: impl Iterator<Item = u64>) -> Vec<(u64, u64, bool)> {
        let mut watch = JournalWatch::new("/var/log/journal");
        for file in files {
            watch.file(file.clone());
        }
        numbers.for_each(|number| watch.entry("s", number, i64::try_from(number).unwrap() * 60, "boot"));
        watch.missing().iter().map(|it| (it.hole.first, it.hole.last, it.between_files)).collect()
    }

    proptest! {
        #[test]
        fn whichever_entries_are_taken_out_are_missed(at in 2u64..2900, count in 1u64..99) {
            let files = [file("a", (1, 1000), true), file("b", (1001, 2000), true), file("c", (2001, 3000), false)];
            let end = at + count - 1;
            let found = watch(&files, (1..=3000).filter(|number| !(at..=end).contains(number)));
            prop_assert_eq!(found.iter().map(|(first, last, _)| (*first, *last)).collect::<Vec<_>>(), vec![(at, end)]);
            prop_assert_eq!(watch(&files, 1..=3000), vec![]);
        }
    }

    #[test]
    fn vacuuming_takes_the_oldest_and_somebody_the_one_in_the_middle() {
        let files = [file("b", (1001, 2000), true), file("c", (2001, 3000), false)];
        assert_eq!(watch(&files, 1001..=3000), [], "vacuumed");
        let files = [file("a", (1, 1000), true), file("c", (2001, 3000), false)];
        assert_eq!(watch(&files, (1..=1000).chain(2001..=3000)), [(1001, 2000, true)], "removed");
        // A file of a user's that is in use is older than all that is left; vacuuming does not take it.
        let files =
            [file("user-1000", (5, 2500), false), file("c", (2001, 3000), true), file("d", (3001, 4000), false)];
        assert_eq!(watch(&files, [5].into_iter().chain(2001..=4000)), [], "a user's file in use");
    }

    #[test]
    fn entries_in_a_vacuumed_file_of_a_users_are_not_missed() {
        let files = [file("b", (1001, 2000), true), file("c", (2001, 3000), false)];
        let kept = (1001..=3000).filter(|number| number % 100 != 7);
        assert_eq!(watch(&files, kept), []);
    }

    #[test]
    fn what_a_file_held_at_the_last_look_is_missed_even_at_its_end() {
        let before: BTreeMap<Name, FileSeen> =
            [file("a", (1, 1000), true), file("b", (1001, 2000), true), file("c", (2001, 3000), false)]
                .into_iter()
                .map(|file| (file.file.clone(), file))
                .collect();
        let lost = |now: &[FileSeen]| -> Vec<(String, Option<u64>)> {
            lost_since(&before, now).into_iter().map(|(file, left)| (file.path, left)).collect()
        };
        assert_eq!(lost(&[file("b", (1001, 2000), true), file("c", (2001, 3100), true)]), [], "vacuumed");
        assert_eq!(lost(&[file("a", (1, 1000), true), file("c", (2001, 3000), false)]), [("b".into(), None)]);
        let shorter = file("c", (2001, 2500), false);
        assert_eq!(
            lost(&[file("a", (1, 1000), true), file("b", (1001, 2000), true), shorter]),
            [("c".into(), Some(500))]
        );
        assert_eq!(lost(&[]).len(), 3, "all of it");
    }
}
