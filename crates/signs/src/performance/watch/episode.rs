//! Something that went on for a while, and what it looks like.

use serde::{Deserialize, Serialize};

use crate::performance::detect::{By, Usual, When};

/// What it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Far from usual, and back soon.
    Spike,
    /// It went elsewhere, and stayed there.
    Shift,
    /// It creeps.
    Trend,
    /// What was always in motion stands still.
    Flat,
    /// It changes from point to point as it never did, or at other times.
    Rhythm,
    /// There are no values.
    Missing,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// What it looks like, as far as can be said yet.
    pub kind: Kind,
    /// The first second of it.
    pub from: i64,
    /// The last second of it so far.
    pub to: i64,
    /// The value that is farthest from usual.
    pub value: f64,
    /// What was to be expected.
    pub usual: Option<Usual>,
    /// The highest score.
    pub score: f64,
    /// Points beyond what is usual.
    pub points: u32,
    /// Whether it is over.
    pub over: bool,
    pub(super) by: By,
    /// Points that lie within what is usual, but were news.
    pub(super) within: u32,
}

/// Points after which something has not come back soon.
const STAYS: u32 = 12;

impl Episode {
    pub(super) fn new(kind: Kind, second: i64, value: f64) -> Self {
        Self {
            kind,
            from: second,
            to: second,
            value,
            usual: None,
            score: 0.0,
            points: 0,
            over: false,
            by: By::Point,
            within: 0,
        }
    }

    pub(super) fn goes_on(&mut self, second: i64, value: f64, score: f64) {
        self.to = self.to.max(second);
        self.score = self.score.max(score);
        self.points = self.points.saturating_add(1);
        let Some(usual) = &self.usual else { return };
        let off = |value: f64| (value - usual.high).max(usual.low - value);
        self.within += u32::from(!usual.excludes(value));
        if off(value) > off(self.value) {
            self.value = value;
        }
    }

    /// Whether a value lies beyond what was usual when it began; by the time of day, beyond what is usual now.
    pub(super) fn is_beyond(&self, value: f64, now: Option<Usual>) -> bool {
        let usual = if self.usual.is_some_and(|usual| usual.when == When::Lately) { self.usual } else { now };
        usual.is_some_and(|usual| usual.excludes(value))
    }

    /// What it looks like by now.
    pub(super) fn settle(&mut self) {
        if matches!(self.kind, Kind::Flat | Kind::Missing) {
            return;
        }
        self.kind = match self.by {
            _ if self.points > 0 && self.within == self.points => Kind::Rhythm,
            By::Many => Kind::Trend,
            _ if self.points >= STAYS => Kind::Shift,
            _ => Kind::Spike,
        };
    }
}
