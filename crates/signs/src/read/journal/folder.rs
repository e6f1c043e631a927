//! Which journal files there are, and in which order they are opened.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::file::open;
use super::head::{Head, Id, State};
use super::{JournalError, Room};
use crate::read::{Gaps, refused};

/// How many entries each file had, by the file's id.
pub(crate) type Marks = HashMap<Id, u64>;

/// A file whose turn has not come.
pub(super) struct Waiting {
    pub(super) path: PathBuf,
    /// One that may be rotated away before its turn comes is kept open.
    pub(super) file: Option<File>,
    pub(super) head: Head,
    pub(super) begin: Begin,
    /// The number of the entry before which it ends.
    pub(super) until: Option<u64>,
}

/// Where reading a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With the first entry from this time on.
    Since(Option<i64>),
    /// With the entry of this number.
    At(u64),
}

/// More files of one journal are not opened.
const FILES: usize = 4000;

impl Waiting {
    /// Looks at the head of a file.
    pub(super) fn look(path: &Path, begin: Begin) -> Result<Self, JournalError> {
        let file = open(path)?;
        let head = Head::read(&file)?;
        let file = Some(file).filter(|_| head.state != State::Archived);
        Ok(Self { path: path.to_path_buf(), file, head, begin, until: None })
    }

    /// The time of its first entry.
    pub(super) fn time(&self) -> i64 {
        i64::try_from(self.head.head_time).unwrap_or(i64::MAX)
    }

    /// Whether all of its entries were written before the time from which on they are asked for.
    pub(super) fn is_past(&self) -> bool {
        let is_closed = matches!(self.head.state, State::Archived | State::Offline);
        let Begin::Since(Some(since)) = self.begin else { return false };
        is_closed && self.head.tail_time != 0 && i64::try_from(self.head.tail_time).is_ok_and(|tail| tail < since)
    }

    /// The file, as it was when its head was read.
    pub(super) fn open(&mut self) -> Result<File, JournalError> {
        if let Some(file) = self.file.take() {
            return Ok(file);
        }
        let file = open(&self.path)?;
        if Head::read(&file)?.file != self.head.file {
            return Err(JournalError::Replaced);
        }
        Ok(file)
    }
}

/// The journal files of a folder, and of the folders of machines right below it.
pub(crate) fn files_in(folder: &Path, gaps: &mut Gaps) -> Vec<PathBuf> {
    let mut files = Vec::new();
    list(folder, true, &mut files, gaps);
    files.sort();
    if files.len() > FILES {
        gaps.add(
            folder.display().to_string(),
            format!("of its {} files, {FILES} were read; name the others, or the folders of machines", files.len()),
        );
        files.truncate(FILES);
    }
    files
}

fn list(folder: &Path, deeper: bool, files: &mut Vec<PathBuf>, gaps: &mut Gaps) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return gaps.add(folder.display().to_string(), refused(&error)),
    };
    // A folder of millions ends, too.
    for path in entries.flatten().map(|entry| entry.path()).take(25 * FILES) {
        if path.extension().is_some_and(|end| end == "journal" || end == "journal~") {
            files.push(path);
        } else if deeper && path.is_dir() {
            list(&path, false, files, gaps);
        }
    }
}

/// How much memory each of these may take: files whose times overlap are read side by side.
pub(super) fn room_for(files: &[Waiting]) -> Room {
    let mut ends: Vec<(u64, i32)> =
        files.iter().flat_map(|file| [(file.head.head_time, 1), (file.head.tail_time.saturating_add(1), -1)]).collect();
    ends.sort_unstable();
    let mut beside = 0_i32;
    let most = ends.iter().fold(0, |most, (_, step)| {
        beside += step;
        most.max(beside)
    });
    match most {
        ..=16 => Room::LARGE,
        17..=100 => Room::MEDIUM,
        _ => Room::SMALL,
    }
}
