//! A series from a file: a time and a value a row. Nothing is judged here; what cannot be read is said row by row.

mod fields;
mod time;

use std::io::{self, BufRead};
use std::path::Path;

use jiff::Timestamp;

use self::fields::Separator;
use crate::read::{Lines, Opened, Reading, open as open_log};

/// A row is no longer; what is longer is cut, and is no row then.
const LONGEST: usize = 64 << 10;
/// Greater values lie beyond what can be calculated with.
pub(super) const GREATEST: f64 = 1e150;

/// Why a file is no series.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("read the series: {0}")]
    Read(#[from] io::Error),
    /// It has no such column.
    #[error("find the column {wanted:?} in the series; its columns are {columns}")]
    Column {
        /// What was asked for.
        wanted: String,
        /// What there is.
        columns: String,
    },
    /// Its columns have names, and none is known as that of a time.
    #[error("find the times of the series; its columns are {columns}: call one of them \"timestamp\"")]
    Times {
        /// What there is.
        columns: String,
    },
}

/// Why a row says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It has too few columns, or is far too long.
    Columns,
    /// Its time is none.
    Time,
    /// Its value is empty, or no number.
    Value,
    /// Its value is NaN, infinite, or far beyond what is measured.
    NotFinite,
}

/// A row as it stands in the file, and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// The time as it is written.
    pub time: &'a str,
    /// The value as it is written.
    pub value: &'a str,
    /// Seconds since 1970 and the value.
    pub point: Result<(i64, f64), Fault>,
}

/// Which columns are meant.
#[derive(Clone, Copy, Debug)]
struct Columns {
    time: usize,
    value: usize,
}

/// Reads a series row by row.
pub struct Reader {
    lines: Lines,
    separator: Separator,
    columns: Columns,
    /// The first line, where it is no header.
    first: Option<String>,
    text: String,
}

impl Reader {
    /// Begins to read. The values are in the column `column`, else in that called `value`, else in the second.
    ///
    /// # Errors
    /// It cannot be read, or has no such column.
    pub fn new(reader: Box<dyn BufRead>, column: Option<&str>) -> Result<Self, Error> {
        let mut lines = Lines::new(reader, LONGEST);
        let first = loop {
            let Some(line) = lines.next()? else { break String::new() };
            let text = String::from_utf8_lossy(line);
            let text = text.trim_start_matches('\u{feff}').trim_end();
            if !text.is_empty() {
                break text.to_owned();
            }
        };
        let separator = Separator::of(&first);
        let names: Vec<&str> = separator.fields(&first).collect();
        let is_header = !names.iter().any(|name| time::seconds(name).is_some());
        let columns = if is_header { by_name(&names, column)? } else { by_place(&names, column)? };
        let first = Some(first.clone()).filter(|_| !is_header);
        Ok(Self { lines, separator, columns, first, text: String::new() })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// The file cannot be read any further.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if let Some(first) = self.first.take() {
            self.text = first;
            return Ok(Some(self.row()));
        }
        while let Some(line) = self.lines.next()? {
            let line = line.trim_ascii();
            if !line.is_empty() {
                self.text.clear();
                match str::from_utf8(line) {
                    Ok(line) => self.text.push_str(line),
                    Err(_) => self.text.push_str(&String::from_utf8_lossy(line)),
                }
                return Ok(Some(self.row()));
            }
        }
        Ok(None)
    }

    fn row(&self) -> Row<'_> {
        let (mut time, mut value) = (None, None);
        for (index, field) in self.separator.fields(&self.text).enumerate() {
            if index == self.columns.time {
                time = Some(field);
            }
            if index == self.columns.value {
                value = Some(field);
            }
            if index >= self.columns.time.max(self.columns.value) {
                break;
            }
        }
        let point = match (time, value) {
            (Some(time), Some(value)) => point(time, value),
            _ => Err(Fault::Columns),
        };
        Row { time: time.unwrap_or_default(), value: value.unwrap_or_default(), point }
    }
}

/// Opens a file of rows, packed or not; `-` is standard input.
///
/// # Errors
/// There is no such file, it may not be read, or it is no text.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    match open_log(path, &Reading::everything(Timestamp::now()))?.0 {
        Opened::Text(reader) => Ok(reader),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no text, so it is no series of values")),
    }
}

