//! The time of a row, in whichever form it stands: `2014-04-01 00:00:00`, RFC 3339, a day, or a number since 1970 in seconds,
//! milliseconds, microseconds or nanoseconds.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Seconds since 1970. A time that names no zone is taken as it is: the clock of the file is what its days follow.
pub(super) fn seconds(text: &str) -> Option<i64> {
    plain(text.as_bytes()).or_else(|| number(text)).or_else(|| {
        let time = text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text.parse::<DateTime>().ok()?;
            TimeZone::UTC.to_timestamp(civil).ok()
        });
        time.map(Timestamp::as_second)
    })
}

/// `2014-04-01 00:00:00`, the form of most files, without detours.
fn plain(text: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', i1, i2, b':', s1, s2] = *text else {
        return None;
    };
    let two = |high: u8, low: u8| -> Option<i64> {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        Some(digit(high)? * 10 + digit(low)?)
    };
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(i1, i2)?, two(s1, s2)?);
    let last = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days of the civil calendar, counted from March so that the leap day comes last.
    let (from_march, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = from_march * 365 + from_march.div_euclid(4) - from_march.div_euclid(100)
        + from_march.div_euclid(400)
        + (month * 306 + 5) / 10
        + day
        - 1
        - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The unit follows from the size: seconds until the year 5138 are smaller than milliseconds since 1973.
fn number(text: &str) -> Option<i64> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let unit = match number.abs() {
        ..1e11 => 1.0,
        ..1e14 => 1e3,
        ..1e17 => 1e6,
        ..1e20 => 1e9,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "at most 1e11")]
    Some((number / unit).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_in_every_form_is_one_second() {
        for text in [
            "2014-04-01 00:00:00",
            "2014-04-01T00:00:00",
            "2014-04-01 00:00:00.25",
            "2014-04-01T00:00:00Z",
            "2014-04-01T02:00:00+02:00",
            "2014-04-01",
            "2014-04-01 00:00",
            "1396310400",
            "1396310400.75",
            "1.3963104e9",
            "1396310400123",
            "1396310400123456",
            "1396310400123456789",
        ] {
            assert_eq!(seconds(text), Some(1_396_310_400), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "now", "2014-13-01 00:00:00", "2014-02-29 00:00:00", "2014-04-01 25:00:00", "NaN", "inf", "1e30", "ß"]
        {
            assert_eq!(seconds(text), None, "{text:?}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_counts_them() {
        for text in ["1970-01-01 00:00:00", "1969-12-31 23:59:59", "2000-02-29 12:30:01", "2100-03-01 00:00:00"] {
            let known = TimeZone::UTC.to_timestamp(text.parse::<DateTime>().unwrap()).unwrap().as_second();
            assert_eq!(plain(text.as_bytes()), Some(known), "{text}");
        }
    }
}
