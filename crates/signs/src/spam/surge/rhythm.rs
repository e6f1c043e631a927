//! What is usual of one series: the most in an hour and the whole of a day, over the last five weeks. That covers office hours,
//! a newsletter each Tuesday and the invoices at the end of a month without knowing of any of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Days that are remembered: a month, and the days by which months differ.
const DAYS: usize = 35;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// How numbers of a series go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Measure {
    /// They are added up.
    Count,
    /// The highest is what matters.
    Level,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rhythm {
    measure: Measure,
    hour: i64,
    in_hour: u32,
    day: i64,
    in_day: u32,
    best_hour: u32,
    /// Most in an hour and in a whole day, the newest day last.
    past: VecDeque<(u32, u32)>,
}

/// Now beside the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) in_hour: u32,
    pub(super) usual_hour: u32,
    pub(super) in_day: u32,
    pub(super) usual_day: u32,
}

impl Rhythm {
    pub(super) fn new(measure: Measure, time: i64) -> Self {
        Self {
            measure,
            hour: time.div_euclid(HOUR),
            in_hour: 0,
            day: time.div_euclid(DAY),
            in_day: 0,
            best_hour: 0,
            past: VecDeque::new(),
        }
    }

    /// Adds `count` at `time`. What comes late counts for now: logs of several hosts are never quite in order.
    pub(super) fn add(&mut self, time: i64, count: u32) -> Beside {
        self.go_to(time);
        let put = |now: u32| match self.measure {
            Measure::Count => now.saturating_add(count),
            Measure::Level => now.max(count),
        };
        (self.in_hour, self.in_day) = (put(self.in_hour), put(self.in_day));
        self.beside()
    }

    pub(super) fn beside(&self) -> Beside {
        let most = |pick: fn(&(u32, u32)) -> u32| self.past.iter().map(pick).max().unwrap_or(0);
        Beside {
            in_hour: self.in_hour,
            usual_hour: most(|day| day.0),
            in_day: self.in_day,
            usual_day: most(|day| day.1),
        }
    }

    /// What was counted in the hour of `time`.
    pub(super) fn in_hour_of(&self, time: i64) -> u32 {
        if self.hour == time.div_euclid(HOUR) { self.in_hour } else { 0 }
    }

    /// The same of its day.
    pub(super) fn in_day_of(&self, time: i64) -> u32 {
        if self.day == time.div_euclid(DAY) { self.in_day } else { 0 }
    }

    fn go_to(&mut self, time: i64) {
        let (hour, day) = (time.div_euclid(HOUR), time.div_euclid(DAY));
        if hour > self.hour {
            self.best_hour = self.best_hour.max(self.in_hour);
            (self.hour, self.in_hour) = (hour, 0);
        }
        if day > self.day {
            let gone = usize::try_from(day - self.day).unwrap_or(usize::MAX);
            self.past.push_back((self.best_hour, self.in_day));
            // Days without anything, as many as are remembered at most.
            self.past.extend(std::iter::repeat_n((0, 0), gone.saturating_sub(1).min(DAYS)));
            let over = self.past.len().saturating_sub(DAYS);
            self.past.drain(..over);
            (self.day, self.in_day, self.best_hour) = (day, 0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_past_of_five_weeks_is_remembered_and_no_more() {
        let mut rhythm = Rhythm::new(Measure::Count, 0);
        rhythm.add(0, 500);
        assert_eq!(rhythm.add(DAY, 1).usual_hour, 500);
        assert_eq!(rhythm.add(34 * DAY, 1).usual_day, 500);
        assert_eq!(rhythm.add(36 * DAY, 1).usual_day, 1);
        assert_eq!(rhythm.add(i64::MAX / 2, 1).usual_day, 0);
        assert!(rhythm.past.len() <= DAYS);
    }

    #[test]
    fn a_level_is_not_added_up() {
        let mut rhythm = Rhythm::new(Measure::Level, 0);
        rhythm.add(0, 5);
        assert_eq!(rhythm.add(1, 3).in_hour, 5);
    }
}
