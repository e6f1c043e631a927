//! Whether outages keep a rhythm: the same interval again and again, the same time of day, the same hour of the week. A rhythm
//! is told of only where chance would hardly ever make one.

use jiff::tz::TimeZone;

use super::civil;

/// A rhythm, in words and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// `every day at about 03:02`
    pub(super) words: String,
    /// Seconds by which they differ from it.
    pub(super) tolerance: i64,
    /// Outages that keep it, by their place.
    pub(super) members: Vec<usize>,
}

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// Half of it either way is the most that a daily rhythm may differ.
const DAILY: i64 = 1800;
/// The same of a weekly one.
const WEEKLY: i64 = 3600;
/// What comes more often is a loop.
const SHORTEST: i64 = 600;
/// Chance may make so many of a thousand.
const CHANCE: f64 = 0.001;

/// The rhythm of outages that began at `starts`, which are in order.
pub(super) fn of(starts: &[i64], zone: &TimeZone) -> Option<Rhythm> {
    let mut found: Vec<Rhythm> =
        [weekly(starts, zone), daily(starts, zone), interval(starts)].into_iter().flatten().collect();
    // That which explains the most; of equals the first, which says more.
    found.sort_by_key(|rhythm| std::cmp::Reverse(rhythm.members.len()));
    found.into_iter().next()
}

/// Place in a cycle of `length` seconds, by the clock on the wall.
fn phase(second: i64, length: i64, zone: &TimeZone) -> i64 {
    let local = civil(second, zone);
    let time = local.time();
    let of_day = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    if length == DAY { of_day } else { i64::from(local.weekday().to_monday_zero_offset()) * DAY + of_day }
}

/// The largest cluster in a cycle: members and their middle.
fn cluster(starts: &[i64], length: i64, width: i64, zone: &TimeZone) -> Option<(Vec<usize>, i64, i64)> {
    let mut phases: Vec<(i64, usize)> =
        starts.iter().enumerate().map(|(index, second)| (phase(*second, length, zone), index)).collect();
    phases.sort_unstable();
    // Once around, so that midnight cuts no cluster.
    let around: Vec<(i64, usize)> =
        phases.iter().copied().chain(phases.iter().map(|(phase, index)| (phase + length, *index))).collect();
    let mut best: Option<(usize, usize)> = None;
    let mut begin = 0;
    for end in 0..around.len() {
        while around.get(end)?.0 - around.get(begin)?.0 > width {
            begin += 1;
        }
        let size = (end - begin + 1).min(phases.len());
        if best.is_none_or(|(first, last)| size > last - first + 1) {
            best = Some((begin, begin + size - 1));
        }
    }
    let (first, last) = best?;
    let members = around.get(first..=last)?;
    let (low, high) = (members.first()?.0, members.last()?.0);
    let mut places: Vec<usize> = members.iter().map(|(_, index)| *index).collect();
    places.sort_unstable();
    places.dedup();
    Some((places, i64::midpoint(low, high).rem_euclid(length), (high - low + 1) / 2))
}

/// How many different cycles of `length` the members lie in.
fn cycles(starts: &[i64], members: &[usize], length: i64) -> usize {
    let mut numbers: Vec<i64> =
        members.iter().filter_map(|index| starts.get(*index)).map(|second| second.div_euclid(length)).collect();
    numbers.dedup();
    numbers.len()
}

fn daily(starts: &[i64], zone: &TimeZone) -> Option<Rhythm> {
    let (members, middle, tolerance) = cluster(starts, DAY, DAILY, zone)?;
    if cycles(starts, &members, DAY) < 4 || by_chance(members.len(), starts.len(), DAY, DAILY) > CHANCE {
        return None;
    }
    let words = format!("every day at about {}", clock(middle));
    Some(Rhythm { words, tolerance, members })
}

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn weekly(starts: &[i64], zone: &TimeZone) -> Option<Rhythm> {
    let (members, middle, tolerance) = cluster(starts, WEEK, WEEKLY, zone)?;
    let weeks = cycles(starts, &members, WEEK);
    if weeks < 3 || by_chance(members.len(), starts.len(), WEEK, WEEKLY) > CHANCE {
        return None;
    }
    let name = NAMES.get(usize::try_from(middle / DAY).ok()?)?;
    Some(Rhythm { words: format!("every {name} at about {}", clock(middle % DAY)), tolerance, members })
}

fn interval(starts: &[i64]) -> Option<Rhythm> {
    if starts.len() < 6 {
        return None;
    }
    let steps: Vec<i64> = starts.iter().zip(starts.iter().skip(1)).map(|(one, next)| next - one).collect();
    let mut sorted = steps.clone();
    sorted.sort_unstable();
    let middle = *sorted.get(sorted.len() / 2)?;
    if middle < SHORTEST {
        return None;
    }
    let near = middle / 20;
    let kept: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| (**step - middle).abs() <= near)
        .map(|(index, _)| index + 1)
        .collect();
    // Five in six within a twentieth: random waits are within it once in twenty.
    if kept.len() < 5 || kept.len() * 6 < steps.len() * 5 {
        return None;
    }
    let tolerance = kept.iter().filter_map(|index| steps.get(index - 1)).map(|step| (step - middle).abs()).max()?;
    Some(Rhythm { words: format!("every {}", crate::words::span(middle)), tolerance, members: kept })
}

