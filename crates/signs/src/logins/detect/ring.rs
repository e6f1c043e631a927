//! How many in the last so many minutes or hours: a ring of counters, whose time comes in with the data.

use serde::{Deserialize, Serialize};

use crate::second::Second;

/// `SLOTS` counters of `WIDTH` seconds each. Where all that there is falls into one of them, there is only that one: most of
/// those who are remembered came once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(super) struct Ring<const WIDTH: i64, const SLOTS: usize> {
    /// The slot of the newest counter, counted from 1970.
    newest: Option<u32>,
    /// The most that were in all counters at once.
    pub(super) peak: u32,
    /// The newest counter, while it is the only one.
    only: u32,
    /// All of them.
    counts: Option<Box<[u32; SLOTS]>>,
}

impl<const WIDTH: i64, const SLOTS: usize> Ring<WIDTH, SLOTS> {
    /// Counts `count` at `second`. What comes late counts where it belongs, while that is still there.
    pub(super) fn add(&mut self, second: i64, count: u32) {
        if count == 0 {
            return;
        }
        let slot = Self::slot(second);
        self.turn(slot);
        match self.newest {
            Some(newest) if newest == slot && self.counts.is_none() => self.only = self.only.saturating_add(count),
            Some(newest) if newest - slot < Self::slots() => {
                if let Some(counter) = counter(self.spread(newest), slot) {
                    *counter = counter.saturating_add(count);
                }
            }
            _ => {}
        }
        self.peak = self.peak.max(self.sum());
    }

    /// How many there are up to `second`.
    pub(super) fn at(&mut self, second: i64) -> u32 {
        self.turn(Self::slot(second));
        self.sum()
    }

    /// Nothing is counted any more; the peak stays.
    pub(super) fn clear(&mut self) {
        (self.only, self.counts) = (0, None);
    }

    fn sum(&self) -> u32 {
        let counts = self.counts.iter().flat_map(|counts| counts.iter());
        counts.fold(self.only, |sum, count| sum.saturating_add(*count))
    }

    fn turn(&mut self, slot: u32) {
        match self.newest {
            Some(newest) if slot <= newest => return,
            Some(newest) if slot - newest < Self::slots() && self.sum() > 0 => {
                let counts = self.spread(newest);
                for passed in newest + 1..=slot {
                    if let Some(counter) = counter(counts, passed) {
                        *counter = 0;
                    }
                }
            }
            _ => self.clear(),
        }
        self.newest = Some(slot);
    }

    /// All counters, made from the only one.
    fn spread(&mut self, newest: u32) -> &mut [u32; SLOTS] {
        let only = std::mem::take(&mut self.only);
        self.counts.get_or_insert_with(|| {
            let mut counts = Box::new([0; SLOTS]);
            if let Some(counter) = counter(&mut counts, newest) {
                *counter = only;
            }
            counts
        })
    }

    fn slot(second: i64) -> u32 {
        let slot = Second::from(second).get() / WIDTH.max(1);
        u32::try_from(slot).unwrap_or(u32::MAX)
    }

    fn slots() -> u32 {
        u32::try_from(SLOTS).unwrap_or(u32::MAX)
    }
}
fn counter<const SLOTS: usize>(counts: &mut [u32; SLOTS], slot: u32) -> Option<&mut u32> {
    counts.get_mut(usize::try_from(slot).ok()?.checked_rem(SLOTS)?)
}

/// A ring as it is saved: one counter or all.
#[derive(Serialize, Deserialize)]
struct Saved {
    newest: Option<u32>,
    peak: u32,
    counts: Vec<u32>,
}

impl<const WIDTH: i64, const SLOTS: usize> From<Saved> for Ring<WIDTH, SLOTS> {
    fn from(Saved { newest, peak, counts }: Saved) -> Self {
        match <Box<[u32; SLOTS]>>::try_from(counts) {
            Ok(counts) => Self { newest, peak, only: 0, counts: Some(counts) },
            Err(counts) => Self { newest, peak, only: counts.first().copied().unwrap_or(0), counts: None },
        }
    }
}

impl<const WIDTH: i64, const SLOTS: usize> From<Ring<WIDTH, SLOTS>> for Saved {
    fn from(ring: Ring<WIDTH, SLOTS>) -> Self {
        let counts = ring.counts.map_or_else(|| vec![ring.only], |counts| counts.to_vec());
        Self { newest: ring.newest, peak: ring.peak, counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_ring_is_gone_and_the_peak_stays() {
        let mut ring = Ring::<60, 10>::default();
        for minute in 0..30 {
            ring.add(minute * 60, 2);
        }
        assert_eq!((ring.at(29 * 60), ring.peak), (20, 20));
        assert_eq!(ring.at(34 * 60), 10);
        assert_eq!((ring.at(100 * 60), ring.peak), (0, 20));
    }

    #[test]
    fn what_comes_late_counts_where_it_belongs() {
        let mut ring = Ring::<60, 10>::default();
        ring.add(600, 1);
        ring.add(540, 1);
        ring.add(-60_000, 1);
        assert_eq!(ring.at(600), 2);
        assert_eq!(ring.at(1140), 1);
    }

    #[test]
    fn all_in_one_minute_needs_no_ring_and_comes_back_as_it_was_saved() {
        let mut ring = Ring::<60, 10>::default();
        ring.add(600, 1);
        ring.add(659, 2);
        assert!(ring.counts.is_none() && size_of_val(&ring) <= 24);
        for second in [600, 700, 1300] {
            let mut back: Ring<60, 10> = serde_json::from_str(&serde_json::to_string(&ring).unwrap()).unwrap();
            assert_eq!((back.at(second), back.peak), (ring.at(second), ring.peak));
            ring.add(second, 1);
        }
    }

    #[test]
    fn a_ring_counts_as_the_plain_list_of_what_came_does() {
        proptest::proptest!(|(steps in proptest::collection::vec((-200i64..400, 0u32..4), 0..200))| {
            let (mut ring, mut came, mut now) = (Ring::<60, 10>::default(), Vec::new(), 100_000);
            let (mut newest, mut peak) = (i64::MIN, 0);
            for (step, count) in steps {
                now += step;
                ring.add(now, count);
                if count > 0 {
                    came.push((now / 60, count));
                    newest = newest.max(now / 60);
                    // What is too late when it comes is never counted.
                    came.retain(|(slot, _)| *slot > newest - 10);
                    peak = peak.max(came.iter().map(|(_, count)| count).sum());
                }
                proptest::prop_assert_eq!((ring.sum(), ring.peak), (came.iter().map(|(_, count)| count).sum(), peak));
            }
        });
    }
}
