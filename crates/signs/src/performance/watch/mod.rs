//! One metric, watched: what the detector says of points becomes episodes, so that whatever goes on is told once. Missing
//! values and a value that stands still are found here, too. A pure state machine; time comes in with the data.

mod episode;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub use self::episode::{Episode, Kind};
use super::detect::{Detector, Judged};

/// Points before which nothing is told: the scores are there, but who has just begun finds everything new.
pub const LEARNT: u64 = 250;
/// The score from which on a value beyond what is usual is told, and one within that.
const NEWS: f64 = 0.5;
const NEWS_WITHIN: f64 = 0.75;
/// Points within what is usual, after which an episode is over.
const CLEAR: u32 = 6;
/// Points beyond what is usual, after which this is the new usual.
const ACCEPTED: u32 = 200;
/// Episodes that are remembered.
const EPISODES: usize = 64;
/// Intervals after which values are missing.
const MISSING: f64 = 6.0;
/// The shortest pause between two episodes; it doubles with each that comes within a day, up to a day.
const PAUSE: i64 = 3600;
const DAY: i64 = 86_400;

/// What was odd about the points themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odd {
    /// Values that are not finite, or beyond what is measured; they are passed over.
    pub values: u64,
    /// Times that are the same as the one before.
    pub repeats: u64,
    /// Times before the one before.
    pub backwards: u64,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    detector: Detector,
    points: u64,
    last: Option<(i64, f64)>,
    /// Seconds between points, as a rule.
    interval: f64,
    steps: u32,
    /// Since when, and how often, the value has been the same; the longest such run before.
    same_since: i64,
    same: u32,
    same_longest: u32,
    changes: u64,
    still: bool,
    open: Option<Episode>,
    inside: u32,
    pause: i64,
    quiet_until: i64,
    #[serde(deserialize_with = "super::bounded_list")]
    closed: VecDeque<Episode>,
    /// Episodes that were forgotten.
    pub forgotten: u64,
    /// What was odd.
    pub odd: Odd,
}

impl Watch {
    /// Judges a point, and learns it.
    pub fn see(&mut self, second: i64, value: f64) -> Judged {
        if !value.is_finite() || value.abs() > super::series::GREATEST {
            self.odd.values += 1;
            return Judged::default();
        }
        self.points += 1;
        if let Some((before, known)) = self.last {
            self.step(before, second);
            self.stands_still(second, value, known);
        } else {
            self.same_since = second;
        }
        self.last = Some((second, value));
        let judged = self.detector.see(second, value);
        self.episode(second, value, judged);
        judged
    }

    /// All that stands, the oldest first; what goes on comes last.
    pub fn episodes(&self) -> impl Iterator<Item = &Episode> {
        self.closed.iter().chain(&self.open)
    }

    /// Points that were judged.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// Seconds between two points, as a rule.
    pub fn interval(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "bounded by a year")]
        let seconds = self.interval.clamp(1.0, 3.2e7) as i64;
        seconds
    }

    fn step(&mut self, before: i64, second: i64) {
        let step = second.saturating_sub(before);
        if step <= 0 {
            self.odd.repeats += u64::from(step == 0);
            self.odd.backwards += u64::from(step < 0);
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds between points")]
        let length = step as f64;
        if self.steps >= 20 && length > (MISSING * self.interval).max(120.0) {
            self.close();
            self.keep(Episode { to: second, score: 1.0, ..Episode::new(Kind::Missing, before, 0.0) });
            return;
        }
        // A step that is far longer counts as a somewhat longer one, or one gap would excuse the next.
        let length = if self.steps == 0 { length } else { length.min(2.0 * self.interval) };
        self.steps = self.steps.saturating_add(1);
        self.interval += (length - self.interval) * (1.0 / f64::from(self.steps)).max(0.02);
    }

    fn stands_still(&mut self, second: i64, value: f64, known: f64) {
        #[expect(clippy::float_cmp, reason = "exactly the same value is what is meant")]
        if value == known {
            self.same = self.same.saturating_add(1);
            // Only what is always in motion can stand still.
            let moves =
                self.changes.saturating_mul(4) > self.points.saturating_sub(u64::from(self.same)).saturating_mul(3);
            if !self.still && moves && self.points > 100 && self.same >= 24.max(self.same_longest.saturating_mul(4)) {
                self.still = true;
                self.close();
                self.open = Some(Episode { score: 0.8, ..Episode::new(Kind::Flat, self.same_since, value) });
            }
            return;
        }
        if self.still {
            self.still = false;
            self.close();
        }
        self.changes += 1;
        self.same_longest = self.same_longest.max(self.same);
        self.same = 0;
        self.same_since = second;
    }

    fn episode(&mut self, second: i64, value: f64, judged: Judged) {
        if self.still {
            if let Some(open) = &mut self.open {
                open.to = second;
            }
            return;
        }
        // What lies where it always lies must be all the more surprising to be news.
        let is_beyond = judged.usual.is_some_and(|usual| usual.excludes(value));
        let is_news = self.points > LEARNT && judged.score >= if is_beyond { NEWS } else { NEWS_WITHIN };
        let Some(open) = &mut self.open else {
            let Some(usual) = judged.usual.filter(|_| is_news) else { return };
            if second < self.quiet_until {
                // It is the same again: said of the last one.
                if let Some(last) = self.closed.back_mut().filter(|last| last.kind != Kind::Missing) {
                    last.goes_on(second, value, judged.score);
                }
                return;
            }
            let mut begun = Episode::new(Kind::Spike, second, value);
            begun.usual = Some(usual);
            begun.by = judged.by;
            begun.goes_on(second, value, judged.score);
            self.inside = 0;
            self.open = Some(begun);
            return;
        };
        if is_news {
            open.goes_on(second, value, judged.score);
        } else if open.is_beyond(value, judged.usual) {
            open.goes_on(second, value, 0.0);
        } else {
            self.inside += 1;
            if self.inside >= CLEAR {
                self.close();
            }
            return;
        }
        self.inside = 0;
        open.settle();
        if open.points >= ACCEPTED {
            self.close();
        }
    }

    /// It is over.
    fn close(&mut self) {
        let Some(mut over) = self.open.take() else { return };
        over.settle();
        over.over = true;
        let is_soon = self.closed.back().is_some_and(|last| over.from.saturating_sub(last.to) < DAY);
        self.pause = if is_soon { self.pause.saturating_mul(2).clamp(PAUSE, DAY) } else { PAUSE };
        self.quiet_until = over.to.saturating_add(self.pause.max(self.interval().saturating_mul(12)));
        self.keep(over);
    }

    fn keep(&mut self, mut over: Episode) {
        over.over = true;
        if self.closed.len() >= EPISODES {
            self.closed.pop_front();
            self.forgotten += 1;
        }
        self.closed.push_back(over);
    }
}

#[cfg(test)]
mod tests;
