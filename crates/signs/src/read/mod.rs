//! Reads logs for whichever sign asks: out of their wrapping, line by line, with bounds. What stands around a message is
//! taken apart here; what a message means is the sign's own business.

pub(crate) mod audit;
pub(crate) mod database;
pub(crate) mod envelope;
pub(crate) mod export;
mod family;
mod follow;
pub mod journal;
mod lines;
mod open;
pub(crate) mod pieces;
pub mod raw;
pub(crate) mod stamp;
pub mod sysstat;
pub(crate) mod template;
pub(crate) mod utmp;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub(crate) use family::{Age, piece_of};
pub use family::{Family, families};
pub use follow::Follow;
pub(crate) use follow::Piece;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Area, Incomplete};
pub(crate) use lines::Lines;
pub(crate) use open::{Opened, open};
pub use stamp::Clock;

/// How much is read, and as what.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Events before this are passed over.
    pub since: Option<Timestamp>,
    /// The zone of stamps that name none.
    pub zone: TimeZone,
    /// When this is: a log that comes through a pipe has no other time of its own.
    pub now: Timestamp,
    /// The longest line, in bytes; what is longer is cut and counted.
    pub longest_line: usize,
    /// The most that comes out of one compressed file, in bytes.
    pub most_unpacked: u64,
    /// What is left to whoever follows the logs; [`Follow::begin`] fills it in.
    pub left: Left,
    /// Bytes that were read of files so far, as they lie there, for whoever shows how far it has got.
    pub progress: Arc<AtomicU64>,
}

/// How much there is to read, in bytes as the files lie there.
pub fn size_of(files: &[PathBuf]) -> u64 {
    let size = |path: &PathBuf| match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(meta) if meta.is_dir() => journal::size_of(path),
        _ => 0,
    };
    files.iter().map(size).sum()
}

/// The part of logs that is not read, because it is followed.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Where files end.
    ends: Vec<(PathBuf, u64)>,
    /// How many entries the files of folders of journals have.
    journals: Vec<(PathBuf, journal::Marks)>,
}

impl Left {
    fn marks_of(&self, folder: &Path) -> Option<&journal::Marks> {
        self.journals.iter().find(|(known, _)| known == folder).map(|(_, marks)| marks)
    }
}

impl Reading {
    /// Everything, in the zone of this machine.
    pub fn everything(now: Timestamp) -> Self {
        Self {
            since: None,
            zone: TimeZone::system(),
            now,
            longest_line: 64 << 10,
            most_unpacked: 64 << 30,
            left: Left::default(),
            progress: Arc::default(),
        }
    }

    fn end_of(&self, path: &Path) -> Option<u64> {
        self.left.ends.iter().find(|(known, _)| known == path).map(|(_, end)| *end)
    }

    pub(crate) fn since_micros(&self) -> i64 {
        self.since.map_or(i64::MIN, Timestamp::as_microsecond)
    }
}

/// What was read besides events.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Lines and records that were looked at.
    pub lines: u64,
    /// Events that were handed on.
    pub events: u64,
    /// The first and the last of their times.
    pub times: Option<(Timestamp, Timestamp)>,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
}

/// What could not be read, so far.
#[derive(Debug)]
pub(crate) struct Gaps {
    area: Area,
    list: Vec<Incomplete>,
}

impl Gaps {
    /// As many are kept; a folder of a million damaged files has said enough by then.
    const MOST: usize = 1000;

    pub(crate) fn of(area: Area) -> Self {
        Self { area, list: Vec::new() }
    }

    pub(crate) fn add(&mut self, what: impl Into<String>, why: impl Into<String>) {
        if self.list.len() < Self::MOST {
            self.list.push(Incomplete::new(self.area, what, why));
        }
    }

    /// None yet, of the same area.
    fn alike(&self) -> Self {
        Self::of(self.area)
    }

    /// What was added since the last time.
    fn take(&mut self) -> Vec<Incomplete> {
        std::mem::take(&mut self.list)
    }

    /// Each once, in order.
    pub(crate) fn into_list(mut self) -> Vec<Incomplete> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// Why a file could not be opened, and what helps.
pub(crate) fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied; run it as root, or as a member of adm".to_owned(),
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// The file's last change, as the time at which it was whole.
pub(crate) fn written(meta: Option<&std::fs::Metadata>, now: Timestamp) -> Timestamp {
    let modified = meta.and_then(|meta| meta.modified().ok());
    let time = modified.and_then(|time| Timestamp::try_from(time).ok());
    // A clock that was ahead must not put a whole log into the future.
    time.unwrap_or(now).min(now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now))
}

/// A path as a user knows it.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() }
}

/// The names in a folder of logs, sorted.
pub(crate) fn logs_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.take(100_000).collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// Whether a file is one of these logs, or a rotated piece of one.
pub(crate) fn is_piece_of(name: &str, logs: &[&str]) -> bool {
    logs.contains(&piece_of(name).0.as_str())
}

/// The same where only the end of the log's name is known.
pub(crate) fn is_piece_ending(name: &str, ends: &[&str]) -> bool {
    let (base, _) = piece_of(name);
    ends.iter().any(|end| base.ends_with(end))
}

/// Decimal digits and nothing else.
pub(crate) fn number<T: TryFrom<u32>>(digits: &[u8]) -> Option<T> {
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    T::try_from(number).ok()
}
