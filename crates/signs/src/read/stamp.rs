//! Stamps at the head of a line, in the forms that logs have. Those without a year get one from the order of the lines and
//! from a time at which the log was known to be whole; those without a zone are in the log's zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::audit::Calls;
use super::number;

/// Hour, minute, second.
type ClockTime = (u8, u8, u8);

/// Microseconds.
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// What a log does not say of its stamps, and where in it the reader stands.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    /// No line is younger than this: when the file was last written.
    reference: Timestamp,
    year: Option<i16>,
    last: (u8, u8),
    /// The last hour, and when it began.
    hour: Option<((i16, u8, u8, u8), i64)>,
    /// Stamps that would lie in the future, whatever the year.
    pub(crate) doubtful: u64,
    /// Records of the audit log that others belong to.
    pub(crate) calls: Calls,
    /// Bytes that may still belong to a name that goes over the end of its line.
    pub(crate) name_left: usize,
    /// Whether that stands in the program's own file, so that every line may.
    pub(crate) name_alone: bool,
}

impl Clock {
    /// For a log whose stamps without a zone are in `zone`, and that was last written at `reference`.
    pub fn new(zone: TimeZone, reference: Timestamp) -> Self {
        Self {
            zone,
            reference,
            year: None,
            last: (0, 0),
            hour: None,
            doubtful: 0,
            calls: Calls::default(),
            name_left: 0,
            name_alone: false,
        }
    }

    /// For a log in UTC.
    pub fn utc(reference: Timestamp) -> Self {
        Self::new(TimeZone::UTC, reference)
    }

    /// How many stamps could not be given a year in which they lie in the past.
    pub fn doubtful(&self) -> u64 {
        self.doubtful
    }

    /// Microseconds since 1970 of a local time.
    fn local(&mut self, year: i16, month: u8, day: u8, clock: ClockTime, micros: i64) -> Option<i64> {
        let (hour, minute, second) = clock;
        if minute > 59 || second > 60 {
            return None;
        }
        let key = (year, month, day, hour);
        let begins = match self.hour {
            Some((known, begins)) if known == key => begins,
            _ => {
                let civil = civil(key)?;
                let begins = self.zone.to_ambiguous_timestamp(civil).compatible().ok()?.as_microsecond();
                self.hour = Some((key, begins));
                begins
            }
        };
        Some(begins + (i64::from(minute) * 60 + i64::from(second)) * SECOND + micros)
    }

    /// The year of a stamp that has none.
    fn year_of(&mut self, month: u8, day: u8) -> Option<i16> {
        let day_of_year = |(month, day): (u8, u8)| i32::from(month) * 31 + i32::from(day);
        let year = match self.year {
            // Since this is asked for each line, the same day is answered first.
            Some(year) if self.last == (month, day) => return Some(year),
            Some(year) => {
                let step = day_of_year((month, day)) - day_of_year(self.last);
                match step {
                    // Two months back is the turn of a year; what is less is a clock that was set.
                    ..-62 => year + 1,
                    // A late line from before it.
                    _ if self.last.0 == 1 && month == 12 => year - 1,
                    _ => year,
                }
            }
            None => {
                let latest = self.zone.to_datetime(self.reference.checked_add(24.hours()).ok()?);
                let fits = |year: &i16| {
                    DateTime::new(*year, i8::try_from(month).ok()?, i8::try_from(day).ok()?, 0, 0, 0, 0).ok()
                };
                // The 29th of February waits up to eight years.
                (latest.year() - 8..=latest.year()).rev().find(|year| fits(year).is_some_and(|time| time <= latest))?
            }
        };
        self.year = Some(year);
        self.last = (month, day);
        Some(year)
    }

    /// Whether `micros` is no later than a day after the log was last written.
    fn check(&mut self, micros: i64) -> i64 {
        if micros > self.reference.as_microsecond().saturating_add(DAY) {
            self.doubtful += 1;
        }
        micros
    }
}

fn civil((year, month, day, hour): (i16, u8, u8, u8)) -> Option<DateTime> {
    let small = |number: u8| i8::try_from(number).ok();
    DateTime::new(year, small(month)?, small(day)?, small(hour)?, 0, 0, 0).ok()
}

