//! `sadf -d`, a row with semicolons each time; and `sar`, tables for people, whose dates and times look as their language
//! wants them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Error, Found, Metric, Places};

/// Columns that are looked at in one table.
const COLUMNS: usize = 256;
/// The longest line: what is longer is no table.
const LINE: usize = 64 << 10;

fn lines(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line.get(..LINE).unwrap_or(line)).ok())
}

/// `sadf -d`
pub(super) fn rows(bytes: &[u8], zone: &TimeZone) -> Found {
    let (mut found, mut places) = (Found::default(), Places::new());
    let mut columns: Vec<&str> = Vec::new();
    for line in lines(bytes) {
        let line = line.trim_end();
        if let Some(head) = line.strip_prefix("# ") {
            // A table of all items in one row marks its columns so.
            columns = head.split(';').take(COLUMNS).map(|name| name.trim_end_matches("[...]")).collect();
            continue;
        }
        let cells: Vec<&str> = line.split(';').take(COLUMNS).collect();
        let Some(time) = cells.get(2).and_then(|stamp| time_of(stamp, zone)) else { continue };
        if found.host.is_none() {
            found.host = cells.first().map(|host| (*host).to_owned()).filter(|host| !host.is_empty());
        }
        // A restart is told of in a row of its own, which has fewer cells.
        if cells.len() != columns.len() {
            continue;
        }
        // -1 is all processors.
        let is_all = columns.iter().position(|name| *name == "CPU").is_none_or(|at| cells.get(at) == Some(&"-1"));
        for (name, cell) in columns.iter().zip(&cells).skip(3).filter(|_| is_all) {
            if let (Some(metric), Some(value)) = (Metric::of_column(name), number(cell)) {
                found.add(time, metric, value, &mut places);
            }
        }
    }
    found
}

/// `2026-11-24 13:38:38 UTC`, without a zone, or the seconds since 1970.
fn time_of(stamp: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(second) = stamp.parse::<i64>() {
        return Timestamp::from_second(second).ok();
    }
    let (civil, zone) = match stamp.strip_suffix(" UTC") {
        Some(civil) => (civil, &TimeZone::UTC),
        None => (stamp, zone),
    };
    zone.to_timestamp(civil.parse::<DateTime>().ok()?).ok()
}

/// `Linux 6.1.0-28-amd64 (edge) 11/24/26 _x86_64_ (2 CPU)`, with tabs between
pub(super) fn is_report(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"Linux ") && line.trim_ascii_end().ends_with(b" CPU)") && line.contains(&b'_')
}

/// `sar`
pub(super) fn report(bytes: &[u8], zone: &TimeZone, written: Timestamp) -> Result<Found, Error> {
    let (mut found, mut places) = (Found::default(), Places::new());
    let mut day: Option<Date> = None;
    let mut today = Date::ZERO;
    let mut processors = None;
    let mut columns: Vec<&str> = Vec::new();
    let mut last = Time::midnight();
    let mut is_head = true;
    for line in lines(bytes) {
        let line = line.trim();
        if is_report(line.as_bytes()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let text = words.get(3).copied().unwrap_or_default();
            let begins = date(text, zone.to_datetime(written).date()).ok_or_else(|| Error::Date(shown(text)))?;
            (day, today, last) = (Some(begins), begins, Time::midnight());
            found.host = words.get(2).map(|host| host.trim_matches(['(', ')']).to_owned());
            processors = words.get(5).and_then(|count| count.trim_start_matches('(').parse::<u32>().ok());
            continue;
        }
        if line.is_empty() {
            is_head = true;
            continue;
        }
        let mut words: Vec<&str> = line.split_whitespace().take(COLUMNS).collect();
        let Some((time, used)) = clock(&words) else { continue };
        words.drain(..used);
        if words.first() == Some(&"LINUX") {
            continue;
        }
        if std::mem::take(&mut is_head) {
            // Each table begins with the first day again.
            if words != columns {
                (today, last) = (day.unwrap_or_default(), time);
            }
            columns = words;
            continue;
        }
        if time < last {
            today = today.tomorrow().unwrap_or(today);
        }
        last = time;
        let Ok(stamp) = zone.to_timestamp(today.to_datetime(time)) else { continue };
        let is_all = columns.first() != Some(&"CPU") || words.first() == Some(&"all");
        if words.len() != columns.len() || !is_all {
            continue;
        }
        for (name, cell) in columns.iter().zip(&words) {
            if let (Some(metric), Some(value)) = (Metric::of_column(name), number(cell)) {
                found.add(stamp, metric, value, &mut places);
            }
        }
        if let Some(count) = processors.filter(|_| columns.contains(&"ldavg-1")) {
            found.add(stamp, Metric::Processors, f64::from(count), &mut places);
        }
    }
    Ok(found)
}

/// `13:38:38` or `01:38:38 PM`, and how many words it takes.
fn clock(words: &[&str]) -> Option<(Time, usize)> {
    let time: Time = words.first().filter(|word| word.len() == 8)?.parse().ok()?;
    let half = match words.get(1).map(|word| word.to_ascii_uppercase()).as_deref() {
        Some("AM") => 0,
        Some("PM") => 12,
        _ => return Some((time, 1)),
    };
    Some((Time::new(time.hour() % 12 + half, time.minute(), time.second(), 0).ok()?, 2))
}

/// A day as languages write it. What may be two days is the one that is nearer before the file was written.
fn date(text: &str, written: Date) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let parts: Vec<i16> =
        text.split(['/', '.', '-']).map(|part| part.parse().ok().filter(|part| *part >= 0)).collect::<Option<_>>()?;
    let [first, second, year] = parts[..] else { return None };
    let year = if year < 100 { 2000 + year } else { year };
    let make = |month: i16, day: i16| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok();
    // Who writes points writes the day first.
    let month_first = if text.contains('.') { None } else { make(first, second) };
    let latest = written.checked_add(SignedDuration::from_hours(48)).unwrap_or(written);
    let both = [month_first, make(second, first)].into_iter().flatten();
    both.min_by_key(|date| (*date > latest, written.duration_since(*date).abs()))
}

/// A number, by whichever mark its fraction begins.
fn number(cell: &str) -> Option<f64> {
    cell.replace(',', ".").parse::<f64>().ok().filter(|value| value.is_finite())
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_understood_as_languages_write_it() {
        let written: Date = "2026-11-24".parse().unwrap();
        for text in ["11/24/26", "11/24/2026", "24/11/26", "24.11.2026", "2026-11-24"] {
            assert_eq!(date(text, written), Some(written), "{text}");
        }
        // The fourth of March, or the third of April: whichever has been.
        assert_eq!(date("03/04/26", "2026-03-05".parse().unwrap()), "2026-03-04".parse().ok());
        assert_eq!(date("03/04/26", "2026-04-04".parse().unwrap()), "2026-04-03".parse().ok());
        for wrong in ["", "24 Nov", "13/13/26", "99999999999/1/1", "1/2/3/4"] {
            assert_eq!(date(wrong, written), None, "{wrong}");
        }
    }
}
