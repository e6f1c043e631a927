//! Times at which something is meant to be down: `Sun 03:00-04:00`, `Mon-Fri 02:00-02:30`, `daily 03:00-03:15`,
//! `2026-11-24T01:00/02:00`, `2026-11-24T01:00/2026-11-25T01:00`. In the zone of the host.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::civil;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    text: String,
    when: When,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// On these days of the week, Monday first. An end before the start is on the next day.
    Weekly {
        days: [bool; 7],
        from: Time,
        to: Time,
    },
    Once {
        from: DateTime,
        to: DateTime,
    },
}

/// Why a text is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no maintenance window: write days and hours (\"Sun 03:00-04:00\", \"Mon-Fri 02:00-02:30\", \"daily 03:00-03:15\") or a time and its end (\"2026-11-24T01:00/02:00\")"
)]
pub struct WindowError(String);

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let text = text.trim();
        let when = weekly(text).or_else(|| once(text)).ok_or_else(|| WindowError(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), when })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn weekly(text: &str) -> Option<When> {
    let (days, hours) = text.rsplit_once(' ')?;
    let (from, to) = hours.split_once('-')?;
    let (from, to) = (time(from)?, time(to)?);
    let mut chosen = [false; 7];
    if days.eq_ignore_ascii_case("daily") {
        chosen = [true; 7];
    } else {
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (mut at, last) = (day(first)?, day(last)?);
        loop {
            *chosen.get_mut(at)? = true;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    (from != to).then_some(When::Weekly { days: chosen, from, to })
}

fn once(text: &str) -> Option<When> {
    let (from, to) = text.split_once('/')?;
    let from: DateTime = from.trim().parse().ok()?;
    let to = to.trim();
    let to = match time(to) {
        Some(time) if time > from.time() => from.date().to_datetime(time),
        Some(time) => from.date().checked_add(1.day()).ok()?.to_datetime(time),
        None => to.parse().ok()?,
    };
    (from < to).then_some(When::Once { from, to })
}

fn day(name: &str) -> Option<usize> {
    let name = name.trim().to_ascii_lowercase();
    DAYS.iter().position(|(short, _)| name.len() >= 3 && (name.starts_with(short)))
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl Window {
    /// The part of `from..to` that lies in this window, as seconds since 1970; the first where there are several.
    pub(super) fn overlap(&self, from: i64, to: i64, zone: &TimeZone) -> Option<(i64, i64)> {
        let clip = |begins: i64, ends: i64| {
            let (from, to) = (from.max(begins), to.min(ends));
            (from <= to && from < ends).then_some((from, to))
        };
        match &self.when {
            When::Once { from: begins, to: ends } => clip(second(*begins, zone)?, second(*ends, zone)?),
            When::Weekly { days, from: begins, to: ends } => {
                let start = civil(from, zone);
                // From the day before, whose window may go on past midnight; a longer outage than a week is no maintenance.
                for offset in -1..8_i64 {
                    let date = start.date().checked_add(offset.days()).ok()?;
                    let index = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
                    if !days.get(index).copied().unwrap_or(false) {
                        continue;
                    }
                    let last = if ends > begins { date } else { date.checked_add(1.day()).ok()? };
                    let found = clip(second(date.to_datetime(*begins), zone)?, second(last.to_datetime(*ends), zone)?);
                    if found.is_some() {
                        return found;
                    }
                }
                None
            }
        }
    }
}

fn second(at: DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_ambiguous_timestamp(at).compatible().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn covers(window: &str, from: &str, to: &str) -> bool {
        let (from, to) = (at(from), at(to));
        window.parse::<Window>().unwrap().overlap(from, to, &TimeZone::UTC) == Some((from, to))
    }

    #[test]
    fn windows_are_weekly_daily_or_once() {
        // 2026-11-22 is a Sunday.
        assert!(covers("Sun 03:00-04:00", "2026-11-22T03:10:00Z", "2026-11-22T03:20:00Z"));
        assert!(!covers("Sun 03:00-04:00", "2026-11-23T03:10:00Z", "2026-11-23T03:20:00Z"));
        assert!(covers("Mon-Fri 02:00-02:30", "2026-11-25T02:00:00Z", "2026-11-25T02:30:00Z"));
        assert!(!covers("Mon-Fri 02:00-02:30", "2026-11-22T02:00:00Z", "2026-11-22T02:30:00Z"));
        assert!(covers("sat-sunday 23:30-00:30", "2026-11-23T00:10:00Z", "2026-11-23T00:20:00Z"));
        assert!(covers("daily 03:00-03:15", "2026-11-24T03:00:00Z", "2026-11-24T03:05:00Z"));
        assert!(covers("2026-11-24T01:00/02:00", "2026-11-24T01:10:00Z", "2026-11-24T01:20:00Z"));
        assert!(covers("2026-11-24T23:00/2026-11-25T02:00", "2026-11-24T23:10:00Z", "2026-11-25T01:20:00Z"));
    }

    #[test]
    fn what_goes_on_after_the_window_is_not_covered() {
        let window: Window = "Sun 03:00-04:00".parse().unwrap();
        let (from, to) = (at("2026-11-22T03:30:00Z"), at("2026-11-22T06:00:00Z"));
        assert_eq!(window.overlap(from, to, &TimeZone::UTC), Some((from, at("2026-11-22T04:00:00Z"))));
    }

    #[test]
    fn a_window_is_in_the_zone_of_the_host() {
        let window: Window = "daily 03:00-04:00".parse().unwrap();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (from, to) = (at("2026-11-24T02:10:00Z"), at("2026-11-24T02:20:00Z"));
        assert!(window.overlap(from, to, &zone).is_some());
        assert!(window.overlap(from, to, &TimeZone::UTC).is_none());
    }

    #[test]
    fn what_is_no_window_is_said_with_what_to_write() {
        for wrong in [
            "",
            "Sun",
            "Sun 3-4",
            "Sun 03:00-03:00",
            "Xyz 03:00-04:00",
            "2026-11-24T02:00/2026-11-24T01:00",
            "Sun 25:00-26:00",
            "é 03:00-04:00",
        ] {
            let error = wrong.parse::<Window>().unwrap_err().to_string();
            assert!(error.contains("Sun 03:00-04:00"), "{wrong}");
        }
    }
}
