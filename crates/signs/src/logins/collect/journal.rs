//! Journals: the entries that may tell of logins.

use jiff::Timestamp;
use sdjournal::{EntryRef, JournalQuery};

use super::stream::Stream;
use crate::logins::event::{Login, Seen};
use crate::logins::parse::of_program;
use crate::read::Gaps;
use crate::read::journal::Opened;

/// See the module.
pub(super) struct JournalStream {
    journal: Opened,
    event: Option<Login>,
    lines: u64,
}

/// Facilities of logins: auth, mail, authpriv, ftp.
const FACILITIES: [&[u8]; 4] = [b"4", b"2", b"10", b"11"];
/// Programs of other facilities whose messages tell of logins.
const PROGRAMS: [&[u8]; 12] = [
    b"crontab",
    b"docker-registry",
    b"dockerd",
    b"haproxy",
    b"kernel",
    b"mariadbd",
    b"mysqld",
    b"openvpn",
    b"ovpn-server",
    b"postgres",
    b"pvedaemon",
    b"pveproxy",
];

impl JournalStream {
    pub(super) fn new(journal: Opened) -> Self {
        Self { journal, event: None, lines: 0 }
    }
}

/// Those entries whose programs tell of logins.
pub(super) fn choose(query: &mut JournalQuery) {
    for facility in FACILITIES {
        query.or_group(|group| {
            group.match_exact("SYSLOG_FACILITY", facility);
        });
    }
    for program in PROGRAMS {
        query.or_group(|group| {
            group.match_exact("SYSLOG_IDENTIFIER", program);
        });
    }
}

/// What an entry says.
pub(super) fn event(entry: &EntryRef) -> Option<Login> {
    let message = entry.get("MESSAGE")?;
    let program = entry.get("SYSLOG_IDENTIFIER").or_else(|| entry.get("_COMM")).unwrap_or_default();
    let seen = of_program(program, message)?;
    let time = i64::try_from(entry.realtime_usec()).ok();
    Some(Seen { time, host: entry.get("_HOSTNAME"), ..seen }.owned(message))
}

impl Stream for JournalStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        for entry in self.journal.entries.by_ref() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    gaps.add(
                        self.journal.path.display().to_string(),
                        format!("it was read up to entry {}: {error}", self.lines),
                    );
                    return false;
                }
            };
            self.lines += 1;
            self.event = event(&entry);
            if self.event.is_some() {
                return true;
            }
        }
        false
    }

    fn time(&self) -> i64 {
        self.event.as_ref().and_then(|event| event.time).map_or(i64::MIN, Timestamp::as_microsecond)
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        if let Some(event) = &self.event {
            take(&event.seen(), event.line.as_bytes());
        }
    }

    fn lines(&self) -> u64 {
        self.lines
    }
}
