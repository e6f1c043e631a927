//! How many in the last so many minutes or hours: a ring of counters, whose time comes in with the data.

use serde::{Deserialize, Serialize};

/// Counters of `width` seconds each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ring {
    width: i64,
    /// The slot of the newest counter, counted from 1970.
    newest: i64,
    counts: Vec<u32>,
    /// The most that were in all counters at once.
    pub(super) peak: u32,
}

impl Ring {
    pub(super) fn new(width: i64, slots: usize) -> Self {
        Self { width: width.max(1), newest: i64::MIN, counts: vec![0; slots.max(1)], peak: 0 }
    }

    /// Counts `count` at `second`. What comes late counts where it belongs, while that is still there.
    pub(super) fn add(&mut self, second: i64, count: u32) {
        let slot = second.div_euclid(self.width);
        self.turn(slot);
        if self.newest - slot < self.slots()
            && let Some(counter) = self.counter(slot)
        {
            *counter = counter.saturating_add(count);
        }
        self.peak = self.peak.max(self.sum());
    }

    /// How many there are up to `second`.
    pub(super) fn at(&mut self, second: i64) -> u32 {
        self.turn(second.div_euclid(self.width));
        self.sum()
    }

    /// Nothing is counted any more; the peak stays.
    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }

    fn sum(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn turn(&mut self, slot: i64) {
        if self.newest == i64::MIN || slot.saturating_sub(self.newest) >= self.slots() {
            if slot > self.newest {
                self.counts.fill(0);
                self.newest = slot;
            }
            return;
        }
        while self.newest < slot {
            self.newest += 1;
            if let Some(counter) = self.counter(self.newest) {
                *counter = 0;
            }
        }
    }

    fn counter(&mut self, slot: i64) -> Option<&mut u32> {
        let index = slot.rem_euclid(self.slots());
        self.counts.get_mut(usize::try_from(index).ok()?)
    }

    fn slots(&self) -> i64 {
        i64::try_from(self.counts.len()).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_ring_is_gone_and_the_peak_stays() {
        let mut ring = Ring::new(60, 10);
        for minute in 0..30 {
            ring.add(minute * 60, 2);
        }
        assert_eq!((ring.at(29 * 60), ring.peak), (20, 20));
        assert_eq!(ring.at(34 * 60), 10);
        assert_eq!((ring.at(100 * 60), ring.peak), (0, 20));
    }

    #[test]
    fn what_comes_late_counts_where_it_belongs() {
        let mut ring = Ring::new(60, 10);
        ring.add(600, 1);
        ring.add(540, 1);
        ring.add(-60_000, 1);
        assert_eq!(ring.at(600), 2);
        assert_eq!(ring.at(1140), 1);
    }
}
