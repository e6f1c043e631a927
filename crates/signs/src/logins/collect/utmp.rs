//! `wtmp` and `btmp`: records of 384 bytes, as glibc writes them on every machine that Docker runs on (`utmp(5)`). Each
//! number is the machine's own, which is little-endian on all of these.

use std::io::{self, BufRead};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::Gaps;
use super::stream::Stream;
use crate::logins::event::{Channel, Kind, Login, Seen};

/// The length of a record, bytes.
pub(super) const RECORD: usize = 384;

/// See the module.
pub(super) struct RecordStream {
    path: String,
    reader: Box<dyn BufRead>,
    failed: bool,
    event: Option<Login>,
    records: u64,
    odd: u64,
}

impl RecordStream {
    pub(super) fn new(path: &Path, reader: Box<dyn BufRead>) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self {
            path: path.display().to_string(),
            reader,
            failed: name.starts_with("btmp"),
            event: None,
            records: 0,
            odd: 0,
        }
    }
}

impl Stream for RecordStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        let mut record = [0; RECORD];
        loop {
            match fill(&mut self.reader, &mut record) {
                Ok(RECORD) => self.records += 1,
                Ok(0) => {
                    if self.odd > 0 {
                        gaps.add(
                            self.path.clone(),
                            format!("{} of {} records are none of wtmp's", self.odd, self.records),
                        );
                    }
                    return false;
                }
                Ok(rest) => {
                    gaps.add(self.path.clone(), format!("its last {rest} bytes are no whole record"));
                    return false;
                }
                Err(error) => {
                    gaps.add(self.path.clone(), format!("it was read up to record {}: {error}", self.records));
                    return false;
                }
            }
            match event(&record, self.failed) {
                Record::Event(event) => {
                    self.event = Some(*event);
                    return true;
                }
                Record::Other => {}
                Record::Odd => self.odd += 1,
            }
        }
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
        self.records
    }
}

pub(super) enum Record {
    Event(Box<Login>),
    /// A boot, a change of the clock, an empty place.
    Other,
    Odd,
}

/// What a record says.
pub(super) fn event(record: &[u8; RECORD], failed: bool) -> Record {
    let text = |from: usize, length: usize| {
        let field = record.get(from..from + length).unwrap_or_default();
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        field.get(..end).unwrap_or_default()
    };
    let number = |from: usize| {
        let bytes = record.get(from..from + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        i32::from_le_bytes(bytes.unwrap_or_default())
    };
    let kind = number(0) & 0xffff;
    let (line, user, peer) = (text(8, 32), text(44, 32), text(76, 256));
    let kind = match kind {
        _ if failed && (6..=7).contains(&kind) => Kind::LoginFailed,
        7 if !user.is_empty() => Kind::Session,
        8 => Kind::Logout,
        0..=9 => return Record::Other,
        _ => return Record::Odd,
    };
    // Seconds are unsigned until 2106.
    let seconds = i64::from(number(340).cast_unsigned());
    let time = seconds * 1_000_000 + i64::from(number(344)).clamp(0, 999_999);
    let service = if failed { "btmp" } else { "wtmp" };
    let seen = Seen {
        channel: Channel::Library,
        time: Some(time),
        user: Some(user).filter(|user| !user.is_empty()),
        address: address(record),
        peer: Some(peer).filter(|peer| !peer.is_empty()),
        detail: Some(line).filter(|line| !line.is_empty()),
        ..Seen::new(kind, service)
    };
    let shown = [user, line, peer].map(|field| String::from_utf8_lossy(field).into_owned()).join(" ");
    Record::Event(Box::new(seen.owned(shown.trim().as_bytes())))
}

/// The address, which is IPv4 where only the first four bytes are set.
fn address(record: &[u8; RECORD]) -> Option<IpAddr> {
    let bytes: [u8; 16] = record.get(348..364)?.try_into().ok()?;
    let ([a, b, c, d, rest @ ..], none) = (bytes, [0; 12]);
    if rest == none {
        return Some(Ipv4Addr::new(a, b, c, d)).filter(|address| !address.is_unspecified()).map(IpAddr::V4);
    }
    Some(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical())
}

/// Fills `record` as far as there is something.
fn fill(reader: &mut dyn BufRead, record: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = record.get_mut(filled..).filter(|room| !room.is_empty()) {
        match reader.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