fn point(time: &str, value: &str) -> Result<(i64, f64), Fault> {
    let second = time::seconds(time).ok_or(Fault::Time)?;
    let number = value.parse::<f64>().map_err(|_| Fault::Value)?;
    if number.is_finite() && number.abs() < GREATEST { Ok((second, number)) } else { Err(Fault::NotFinite) }
}

/// What a column of times is called.
const TIMES: [&str; 8] = ["timestamp", "time", "datetime", "date", "ts", "epoch", "unixtime", "@timestamp"];

fn by_name(names: &[&str], wanted: Option<&str>) -> Result<Columns, Error> {
    let shown = || names.iter().take(20).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let find = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    if names.len() < 2 {
        // An empty file, or one of a single column: no row of it says anything.
        return Ok(Columns { time: 0, value: 1 });
    }
    let time = TIMES.into_iter().find_map(find).ok_or_else(|| Error::Times { columns: shown() })?;
    let value = match wanted {
        Some(wanted) => find(wanted).ok_or_else(|| Error::Column { wanted: wanted.to_owned(), columns: shown() })?,
        None => find("value").unwrap_or(usize::from(time != 1)),
    };
    Ok(Columns { time, value })
}

/// Without a header, a column is called by its number, from one.
fn by_place(fields: &[&str], wanted: Option<&str>) -> Result<Columns, Error> {
    let time = fields.iter().position(|field| time::seconds(field).is_some_and(|time| time > 86_400)).unwrap_or(0);
    let value = match wanted {
        Some(wanted) => wanted.parse::<usize>().ok().filter(|number| (1..=fields.len()).contains(number)),
        None => Some(if time == 1 { 1 } else { 2 }),
    };
    let value = value.ok_or_else(|| Error::Column {
        wanted: wanted.unwrap_or_default().to_owned(),
        columns: format!("numbered from 1 to {}", fields.len()),
    })?;
    Ok(Columns { time, value: value - 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str, column: Option<&str>) -> Vec<Result<(i64, f64), Fault>> {
        let mut reader = Reader::new(Box::new(io::Cursor::new(text.to_owned())), column).unwrap();
        let mut points = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            points.push(row.point);
        }
        points
    }

    #[test]
    fn a_header_is_no_row_and_may_be_left_out() {
        let known = [Ok((1_396_310_400, 1.5)), Ok((1_396_310_700, -2e3))];
        for head in ["timestamp,value\n", "", "\u{feff}Time, Value\r\n", "\n\n"] {
            let text = format!("{head}2014-04-01 00:00:00,1.5\r\n2014-04-01 00:05:00,-2e3\n");
            assert_eq!(points(&text, None), known, "{head:?}");
        }
    }

    #[test]
    fn other_columns_are_found_by_name_or_by_number() {
        let text = "host;time;cpu;memory\nweb;1396310400;1.5;7\n";
        assert_eq!(points(text, Some("memory")), [Ok((1_396_310_400, 7.0))]);
        assert_eq!(points("1396310400\t1.5\t7\n", Some("3")), [Ok((1_396_310_400, 7.0))]);
        let fault = Reader::new(Box::new(io::Cursor::new(text)), Some("disk")).err().unwrap().to_string();
        assert_eq!(
            fault,
            "find the column \"disk\" in the series; its columns are \"host\", \"time\", \"cpu\", \"memory\""
        );
        let fault = Reader::new(Box::new(io::Cursor::new("a,b\n1,2\n")), None).err().unwrap().to_string();
        assert!(fault.starts_with("find the times of the series"), "{fault}");
    }

    #[test]
    fn what_a_row_does_not_say_is_said_of_that_row() {
        let text = "timestamp,value\n1396310400\nyesterday,1\n1396310400,\n1396310400,much\n1396310400,NaN\n\
                    1396310400,-inf\n1396310400,1e300\n1396310400,1\n";
        let known = [
            Err(Fault::Columns),
            Err(Fault::Time),
            Err(Fault::Value),
            Err(Fault::Value),
            Err(Fault::NotFinite),
            Err(Fault::NotFinite),
            Err(Fault::NotFinite),
            Ok((1_396_310_400, 1.0)),
        ];
        assert_eq!(points(text, None), known);
    }

    #[test]
    fn an_empty_file_has_no_rows() {
        assert_eq!(points("", None), []);
        assert_eq!(points("timestamp,value\n", None), []);
    }
}