/// A stamp and what follows it, the blank between them taken away.
pub(crate) fn take<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8])> {
    match line.first()? {
        b'A'..=b'Z' => month_first(line, clock).or_else(|| weekday_first(line, clock)),
        b'0'..=b'9' => year_first(line, clock).or_else(|| process_first(line, clock)),
        // [Tue Nov 24 08:10:02.123456 2026], [2026-11-24 08:10:02]
        b'[' => {
            let inner = line.get(1..)?;
            let (time, rest) = take(inner, clock)?;
            let rest = rest.strip_prefix(b"]").or_else(|| {
                let close = memchr::memchr(b']', rest.get(..24).unwrap_or(rest))?;
                rest.get(close + 1..)
            })?;
            Some((time, rest.strip_prefix(b" ").unwrap_or(rest)))
        }
        _ => None,
    }
}

/// `Nov 24 08:10:02`, `Nov  4 08:10:02`, `Nov 24 2026 08:10:02`
fn month_first<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8])> {
    let (name, rest) = line.split_first_chunk::<3>()?;
    let month = month(*name)?;
    let (day, rest) = blank_padded(rest.strip_prefix(b" ")?)?;
    let rest = rest.strip_prefix(b" ")?;
    if let Some((time, behind)) = clock_time(rest) {
        let year = clock.year_of(month, day)?;
        let micros = clock.local(year, month, day, time, 0)?;
        let (fraction, behind) = fraction(behind);
        let micros = clock.check(micros + fraction);
        return Some((micros, separated(behind)?));
    }
    let year = number(rest.get(..4)?)?;
    let (time, behind) = clock_time(rest.get(4..)?.strip_prefix(b" ")?)?;
    let (fraction, behind) = fraction(behind);
    Some((clock.local(year, month, day, time, fraction)?, separated(behind)?))
}

/// `Tue Nov 24 08:10:02 2026`, `Tue Nov 24 08:10:02.123456 2026`
fn weekday_first<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8])> {
    let rest = line.get(3..)?.strip_prefix(b" ")?;
    let (name, rest) = rest.split_first_chunk::<3>()?;
    let month = month(*name)?;
    let (day, rest) = blank_padded(rest.strip_prefix(b" ")?)?;
    let (time, rest) = clock_time(rest.strip_prefix(b" ")?)?;
    let (fraction, rest) = fraction(rest);
    let rest = rest.strip_prefix(b" ")?;
    let year = number(rest.get(..4)?)?;
    Some((clock.local(year, month, day, time, fraction)?, separated(rest.get(4..)?)?))
}

/// `2026-11-24T08:10:02.123456+00:00`, `2026-11-24 08:10:02,123`, `2026/11/24 08:10:02`, `2026-11-24 08:10:02 UTC`
fn year_first<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8])> {
    let year = number(line.get(..4)?)?;
    let dash = line.get(4).copied().filter(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
    let month = number(line.get(5..7)?)?;
    let day = number(line.get(8..10)?)?;
    if line.get(7) != Some(&dash) || !matches!(line.get(10), Some(b'T' | b' ' | b't')) {
        return None;
    }
    let (time, rest) = clock_time(line.get(11..)?)?;
    let (fraction, rest) = fraction(rest);
    let (zone, behind) = zone(rest);
    let micros = match zone {
        Some(seconds) => {
            let day = TimeZone::UTC.to_timestamp(civil((year, month, day, 0))?).ok()?.as_microsecond();
            let (hour, minute, second) = time;
            let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
            day + (of_day - i64::from(seconds)) * SECOND + fraction
        }
        None => clock.local(year, month, day, time, fraction)?,
    };
    Some((micros, separated(behind)?))
}

/// `9892:M 24 Nov 2026 11:12:19.760`, as Redis has it: process and role come first.
fn process_first<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8])> {
    let colon = memchr::memchr(b':', line.get(..12).unwrap_or(line))?;
    let (process, rest) = line.split_at_checked(colon)?;
    number::<u32>(process)?;
    let (day, rest) = blank_padded(rest.get(2..)?.strip_prefix(b" ")?)?;
    let (name, rest) = rest.strip_prefix(b" ")?.split_first_chunk::<3>()?;
    let month = month(*name)?;
    let rest = rest.strip_prefix(b" ")?;
    let year = number(rest.get(..4)?)?;
    let (time, rest) = clock_time(rest.get(4..)?.strip_prefix(b" ")?)?;
    let (fraction, rest) = fraction(rest);
    Some((clock.local(year, month, day, time, fraction)?, separated(rest)?))
}

