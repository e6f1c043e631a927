//! Who can reach whom, in a form that stays small: starts that reach the same places are told together.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::{Subject, SubjectKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::graph::Graph;

/// Places that reach the same others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReachGroup {
    /// The places.
    pub from: Vec<Subject>,
    /// They also reach one another.
    pub one_another: bool,
    /// What each of them reaches, beside one another. Networks are ways, not ends, and are left out.
    pub to: Vec<Subject>,
}

impl Graph {
    /// For every start, and for root on the host, what can be reached from there by whatever path.
    pub fn who_reaches_whom(&self) -> Vec<ReachGroup> {
        let mut starts = self.starts();
        starts.push(Subject::host_root());
        let none = vec![false; self.changes.len()];
        let starts: Vec<usize> = starts.iter().filter_map(|start| self.node(start)).collect();
        let mut told = vec![false; self.nodes.len()];
        let mut alone: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        let mut groups = Vec::new();
        for &node in &starts {
            if told.get(node) == Some(&true) {
                continue;
            }
            let from = BTreeSet::from([node]);
            let (onward, back) = (self.reached(&from, &none), self.reaching(&from, &none));
            let both = |other: &usize| onward.get(*other) == Some(&true) && back.get(*other) == Some(&true);
            // Those that reach one another reach the same: two looks at the graph do for all of them.
            let circle: BTreeSet<usize> = starts.iter().copied().filter(both).collect();
            for &member in &circle {
                if let Some(told) = told.get_mut(member) {
                    *told = true;
                }
            }
            let end = |node: usize| self.place(node).is_some_and(|place| place.kind != SubjectKind::Network);
            let reached: Vec<usize> = onward
                .iter()
                .enumerate()
                .filter(|(other, seen)| **seen && !circle.contains(other) && end(*other))
                .map(|(other, _)| other)
                .collect();
            if circle.len() > 1 {
                let members: Vec<usize> = circle.into_iter().collect();
                groups.push(self.group(&members, true, &reached));
            } else {
                alone.entry(reached).or_default().push(node);
            }
        }
        groups.extend(
            alone
                .iter()
                .filter(|(reached, _)| !reached.is_empty())
                .map(|(reached, members)| self.group(members, false, reached)),
        );
        groups.sort_by(|a, b| b.to.len().cmp(&a.to.len()).then_with(|| a.from.cmp(&b.from)));
        groups
    }

    fn group(&self, from: &[usize], one_another: bool, to: &[usize]) -> ReachGroup {
        let sorted = |nodes: &mut dyn Iterator<Item = usize>| {
            let mut subjects: Vec<Subject> = nodes.filter_map(|node| self.place(node).cloned()).collect();
            subjects.sort();
            subjects
        };
        ReachGroup { from: sorted(&mut from.iter().copied()), one_another, to: sorted(&mut to.iter().copied()) }
    }
}
