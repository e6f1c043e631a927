//! The order of a log's lines by their times. A log daemon appends: times grow, but for what queues, starts and clocks that
//! are set do to them. Lines that lie far behind those above them were moved, or the clock was set back and nobody says so.

use serde::{Deserialize, Serialize};

/// A place where times run backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disorder {
    /// The number of the first line that lies behind.
    pub line: u64,
    /// How many do.
    pub lines: u64,
    /// The latest time above, in seconds.
    pub from: i64,
    /// The time to which it went back.
    pub to: i64,
    /// Whether times jump back to where they were: lines that were put there. Else the clock.
    pub moved: bool,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    high: Option<i64>,
    behind: Option<Behind>,
    /// Until this line, times may run backwards.
    excused: u64,
    found: Vec<Disorder>,
    /// Those that there was no room for.
    pub more: u64,
}

/// Lines that lie behind.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Behind {
    line: u64,
    lines: u64,
    from: i64,
    to: i64,
    last: i64,
}

/// Queues of log daemons and late senders explain so many seconds.
pub const LATE: i64 = 300;
/// A start, and a clock that was set, explain what stands so many lines before and after.
const AROUND: u64 = 200;
/// A log that stays behind for so many lines does not come back.
const LONG: u64 = 20_000;
const MOST: usize = 200;

impl Order {
    /// Something at this line explains times that run backwards.
    pub fn excuse(&mut self, line: u64) {
        self.excused = line + AROUND;
        self.behind = None;
        self.found.retain(|disorder| disorder.line + disorder.lines + AROUND < line);
        self.high = None;
    }

    /// A line's time, in seconds.
    pub fn see(&mut self, line: u64, second: i64) {
        let Some(high) = self.high else {
            self.high = Some(second);
            return;
        };
        if let Some(behind) = &mut self.behind {
            if second + LATE >= behind.from || behind.lines >= LONG {
                // A clock that was set back crawls past where it was; lines that were moved end, and the log goes on.
                let step = behind.from - behind.to;
                let moved = behind.lines < LONG && second - behind.last > step / 2;
                let Behind { line, lines, from, to, .. } = *behind;
                self.behind = None;
                self.add(Disorder { line, lines, from, to, moved });
                self.high = Some(second);
            } else {
                behind.lines += 1;
                behind.last = second;
                behind.to = behind.to.min(second);
            }
        } else if second + LATE < high {
            if line <= self.excused {
                self.high = Some(second);
            } else {
                self.behind = Some(Behind { line, lines: 1, from: high, to: second, last: second });
            }
        } else {
            self.high = Some(high.max(second));
        }
    }

    fn add(&mut self, disorder: Disorder) {
        if self.found.len() < MOST {
            self.found.push(disorder);
        } else {
            self.more += 1;
        }
    }

    /// What was found so far; what still lies behind at the end counts as a clock that was set.
    pub fn found(&self) -> Vec<Disorder> {
        let last =
            self.behind.map(|Behind { line, lines, from, to, .. }| Disorder { line, lines, from, to, moved: false });
        self.found.iter().copied().chain(last).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(times: &[i64]) -> Vec<(u64, u64, bool)> {
        let mut order = Order::default();
        for (line, time) in (1u64..).zip(times) {
            order.see(line, *time);
        }
        order.found().iter().map(|found| (found.line, found.lines, found.moved)).collect()
    }

    proptest! {
        #[test]
        fn a_block_that_was_moved_is_found(from in 0usize..200, length in 1usize..30, to in 300usize..400) {
            let mut times: Vec<i64> = (0..500).map(|line| line * 60).collect();
            let block: Vec<i64> = times.drain(from..from + length).collect();
            times.splice(to..to, block);
            prop_assert_eq!(found(&times), vec![(to as u64 + 1, length as u64, true)]);
        }

        #[test]
        fn what_queues_do_is_silent(late in prop::collection::vec(0i64..LATE, 500)) {
            let times: Vec<i64> = (0..500i64).zip(late).map(|(line, late)| line * 60 - late).collect();
            prop_assert_eq!(found(&times), vec![]);
        }
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_from_lines_that_were_moved() {
        let times: Vec<i64> = (0..100).map(|line| line * 60).chain((0..200).map(|line| 2400 + line * 60)).collect();
        assert_eq!(found(&times), [(101, 54, false)]);
    }

    #[test]
    fn what_says_that_the_clock_was_set_excuses_it_before_and_after() {
        let mut order = Order::default();
        (1..100).for_each(|line| order.see(line, 10_000 + 60 * i64::try_from(line).unwrap()));
        order.see(100, 5000);
        order.see(101, 5010);
        order.excuse(102);
        order.see(103, 5020);
        order.see(104, 1000);
        order.see(105, 1010);
        assert_eq!(order.found(), []);
    }
}
