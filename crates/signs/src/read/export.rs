//! `journalctl -o export`: a field a line, an empty line behind each entry. A field that holds line ends stands as its name,
//! eight bytes of length, and its content.

use std::io;

use crate::read::Lines;

/// As much of one field is kept.
const LONGEST: usize = 16 << 10;

/// What an entry holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) message: Vec<u8>,
    /// Its identifier in syslog, else the command.
    pub(crate) program: Vec<u8>,
    pub(crate) process: Vec<u8>,
    pub(crate) host: Vec<u8>,
    /// The id of the boot it belongs to.
    pub(crate) boot: Vec<u8>,
    /// In microseconds since 1970.
    pub(crate) time: Option<i64>,
}

/// The first field of each entry.
pub(crate) fn begins(line: &[u8]) -> bool {
    line.starts_with(b"__CURSOR=")
}

/// The entry whose first line was read last.
pub(crate) fn entry(lines: &mut Lines) -> io::Result<Entry> {
    let mut entry = Entry::default();
    let mut command = Vec::new();
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
            b"MESSAGE" => entry.message = value,
            b"SYSLOG_IDENTIFIER" => entry.program = value,
            b"_COMM" => command = value,
            b"_PID" => entry.process = value,
            b"_HOSTNAME" => entry.host = value,
            b"_BOOT_ID" => entry.boot = value,
            b"__REALTIME_TIMESTAMP" => entry.time = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok()),
            _ => {}
        }
    }
    if entry.program.is_empty() {
        entry.program = command;
    }
    Ok(entry)
}
