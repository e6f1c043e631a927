//! The fewest changes, weighted by effort, after which no path is left: a minimum cut over findings.
//!
//! A finding is one change, however many steps it opens, so it is one narrow arc of a flow network through which all of
//! its steps lead. That is exact where each of its starts leads to each of its ends, which is the rule. A finding whose
//! steps are of another form falls into groups of that form; as making the change closes all of them at once, both
//! possibilities (made, not made) are tried for each such finding. Only where there are too many of those to try
//! ([`MOST_WORK`]) is each group paid for by itself, and what proves needless afterwards is taken out again.
//!
//! Steps that no change closes (things as they are meant to be, and findings under an exception) cannot be cut. Whoever
//! gets to a goal by design alone is left out of the cut. For whoever gets there with the help of exceptions, the paths
//! that need none are cut: one exception must not hide every other door of the containers on the same network. Both are
//! told as paths that remain.
//!
//! The sum of efforts is minimal for one goal, or several, as long as that is one cut. Where exceptions, or goals that are
//! starts as well, make several cuts of it, each is minimal given those before it, and nothing in their sum is needless.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use keelguard_model::{AttackPath, FixStep, Subject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flow::{ENDLESS, Network};
use crate::graph::{Graph, rank};

/// Steps looked at while trying combinations, in all.
const MOST_WORK: usize = 4_000_000;

/// What to do first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixSet {
    /// The changes, those that close the easiest paths first.
    pub steps: Vec<FixStep>,
    /// The sum of their efforts; without exceptions, no smaller sum closes every path to the goal.
    pub effort: u32,
    /// Paths that remain after them: by design (a network that two containers share) or by an exception.
    pub uncuttable: Vec<AttackPath>,
}

/// A finding's steps, each start of which leads to each end (but to itself).
struct Group {
    change: usize,
    starts: BTreeSet<usize>,
    ends: BTreeSet<usize>,
}

/// What the cut does with steps that an exception covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    /// They are open and stay open.
    Open,
    /// Paths through them are accepted too; only the others are to be cut.
    Ignored,
}

/// Starts to part from goals.
struct Task {
    starts: BTreeSet<usize>,
    goals: BTreeSet<usize>,
    accepted: Accepted,
}

/// What is done about a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// The cut may make the change, and pays for it.
    Offered,
    /// It is not made.
    Left,
    /// It is made already.
    Made,
}

impl Graph {
    /// The fewest changes, weighted by effort, after which no path leads from any of `starts` to any of `goals`, except
    /// those that no change closes.
    pub fn fix_set(&self, starts: &[Subject], goals: &[Subject]) -> FixSet {
        let chosen = self.changes_that_cut(&self.nodes_of(starts), &self.nodes_of(goals));
        let mut cuts: HashMap<&str, HashSet<Subject>> = HashMap::new();
        let mut easiest: HashMap<String, u32> = HashMap::new();
        let fingerprints: HashSet<&str> = self.made(&chosen).map(|change| change.fingerprint.as_str()).collect();
        for path in self.paths(starts, goals) {
            for print in path.steps.iter().filter_map(|step| step.fingerprint.as_deref()) {
                if let Some(&known) = fingerprints.get(print) {
                    cuts.entry(known).or_default().insert(path.from.clone());
                    let cost = easiest.entry(known.to_owned()).or_insert(path.cost);
                    *cost = path.cost.min(*cost);
                }
            }
        }
        let mut steps: Vec<FixStep> = self
            .made(&chosen)
            .map(|change| FixStep {
                rules: vec![change.rule.clone()],
                findings: vec![change.fingerprint.clone()],
                subject: change.subject.clone(),
                summary: change.summary.clone(),
                commands: change.commands.clone(),
                snippets: change.snippets.clone(),
                effort: change.weight,
                cuts: cuts.get(change.fingerprint.as_str()).map_or(0, HashSet::len),
            })
            .collect();
        // The door that stands widest open first; what is on no cheapest path last.
        let cost = |step: &FixStep| step.findings.iter().filter_map(|print| easiest.get(print)).min().copied();
        let openness = |step: &FixStep| cost(step).unwrap_or(u32::MAX);
        steps.sort_by(|a, b| {
            let by_openness = openness(a).cmp(&openness(b));
            by_openness
                .then_with(|| (b.cuts, a.effort, &a.rules).cmp(&(a.cuts, b.effort, &b.rules)))
                .then_with(|| rank(&a.subject).cmp(&rank(&b.subject)))
                .then_with(|| a.subject.cmp(&b.subject))
                .then_with(|| a.findings.cmp(&b.findings))
        });
        FixSet {
            effort: steps.iter().fold(0, |sum: u32, step| sum.saturating_add(step.effort)),
            steps,
            uncuttable: self.paths_without(starts, goals, &chosen),
        }
    }

