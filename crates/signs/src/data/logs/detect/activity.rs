//! When a log was written to, in slots of ten minutes: whether others went on while one was silent.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Seconds of a slot.
pub(crate) const SLOT: i64 = 600;
/// A year and a bit; what is older is forgotten first.
const MOST: usize = 60_000;

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Activity {
    slots: BTreeSet<i64>,
}

impl Activity {
    /// Something was written at `second`.
    pub fn see(&mut self, second: i64) {
        let slot = second.div_euclid(SLOT);
        if self.slots.last() == Some(&slot) {
            return;
        }
        self.slots.insert(slot);
        if self.slots.len() > MOST {
            self.slots.pop_first();
        }
    }

    /// Takes in what another saw.
    pub fn join(&mut self, other: &Self) {
        self.slots.extend(&other.slots);
        while self.slots.len() > MOST {
            self.slots.pop_first();
        }
    }

    /// Whether anything was written in a slot between those of two seconds.
    pub fn any(&self, from: i64, to: i64) -> bool {
        let (first, last) = (from.div_euclid(SLOT) + 1, to.div_euclid(SLOT) - 1);
        first <= last && self.slots.range(first..=last).next().is_some()
    }

    /// Whether something went on all the time between two seconds: in five of six parts of it.
    pub fn went_on(&self, from: i64, to: i64) -> bool {
        const PARTS: i64 = 6;
        // The slots at both ends are shared with what was there before and after.
        let (first, last) = (from.div_euclid(SLOT) + 1, to.div_euclid(SLOT) - 1);
        let length = last - first + 1;
        if length < 2 {
            return false;
        }
        let parts = PARTS.min(length);
        let active = (0..parts).filter(|part| {
            let begin = first + length * part / parts;
            let end = first + length * (part + 1) / parts;
            self.slots.range(begin..end).next().is_some()
        });
        active.count() >= usize::try_from(parts - 1).unwrap_or(1).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(seconds: i64, from: i64, to: i64) -> Activity {
        let mut activity = Activity::default();
        (from..to).step_by(usize::try_from(seconds).unwrap()).for_each(|second| activity.see(second));
        activity
    }

    #[test]
    fn who_writes_throughout_went_on_and_who_writes_only_at_the_ends_did_not() {
        assert!(every(900, 0, 86_400).went_on(3600, 36_000));
        let mut ends = every(900, 0, 3700);
        ends.join(&every(900, 35_000, 86_400));
        assert!(!ends.went_on(3600, 36_000));
        assert!(!every(900, 0, 86_400).went_on(3600, 3700), "too short to tell");
    }

    #[test]
    fn it_does_not_grow_with_the_log() {
        let mut activity = Activity::default();
        (0..200_000).for_each(|slot| activity.see(slot * SLOT));
        assert_eq!(activity.slots.len(), MOST);
        assert!(activity.went_on(199_000 * SLOT, 199_900 * SLOT));
    }
}
