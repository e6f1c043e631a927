//! Journals: the entries that may tell of logins.

use jiff::Timestamp;

use super::stream::Stream;
use crate::logins::event::{Login, Seen};
use crate::logins::parse::{is_known, of_program};
use crate::read::Gaps;
use crate::read::journal::{Choice, Entry, Field, Journal};

/// See the module.
pub(super) struct JournalStream {
    journal: Journal,
    event: Option<Login>,
}

/// Facilities of logins: auth, mail, authpriv, ftp.
const FACILITIES: [&[u8]; 4] = [b"4", b"2", b"10", b"11"];
impl JournalStream {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, event: None }
    }
}

/// Entries of programs that may tell of logins. Facilities alone would leave out an sshd that writes to its standard output,
/// programs alone what PAM says in the name of others.
pub(super) const CHOICE: Choice = Choice::Only(|field, value| match field {
    Field::Facility => FACILITIES.contains(&value),
    Field::Identifier | Field::Command => is_known(value),
    _ => false,
});

/// What an entry says.
pub(super) fn event(entry: &Entry) -> Option<Login> {
    let message = entry.message()?;
    let seen = of_program(entry.program(), message)?;
    Some(Seen { time: Some(entry.time), host: entry.host(), ..seen }.owned(message))
}

impl Stream for JournalStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        while self.journal.advance(gaps) {
            self.event = self.journal.entry().and_then(event);
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
        self.journal.lines()
    }
}
