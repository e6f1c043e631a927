//! Reads logs: which files, in which order, out of which wrapping. Decides nothing. What cannot be read becomes an entry of
//! what is incomplete, and the rest is read nevertheless.

mod export;
mod follow;
mod journal;
mod lines;
mod open;
mod own;
mod sources;
mod stream;
mod text;
mod utmp;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Area, Incomplete};

pub use follow::Follow;
pub use own::own_addresses;
pub use sources::{Family, default_sources, families};
use stream::{Stream, merge};

use super::event::Seen;

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
}

/// The part of logs that is not read, because it is followed.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Where files end.
    ends: Vec<(PathBuf, u64)>,
    /// Entries of journals from then on.
    since: Option<Timestamp>,
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
        }
    }

    fn end_of(&self, path: &Path) -> Option<u64> {
        self.left.ends.iter().find(|(known, _)| known == path).map(|(_, end)| *end)
    }

    fn since_micros(&self) -> i64 {
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

/// Reads `families` together, in the order of time, and hands each event on with its line.
pub fn read(families: Vec<Family>, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>, &[u8])) -> Outcome {
    let mut gaps = Gaps::default();
    let mut streams: Vec<Box<dyn Stream>> = Vec::new();
    for family in families {
        stream::open(family, reading, &mut streams, &mut gaps);
    }
    let since = reading.since_micros();
    let mut outcome = Outcome::default();
    let mut times: Option<(i64, i64)> = None;
    merge(&mut streams, &mut gaps, &mut |seen, line| {
        if seen.time.is_some_and(|time| time < since) {
            return;
        }
        if let Some(time) = seen.time {
            times = Some(times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        }
        outcome.events += 1;
        take(seen, line);
    });
    outcome.lines = streams.iter().map(|stream| stream.lines()).sum();
    let stamp = |micros| Timestamp::from_microsecond(micros).ok();
    outcome.times = times.and_then(|(first, last)| Some((stamp(first)?, stamp(last)?)));
    outcome.incomplete = gaps.0;
    outcome.incomplete.sort();
    outcome.incomplete.dedup();
    outcome
}

/// What could not be read, so far.
#[derive(Debug, Default)]
struct Gaps(Vec<Incomplete>);

impl Gaps {
    /// As many are kept; a folder of a million damaged files has said enough by then.
    const MOST: usize = 1000;

    fn add(&mut self, what: impl Into<String>, why: impl Into<String>) {
        if self.0.len() < Self::MOST {
            self.0.push(Incomplete::new(Area::Logins, what, why));
        }
    }
}

/// Why a file could not be opened, and what helps.
fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied; run it as root, or as a member of adm".to_owned(),
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// The file's last change, as the time at which it was whole.
fn written(meta: Option<&std::fs::Metadata>, now: Timestamp) -> Timestamp {
    let modified = meta.and_then(|meta| meta.modified().ok());
    let time = modified.and_then(|time| Timestamp::try_from(time).ok());
    // A clock that was ahead must not put a whole log into the future.
    time.unwrap_or(now).min(now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now))
}

/// A path as a user knows it.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests;
