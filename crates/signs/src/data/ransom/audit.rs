//! The kernel's audit log as a source: who deleted, renamed and ran what. Of contents it says nothing.

use std::collections::VecDeque;
use std::io::BufRead as _;
use std::path::Path;

use jiff::Timestamp;

use super::event::{Actor, Event, What};
use crate::read::audit::{field, time, value, who};

/// Calls whose other records may still come.
const CALLS: usize = 16;
/// The longest record.
const LONGEST: u64 = 64 * 1024;

struct Call {
    serial: Vec<u8>,
    actor: Actor,
    folder: Vec<u8>,
    /// The old name, of a rename.
    from: Option<Vec<u8>>,
    renames: bool,
}

/// Turns records, line by line, into events.
#[derive(Default)]
pub struct Records {
    calls: VecDeque<Call>,
}

impl Records {
    /// Takes a line in; what it says, once enough of a call is known.
    pub fn line(&mut self, line: &[u8]) -> Option<Event> {
        let kind = field(line, b"type=")?;
        let serial = field(line, b"msg=audit(")?;
        if kind == b"SYSCALL" {
            self.begin(line, serial);
            return None;
        }
        let call = self.calls.iter_mut().rev().find(|call| call.serial == serial)?;
        let at = Timestamp::from_microsecond(time(line)?).ok()?;
        let event =
            |path: Vec<u8>, actor: &Actor, what| Some(Event { time: at, path, actor: Some(actor.clone()), what });
        match kind {
            b"CWD" => {
                call.folder = value(line, b" cwd=")?.into_owned();
                None
            }
            b"EXECVE" => {
                let words = (0..64).map_while(|number| value(line, format!(" a{number}=").as_bytes()));
                let words: Vec<String> = words.map(|word| String::from_utf8_lossy(&word).into_owned()).collect();
                let mut command = words.join(" ");
                command.truncate(command.floor_char_boundary(1024));
                call.actor.command = command;
                event(Vec::new(), &call.actor, What::Ran)
            }
            b"PATH" => {
                let name = value(line, b" name=")?;
                let path = if name.starts_with(b"/") || call.folder.is_empty() {
                    name.into_owned()
                } else {
                    [&call.folder, &b"/"[..], &name].concat()
                };
                match (field(line, b" nametype=")?, call.renames) {
                    (b"DELETE", false) => event(path, &call.actor, What::Removed { left: None }),
                    // What stood at the new name is deleted, too, and told of second.
                    (b"DELETE", true) if call.from.is_none() => {
                        call.from = Some(path);
                        None
                    }
                    (b"CREATE", true) => event(call.from.take()?, &call.actor, What::Moved { to: path, now: None }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn begin(&mut self, line: &[u8], serial: &[u8]) {
        if field(line, b" success=") == Some(b"no") || serial.len() > 64 {
            return;
        }
        let number = |name: &[u8]| {
            let digits = field(line, name).and_then(|digits| std::str::from_utf8(digits).ok());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
        };
        let text = |name: &[u8]| {
            let bytes = value(line, name).unwrap_or_default();
            String::from_utf8_lossy(bytes.get(..256).unwrap_or(&bytes)).into_owned()
        };
        let exe = text(b" exe=");
        let uid: u32 = number(b" uid=");
        let actor = Actor {
            pid: number(b" pid="),
            name: text(b" comm="),
            command: exe,
            user: who(line).unwrap_or_else(|| if uid == 0 { "root".to_owned() } else { format!("uid {uid}") }),
            parent: number(b" ppid="),
            ..Actor::default()
        };
        let numbered = matches!(field(line, b" syscall="), Some(b"82" | b"264" | b"316" | b"38" | b"276"));
        let named = field(line, b" SYSCALL=").map(|name| name.starts_with(b"rename"));
        let call =
            Call { serial: serial.to_vec(), actor, folder: Vec::new(), from: None, renames: named.unwrap_or(numbered) };
        if self.calls.len() >= CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }
}

/// Reads a log to its end, packed or not; how many lines it has.
pub fn read(file: &Path, see: &mut dyn FnMut(&Event)) -> std::io::Result<u64> {
    let mut reader = std::io::BufReader::new(std::fs::File::open(file)?);
    let (mut records, mut line, mut lines) = (Records::default(), Vec::new(), 0);
    loop {
        line.clear();
        if std::io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(lines);
        }
        lines += 1;
        if let Some(event) = records.line(&line) {
            see(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ransom::detect::{Detector, Limits};

    fn deleted(number: u32, name: &str) -> String {
        format!(
            "type=SYSCALL msg=audit(1790000{number:03}.100:{number}): arch=c000003e syscall=263 success=yes exit=0 items=2 ppid=800 pid=900 auid=1000 uid=0 comm=\"rm\" exe=\"/usr/bin/rm\"\x1dSYSCALL=unlinkat AUID=\"alice\"\n\
             type=CWD msg=audit(1790000{number:03}.100:{number}): cwd=\"/srv/docs\"\n\
             type=PATH msg=audit(1790000{number:03}.100:{number}): item=0 name=\"/srv/docs\" inode=1 nametype=PARENT\n\
             type=PATH msg=audit(1790000{number:03}.100:{number}): item=1 name={name} inode=2 nametype=DELETE\n"
        )
    }

    #[test]
    fn who_deleted_what_and_when_stands_in_the_records() {
        let mut records = Records::default();
        let log = deleted(1, "\"report.pdf\"") + &deleted(2, "C39620782E646F63");
        let events: Vec<Event> = log.lines().filter_map(|line| records.line(line.as_bytes())).collect();
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].path, b"/srv/docs/report.pdf");
        assert_eq!(events[1].path, b"/srv/docs/\xc3\x96 x.doc");
        let actor = events[0].actor.as_ref().unwrap();
        assert_eq!((actor.pid, actor.name.as_str(), actor.user.as_str()), (900, "rm", "alice"));
        assert_eq!(events[0].time.to_string(), "2026-09-21T14:13:21.1Z");
    }

    #[test]
    fn documents_that_one_process_deleted_by_the_dozen_are_told_with_its_user() {
        let (mut records, mut detector) = (Records::default(), Detector::new(Limits::default(), "edge"));
        for number in 0..60 {
            for line in deleted(number, &format!("\"{number}.docx\"")).lines() {
                if let Some(event) = records.line(line.as_bytes()) {
                    detector.see(&event);
                }
            }
        }
        let findings = detector.findings();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].title, "60 documents were deleted in /srv/docs, by rm (process 900) of alice");
    }

    #[test]
    fn a_command_that_deletes_all_snapshots_is_told() {
        let mut records = Records::default();
        let log = "type=SYSCALL msg=audit(1790000001.1:7): arch=c000003e syscall=59 success=yes ppid=1 pid=9 auid=0 uid=0 comm=\"zpool\" exe=\"/usr/sbin/zpool\"\n\
                   type=EXECVE msg=audit(1790000001.1:7): argc=3 a0=\"zpool\" a1=\"destroy\" a2=\"tank\"\n";
        let mut detector = Detector::new(Limits::default(), "edge");
        log.lines().filter_map(|line| records.line(line.as_bytes())).for_each(|event| detector.see(&event));
        assert_eq!(detector.findings()[0].rule, "KG-D027");
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_it(lines: Vec<Vec<u8>>) {
            let mut records = Records::default();
            for line in lines {
                let _ = records.line(&line);
            }
        }
    }
}
