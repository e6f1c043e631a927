//! What is usual at a time of day or of the week: a mean and a spread for each bin.

use serde::{Deserialize, Serialize};

/// A time of day or of the week.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Bin {
    pub(super) mean: f64,
    pub(super) spread: f64,
    pub(super) seen: f64,
}

impl Bin {
    /// Follows a value, at least this fast.
    pub(super) fn learn(&mut self, value: f64, follows: f64) {
        self.seen += 1.0;
        if self.seen > 1.0 {
            let part = (1.0 / (self.seen - 1.0)).max(follows);
            self.spread += part.min(1.0) * ((value - self.mean).abs() - self.spread);
        }
        self.mean += (1.0 / self.seen).max(follows).min(1.0) * (value - self.mean);
    }
}

/// A day or a week in equal bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Season {
    /// Seconds of a bin.
    width: i64,
    #[serde(deserialize_with = "super::tail::at_most::<_, _, 168>")]
    bins: Vec<Bin>,
}

impl Season {
    /// A quarter of an hour a bin.
    pub(super) fn day() -> Self {
        Self { width: 900, bins: vec![Bin::default(); 96] }
    }

    /// An hour a bin.
    pub(super) fn week() -> Self {
        Self { width: 3600, bins: vec![Bin::default(); 168] }
    }

    /// The bin of a second since 1970, to learn.
    pub(super) fn at(&mut self, second: i64) -> Option<&mut Bin> {
        let index = self.index(second)?;
        self.bins.get_mut(index)
    }

    /// The same, to look at.
    pub(super) fn get(&self, second: i64) -> Option<&Bin> {
        self.bins.get(self.index(second)?)
    }

    fn index(&self, second: i64) -> Option<usize> {
        let count = i64::try_from(self.bins.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(second.div_euclid(self.width.max(1)).rem_euclid(count)).ok()
    }
}