    fn made(&self, chosen: &[bool]) -> impl Iterator<Item = &crate::graph::Change> {
        self.changes.iter().zip(chosen.to_vec()).filter(|(_, chosen)| *chosen).map(|(change, _)| change)
    }

    fn nodes_of(&self, subjects: &[Subject]) -> BTreeSet<usize> {
        subjects.iter().filter_map(|subject| self.node(subject)).collect()
    }

    /// For each change whether the fix set makes it.
    pub(crate) fn changes_that_cut(&self, starts: &BTreeSet<usize>, goals: &BTreeSet<usize>) -> Vec<bool> {
        let mut chosen = vec![false; self.changes.len()];
        let tasks = self.tasks(starts, goals);
        let mut exact = tasks.len() < 2;
        for task in &tasks {
            exact &= self.cut(task, &mut chosen);
        }
        let closed = |chosen: &[bool]| {
            tasks.iter().all(|task| {
                let side = self.reaching(&task.goals, &self.with_accepted(chosen, task.accepted));
                task.starts.iter().all(|&start| side.get(start) != Some(&true))
            })
        };
        if !exact {
            self.drop_needless(&mut chosen, closed);
        }
        debug_assert!(closed(&chosen), "the fix set leaves a path");
        chosen
    }

    /// What is to be cut: goals to which the same can be done share a task.
    fn tasks(&self, starts: &BTreeSet<usize>, goals: &BTreeSet<usize>) -> Vec<Task> {
        let all_made: Vec<bool> = self.changes.iter().map(|change| !change.accepted).collect();
        let everything = vec![true; self.changes.len()];
        let mut by_lost: BTreeMap<(BTreeSet<usize>, BTreeSet<usize>), BTreeSet<usize>> = BTreeMap::new();
        for &goal in goals {
            let lost = |made: &[bool]| -> BTreeSet<usize> {
                let side = self.reaching(&BTreeSet::from([goal]), made);
                starts.iter().copied().filter(|&start| side.get(start) == Some(&true)).collect()
            };
            by_lost.entry((lost(&all_made), lost(&everything))).or_default().insert(goal);
        }
        let mut tasks = Vec::new();
        for ((lost, by_design), goals) in by_lost {
            let whole = starts.difference(&lost).copied().collect();
            let beside = lost.difference(&by_design).copied().collect();
            tasks.push(Task { starts: whole, goals: goals.clone(), accepted: Accepted::Open });
            tasks.push(Task { starts: beside, goals, accepted: Accepted::Ignored });
        }
        tasks.retain(|task| {
            let side = self.reaching(&task.goals, &self.with_accepted(&[], task.accepted));
            task.starts.iter().any(|&start| side.get(start) == Some(&true))
        });
        tasks
    }

    /// The changes in `chosen`, and those under an exception where their steps are to be ignored.
    fn with_accepted(&self, chosen: &[bool], accepted: Accepted) -> Vec<bool> {
        let ignored = accepted == Accepted::Ignored;
        let made = |(at, change): (usize, &crate::graph::Change)| {
            chosen.get(at) == Some(&true) || (ignored && change.accepted)
        };
        self.changes.iter().enumerate().map(made).collect()
    }

