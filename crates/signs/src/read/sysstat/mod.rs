//! What sysstat recorded of a machine's load: its daily files (`/var/log/sysstat/saDD`, `/var/log/sa/saDD`), and what
//! `sadf -j`, `sadf -d` and `sar` print of them. Out come plain samples; what is unusual among them others judge.
//!
//! ```no_run
//! use keelguard_signs::read::sysstat::Reader;
//! let file = std::io::BufReader::new(std::fs::File::open("/var/log/sysstat/sa24")?);
//! let mut reader = Reader::new(Box::new(file), &jiff::tz::TimeZone::system(), jiff::Timestamp::now())?;
//! while let Some(record) = reader.next_record()? {
//!     for sample in record.samples() {
//!         println!("{} {} {} {}", sample.time, sample.metric.name(), sample.value, sample.metric.unit());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activity;
mod binary;
mod fields;
mod json;
mod metric;
mod text;

use std::io::{self, BufRead, Read as _};

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::metric::Metric;

/// One value at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The end of the time that it is of.
    pub time: Timestamp,
    /// What was measured; it knows its unit.
    pub metric: Metric,
    /// How much.
    pub value: f64,
}

/// All that was measured at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The end of the time that it is of. Rates and shares are of the time since the record before.
    pub time: Timestamp,
    /// Each metric once.
    pub values: Vec<(Metric, f64)>,
}

impl Record {
    /// The values one by one.
    pub fn samples(&self) -> impl Iterator<Item = Sample> {
        self.values.iter().map(|(metric, value)| Sample { time: self.time, metric: *metric, value: *value })
    }
}

/// Why a file cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read it: {0}")]
    Read(#[from] io::Error),
    /// Another format than that of sysstat 12.
    #[error("read the format {0:#x}: it is not that of sysstat 12; convert it first (sadf -c FILE > NEW)")]
    Format(u16),
    /// What its head says of it cannot be.
    #[error("read it: {0}, so it is damaged")]
    Damaged(&'static str),
    /// It ends where more should follow.
    #[error("read it to its end: it ends within a record; it may just be being written")]
    Cut,
    /// Its date, which `sar` prints as the language of its user wants it, is not understood.
    #[error("understand its date {0:?}; let sar print it with S_TIME_FORMAT=ISO")]
    Date(String),
    /// Text that goes on for too long.
    #[error("read it whole: text of sar and sadf is read up to {} MB", LONGEST >> 20)]
    Long,
    /// No JSON.
    #[error("read its JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The most that is read of a text form, which is read as a whole: its parts are not in the order of time.
const LONGEST: u64 = 64 << 20;
/// The most records of a text form: one a second for a day and more.
const MOST: usize = 100_000;

/// Whether `start` is the beginning of something that sysstat wrote.
pub(crate) fn begins(start: &[u8]) -> bool {
    Form::of(start).is_some()
}

#[derive(Clone, Copy)]
enum Form {
    Binary,
    Json,
    /// `sadf -d`
    Rows,
    /// `sar`
    Report,
}

impl Form {
    fn of(start: &[u8]) -> Option<Self> {
        let text = start.trim_ascii_start();
        if binary::begins(start) {
            Some(Self::Binary)
        } else if text.starts_with(b"# hostname;interval;timestamp") {
            Some(Self::Rows)
        } else if text.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"sysstat\"")) {
            Some(Self::Json)
        } else {
            text::is_report(text).then_some(Self::Report)
        }
    }
}

/// Reads what sysstat wrote, in whichever form, record by record.
pub struct Reader {
    host: Option<String>,
    inner: Inner,
}

enum Inner {
    Binary(Box<binary::Binary>),
    Whole(std::vec::IntoIter<Record>, Option<Error>),
}

impl Reader {
    /// Begins to read. Times that name no zone are of `zone`; `written` is when the file was written last, by which dates like
    /// 03/04/26 are understood.
    ///
    /// # Errors
    /// It is of another format, or damaged from the beginning.
    pub fn new(mut reader: Box<dyn BufRead>, zone: &TimeZone, written: Timestamp) -> Result<Self, Error> {
        let form = Form::of(reader.fill_buf()?).ok_or(Error::Damaged("nothing that sysstat writes begins so"))?;
        if matches!(form, Form::Binary) {
            let binary = binary::Binary::new(reader)?;
            return Ok(Self { host: binary.host(), inner: Inner::Binary(Box::new(binary)) });
        }
        let mut bytes = Vec::new();
        reader.take(LONGEST).read_to_end(&mut bytes)?;
        let mut failed = (bytes.len() as u64 >= LONGEST).then_some(Error::Long);
        let mut found = match form {
            Form::Json => json::read(&bytes, zone, &mut failed),
            Form::Rows => text::rows(&bytes, zone),
            _ => text::report(&bytes, zone, written)?,
        };
        // The sections of a report come one after the other; times of all of them belong together.
        found.records.sort_by_key(|record| record.time);
        Ok(Self { host: found.host, inner: Inner::Whole(found.records.into_iter(), failed) })
    }

    /// The machine that was measured.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The next record; none at the end.
    ///
    /// # Errors
    /// It cannot be read any further; what came before stands.
    pub fn next_record(&mut self) -> Result<Option<Record>, Error> {
        match &mut self.inner {
            Inner::Binary(binary) => binary.next_record(),
            Inner::Whole(records, failed) => match (records.next(), failed) {
                (Some(record), _) => Ok(Some(record)),
                (None, failed) => failed.take().map_or(Ok(None), Err),
            },
        }
    }
}

/// What a text form holds.
#[derive(Default)]
struct Found {
    host: Option<String>,
    records: Vec<Record>,
}

impl Found {
    /// Adds to the record of this time, or makes one.
    fn add(&mut self, time: Timestamp, metric: Metric, value: f64, places: &mut Places) {
        if !value.is_finite() {
            return;
        }
        let index = match places.get(&time) {
            Some(index) => *index,
            None if self.records.len() >= MOST => return,
            None => {
                self.records.push(Record { time, values: Vec::new() });
                places.insert(time, self.records.len() - 1);
                self.records.len() - 1
            }
        };
        let Some(record) = self.records.get_mut(index) else { return };
        match record.values.iter_mut().find(|(known, _)| *known == metric) {
            // One metric may stand in several columns: %usr and %guest.
            Some((_, known)) => *known += value,
            None => record.values.push((metric, value)),
        }
    }
}

/// Where the record of a time lies.
type Places = std::collections::HashMap<Timestamp, usize>;

#[cfg(test)]
mod tests;
