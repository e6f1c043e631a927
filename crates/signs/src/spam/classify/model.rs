//! A model: a small weight for each place of each group's table. Each group judges by itself; what it says is bounded, so that no
//! single group, however sure, outweighs the others. Sums are of whole numbers: the same on every machine.

use super::bag::{Bag, Group, places, share};
use super::curve::{logistic, tanh};

/// What one group weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupScale {
    /// One step of its weights.
    pub step: f32,
    /// What it says of a message without features.
    pub bias: f32,
}

/// A trained model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// A row a group.
    pub scales: Vec<GroupScale>,
    /// The weights of all groups, table behind table, in steps.
    pub weights: Vec<i8>,
    /// From the sum of what the groups say to the logarithm of the odds: slope and offset.
    pub slope: f32,
    /// See `slope`.
    pub offset: f32,
    /// From this probability on a message is called spam.
    pub spam_from: f32,
    /// Places of features that many messages have, in order: nothing is learnt from them.
    pub common: Vec<u32>,
}

/// As much as one group may say.
pub const MOST_OF_A_GROUP: f32 = 6.0;

impl Model {
    /// One that knows nothing.
    pub fn empty(layout: &[Group]) -> Self {
        Self {
            scales: vec![GroupScale::default(); layout.len()],
            weights: vec![0; places(layout)],
            slope: 1.0,
            offset: 0.0,
            spam_from: 0.5,
            common: Vec::new(),
        }
    }

    /// What all groups say together.
    pub fn sum(&self, bag: &Bag) -> f32 {
        self.sum_of(bag.groups())
    }

    /// What these groups say together.
    pub fn sum_of<'a>(&self, groups: impl Iterator<Item = (usize, &'a [u32])>) -> f32 {
        groups.map(|(group, ids)| MOST_OF_A_GROUP * tanh(self.says(group, ids) / MOST_OF_A_GROUP)).sum()
    }

    /// What one group says, unbounded.
    fn says(&self, group: usize, ids: &[u32]) -> f32 {
        let steps: i32 =
            ids.iter().map(|id| i32::from(self.weights.get(*id as usize).copied().unwrap_or_default())).sum();
        let scale = self.scales.get(group).copied().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "a message has far fewer than 2^24 steps")]
        let steps = steps as f32;
        scale.bias + scale.step * share(ids.len()) * steps
    }

    /// What one step of one feature adds to the sum, in a group of these features.
    pub fn worth(&self, group: usize, ids: &[u32]) -> f32 {
        let says = self.says(group, ids);
        let bound = if says.abs() > 1e-6 { MOST_OF_A_GROUP * tanh(says / MOST_OF_A_GROUP) / says } else { 1.0 };
        self.scales.get(group).map_or(0.0, |scale| scale.step) * share(ids.len()) * bound
    }

    /// The logarithm of the odds that a message is spam.
    pub fn odds(&self, bag: &Bag) -> f32 {
        self.slope * self.sum(bag) + self.offset
    }

    /// The probability for these odds, between 0 and 1 and never one of them.
    pub fn probability(odds: f32) -> f64 {
        // Beyond, double precision knows no difference from 1.
        logistic(f64::from(odds.clamp(-33.0, 33.0)))
    }
}
