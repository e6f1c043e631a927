//! Judges one series of values, point by point as they come: one pass, no training but a short warm-up, the same constants for
//! every series, bounded memory. What is usual is learnt at several speeds and by the time of day and week; a value is as
//! surprising as it is rare among what was. `docs/performance-sign.md` describes it.

mod bank;
mod season;
mod tail;
mod tuning;

use serde::{Deserialize, Serialize};

use self::bank::Bank;
pub use self::bank::By;
use self::season::{Bin, Season};
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
    /// What is usual of late, and the least and the greatest value ever.
    lately: Bin,
    least: f64,
    greatest: f64,
    level: Bank,
    day: Season,
    day_bank: Bank,
    week: Season,
    week_bank: Bank,
    week_seen: f64,
    /// How far off the long mean, the day and the week are.
    errors: [f64; 3],
    /// The greatest surprise, fading within weeks: what is less of a surprise is less of news.
    record: f64,
    /// The same, fading within hours: what goes on is not said anew with every point.
    echo: f64,
}

/// By what a value is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// By what was before it.
    #[default]
    Lately,
    /// By the time of day.
    Day,
    /// By the hour of the week.
    Week,
}

/// Between which values most lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// By what.
    pub when: When,
}

impl Usual {
    /// Whether a value lies beyond both ends.
    pub fn excludes(&self, value: f64) -> bool {
        value < self.low || value > self.high
    }
}

/// What is said of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged {
    /// From 0, as ever, over 0.5, worth a look, to 1, never so.
    pub score: f64,
    /// What was to be expected; none during the warm-up.
    pub usual: Option<Usual>,
    /// What gave it away.
    pub by: By,
}

/// How surprising what scores 0.5 is: the best threshold over all series of the benchmark that are here.
const HALF: f64 = 0.62;
/// Spreads (mean deviations) on both sides of the mean, between which nearly everything lies.
const SPREADS: f64 = 3.0;
/// Points before which nothing is called usual.
const WARM: u32 = 50;

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
            lately: Bin::default(),
            least: 0.0,
            greatest: 0.0,
            level: Bank::default(),
            day: Season::day(),
            day_bank: Bank::default(),
            week: Season::week(),
            week_bank: Bank::default(),
            week_seen: 0.0,
            errors: [0.0; 3],
            record: 0.0,
            echo: 0.0,
        }
    }

    /// Judges the value of a second since 1970, and learns it. The value is finite.
    pub fn see(&mut self, second: i64, value: f64) -> Judged {
        let usual = self.usual(second);
        let (said, by) = self.said(second, value, &Tuning::SHIPPED);
        if self.points == 1 {
            (self.least, self.greatest) = (value, value);
        }
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.lately.learn(value, 0.01);
        Judged { score: said / (said + HALF), usual, by }
    }

    /// What is to be expected at a time.
    pub fn usual(&self, second: i64) -> Option<Usual> {
        if self.points < WARM {
            return None;
        }
        let [level, day, week] = self.errors;
        let tuning = &Tuning::SHIPPED;
        let is_daily = day < tuning.day_believed * level;
        let is_weekly = is_daily && week < tuning.week_believed * day && self.week_seen > 200.0;
        let of_season =
            |season: &Season, when| season.get(second).filter(|bin| bin.seen > 1.0).map(|bin| (bin.clone(), when));
        let found = is_weekly.then(|| of_season(&self.week, When::Week)).flatten();
        let found = found.or_else(|| is_daily.then(|| of_season(&self.day, When::Day)).flatten());
        let (bin, when) = found.unwrap_or((self.lately.clone(), When::Lately));
        // A bin that has seen three days knows little of its own spread.
        let spread = if when == When::Lately { bin.spread } else { bin.spread.max(day.min(self.deviation)) };
        let reach = SPREADS * spread;
        let low = (bin.mean - reach).max(self.least);
        let high = (bin.mean + reach).min(self.greatest);
        Some(Usual { low: low.min(bin.mean), high: high.max(bin.mean), when })
    }

    /// How surprising a point is with other constants, without a bound: for the search for constants.
    pub fn surprise(&mut self, second: i64, value: f64, tuning: &Tuning) -> f64 {
        self.said(second, value, tuning).0
    }

    fn said(&mut self, second: i64, value: f64, tuning: &Tuning) -> (f64, By) {
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
        let (mut surprise, mut by) = self.level.see(value, now, tuning);
        let mut greater = |(found, found_by): (f64, By)| {
            if found > surprise {
                (surprise, by) = (found, found_by);
            }
        };
        let [level_error, day_error, week_error] = &mut self.errors;
        let deviation = self.deviation;
        let relative = |rest: f64, spread: f64| rest / (spread + tuning.spread_floor * deviation + 1e-9) * deviation;
        if let Some(bin) = self.day.at(second) {
            if bin.seen > 0.0 {
                let rest = value - bin.mean;
                *level_error += 0.01 * ((value - self.long).abs() - *level_error);
                *day_error += 0.01 * (rest.abs() - *day_error);
                let found = self.day_bank.see(relative(rest, bin.spread), now, tuning);
                if *day_error < tuning.day_believed * *level_error {
                    greater(found);
                }
            }
            bin.learn(value, tuning.day_follows);
        }
        if let Some(bin) = self.week.at(second) {
            if bin.seen > 0.0 {
                self.week_seen += 1.0;
                let rest = value - bin.mean;
                *week_error += (1.0 / self.week_seen).max(0.003) * (rest.abs() - *week_error);
                let (found, by) = self.week_bank.see(relative(rest, bin.spread), now, tuning);
                if *week_error < tuning.week_believed * *day_error && self.week_seen > 200.0 {
                    greater((found - tuning.week_cost, by));
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "what is longer than an hour counts as one")]
            let hours = step.min(3600) as f64 / 3600.0;
            bin.learn(value, tuning.week_follows * hours);
        }
        self.long += slow * (value - self.long);
        let again = tuning.below_record * (surprise - tuning.echo_part * self.echo).max(0.0);
        let said = (surprise - self.record).max(0.0) + again;
        self.echo = (self.echo * tuning.echo_kept).max(surprise);
        self.record = (self.record * tuning.record_kept).max(surprise);
        (said, by)
    }
}

#[cfg(test)]
mod tests;
