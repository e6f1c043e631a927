//! The calendar as characters of growing weight, so that it can be read without colour: a column a week, a row a day of the
//! week; and a row a day of the week by the hour.

use keelguard_model::downtime::{Calendar, CalendarDay};

/// Days of the week, Monday first.
pub(super) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How much happened: 0 nothing is known, 1 nothing, 2 planned only, 3 to 6 ever more.
pub(super) fn level(day: Option<&CalendarDay>) -> u8 {
    match day {
        Some(day) if day.outages > 0 => of_count(day.outages),
        Some(day) if day.planned > 0 => 2,
        Some(day) if day.covered_seconds > 0 => 1,
        _ => 0,
    }
}

/// The same of a count of outages.
pub(super) fn of_count(count: u32) -> u8 {
    match count {
        0 => 1,
        1 => 3,
        2..=3 => 4,
        4..=9 => 5,
        _ => 6,
    }
}

/// The character of a level.
pub(super) const fn mark(level: u8) -> char {
    match level {
        0 => ' ',
        1 => '·',
        2 => 'p',
        3 => '░',
        4 => '▒',
        5 => '▓',
        _ => '█',
    }
}

/// What the characters say.
pub(super) const LEGEND: &str = "· none  ░ 1  ▒ 2-3  ▓ 4-9  █ 10 or more  p planned only  (blank: no log covers it)";

/// A week: the date of its Monday, where it is known, and its days.
pub(super) struct Week<'a> {
    /// `2026-11-23`, of the first day of it that is known.
    pub(super) first: &'a str,
    pub(super) days: [Option<&'a CalendarDay>; 7],
}

/// The newest `most` weeks, the oldest first.
pub(super) fn weeks(calendar: &Calendar, most: usize) -> Vec<Week<'_>> {
    let mut weeks: Vec<Week<'_>> = Vec::new();
    for day in &calendar.days {
        let Some(weekday) = weekday(&day.date) else { continue };
        if weeks.is_empty() || weekday == 0 {
            weeks.push(Week { first: &day.date, days: [None; 7] });
        }
        if let Some(place) = weeks.last_mut().and_then(|week| week.days.get_mut(weekday)) {
            *place = Some(day);
        }
    }
    weeks.split_off(weeks.len().saturating_sub(most))
}

fn weekday(date: &str) -> Option<usize> {
    let date: jiff::civil::Date = date.parse().ok()?;
    usize::try_from(date.weekday().to_monday_zero_offset()).ok()
}
