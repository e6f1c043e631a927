//! How a log, or a program in it, usually writes, and when it was silent for longer than ever: judged against itself. One that
//! writes by the clock is known after fifty lines, one that people and the internet drive after days.

use serde::{Deserialize, Serialize};

/// A silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The last line before it, in seconds.
    pub from: i64,
    /// The first behind it; the end of what is known where there is none.
    pub to: i64,
    /// Whether nothing came after it.
    pub goes_on: bool,
    /// What it was longer than by far, in seconds: the longest ordinary silence.
    pub usual: i64,
    /// Whether the source writes by the clock.
    pub regular: bool,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rhythm {
    first: i64,
    last: Option<i64>,
    count: u64,
    /// Intervals by length: four classes for each doubling.
    classes: Vec<u64>,
    /// The longest, the longest first.
    longest: Vec<(i64, i64)>,
}

const CLASSES: usize = 96;
const LONGEST: usize = 24;
/// Nothing shorter is a silence.
const LEAST: i64 = 1800;
/// Of a source without a clock nothing shorter is.
const LEAST_IRREGULAR: i64 = 2 * 3600;
const DAY: i64 = 86_400;

impl Rhythm {
    /// A line's time, in seconds; what comes late changes nothing.
    pub fn see(&mut self, second: i64) {
        let Some(last) = self.last else {
            self.first = second;
            self.last = Some(second);
            return;
        };
        let interval = second - last;
        if interval < 0 {
            return;
        }
        self.last = Some(second);
        self.count += 1;
        if self.classes.is_empty() {
            self.classes = vec![0; CLASSES];
        }
        if let Some(class) = self.classes.get_mut(class_of(interval)) {
            *class += 1;
        }
        let is_long =
            self.longest.len() < LONGEST || self.longest.last().is_some_and(|(from, to)| to - from < interval);
        if interval > 60 && is_long {
            let at = self.longest.partition_point(|(from, to)| to - from >= interval);
            self.longest.insert(at, (last, second));
            self.longest.truncate(LONGEST);
        }
    }

    /// The last line.
    pub fn last(&self) -> Option<i64> {
        self.last
    }

    /// Silences that were longer than any it usually makes, up to `end`, where what is known ends.
    pub fn silences(&self, end: i64) -> Vec<Silence> {
        let Some(last) = self.last else { return Vec::new() };
        let regular = self.is_regular();
        let days = (last - self.first) / DAY;
        // As many may be out of the ordinary as there can be by chance; all the others are what is usual.
        let ignored = if regular { 0 } else { usize::try_from(1 + days / 7).unwrap_or(1).min(3) };
        let Some((usual, least)) = (if regular { self.of_clock() } else { self.of_people(days, ignored) }) else {
            return Vec::new();
        };
        let of = |(from, to, goes_on)| Silence { from, to, goes_on, usual, regular };
        let closed = self.longest.iter().map(|(from, to)| (*from, *to, false));
        let open = (end > last).then_some((last, end, true));
        closed.chain(open).filter(|(from, to, _)| to - from >= least).map(of).collect()
    }

    /// Whether nearly all intervals are about the same.
    fn is_regular(&self) -> bool {
        if self.count < 50 {
            return false;
        }
        let (Some(median), Some(long)) = (self.quantile(1, 2), self.quantile(95, 100)) else { return false };
        median >= 10 && long <= 3 * median
    }

    /// What is usual of a source that writes by the clock, and from when on it is silent.
    fn of_clock(&self) -> Option<(i64, i64)> {
        let usual = self.quantile(95, 100)?;
        Some((usual, (usual * 10).max(LEAST)))
    }

    /// The same of others: nights and week-ends must have been seen.
    fn of_people(&self, days: i64, ignored: usize) -> Option<(i64, i64)> {
        if self.count < 300 || days < 3 {
            return None;
        }
        // Before the first days have passed, a second night is not known from a second deletion.
        let usual = self.longest.get(ignored).map_or(60, |(from, to)| to - from);
        let factor = if days < 14 { 6 } else { 4 };
        Some((usual, (usual * factor).max(LEAST_IRREGULAR)))
    }

    /// The upper end of the class in which `part` of `whole` of all intervals lie or below.
    fn quantile(&self, part: u64, whole: u64) -> Option<i64> {
        let wanted = self.count * part / whole;
        let mut below = 0;
        let class = self.classes.iter().position(|class| {
            below += class;
            below > wanted || below == self.count
        })?;
        Some(upper(class))
    }
}

/// Four classes a doubling: 0, 1, 2, 3, 4, 5, 6, 7, 8–9, 10–11, …
fn class_of(interval: i64) -> usize {
    let interval = u64::try_from(interval).unwrap_or(0);
    if interval < 8 {
        return usize::try_from(interval).unwrap_or(0);
    }
    let log = u64::from(interval.ilog2());
    let quarter = (interval >> (log - 2)) & 3;
    usize::try_from(8 + (log - 3) * 4 + quarter).unwrap_or(CLASSES).min(CLASSES - 1)
}

fn upper(class: usize) -> i64 {
    if class < 8 {
        return i64::try_from(class).unwrap_or(0);
    }
    let (log, quarter) = ((class - 8) / 4 + 3, (class - 8) % 4);
    i64::try_from(((quarter as u64 + 5) << (log - 2)) - 1).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rhythm(times: impl IntoIterator<Item = i64>) -> Rhythm {
        let mut rhythm = Rhythm::default();
        times.into_iter().for_each(|time| rhythm.see(time));
        rhythm
    }

    #[test]
    fn every_interval_lies_in_the_class_whose_end_is_no_more_than_a_quarter_above_it() {
        for interval in (0..5000).chain([86_399, 86_400, 31_557_600]) {
            let end = upper(class_of(interval));
            assert!(end >= interval && end <= interval + interval / 4, "{interval} {end}");
        }
    }

    proptest! {
        #[test]
        fn hours_that_are_taken_out_of_a_log_by_the_clock_are_found_and_nothing_is_in_the_whole(
            every in 60i64..600, from in 20_000i64..60_000, length in 7200i64..20_000
        ) {
            let whole = || (0..100_000).step_by(usize::try_from(every).unwrap());
            prop_assert_eq!(rhythm(whole()).silences(100_000), vec![]);
            let cut = rhythm(whole().filter(|time| !(from..from + length).contains(time)));
            let found = cut.silences(100_000);
            prop_assert_eq!(found.len(), 1);
            prop_assert!(found[0].from <= from && found[0].to >= from + length && found[0].regular);
        }
    }

    /// A log of people: busy by day, silent by night and on Sundays.
    fn office(days: i64) -> impl Iterator<Item = i64> {
        let mut noise = 7_u64;
        (0..days * DAY).step_by(60).filter(move |time| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let hour = time % DAY / 3600;
            (8..18).contains(&hour) && time / DAY % 7 != 6 && noise >> 61 == 0
        })
    }

    #[test]
    fn nights_and_sundays_are_no_silences() {
        for days in [1, 2, 3, 4, 5, 6, 7, 8, 13, 20, 40] {
            assert_eq!(rhythm(office(days)).silences(days * DAY), [], "{days}");
        }
    }

    #[test]
    fn a_source_that_never_was_silent_and_is_now_is_found() {
        let times = (0..8 * DAY).step_by(97).filter(|time| time % 7 != 3);
        let silent = rhythm(times).silences(9 * DAY);
        assert!(silent.len() == 1 && silent[0].goes_on, "{silent:?}");
    }
}
