//! Outages by day, and by day of the week and hour.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keelguard_model::downtime::{Calendar, CalendarDay};

use super::civil;
use super::statistics::Told;

/// More days are not shown.
const DAYS: usize = 371;

/// The calendar of `outages` over the time that is known.
pub(super) fn of(outages: &[Told], known: (i64, i64), holes: &[(i64, i64)], zone: &TimeZone) -> Calendar {
    let name = zone.iana_name().unwrap_or("local time").to_owned();
    let mut hours = vec![vec![0_u32; 24]; 7];
    let mut days: BTreeMap<Date, CalendarDay> = BTreeMap::new();
    if known.0 < known.1 {
        let (first, last) = (civil(known.0, zone).date(), civil(known.1, zone).date());
        let most = i64::try_from(DAYS).unwrap_or(371);
        let mut date = last.checked_sub((most - 1).days()).map_or(first, |earliest| first.max(earliest));
        while date <= last && days.len() < DAYS {
            days.insert(date, CalendarDay { date: date.to_string(), ..CalendarDay::default() });
            let Ok(next) = date.checked_add(1.day()) else { break };
            date = next;
        }
        for (date, day) in &mut days {
            let (from, to) = bounds(*date, zone);
            let unknown: i64 = holes.iter().map(|hole| overlap(*hole, (from, to))).sum();
            day.covered_seconds = number(overlap(known, (from, to)) - unknown);
        }
    }
    for told in outages {
        let start = civil(told.outage.from, zone);
        let hour = usize::try_from(start.hour()).unwrap_or(0);
        let weekday = usize::try_from(start.weekday().to_monday_zero_offset()).unwrap_or(0);
        if !told.is_planned()
            && let Some(count) = hours.get_mut(weekday).and_then(|day| day.get_mut(hour))
        {
            *count = count.saturating_add(1);
        }
        if let Some(day) = days.get_mut(&start.date()) {
            let count = if told.is_planned() { &mut day.planned } else { &mut day.outages };
            *count += 1;
        }
        // An outage may last over many days.
        let last = civil(told.end, zone).date();
        for (date, day) in days.range_mut(start.date()..=last.max(start.date())) {
            day.down_seconds += number(overlap((told.outage.from, told.end), bounds(*date, zone)));
        }
    }
    Calendar { zone: name, days: days.into_values().collect(), hours }
}

fn bounds(date: Date, zone: &TimeZone) -> (i64, i64) {
    let second = |date: Date| {
        zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().map_or(0, jiff::Timestamp::as_second)
    };
    (second(date), date.checked_add(1.day()).map_or(i64::MAX, second))
}

fn overlap(one: (i64, i64), other: (i64, i64)) -> i64 {
    (one.1.min(other.1) - one.0.max(other.0)).max(0)
}

fn number(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}
