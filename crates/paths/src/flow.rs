//! Minimum cut by maximum flow: Dinic's algorithm on integer capacities (E. A. Dinic 1970; the form with an explicit
//! stack, because the depth of a hostile graph is not ours to choose).
#![expect(
    clippy::indexing_slicing,
    reason = "places and arcs are numbered by this file, and checked where they come in"
)]

use std::collections::VecDeque;

/// More than any sum of capacities that can be paid.
pub(crate) const ENDLESS: u64 = u64::MAX / 8;

/// A directed network. Arc `2n` and arc `2n + 1` are each other's reverse.
pub(crate) struct Network {
    to: Vec<usize>,
    room: Vec<u64>,
    arcs: Vec<Vec<usize>>,
}

impl Network {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { to: Vec::new(), room: Vec::new(), arcs: vec![Vec::new(); nodes] }
    }

    pub(crate) fn node(&mut self) -> usize {
        self.arcs.push(Vec::new());
        self.arcs.len() - 1
    }

    /// An arc with `room`; gives its number.
    pub(crate) fn arc(&mut self, from: usize, to: usize, room: u64) -> usize {
        let number = self.to.len();
        self.to.extend([to, from]);
        self.room.extend([room, 0]);
        self.arcs[from].push(number);
        self.arcs[to].push(number + 1);
        number
    }

    /// Fills the network from `source` to `sink`. The value of the flow, or none where it has no bound.
    pub(crate) fn fill(&mut self, source: usize, sink: usize) -> Option<u64> {
        let mut value = 0u64;
        while let Some(level) = self.levels(source, sink) {
            let mut next = vec![0; self.arcs.len()];
            while let Some(pushed) = self.push(source, sink, &level, &mut next) {
                value = value.saturating_add(pushed);
                if value >= ENDLESS {
                    return None;
                }
            }
        }
        Some(value)
    }

    fn levels(&self, source: usize, sink: usize) -> Option<Vec<usize>> {
        let mut level = vec![usize::MAX; self.arcs.len()];
        let mut queue = VecDeque::from([source]);
        level[source] = 0;
        while let Some(node) = queue.pop_front() {
            for &arc in &self.arcs[node] {
                let to = self.to[arc];
                if self.room[arc] > 0 && level[to] == usize::MAX {
                    level[to] = level[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        (level[sink] != usize::MAX).then_some(level)
    }

    /// One more path from source to sink along growing levels, and what fits through it.
    fn push(&mut self, source: usize, sink: usize, level: &[usize], next: &mut [usize]) -> Option<u64> {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            let onward = loop {
                let Some(&arc) = self.arcs[node].get(next[node]) else { break None };
                if self.room[arc] > 0 && level[self.to[arc]] == level[node] + 1 {
                    break Some(arc);
                }
                next[node] += 1;
            };
            if let Some(arc) = onward {
                path.push(arc);
                node = self.to[arc];
            } else {
                // A dead end: step back, and never come here again at this level.
                let arc = path.pop()?;
                node = self.to[arc ^ 1];
                next[node] += 1;
            }
        }
        let pushed = path.iter().map(|&arc| self.room[arc]).min()?;
        for arc in path {
            self.room[arc] -= pushed;
            self.room[arc ^ 1] += pushed;
        }
        Some(pushed)
    }

    /// After [`Self::fill`]: the places from which more could still flow to `sink`. The arcs that lead into this side
    /// from outside are the minimum cut that lies nearest to the sink; it is the same whatever flow was found.
    pub(crate) fn sink_side(&self, sink: usize) -> Vec<bool> {
        let mut side = vec![false; self.arcs.len()];
        let mut stack = vec![sink];
        side[sink] = true;
        while let Some(node) = stack.pop() {
            for &arc in &self.arcs[node] {
                let from = self.to[arc];
                if self.room[arc ^ 1] > 0 && !side[from] {
                    side[from] = true;
                    stack.push(from);
                }
            }
        }
        side
    }

    /// Whether `arc` leads into `side` from outside.
    pub(crate) fn crosses(&self, arc: usize, side: &[bool]) -> bool {
        !side[self.to[arc ^ 1]] && side[self.to[arc]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_the_flow_is_that_of_the_narrowest_cut() {
        // Two ways of width 3 and 2 that meet before an arc of width 4.
        let mut network = Network::new(4);
        network.arc(0, 1, 3);
        network.arc(0, 2, 2);
        network.arc(1, 2, 9);
        let narrow = network.arc(2, 3, 4);
        assert_eq!(network.fill(0, 3), Some(4));
        let side = network.sink_side(3);
        assert!(network.crosses(narrow, &side));
    }

    #[test]
    fn flow_that_must_be_taken_back_is_taken_back() {
        let mut network = Network::new(4);
        for (from, to) in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)] {
            network.arc(from, to, 1);
        }
        assert_eq!(network.fill(0, 3), Some(2));
    }

    #[test]
    fn a_way_without_bound_has_no_cut() {
        let mut network = Network::new(2);
        network.arc(0, 1, ENDLESS);
        assert_eq!(network.fill(0, 1), None);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_places_needs_no_stack() {
        let mut network = Network::new(100_000);
        for node in 0..99_999 {
            network.arc(node, node + 1, 7);
        }
        assert_eq!(network.fill(0, 99_999), Some(7));
    }
}
