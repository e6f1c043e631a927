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
        let mut starts: Vec<Subject> = self.starts();
        starts.push(Subject::host_root());
        let none = vec![false; self.changes.len()];
        // The same set with the start in it: those that reach one another have it in common.
        let mut circles: BTreeMap<BTreeSet<usize>, Vec<usize>> = BTreeMap::new();
        let mut alone: BTreeMap<BTreeSet<usize>, Vec<usize>> = BTreeMap::new();
        for node in starts.iter().filter_map(|start| self.node(start)) {
            circles.entry(self.ends(node, &none)).or_default().push(node);
        }
        let mut groups = Vec::new();
        for (mut reached, members) in circles {
            for member in &members {
                reached.remove(member);
            }
            if members.len() > 1 {
                groups.push(self.group(&members, true, &reached));
            } else {
                alone.entry(reached).or_default().extend(members);
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

    fn ends(&self, node: usize, made: &[bool]) -> BTreeSet<usize> {
        let seen = self.reached(&BTreeSet::from([node]), made);
        let end = |&node: &usize| self.place(node).is_some_and(|place| place.kind != SubjectKind::Network);
        seen.iter().enumerate().filter(|(_, seen)| **seen).map(|(node, _)| node).filter(end).collect()
    }

    fn group(&self, from: &[usize], one_another: bool, to: &BTreeSet<usize>) -> ReachGroup {
        let sorted = |nodes: &mut dyn Iterator<Item = usize>| {
            let mut subjects: Vec<Subject> = nodes.filter_map(|node| self.place(node).cloned()).collect();
            subjects.sort();
            subjects
        };
        ReachGroup { from: sorted(&mut from.iter().copied()), one_another, to: sorted(&mut to.iter().copied()) }
    }
}
