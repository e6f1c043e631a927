//! Journals, as they lie on disk, as their export and as JSON. Each boot has an id of its own, so that none is missed.

use std::collections::VecDeque;
use std::io;

use jiff::Timestamp;
use sdjournal::{EntryRef, JournalQuery};
use serde_json::Value;

use super::Stream;
use super::life::Life;
use crate::downtime::event::{Channel, Happening, Kind, Scope, shown};
use crate::downtime::parse::{self, Around};
use crate::read::journal::Opened;
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
}

/// Entries, one after the other, and the boots they belong to.
pub(super) struct Boots {
    seen: Vec<Vec<u8>>,
    life: Life,
}

impl Default for Boots {
    fn default() -> Self {
        Self { seen: Vec::new(), life: Life::new(Channel::Journal) }
    }
}

impl Boots {
    fn see(&mut self, entry: &Entry<'_>, queue: &mut VecDeque<Happening>) {
        let Entry { time, host, program, process, message, .. } = *entry;
        let around = Around { time: Some(time), host, program, process, channel: Channel::Journal, line: message };
        let mut happening = if parse::is_known(program) { parse::read(message, &around) } else { None };
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

    /// Whether a machine that has been seen begins anew; after many such, nobody looks.
    fn is_another(&self, boot: Option<&[u8]>) -> bool {
        const MOST: usize = 500;
        let known = |boot: &[u8]| self.seen.iter().rev().any(|seen| seen == boot);
        (1..MOST).contains(&self.seen.len()) && boot.is_some_and(|boot| !known(boot))
    }

    fn is_new(&mut self, boot: Option<&[u8]>) -> bool {
        let Some(boot) = boot else { return false };
        if self.seen.last().is_some_and(|last| last == boot) || self.seen.iter().any(|seen| seen == boot) {
            return false;
        }
        if self.seen.len() < BOOTS {
            self.seen.push(boot.get(..64).unwrap_or(boot).to_vec());
        }
        true
    }

    /// An entry as it lies on disk.
    pub(super) fn of_entry(&mut self, entry: &EntryRef, queue: &mut VecDeque<Happening>) {
        let Ok(time) = i64::try_from(entry.realtime_usec()) else { return };
        let program = entry.get("SYSLOG_IDENTIFIER").or_else(|| entry.get("_COMM")).unwrap_or_default();
        let entry = Entry {
            time,
            host: entry.get("_HOSTNAME"),
            boot: entry.get("_BOOT_ID"),
            program,
            process: entry.get("_PID"),
            message: entry.get("MESSAGE").unwrap_or_default(),
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
        self.see(&Entry { time, host, boot, program: program.as_bytes(), process, message: &message }, queue);
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
        };
        self.see(&entry, queue);
        Ok(())
    }
}

/// A journal as it lies on disk.
pub(super) struct JournalStream {
    journal: Opened,
    boots: Boots,
    lines: u64,
    ended: bool,
}

impl JournalStream {
    pub(super) fn new(journal: Opened) -> Self {
        Self { journal, boots: Boots::default(), lines: 0, ended: false }
    }

    /// The last sign of life before a time, of whichever program: those that are read are not all that write.
    fn lived(&mut self, before: Option<i64>, queue: &mut VecDeque<Happening>) {
        if let Some(last) = self.journal.last_before(before) {
            let host = Some(last.host.as_slice()).filter(|host| !host.is_empty());
            self.boots.life.see(host, last.time, &last.message, false, queue);
        }
    }
}

/// Those entries whose programs tell of starts and ends.
pub(super) fn choose(query: &mut JournalQuery) {
    for program in parse::programs() {
        query.or_group(|group| {
            group.match_exact("SYSLOG_IDENTIFIER", program);
        });
    }
}

impl Stream for JournalStream {
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool {
        while let Some(entry) = self.journal.entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let why = format!("it was read up to entry {}: {error}", self.lines);
                    gaps.add(self.journal.path.display().to_string(), why);
                    break;
                }
            };
            self.lines += 1;
            let time = i64::try_from(entry.realtime_usec()).ok();
            if time.is_some() && self.boots.is_another(entry.get("_BOOT_ID")) {
                self.lived(time, queue);
            }
            self.boots.of_entry(&entry, queue);
            if !queue.is_empty() {
                return true;
            }
        }
        if !std::mem::replace(&mut self.ended, true) {
            self.lived(None, queue);
        }
        self.boots.finish(queue);
        !queue.is_empty()
    }

    fn lines(&self) -> u64 {
        self.lines
    }
}