/// What follows a stamp: a blank, a bracket, a colon or nothing.
fn separated(rest: &[u8]) -> Option<&[u8]> {
    match rest.first() {
        None | Some(b']' | b'[') => Some(rest),
        Some(b' ' | b'\t' | b':' | b',') => rest.get(1..),
        Some(_) => None,
    }
}

/// Seconds east of Greenwich.
fn zone(rest: &[u8]) -> (Option<i32>, &[u8]) {
    if let Some(behind) =
        rest.strip_prefix(b"Z").or_else(|| rest.strip_prefix(b" UTC")).or_else(|| rest.strip_prefix(b" GMT"))
    {
        return (Some(0), behind);
    }
    let signed = rest.strip_prefix(b" ").filter(|rest| matches!(rest.first(), Some(b'+' | b'-'))).unwrap_or(rest);
    let read = || {
        let (sign, digits) = signed.split_first()?;
        let sign = match sign {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours: u8 = number(digits.get(..2)?)?;
        let behind = digits.get(2..)?;
        let behind = behind.strip_prefix(b":").unwrap_or(behind);
        let minutes: u8 = number(behind.get(..2)?)?;
        Some((sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60), behind.get(2..)?))
    };
    read().map_or((None, rest), |(seconds, behind)| (Some(seconds), behind))
}

/// `08:10:02`
fn clock_time(text: &[u8]) -> Option<(ClockTime, &[u8])> {
    let (time, rest) = text.split_first_chunk::<8>()?;
    let [hours, hour, b':', minutes, minute, b':', seconds, second] = *time else { return None };
    // MariaDB pads the hour with a blank.
    let hours = if hours == b' ' { b'0' } else { hours };
    let two = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
    };
    Some(((two(hours, hour)?, two(minutes, minute)?, two(seconds, second)?), rest))
}

/// `.123456`, in microseconds.
fn fraction(rest: &[u8]) -> (i64, &[u8]) {
    let Some(digits) = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b",")) else { return (0, rest) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return (0, rest);
    }
    let (digits, behind) = digits.split_at(length);
    let micros = digits.iter().chain([b'0'; 6].iter()).take(6).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    (micros, behind)
}

fn blank_padded(text: &[u8]) -> Option<(u8, &[u8])> {
    let (two, rest) = text.split_first_chunk::<2>()?;
    match two {
        [b' ', _] => Some((number(two.get(1..)?)?, rest)),
        [_, b' '] => Some((number(two.get(..1)?)?, text.get(1..)?)),
        _ => Some((number(two)?, rest)),
    }
}

