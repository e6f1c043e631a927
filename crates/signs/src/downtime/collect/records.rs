//! `wtmp`: boots, shutdowns, clocks that were set, and sessions as signs of life.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::Path;

use jiff::Timestamp;

use super::Stream;
use crate::downtime::event::{Channel, Happening, Kind, Scope, text};
use crate::read::Gaps;
use crate::read::utmp::{Record, Records};

/// See the module.
pub(super) struct RecordStream {
    records: Records,
    follower: Follower,
}

/// Reads one record after the other.
#[derive(Default)]
pub(super) struct Follower {
    /// What the clock said before it was set.
    before: Option<i64>,
}

impl RecordStream {
    pub(super) fn new(path: &Path, reader: Box<dyn BufRead>) -> Self {
        Self { records: Records::new(path, reader), follower: Follower::default() }
    }
}

impl Follower {
    pub(super) fn event(&mut self, record: &Record) -> Option<Happening> {
        let time = record.time();
        let (kind, reason) = match record.kind() {
            // An empty place.
            0 => return None,
            1 if record.user() == b"shutdown" => (Kind::Stopped, Some("shutdown".to_owned())),
            2 => (Kind::Started, None),
            3 => {
                self.before = Some(time);
                (Kind::Alive, None)
            }
            4 => {
                let by = self.before.take().map(|before| (time - before) / 1_000_000);
                (Kind::ClockSet, by.map(|by| by.to_string()))
            }
            _ => (Kind::Alive, None),
        };
        let shown = [record.user(), record.line(), record.peer()].map(text).join(" ");
        Some(Happening {
            line: format!("wtmp: {}", shown.trim()),
            reason,
            ..Happening::new(kind, Scope::Host, Channel::Records, Timestamp::from_microsecond(time).ok())
        })
    }
}

impl Stream for RecordStream {
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool {
        while let Some(record) = self.records.next(gaps) {
            if let Some(event) = self.follower.event(&record) {
                queue.push_back(event);
                return true;
            }
        }
        false
    }

    fn lines(&self) -> u64 {
        self.records.count
    }
}
