//! Journals, as they lie on disk, as their export and as JSON. Each boot has an id of its own, so that none is missed.

use std::collections::{HashSet, VecDeque};
use std::io;

use jiff::Timestamp;
use serde_json::Value;

use super::Stream;
use super::life::Life;
use crate::downtime::event::{Channel, Happening, Kind, Scope, shown};
use crate::downtime::parse::{self, Around};
use crate::read::journal::{Choice, Entry as OnDisk, Field, Journal};
use crate::read::{Gaps, Lines, export};

/// Boots that are told apart.
const BOOTS: usize = 10_000;
/// An entry, in whatever form it came.
struct Entry<'a> {
    time: i64,
    host: Option<&'a [u8]>,
    boot: Option<&'a [u8]>,
    program: &'a [u8],
    process: Option<&'a [u8]>,
    message: &'a [u8],
    /// Whether its program may tell of starts and ends.
    may_tell: bool,
}

/// Entries, one after the other, and the boots they belong to.
pub(super) struct Boots {
    seen: HashSet<Vec<u8>>,
    last: Vec<u8>,
    life: Life,
}

impl Default for Boots {
    fn default() -> Self {
        Self { seen: HashSet::new(), last: Vec::new(), life: Life::new(Channel::Journal) }
    }
}

impl Boots {
    fn see(&mut self, entry: &Entry<'_>, queue: &mut VecDeque<Happening>) {
        let Entry { time, host, program, process, message, may_tell, .. } = *entry;
        let around = Around { time: Some(time), host, program, process, channel: Channel::Journal, line: message };
        let mut happening = if may_tell && parse::is_known(program) { parse::read(message, &around) } else { None };
        let says_boot = happening
            .as_ref()
            .is_some_and(|happening| (happening.kind, happening.scope) == (Kind::Started, Scope::Host));
        let is_new = self.is_new(entry.boot);
        // The first boot of a journal may have begun before it: its kernel's first line decides.
        if is_new && (says_boot || self.seen.len() > 1) {
            self.life.see(host, time, message, true, queue);
            queue.push_back(Happening {
                line: shown(message),
                host: host.map(crate::downtime::event::text),
                ..Happening::new(Kind::Started, Scope::Host, Channel::Journal, Timestamp::from_microsecond(time).ok())
            });
        }
        if says_boot && entry.boot.is_some() {
            happening = None;
        }
        self.life.see(host, time, message, happening.is_some(), queue);
        queue.extend(happening);
    }

    fn is_new(&mut self, boot: Option<&[u8]>) -> bool {
        let Some(boot) = boot.map(|boot| boot.get(..64).unwrap_or(boot)) else { return false };
        if self.last == boot {
            return false;
        }
        boot.clone_into(&mut self.last);
        // After so many, nobody tells them apart any more.
        self.seen.len() < BOOTS && self.seen.insert(boot.to_vec())
    }

    /// Whether the words of an entry are needed whose program tells of nothing: they are evidence.
    fn needs_words(&self, entry: &OnDisk) -> bool {
        let boot = entry.boot_id();
        let is_new = self.last != boot && !self.seen.contains(boot);
        is_new || self.life.keeps(entry.host().unwrap_or_default(), entry.time)
    }

    /// An entry as it lies on disk.
    pub(super) fn of_entry(&mut self, entry: &OnDisk, queue: &mut VecDeque<Happening>) {
        let entry = Entry {
            time: entry.time,
            host: entry.host(),
            boot: Some(entry.boot_id()),
            program: entry.program(),
            process: entry.get(Field::Process),
            message: entry.message().unwrap_or_default(),
            may_tell: entry.chosen,
        };
        self.see(&entry, queue);
    }

    /// What was not told yet, at an end.
    pub(super) fn finish(&mut self, queue: &mut VecDeque<Happening>) {
        self.life.finish(queue);
    }

    /// `journalctl -o json`
    pub(super) fn of_json(&mut self, line: &[u8], queue: &mut VecDeque<Happening>) {
        let Ok(Value::Object(fields)) = serde_json::from_slice(line) else { return };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let Some(time) = text("__REALTIME_TIMESTAMP").and_then(|micros| micros.parse().ok()) else { return };
        let message = match fields.get("MESSAGE") {
            Some(Value::String(message)) => message.as_bytes().to_vec(),
            // What is no UTF-8 comes as numbers.
            Some(Value::Array(numbers)) => {
                numbers.iter().filter_map(|number| u8::try_from(number.as_u64()?).ok()).collect()
            }
            _ => return,
        };
        let program = text("SYSLOG_IDENTIFIER").or_else(|| text("_COMM")).unwrap_or_default();
        let bytes = |name: &str| text(name).map(str::as_bytes);
        let (host, boot) = (bytes("_HOSTNAME"), bytes("_BOOT_ID"));
        let process = bytes("_PID").or_else(|| bytes("SYSLOG_PID"));
        let program = program.as_bytes();
        self.see(&Entry { time, host, boot, program, process, message: &message, may_tell: true }, queue);
    }

    /// `journalctl -o export`: the entry whose first line was read last.
    pub(super) fn of_export(&mut self, lines: &mut Lines, queue: &mut VecDeque<Happening>) -> io::Result<()> {
        let export::Entry { message, program, process, host, boot, time } = export::entry(lines)?;
        let Some(time) = time else { return Ok(()) };
        let given = |field: &Vec<u8>| !field.is_empty();
        let entry = Entry {
            time,
            host: Some(&host).filter(|field| given(field)).map(Vec::as_slice),
            boot: Some(&boot).filter(|field| given(field)).map(Vec::as_slice),
            program: &program,
            process: Some(&process).filter(|field| given(field)).map(Vec::as_slice),
            message: &message,
            may_tell: true,
        };
        self.see(&entry, queue);
        Ok(())
    }
}

/// A journal as it lies on disk.
pub(super) struct JournalStream {
    journal: Journal,
    boots: Boots,
}

impl JournalStream {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, boots: Boots::default() }
    }
}

/// Every entry says that its machine lives; of starts and ends tell those of known programs.
pub(super) const CHOICE: Choice =
    Choice::Mark(|field, value| matches!(field, Field::Identifier | Field::Command) && parse::is_known(value));

impl Stream for JournalStream {
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool {
        while self.journal.advance(gaps) {
            if self.journal.entry().is_some_and(|entry| !entry.chosen && self.boots.needs_words(entry)) {
                self.journal.read_message();
            }
            if let Some(entry) = self.journal.entry() {
                self.boots.of_entry(entry, queue);
            }
            if !queue.is_empty() {
                return true;
            }
        }
        self.boots.finish(queue);
        !queue.is_empty()
    }

    fn lines(&self) -> u64 {
        self.journal.lines()
    }
}
