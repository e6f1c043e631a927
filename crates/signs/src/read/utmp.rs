//! Records of `wtmp` and its relatives: 384 bytes each, as glibc writes them on every machine that Docker runs on
//! (`utmp(5)`). Each number is the machine's own, which is little-endian on all of these.

use std::io::{self, BufRead};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::{Gaps, shown};

/// The length of a record, bytes.
pub(crate) const RECORD: usize = 384;

/// One record, as it lies there.
pub(crate) struct Record {
    bytes: [u8; RECORD],
}

impl Record {
    pub(crate) fn new(bytes: &[u8; RECORD]) -> Self {
        Self { bytes: *bytes }
    }

    /// `ut_type`: 1 run level, 2 boot, 3 and 4 the clock before and after it was set, 7 a session, 8 its end.
    pub(crate) fn kind(&self) -> i32 {
        self.number(0) & 0xffff
    }

    /// `ut_line`
    pub(crate) fn line(&self) -> &[u8] {
        self.text(8, 32)
    }

    /// `ut_user`
    pub(crate) fn user(&self) -> &[u8] {
        self.text(44, 32)
    }

    /// `ut_host`
    pub(crate) fn peer(&self) -> &[u8] {
        self.text(76, 256)
    }

    /// In microseconds since 1970.
    pub(crate) fn time(&self) -> i64 {
        // Seconds are unsigned until 2106.
        i64::from(self.number(340).cast_unsigned()) * 1_000_000 + i64::from(self.number(344)).clamp(0, 999_999)
    }

    /// The address, which is IPv4 where only the first four bytes are set.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        let bytes: [u8; 16] = self.bytes.get(348..364)?.try_into().ok()?;
        let ([a, b, c, d, rest @ ..], none) = (bytes, [0; 12]);
        if rest == none {
            return Some(Ipv4Addr::new(a, b, c, d)).filter(|address| !address.is_unspecified()).map(IpAddr::V4);
        }
        Some(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical())
    }

    fn text(&self, from: usize, length: usize) -> &[u8] {
        let field = self.bytes.get(from..from + length).unwrap_or_default();
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        field.get(..end).unwrap_or_default()
    }

    fn number(&self, from: usize) -> i32 {
        let bytes = self.bytes.get(from..from + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        i32::from_le_bytes(bytes.unwrap_or_default())
    }
}

/// Records, one after the other.
pub(crate) struct Records {
    path: String,
    reader: Box<dyn BufRead>,
    /// Records so far.
    pub(crate) count: u64,
    odd: u64,
}

impl Records {
    pub(crate) fn new(path: &Path, reader: Box<dyn BufRead>) -> Self {
        Self { path: shown(path), reader, count: 0, odd: 0 }
    }

    /// The next record; those of kinds that there are not are counted and passed over.
    pub(crate) fn next(&mut self, gaps: &mut Gaps) -> Option<Record> {
        let mut record = Record { bytes: [0; RECORD] };
        loop {
            let why = match fill(&mut self.reader, &mut record.bytes) {
                Ok(RECORD) => {
                    self.count += 1;
                    if (0..=9).contains(&record.kind()) {
                        return Some(record);
                    }
                    self.odd += 1;
                    continue;
                }
                Ok(0) if self.odd == 0 => return None,
                Ok(0) => format!("{} of {} records are none of wtmp's", self.odd, self.count),
                Ok(rest) => format!("its last {rest} bytes are no whole record"),
                Err(error) => format!("it was read up to record {}: {error}", self.count),
            };
            gaps.add(self.path.clone(), why);
            return None;
        }
    }
}

/// Fills `record` as far as there is something.
pub(crate) fn fill(reader: &mut dyn BufRead, record: &mut [u8]) -> io::Result<usize> {
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
