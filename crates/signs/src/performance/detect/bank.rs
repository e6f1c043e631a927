//! One stream of values, seen at several speeds: moving means, which find spikes, shifts and slow drifts, and moving means of
//! the change from point to point, which find that a series has become restless or still.

use serde::{Deserialize, Serialize};

use super::Tuning;
use super::tail::{Now, Tails};

const MEANS: [(f64, By); 4] = [(1.0, By::Point), (4.0, By::Some), (16.0, By::Some), (64.0, By::Many)];
const ROUGH: [f64; 2] = [1.0, 16.0];

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Moving {
    mean: f64,
    tails: Tails,
}

impl Moving {
    fn see(&mut self, value: f64, part: f64, now: Now, tuning: &Tuning) -> f64 {
        self.mean += part * (value - self.mean);
        self.tails.see(self.mean, now, tuning)
    }
}

/// What gives a surprise away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// The value itself.
    #[default]
    Point,
    /// The mean of some points.
    Some,
    /// The mean of many points: it creeps.
    Many,
    /// How much it changes from point to point.
    Change,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Bank {
    means: [Moving; MEANS.len()],
    rough: [Moving; ROUGH.len()],
    before: Option<f64>,
    seen: f64,
}

impl Bank {
    /// How surprising the stream is with this value, and by what.
    pub(super) fn see(&mut self, value: f64, now: Now, tuning: &Tuning) -> (f64, By) {
        self.seen += 1.0;
        let least = 1.0 / self.seen;
        let change = self.before.map_or(0.0, |before| (value - before).abs());
        self.before = Some(value);
        let (mut joined, mut greatest, mut by) = (0.0, 0.0, By::default());
        let mut join = |surprise: f64, cost: f64, told: By| {
            let over = surprise - cost;
            if over > 0.0 {
                joined += over.powf(tuning.joined_by);
                if over > greatest {
                    (greatest, by) = (over, told);
                }
            }
        };
        for ((moving, (points, by)), cost) in self.means.iter_mut().zip(MEANS).zip(tuning.mean_costs) {
            join(moving.see(value, least.max(1.0 / points), now, tuning), cost, by);
        }
        for ((moving, points), cost) in self.rough.iter_mut().zip(ROUGH).zip(tuning.rough_costs) {
            join(moving.see(change, least.max(1.0 / points), now, tuning), cost, By::Change);
        }
        (if joined > 0.0 { joined.powf(1.0 / tuning.joined_by) } else { 0.0 }, by)
    }
}
