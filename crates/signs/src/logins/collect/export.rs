//! `journalctl -o export`: a field a line, an empty line behind each entry. A field that holds line ends stands as its name,
//! eight bytes of length, and its content.

use std::io;

use crate::logins::event::{Login, Seen};
use crate::logins::parse::of_program;
use crate::read::Lines;

/// As much of one field is kept.
const LONGEST: usize = 16 << 10;

/// The event of the entry whose first line was read last.
pub(super) fn entry(lines: &mut Lines) -> io::Result<Option<Login>> {
    let mut message = Vec::new();
    let mut program = Vec::new();
    let mut command = Vec::new();
    let mut host = Vec::new();
    let mut time = None;
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            break;
        }
        let (name, value) = if let Some(at) = memchr::memchr(b'=', line) {
            (line.get(..at).unwrap_or_default().to_vec(), line.get(at + 1..).unwrap_or_default().to_vec())
        } else {
            let name = line.to_vec();
            let length = lines.take(8, 8)?;
            let length = length.iter().rev().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
            let value = lines.take(length, LONGEST)?;
            lines.take(1, 0)?;
            (name, value)
        };
        match name.as_slice() {
            b"MESSAGE" => message = value,
            b"SYSLOG_IDENTIFIER" => program = value,
            b"_COMM" => command = value,
            b"_HOSTNAME" => host = value,
            b"__REALTIME_TIMESTAMP" => time = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok()),
            _ => {}
        }
    }
    let program = if program.is_empty() { &command } else { &program };
    let seen = of_program(program, &message);
    let host = Some(host.as_slice()).filter(|host| !host.is_empty());
    Ok(seen.map(|seen| Seen { time, host, ..seen }.owned(&message)))
}
