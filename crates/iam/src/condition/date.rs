//! Dates in the forms of the W3C's note on ISO 8601, and seconds since 1970.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Microseconds since 1970.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    // Four digits are a year: nobody asks for the first hours of 1970.
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    if let Some(seconds) = (numeric && text.len() != 4).then(|| epoch(text)).flatten() {
        return Some(seconds);
    }
    let (day, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let day = day_of(day)?;
    let midnight = Offset::UTC.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()?;
    let Some(time) = time else { return Some(microseconds(midnight)) };
    let since = time_of(time)?;
    Some(microseconds(midnight.checked_add(since).ok()?))
}

fn microseconds(time: Timestamp) -> i128 {
    i128::from(time.as_microsecond())
}

/// Seconds since 1970, perhaps with a fraction.
fn epoch(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains(['.', '-']) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let micros: i128 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(i128::from(seconds) * 1_000_000 + if whole.starts_with('-') { -micros } else { micros })
}

/// `2026`, `2026-11`, `2026-11-24`, `20261124`
fn day_of(text: &str) -> Option<Date> {
    let mut parts = [1_i16, 1, 1];
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        parts = [text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..)?.parse().ok()?];
    } else {
        let mut written = text.split('-');
        for (part, digits) in parts.iter_mut().zip([4, 2, 2]) {
            match written.next() {
                Some(number) => *part = digits_of(number, digits)?,
                None => break,
            }
        }
        if written.next().is_some() || text.is_empty() {
            return None;
        }
    }
    let [year, month, day] = parts;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `08:00Z`, `08:00:30+01:00`, `08:00:30.25Z`, `080030Z`; without a zone it is UTC.
fn time_of(text: &str) -> Option<SignedDuration> {
    let zone = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let (hour, minute, second) = clock_of(clock)?;
    if hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let offset = match zone {
        "" | "Z" | "z" => 0,
        zone => {
            let (sign, zone) = zone.split_at(1);
            let (hours, minutes, _) = clock_of(zone)?;
            let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
            if sign == "-" { -seconds } else { seconds }
        }
    };
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second) - offset;
    Some(SignedDuration::from_secs(seconds) + SignedDuration::from_micros(micros))
}

/// Hours, minutes, seconds, with colons or without.
fn clock_of(text: &str) -> Option<(i16, i16, i16)> {
    let two = |from: usize| text.get(from..from + 2).and_then(|part| digits_of(part, 2));
    match (text.len(), text.contains(':')) {
        (2, false) => Some((two(0)?, 0, 0)),
        (4, false) => Some((two(0)?, two(2)?, 0)),
        (6, false) => Some((two(0)?, two(2)?, two(4)?)),
        (5, true) if text.get(2..3)? == ":" => Some((two(0)?, two(3)?, 0)),
        (8, true) if text.get(2..3)? == ":" && text.get(5..6)? == ":" => Some((two(0)?, two(3)?, two(6)?)),
        _ => None,
    }
}

fn digits_of(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_moment_is_the_same_moment() {
        let moment = parse("2026-11-24T08:00:00Z").unwrap();
        for text in [
            "2026-11-24T08:00Z",
            "2026-11-24T08:00:00.000Z",
            "2026-11-24T09:00:00+01:00",
            "2026-11-24T03:30:00-0430",
            "20261124T080000Z",
            "1795507200",
            "1795507200.0",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
    }

    #[test]
    fn shorter_forms_are_the_beginning_of_what_they_name() {
        assert_eq!(parse("2026"), parse("2026-01-01T00:00:00Z"));
        assert_eq!(parse("2026-03"), parse("2026-03-01"));
        assert!(parse("2026-03-01") < parse("2026-03-01T00:00:00.5Z"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "T", "yesterday", "2026-13-01", "2026-02-30", "2026-1-1", "2026-01-01T25:00Z", "99999999999999999999"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
