//! The cheapest path between places, and everything one place reaches. Costs add up; of equally cheap paths the one with
//! fewer steps is taken, and of those the one whose findings come first, so that two runs say the same.
#![expect(clippy::indexing_slicing, reason = "the vectors here have one entry for each place, by its number")]

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use keelguard_model::{AttackPath, PathStep, Subject, SubjectKind};

use crate::graph::{Graph, rank};

/// No step: the root of a tree, or a place that it does not reach.
const NONE: usize = usize::MAX;
const FAR: (u64, u32) = (u64::MAX, u32::MAX);

/// Which way a tree grows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From a start to all that it reaches.
    Onward,
    /// From an end to all that reach it.
    Back,
}

/// The cheapest paths between one place and all others.
pub(crate) struct Tree {
    root: usize,
    way: Way,
    /// Cost, then number of steps.
    far: Vec<(u64, u32)>,
    /// The step towards the root.
    step: Vec<usize>,
}

impl Tree {
    /// Dijkstra's. `closed` tells which changes have been made; their steps are gone.
    pub(crate) fn grow(graph: &Graph, root: usize, way: Way, closed: &[bool]) -> Self {
        let mut far = vec![FAR; graph.nodes.len()];
        let mut step = vec![NONE; graph.nodes.len()];
        let mut next = BinaryHeap::new();
        far[root] = (0, 0);
        next.push(Reverse((far[root], root)));
        while let Some(Reverse((here, node))) = next.pop() {
            if here > far[node] {
                continue;
            }
            let rows = if way == Way::Onward { &graph.out } else { &graph.into };
            for &number in rows.of(node) {
                let edge = &graph.edges[number];
                if edge.change().is_some_and(|change| closed.get(change) == Some(&true)) {
                    continue;
                }
                let other = if way == Way::Onward { edge.to } else { edge.from };
                // Steps always grow, so that a circle of free steps can never look better than no circle.
                let there = (here.0 + u64::from(edge.cost), here.1 + 1);
                if there < far[other] {
                    far[other] = there;
                    step[other] = number;
                    next.push(Reverse((there, other)));
                } else if there == far[other] && number < step[other] {
                    step[other] = number;
                }
            }
        }
        Self { root, way, far, step }
    }

    /// The cost between the root and `node`.
    pub(crate) fn cost(&self, node: usize) -> Option<u32> {
        let far = self.far.get(node)?;
        (*far != FAR).then(|| u32::try_from(far.0).unwrap_or(u32::MAX))
    }

    /// The steps between the root and `node`, from start to end.
    fn edges(&self, graph: &Graph, node: usize) -> Vec<usize> {
        let mut edges = Vec::new();
        let mut at = node;
        while at != self.root {
            let Some(edge) = self.step.get(at).and_then(|&number| graph.edges.get(number)) else { return Vec::new() };
            edges.push(self.step[at]);
            at = if self.way == Way::Onward { edge.from } else { edge.to };
        }
        if self.way == Way::Onward {
            edges.reverse();
        }
        edges
    }

    /// The path between the root and `node`, as it is shown.
    pub(crate) fn path(&self, graph: &Graph, node: usize) -> Option<AttackPath> {
        let cost = self.cost(node).filter(|_| node != self.root)?;
        let (from, to) = if self.way == Way::Onward { (self.root, node) } else { (node, self.root) };
        let steps = graph.told(from, &self.edges(graph, node));
        Some(AttackPath { from: graph.place(from)?.clone(), to: graph.place(to)?.clone(), cost, steps })
    }
}

impl Graph {
    /// The cheapest path, or none.
    pub fn cheapest(&self, from: &Subject, to: &Subject) -> Option<AttackPath> {
        Tree::grow(self, self.node(from)?, Way::Onward, &[]).path(self, self.node(to)?)
    }

    /// The cheapest path to root on the host from each start that has one: the internet's first, then by cost.
    pub fn paths_to_host(&self) -> Vec<AttackPath> {
        self.paths(&self.starts(), &[Subject::host_root()])
    }

    /// The cheapest path from each of `starts` to each of `goals`, where there is one: the internet's first, then by
    /// cost. What is both start and goal needs no path to itself.
    pub fn paths(&self, starts: &[Subject], goals: &[Subject]) -> Vec<AttackPath> {
        self.paths_without(starts, goals, &[])
    }

    pub(crate) fn paths_without(&self, starts: &[Subject], goals: &[Subject], closed: &[bool]) -> Vec<AttackPath> {
        let nodes = |subjects: &[Subject]| -> BTreeSet<usize> {
            subjects.iter().filter_map(|subject| self.node(subject)).collect()
        };
        let (starts, goals) = (nodes(starts), nodes(goals));
        let (roots, others, way) =
            if goals.len() <= starts.len() { (goals, starts, Way::Back) } else { (starts, goals, Way::Onward) };
        let mut paths = Vec::new();
        for root in roots {
            let tree = Tree::grow(self, root, way, closed);
            paths.extend(others.iter().filter_map(|&other| tree.path(self, other)));
        }
        paths.sort_by(|a: &AttackPath, b| {
            // Not by the number of steps: of two paths at one cost either may have been found, by the order of findings.
            let key = |path: &AttackPath| (rank(&path.from), path.cost);
            key(a).cmp(&key(b)).then_with(|| a.from.cmp(&b.from)).then_with(|| a.to.cmp(&b.to))
        });
        paths
    }

    /// What `from` reaches, and at which cost; the nearest first. Networks are ways, not ends, and are left out.
    pub fn reach(&self, from: &Subject) -> Vec<(Subject, u32)> {
        let Some(root) = self.node(from) else { return Vec::new() };
        let tree = Tree::grow(self, root, Way::Onward, &[]);
        let mut reached: Vec<(Subject, u32)> = (0..self.nodes.len())
            .filter(|&node| node != root)
            .filter_map(|node| Some((self.place(node)?.clone(), tree.cost(node)?)))
            .filter(|(place, _)| place.kind != SubjectKind::Network)
            .collect();
        reached.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        reached
    }

    /// Steps in words: what goes through a hinge becomes one step from place to place.
    fn told(&self, start: usize, edges: &[usize]) -> Vec<PathStep> {
        let Some(mut from) = self.place(start) else { return Vec::new() };
        let mut steps = Vec::new();
        let mut open = None;
        for edge in edges.iter().filter_map(|&number| self.edges.get(number)) {
            if !matches!(edge.why, crate::graph::Why::Silent) {
                open = Some(edge);
            }
            let Some(to) = self.place(edge.to) else { continue };
            steps.extend(open.take().and_then(|edge| self.shown(edge, from, to)));
            from = to;
        }
        steps
    }
}
