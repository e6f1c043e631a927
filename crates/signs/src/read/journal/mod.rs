//! Journals of systemd, as they lie on disk (`JOURNAL_FILE_FORMAT`). Read from front to back in large pieces: an entry is a
//! list of places, and what lies at a place is looked at once, however many entries point there.
//!
//! Everything in a file may be a lie. Places are followed only where they can be; the list of entries leads on or ends; what
//! is packed comes out up to a bound; what is damaged is counted, passed over and told of.

mod bytes;
mod damage;
mod datum;
mod entry;
mod fields;
mod file;
mod folder;
mod head;
mod list;
mod merge;
mod pages;
mod tail;
mod unpack;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use damage::Damage;
pub use entry::Entry;
pub use fields::Field;
pub use file::JournalFile;
pub(crate) use folder::Marks;
pub(crate) use folder::files_in;
use folder::{Begin, Waiting, room_for};
pub use head::{Head, Id, State};
pub(crate) use merge::Journal;
use merge::look_at;
pub(crate) use tail::JournalTail;

use super::{Gaps, Reading};

/// Which entries of a journal are handed on. What decides looks at a field and its value; those are asked for of which it
/// takes at least one.
#[derive(Clone, Copy, Debug)]
pub enum Choice {
    /// Every one.
    All,
    /// Those that are asked for.
    Only(fn(Field, &[u8]) -> bool),
    /// Every one, but the messages only of those that are asked for.
    Mark(fn(Field, &[u8]) -> bool),
}

/// How much of a journal is read.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The longest value, in bytes; what is longer is cut and counted.
    pub longest: usize,
    /// The most that comes out of what is packed in one file, in bytes.
    pub most_unpacked: u64,
    /// What a file may take of the memory.
    pub room: Room,
    /// Bytes that were read of files so far.
    pub progress: Arc<AtomicU64>,
}

/// What a file may take of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that are read at once where it is gone through.
    window: usize,
    /// Pages of what is looked at here and there.
    pages: usize,
    /// Places of which is known what lies there.
    places: usize,
}

impl Room {
    /// At most 1.2 MB, for some files side by side.
    pub const LARGE: Self = Self { window: 256 << 10, pages: 64, places: 4096 };
    /// At most 310 KB, for a hundred.
    pub const MEDIUM: Self = Self { window: 64 << 10, pages: 16, places: 1024 };
    /// At most 100 KB, for a thousand.
    pub const SMALL: Self = Self { window: 24 << 10, pages: 4, places: 256 };
}

impl Default for Bounds {
    fn default() -> Self {
        Self { longest: 64 << 10, most_unpacked: 64 << 30, room: Room::LARGE, progress: Arc::default() }
    }
}

impl Bounds {
    pub(crate) fn of(reading: &Reading) -> Self {
        Self {
            longest: reading.longest_line,
            most_unpacked: reading.most_unpacked,
            progress: Arc::clone(&reading.progress),
            ..Self::default()
        }
    }
}

/// Why a journal file, or something in it, cannot be read: what stands behind its name in a report.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is less than a head.
    #[error("it is cut off")]
    CutOff,
    /// Something else begins like this.
    #[error("it is damaged: it does not begin as a journal")]
    NoJournal,
    /// It has flags of a later form.
    #[error("it is of a form that is not known (flags {0:#x})")]
    UnknownForm(u32),
    /// Something in it cannot be.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// Another file has taken its name.
    #[error("it was replaced by another while it was read")]
    Replaced,
    /// A bomb, or nearly.
    #[error("more comes out of it than is read of one packed file")]
    TooMuch,
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl JournalError {
    /// What it is of a part of the file.
    fn detail(&self) -> String {
        match self {
            Self::Damaged(what) => (*what).to_owned(),
            other => other.to_string(),
        }
    }
}

/// All journals of a folder: its own files, and those in the folders of machines below it.
pub(crate) fn open_folder(folder: &Path, reading: &Reading, choice: Choice, gaps: &mut Gaps) -> Option<Journal> {
    let files = files_in(folder, gaps);
    let mut waiting = open(&files, reading, gaps)?;
    // What is written from here on is read by whoever follows the journal.
    if let Some(marks) = reading.left.marks_of(folder) {
        waiting.retain_mut(|file| {
            file.until = Some(marks.get(&file.head.file).copied().unwrap_or_default());
            file.until != Some(0)
        });
    }
    let bounds = Bounds { room: room_for(&waiting), ..Bounds::of(reading) };
    Some(Journal::new(waiting, choice, bounds))
}

/// One journal file, which need not end in `.journal`.
pub(crate) fn open_file(path: &Path, reading: &Reading, choice: Choice, gaps: &mut Gaps) -> Option<Journal> {
    let waiting = open(&[path.to_path_buf()], reading, gaps)?;
    Some(Journal::new(waiting, choice, Bounds::of(reading)))
}

fn open(files: &[std::path::PathBuf], reading: &Reading, gaps: &mut Gaps) -> Option<Vec<Waiting>> {
    let begin = Begin::Since(reading.since.map(jiff::Timestamp::as_microsecond));
    look_at(files, begin, gaps, &mut |length| {
        reading.progress.fetch_add(length, Ordering::Relaxed);
    })
}

/// How much there is to read in a folder of journals, in bytes.
pub(super) fn size_of(folder: &Path) -> u64 {
    let mut nobody = Gaps::of(keelguard_model::Area::Logins);
    let files = files_in(folder, &mut nobody);
    files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|meta| meta.len()).sum()
}

#[cfg(test)]
mod tests;