    /// Takes out what is not needed, the dearest first.
    fn drop_needless(&self, chosen: &mut [bool], closed: impl Fn(&[bool]) -> bool) {
        let mut made: Vec<usize> = (0..chosen.len()).filter(|&change| chosen.get(change) == Some(&true)).collect();
        made.sort_by_key(|&change| std::cmp::Reverse(self.changes.get(change).map_or(0, |change| change.weight)));
        for change in made {
            set(chosen, change, false);
            if !closed(chosen) {
                set(chosen, change, true);
            }
        }
    }

    /// Adds to `chosen` the cheapest changes that do the task. True where no cheaper ones exist.
    fn cut(&self, task: &Task, chosen: &mut [bool]) -> bool {
        let Task { starts, goals, accepted } = task;
        let made_before = self.with_accepted(chosen, *accepted);
        let (onward, back) = (self.reached(starts, &made_before), self.reaching(goals, &made_before));
        if !starts.iter().any(|&start| back.get(start) == Some(&true)) {
            return true;
        }
        let on_the_way: Vec<bool> = self
            .edges
            .iter()
            .map(|edge| onward.get(edge.from) == Some(&true) && back.get(edge.to) == Some(&true))
            .collect();
        let groups = self.groups(&on_the_way);
        let mut count: BTreeMap<usize, usize> = BTreeMap::new();
        for group in groups.iter().filter(|group| !self.accepted(group.change)) {
            *count.entry(group.change).or_default() += 1;
        }
        let split: Vec<usize> = count.into_iter().filter(|(_, groups)| *groups > 1).map(|(change, _)| change).collect();
        let work = |tries: usize| tries.saturating_mul(self.edges.len());
        let exact = split.len() < 20 && work(1 << split.len()) <= MOST_WORK;
        let mut best: Option<(u64, Vec<usize>)> = None;
        for mask in 0..if exact { 1usize << split.len() } else { 1 } {
            let made: Vec<usize> =
                split.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, &change)| change).collect();
            let choice = |change: usize| {
                if made_before.get(change) == Some(&true) || made.contains(&change) {
                    Choice::Made
                } else if self.accepted(change) || (exact && split.contains(&change)) {
                    Choice::Left
                } else {
                    Choice::Offered
                }
            };
            let price: u64 = made.iter().map(|&change| self.price(change)).sum();
            if best.as_ref().is_some_and(|(least, _)| *least <= price) {
                continue;
            }
            let Some((flow, cut)) = self.flow(starts, goals, &on_the_way, &groups, choice) else { continue };
            if best.as_ref().is_none_or(|(least, _)| flow.saturating_add(price) < *least) {
                best = Some((flow.saturating_add(price), cut.into_iter().chain(made).collect()));
            }
        }
        for change in best.into_iter().flat_map(|(_, changes)| changes) {
            set(chosen, change, true);
        }
        exact
    }

    /// The value of the minimum cut, and the changes that it makes; none where a way without bound is left.
    fn flow(
        &self,
        starts: &BTreeSet<usize>,
        goals: &BTreeSet<usize>,
        on_the_way: &[bool],
        groups: &[Group],
        choice: impl Fn(usize) -> Choice,
    ) -> Option<(u64, Vec<usize>)> {
        let mut network = Network::new(self.nodes.len());
        let (source, sink) = (network.node(), network.node());
        for &start in starts {
            network.arc(source, start, ENDLESS);
        }
        for &goal in goals {
            network.arc(goal, sink, ENDLESS);
        }
        for (edge, _) in self.edges.iter().zip(on_the_way).filter(|(edge, used)| **used && edge.change().is_none()) {
            network.arc(edge.from, edge.to, ENDLESS);
        }
        let mut narrow = Vec::with_capacity(groups.len());
        for group in groups {
            let room = match choice(group.change) {
                Choice::Made => continue,
                Choice::Left => ENDLESS,
                Choice::Offered => self.price(group.change),
            };
            let mut gather = |crowd: &BTreeSet<usize>, inward: bool| match crowd.first() {
                Some(&only) if crowd.len() == 1 => only,
                _ => {
                    let hinge = network.node();
                    for &member in crowd {
                        let (from, to) = if inward { (member, hinge) } else { (hinge, member) };
                        network.arc(from, to, ENDLESS);
                    }
                    hinge
                }
            };
            let (from, to) = (gather(&group.starts, true), gather(&group.ends, false));
            narrow.push((network.arc(from, to, room), group.change));
        }
        let flow = network.fill(source, sink)?;
        let side = network.sink_side(sink);
        let cut: BTreeSet<usize> =
            narrow.into_iter().filter(|(arc, _)| network.crosses(*arc, &side)).map(|(_, change)| change).collect();
        Some((flow, cut.into_iter().collect()))
    }

    /// Effort first, then number: of equal efforts the fewer changes.
    fn price(&self, change: usize) -> u64 {
        let weight = self.changes.get(change).map_or(1, |change| u64::from(change.weight));
        weight.saturating_mul(self.changes.len() as u64 + 1).saturating_add(1).min(ENDLESS)
    }

    fn accepted(&self, change: usize) -> bool {
        self.changes.get(change).is_some_and(|change| change.accepted)
    }

    /// The steps of each change that lie between starts and goals, in groups.
    fn groups(&self, on_the_way: &[bool]) -> Vec<Group> {
        let mut groups = Vec::new();
        for (number, change) in self.changes.iter().enumerate() {
            let pairs: BTreeSet<(usize, usize)> = change
                .edges
                .iter()
                .filter(|&&edge| on_the_way.get(edge) == Some(&true))
                .filter_map(|&edge| self.edges.get(edge).map(|edge| (edge.from, edge.to)))
                .collect();
            let starts: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
            let ends: BTreeSet<usize> = pairs.iter().map(|pair| pair.1).collect();
            let complete = starts.len() * ends.len() - starts.intersection(&ends).count();
            if pairs.is_empty() {
                continue;
            }
            if pairs.len() == complete {
                groups.push(Group { change: number, starts, ends });
                continue;
            }
            let mut ends_of: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (from, to) in pairs {
                ends_of.entry(from).or_default().insert(to);
            }
            let mut starts_of: BTreeMap<BTreeSet<usize>, BTreeSet<usize>> = BTreeMap::new();
            for (from, ends) in ends_of {
                starts_of.entry(ends).or_default().insert(from);
            }
            groups.extend(starts_of.into_iter().map(|(ends, starts)| Group { change: number, starts, ends }));
        }
        groups
    }

    /// Which places are reached from `starts`, the changes in `made` being made.
    pub(crate) fn reached(&self, starts: &BTreeSet<usize>, made: &[bool]) -> Vec<bool> {
        self.spread(starts, made, |node| self.out.of(node), |edge| edge.to)
    }

    /// Which places reach one of `goals`, the changes in `made` being made.
    pub(crate) fn reaching(&self, goals: &BTreeSet<usize>, made: &[bool]) -> Vec<bool> {
        self.spread(goals, made, |node| self.into.of(node), |edge| edge.from)
    }

    fn spread<'a>(
        &'a self,
        from: &BTreeSet<usize>,
        made: &[bool],
        row: impl Fn(usize) -> &'a [usize],
        other: impl Fn(&crate::graph::Edge) -> usize,
    ) -> Vec<bool> {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack: Vec<usize> = from.iter().copied().collect();
        for &node in from {
            set(&mut seen, node, true);
        }
        while let Some(node) = stack.pop() {
            for edge in row(node).iter().filter_map(|&number| self.edges.get(number)) {
                if edge.change().is_some_and(|change| made.get(change) == Some(&true)) {
                    continue;
                }
                let next = other(edge);
                if seen.get(next) == Some(&false) {
                    set(&mut seen, next, true);
                    stack.push(next);
                }
            }
        }
        seen
    }
}

fn set(flags: &mut [bool], at: usize, value: bool) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = value;
    }
}