fn month(name: [u8; 3]) -> Option<u8> {
    Some(match &name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `24/Nov/2026:08:10:02 +0000`, as web servers write it.
pub(crate) fn web(text: &[u8]) -> Option<i64> {
    let day = number(text.get(..2)?)?;
    let month = month(text.get(3..6)?.try_into().ok()?)?;
    let year = number(text.get(7..11)?)?;
    let ((hour, minute, second), rest) = clock_time(text.get(12..)?)?;
    let seconds = zone(rest).0?;
    let begins = TimeZone::UTC.to_timestamp(civil((year, month, day, hour))?).ok()?.as_microsecond();
    Some(begins + (i64::from(minute) * 60 + i64::from(second) - i64::from(seconds)) * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(reference: &str) -> Clock {
        Clock::utc(reference.parse().unwrap())
    }

    fn read(line: &str, clock: &mut Clock) -> String {
        let (micros, rest) = take(line.as_bytes(), clock).unwrap_or_else(|| panic!("{line}"));
        format!("{} {}", Timestamp::from_microsecond(micros).unwrap(), String::from_utf8_lossy(rest))
    }

    #[test]
    fn every_form_of_stamp_is_read() {
        let mut clock = clock("2026-12-01T00:00:00Z");
        for line in [
            "Nov 24 08:10:02 x",
            "Nov 24 2026 08:10:02 x",
            "Tue Nov 24 08:10:02 2026 x",
            "[Tue Nov 24 08:10:02 2026] x",
            "2026-11-24T08:10:02Z x",
            "2026-11-24T10:10:02+02:00 x",
            "2026-11-24T03:10:02-0500 x",
            "2026-11-24 08:10:02 UTC x",
            "2026/11/24 08:10:02 x",
            "[2026-11-24 08:10:02] x",
        ] {
            assert_eq!(read(line, &mut clock), "2026-11-24T08:10:02Z x", "{line}");
        }
        assert_eq!(read("2026-11-24T08:10:02.123456+00:00 x", &mut clock), "2026-11-24T08:10:02.123456Z x");
        assert_eq!(read("2026-11-24 08:10:02,123 x", &mut clock), "2026-11-24T08:10:02.123Z x");
        assert_eq!(read("Nov  4 08:10:02 x", &mut self::clock("2026-12-01T00:00:00Z")), "2026-11-04T08:10:02Z x");
    }

    #[test]
    fn a_log_over_the_turn_of_the_year_begins_in_the_old_one() {
        let mut clock = clock("2026-01-03T00:00:00Z");
        assert_eq!(read("Dec 31 23:59:59 x", &mut clock), "2025-12-31T23:59:59Z x");
        assert_eq!(read("Jan  1 00:00:01 x", &mut clock), "2026-01-01T00:00:01Z x");
        assert_eq!(read("Dec 31 23:59:59 late", &mut clock), "2025-12-31T23:59:59Z late");
        assert_eq!(read("Jan  1 00:00:02 x", &mut clock), "2026-01-01T00:00:02Z x");
        assert_eq!(clock.doubtful(), 0);
    }

    #[test]
    fn the_29th_of_february_lies_in_a_leap_year() {
        assert_eq!(read("Feb 29 12:00:00 x", &mut clock("2026-03-01T00:00:00Z")), "2024-02-29T12:00:00Z x");
    }

    #[test]
    fn a_log_of_more_than_a_year_without_years_is_counted_as_doubtful() {
        let mut clock = clock("2026-06-01T00:00:00Z");
        for line in ["May  1 00:00:00 x", "Dec 30 00:00:00 x", "Jan  2 00:00:00 x", "Sep  3 00:00:00 x"] {
            read(line, &mut clock);
        }
        assert!(clock.doubtful() > 0);
    }

    #[test]
    fn a_log_of_another_zone_is_read_in_it() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut clock = Clock::new(zone, "2026-11-24T12:00:00Z".parse().unwrap());
        assert_eq!(read("Jul 24 08:10:02 x", &mut clock), "2026-07-24T06:10:02Z x");
        assert_eq!(read("Nov 24 08:10:02 x", &mut clock), "2026-11-24T07:10:02Z x");
    }

    #[test]
    fn what_is_no_stamp_is_none() {
        let mut clock = clock("2026-06-01T00:00:00Z");
        for line in [
            "",
            "Nov",
            "Nov 31 08:10:02 x",
            "Nov 24 25:10:02 x",
            "Nov 24 08:10:02x",
            "9999",
            "2026-13-01 00:00:00 x",
            "[",
            "[[",
        ] {
            assert!(take(line.as_bytes(), &mut clock).is_none(), "{line}");
        }
    }

    #[test]
    fn web_servers_write_their_own() {
        assert_eq!(
            web(b"24/Nov/2026:08:10:02 +0100").and_then(|micros| Timestamp::from_microsecond(micros).ok()),
            "2026-11-24T07:10:02Z".parse().ok()
        );
    }
}
