//! Numbers that count through: the audit log's serials, a journal's entries, syslog's `sequenceId`. Every number comes once, a
//! little out of order; one that never comes was taken out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Numbers that never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// When what stands before was written, in seconds.
    pub from: i64,
    /// When what stands behind was written.
    pub to: i64,
}

impl Hole {
    /// How many are missing.
    pub fn count(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sequence {
    high: Option<(u64, i64)>,
    /// The smallest of this run.
    begin: u64,
    /// Holes of this run by their first number: last number, time before, time after.
    open: BTreeMap<u64, (u64, i64, i64)>,
    closed: Vec<Hole>,
    /// Holes that there was no room for.
    pub more: u64,
    /// Numbers that came again.
    pub repeated: u64,
}

/// Holes that are remembered.
const MOST: usize = 1000;
/// A number so far below the others begins a new run: a boot, a start.
const RESET: u64 = 10_000;

impl Sequence {
    /// A number, and when it was written.
    pub fn see(&mut self, number: u64, second: i64) {
        let Some((high, before)) = self.high else {
            self.high = Some((number, second));
            self.begin = number;
            return;
        };
        if number > high {
            if number - high > 1 {
                if self.open.len() + self.closed.len() < MOST {
                    self.open.insert(high + 1, (number - 1, before, second));
                } else {
                    self.more += 1;
                }
            }
            self.high = Some((number, second));
        } else if number < self.begin && (number <= 1 || number.saturating_add(RESET) < high) {
            self.restart(number, second);
        } else {
            self.late(number);
        }
    }

    /// What follows is a run of its own, whatever its numbers.
    pub fn interrupt(&mut self) {
        self.close();
        self.high = None;
    }

    fn restart(&mut self, number: u64, second: i64) {
        self.close();
        self.high = Some((number, second));
        self.begin = number;
    }

    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.closed.extend(open.into_iter().map(|(first, (last, from, to))| Hole { first, last, from, to }));
    }

    /// One that comes after larger ones.
    fn late(&mut self, number: u64) {
        let hole = self.open.range(..=number).next_back().map(|(first, hole)| (*first, *hole));
        let Some((first, (last, from, to))) = hole.filter(|(_, (last, ..))| number <= *last) else {
            self.repeated += u64::from(number >= self.begin);
            self.begin = self.begin.min(number);
            return;
        };
        self.open.remove(&first);
        if first < number {
            self.open.insert(first, (number - 1, from, to));
        }
        if number < last && self.open.len() + self.closed.len() >= MOST {
            self.more += 1;
        } else if number < last {
            self.open.insert(number + 1, (last, from, to));
        }
    }

    /// Every hole so far, in order.
    pub fn holes(&self) -> Vec<Hole> {
        let open =
            self.open.iter().map(|(first, (last, from, to))| Hole { first: *first, last: *last, from: *from, to: *to });
        self.closed.iter().copied().chain(open).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holes(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
        let mut sequence = Sequence::default();
        numbers.into_iter().for_each(|number| sequence.see(number, 0));
        sequence.holes().iter().map(|hole| (hole.first, hole.last)).collect()
    }

    proptest! {
        #[test]
        fn whatever_run_is_taken_out_of_the_middle_is_found_and_nothing_else(
            begin in 0u64..1_000_000, count in 3u64..500, at in 1u64..500, length in 1u64..500
        ) {
            let end = begin + count;
            let first = begin + 1 + at % (count - 2);
            let last = (first + length - 1).min(end - 2);
            let kept = (begin..end).filter(|number| !(first..=last).contains(number));
            prop_assert_eq!(holes(kept), vec![(first, last)]);
            prop_assert_eq!(holes(begin..end), vec![]);
        }

        #[test]
        fn what_comes_late_is_no_hole(begin in 2u64..1_000_000, order in Just((0u64..64).collect::<Vec<_>>()).prop_shuffle()) {
            prop_assert_eq!(holes(order.into_iter().map(|number| begin + number)), vec![]);
        }

        #[test]
        fn any_numbers_at_all_take_no_more_than_their_room(numbers in prop::collection::vec(any::<u64>(), 0..4000)) {
            prop_assert!(holes(numbers).len() <= 2 * MOST);
        }
    }

    #[test]
    fn a_boot_begins_anew() {
        assert_eq!(holes((50_000..50_010).chain(1..10).chain([12])), [(10, 11)]);
    }
}
