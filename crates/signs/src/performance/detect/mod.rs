//! Judges one series of values, point by point as they come: one pass, no training but a short warm-up, the same constants for
//! every series, bounded memory. What is usual is learnt at several speeds and by the time of day and week; a value is as
//! surprising as it is rare among what was.

mod bank;
mod season;
mod tail;
mod tuning;

use serde::{Deserialize, Serialize};

use self::bank::Bank;
use self::season::Season;
use self::tail::Now;
pub use self::tuning::Tuning;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    points: u32,
    second: i64,
    /// The mean over the long run, and the deviation from it.
    long: f64,
    deviation: f64,
    level: Bank,
    day: Season,
    day_bank: Bank,
    week: Season,
    week_bank: Bank,
    week_seen: f64,
    /// How far off the long mean, the day and the week are.
    errors: [f64; 3],
    /// The greatest surprise, fading.
    record: f64,
}

/// What is said of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// From 0, as ever, to 1, never so.
    pub score: f64,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self {
            points: 0,
            second: 0,
            long: 0.0,
            deviation: 0.0,
            level: Bank::default(),
            day: Season::day(),
            day_bank: Bank::default(),
            week: Season::week(),
            week_bank: Bank::default(),
            week_seen: 0.0,
            errors: [0.0; 3],
            record: 0.0,
        }
    }

    /// Judges the value of a second since 1970, and learns it.
    pub fn see(&mut self, second: i64, value: f64) -> Judged {
        let said = self.surprise(second, value, &Tuning::SHIPPED);
        Judged { score: said / (said + 5.0) }
    }

    /// The same with other constants, and without a bound.
    pub fn surprise(&mut self, second: i64, value: f64, tuning: &Tuning) -> f64 {
        self.points = self.points.saturating_add(1);
        let points = f64::from(self.points);
        let step = if self.points == 1 { 1 } else { second.saturating_sub(self.second).max(1) };
        self.second = second;
        if self.points == 1 {
            self.long = value;
        }
        let slow = (1.0 / points).max(1.0 / 5000.0);
        self.deviation += slow * ((value - self.long).abs() - self.deviation);
        let now = Now { point: self.points, floor: (tuning.tail_floor * self.deviation).max(1e-9) };
        let mut surprise = self.level.see(value, now, tuning);
        let [level_error, day_error, week_error] = &mut self.errors;
        let relative = |rest: f64, spread: f64, deviation: f64| {
            rest / (spread + tuning.spread_floor * deviation + 1e-9) * deviation
        };
        if let Some(bin) = self.day.at(second) {
            if bin.seen > 0.0 {
                let rest = value - bin.mean;
                *level_error += 0.01 * ((value - self.long).abs() - *level_error);
                *day_error += 0.01 * (rest.abs() - *day_error);
                let found = self.day_bank.see(relative(rest, bin.spread, self.deviation), now, tuning);
                if *day_error < tuning.day_believed * *level_error {
                    surprise = surprise.max(found);
                }
            }
            bin.learn(value, tuning.day_follows);
        }
        if let Some(bin) = self.week.at(second) {
            if bin.seen > 0.0 {
                self.week_seen += 1.0;
                let rest = value - bin.mean;
                *week_error += (1.0 / self.week_seen).max(0.003) * (rest.abs() - *week_error);
                let found =
                    self.week_bank.see(relative(rest, bin.spread, self.deviation), now, tuning) - tuning.week_cost;
                if *week_error < tuning.week_believed * *day_error && self.week_seen > 200.0 {
                    surprise = surprise.max(found);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "what is longer than an hour counts as one")]
            let hours = step.min(3600) as f64 / 3600.0;
            bin.learn(value, tuning.week_follows * hours);
        }
        self.long += slow * (value - self.long);
        let said = (surprise - self.record).max(0.0) + tuning.below_record * surprise;
        self.record = (self.record * tuning.record_kept).max(surprise);
        said
    }
}
