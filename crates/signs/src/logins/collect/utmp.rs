//! `wtmp` and `btmp`: who came, who left, who was refused.

use std::io::BufRead;
use std::path::Path;

use super::stream::Stream;
use crate::logins::event::{Channel, Kind, Login, Seen};
use crate::read::Gaps;
use crate::read::utmp::{Record, Records};

/// See the module.
pub(super) struct RecordStream {
    records: Records,
    failed: bool,
    event: Option<Login>,
}

impl RecordStream {
    pub(super) fn new(path: &Path, reader: Box<dyn BufRead>) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { records: Records::new(path, reader), failed: name.starts_with("btmp"), event: None }
    }
}

impl Stream for RecordStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        while let Some(record) = self.records.next(gaps) {
            if let Some(event) = event(&record, self.failed) {
                self.event = Some(event);
                return true;
            }
        }
        false
    }

    fn time(&self) -> i64 {
        self.event.as_ref().and_then(|event| event.time).map_or(i64::MIN, jiff::Timestamp::as_microsecond)
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        if let Some(event) = &self.event {
            take(&event.seen(), event.line.as_bytes());
        }
    }

    fn lines(&self) -> u64 {
        self.records.count
    }
}

/// What a record says of logins: boots, changes of the clock and empty places say nothing.
pub(super) fn event(record: &Record, failed: bool) -> Option<Login> {
    let (line, user, peer) = (record.line(), record.user(), record.peer());
    let kind = match record.kind() {
        6..=7 if failed => Kind::LoginFailed,
        7 if !user.is_empty() => Kind::Session,
        8 => Kind::Logout,
        _ => return None,
    };
    let seen = Seen {
        channel: Channel::Records,
        time: Some(record.time()),
        user: Some(user).filter(|user| !user.is_empty()),
        address: record.address(),
        peer: Some(peer).filter(|peer| !peer.is_empty()),
        detail: Some(line).filter(|line| !line.is_empty()),
        ..Seen::new(kind, if failed { "btmp" } else { "wtmp" })
    };
    let shown = [user, line, peer].map(|field| String::from_utf8_lossy(field).into_owned()).join(" ");
    Some(seen.owned(shown.trim().as_bytes()))
}
