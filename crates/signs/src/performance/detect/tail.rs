//! How rare a value is: the greatest values so far, with a Pareto distribution fitted to what exceeds the least of them, so
//! that what was never seen has a probability, too. Constant memory, whatever comes.

use serde::{Deserialize, Deserializer, Serialize};

use super::Tuning;

/// Greatest values that are remembered.
const MOST: usize = 64;
/// Below as many points nothing is rare.
const WARM: f64 = 50.0;

/// What a tail has to know of the series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// The point's number.
    pub(super) point: u32,
    /// The least scale of a tail: what is smaller is no difference.
    pub(super) floor: f64,
}

/// One side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tail {
    /// The greatest first.
    #[serde(deserialize_with = "at_most::<_, _, MOST>")]
    values: Vec<f64>,
    /// The point at which each came.
    #[serde(deserialize_with = "at_most::<_, _, MOST>")]
    since: Vec<u32>,
    /// The least of these.
    oldest: u32,
    seen: f64,
}

impl Tail {
    /// −ln of the probability of a value as great as this.
    fn surprise(&self, value: f64, now: Now, tuning: &Tuning) -> f64 {
        if self.seen < WARM {
            return 0.0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the tail's length")]
        let wanted = (self.seen * tuning.tail_part).min(1e6) as usize;
        let count = wanted.clamp(8, MOST).min(self.values.len().saturating_sub(1));
        let (Some(&least), Some(greater)) = (self.values.get(count), self.values.get(..count)) else { return 0.0 };
        if value <= least || count == 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 64")]
        let many = count as f64;
        let (sum, squares) = greater.iter().fold((0.0, 0.0), |(sum, squares), value| {
            let over = value - least;
            (sum + over, squares + over * over)
        });
        let mean = (sum / many).max(now.floor);
        let variance = (squares / many - (sum / many) * (sum / many)).max(mean * mean * 0.3);
        // Hosking and Wallis 1987: the Pareto distribution by its moments.
        let shape = (0.5 * (1.0 - mean * mean / variance)).clamp(-0.2, tuning.tail_heaviest);
        let scale = mean * (1.0 - shape);
        let over = value - least;
        let tail = if shape.abs() < 1e-6 { over / scale } else { (1.0 + shape * over / scale).max(1e-9).ln() / shape };
        (self.seen / many).ln().min(tuning.tail_base) + tail
    }

    fn learn(&mut self, value: f64, now: Now, tuning: &Tuning) {
        self.seen += 1.0;
        let horizon = f64::from(tuning.horizon);
        if self.seen > horizon {
            self.seen = horizon;
            self.forget(now, tuning);
        }
        if self.values.len() >= MOST && self.values.last().is_some_and(|least| value <= *least) {
            return;
        }
        let at = self.values.partition_point(|known| *known >= value);
        self.values.truncate(MOST - 1);
        self.since.truncate(MOST - 1);
        self.values.insert(at.min(self.values.len()), value);
        self.since.insert(at.min(self.since.len()), now.point);
    }

    /// What is older than the horizon goes.
    fn forget(&mut self, now: Now, tuning: &Tuning) {
        let from = now.point.saturating_sub(tuning.horizon);
        if self.oldest >= from {
            return;
        }
        let mut kept = self.since.iter().map(|since| *since >= from);
        self.values.retain(|_| kept.next().unwrap_or(false));
        self.since.retain(|since| *since >= from);
        self.oldest = self.since.iter().copied().min().unwrap_or(now.point);
    }
}

/// Both sides: too much and too little.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tails {
    high: Tail,
    low: Tail,
}

impl Tails {
    /// How surprising a value is; it is learnt afterwards.
    pub(super) fn see(&mut self, value: f64, now: Now, tuning: &Tuning) -> f64 {
        let surprise = self.high.surprise(value, now, tuning).max(self.low.surprise(-value, now, tuning));
        self.high.learn(value, now, tuning);
        self.low.learn(-value, now, tuning);
        surprise
    }
}

/// A list that was saved, refused where it is longer than any that is made here.
pub(super) fn at_most<'de, D, T, const N: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Few<T, const N: usize>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>, const N: usize> serde::de::Visitor<'de> for Few<T, N> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {N}")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut kept = Vec::new();
            while let Some(item) = list.next_element()? {
                if kept.len() == N {
                    return Err(serde::de::Error::invalid_length(N + 1, &self));
                }
                kept.push(item);
            }
            Ok(kept)
        }
    }
    from.deserialize_seq(Few::<T, N>(std::marker::PhantomData))
}