/// How likely it is at most that `kept` of `all` lie in some part of `width` of a cycle of `length` by chance: the part may
/// begin at each of them, and then holds so many of the others (a binomial tail).
#[expect(clippy::cast_precision_loss, reason = "counts of some hundreds")]
fn by_chance(kept: usize, all: usize, length: i64, width: i64) -> f64 {
    let share = width as f64 / length as f64;
    let (kept, others) = (kept.saturating_sub(1), all.saturating_sub(1));
    let mut tail = 0.0;
    // C(n, k) p^k (1-p)^(n-k), in logarithms.
    let mut log_choose = 0.0;
    for k in 0..=others {
        if k >= kept {
            tail += (log_choose + k as f64 * share.ln() + (others - k) as f64 * (1.0 - share).ln()).exp();
        }
        log_choose += ((others - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (tail * all as f64).min(1.0)
}

fn clock(second_of_day: i64) -> String {
    format!("{:02}:{:02}", second_of_day / 3600, second_of_day / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_790_000_000;

    fn utc(starts: &[i64]) -> Option<String> {
        of(starts, &TimeZone::UTC).map(|rhythm| rhythm.words)
    }

    fn three_at_night(day: i64) -> i64 {
        START.div_euclid(DAY) * DAY + day * DAY + 3 * 3600
    }

    #[test]
    fn every_night_at_three_is_a_rhythm_even_if_it_is_not_to_the_minute() {
        let starts: Vec<i64> = (0..6).map(|day| three_at_night(day) + day % 3 * 200).collect();
        assert_eq!(utc(&starts).as_deref(), Some("every day at about 03:03"));
    }

    #[test]
    fn a_rhythm_is_found_among_outages_that_keep_none() {
        let mut starts: Vec<i64> = (0..8).map(three_at_night).collect();
        starts.extend([three_at_night(1) + 33_000, three_at_night(4) + 51_000, three_at_night(6) + 7300]);
        starts.sort_unstable();
        let found = of(&starts, &TimeZone::UTC).unwrap();
        assert_eq!((found.words.as_str(), found.members.len(), found.tolerance), ("every day at about 03:00", 8, 0));
    }

    #[test]
    fn midnight_cuts_no_rhythm() {
        let starts: Vec<i64> =
            (0..6).map(|day| three_at_night(day) - 3 * 3600 + if day % 2 == 0 { -120 } else { 120 }).collect();
        assert_eq!(utc(&starts).as_deref(), Some("every day at about 00:00"));
    }

    #[test]
    fn the_same_hour_of_the_week_is_a_rhythm_of_weeks() {
        let starts: Vec<i64> = (0..4).map(|week| three_at_night(week * 7) + week * 300).collect();
        let words = utc(&starts).unwrap();
        assert!(
            words.starts_with("every ") && words.contains("day at about 03:0") && !words.contains("every day"),
            "{words}"
        );
    }

    #[test]
    fn the_same_interval_is_a_rhythm_of_its_own() {
        let starts: Vec<i64> = (0..9).map(|number| START + number * 25_000).collect();
        assert_eq!(utc(&starts).as_deref(), Some("every 7 hours"));
    }

    #[test]
    fn a_zone_that_changes_its_clocks_keeps_its_nights() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // Around the 25th of October 2026, when clocks went back.
        let night = |day: i8| {
            let at = jiff::civil::date(2026, 10, day).at(4, 0, 0, 0);
            zone.to_ambiguous_timestamp(at).compatible().unwrap().as_second()
        };
        let starts: Vec<i64> = (22..29).map(night).collect();
        assert_eq!(of(&starts, &zone).unwrap().words, "every day at about 04:00");
    }

    #[test]
    fn chance_makes_no_rhythm() {
        // A walk of a fixed generator: outages at any time of half a year.
        let mut state = 42_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).unwrap()
        };
        let mut told = 0;
        for _ in 0..200 {
            let mut starts: Vec<i64> = (0..30).map(|_| START + random() % (180 * DAY)).collect();
            starts.sort_unstable();
            told += usize::from(utc(&starts).is_some());
        }
        assert!(told <= 2, "{told} of 200");
    }

    #[test]
    fn few_or_fast_outages_make_no_rhythm() {
        assert_eq!(utc(&[]), None);
        assert_eq!(utc(&[three_at_night(0), three_at_night(1), three_at_night(2)]), None);
        let fast: Vec<i64> = (0..50).map(|number| START + number * 20).collect();
        assert_eq!(utc(&fast), None);
    }
}
