//! `keelguard paths --format json`.

use keelguard_model::{AttackPath, PathStep, Subject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::graph::{Graph, Key, Node, Why};
use crate::{FixSet, ReachGroup};

/// The schema's name and version.
pub const PATHS_SCHEMA: &str = "keelguard.paths/1";

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeReport {
    /// Which.
    pub subject: Subject,
    /// Attackers may stand here at first.
    pub start: bool,
}

/// A step. A container named `*` without an id is every container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeReport {
    /// From where to where, how, and how hard.
    #[serde(flatten)]
    pub step: PathStep,
    /// The finding that opens it is covered by an exception.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
}

/// The graph and its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathsReport {
    /// [`PATHS_SCHEMA`].
    pub schema: String,
    /// All places.
    pub nodes: Vec<NodeReport>,
    /// All steps.
    pub edges: Vec<EdgeReport>,
    /// The cheapest path of each pair that was asked for.
    pub paths: Vec<AttackPath>,
    /// The fewest changes that close them, and every dearer one between the same places.
    pub fix_set: FixSet,
    /// Who can reach whom.
    pub reach: Vec<ReachGroup>,
}

impl Graph {
    /// The graph with its answers for paths from `starts` to `goals`.
    pub fn report(&self, starts: &[Subject], goals: &[Subject]) -> PathsReport {
        let mut nodes: Vec<NodeReport> =
            self.starts().into_iter().map(|subject| NodeReport { subject, start: true }).collect();
        let known: std::collections::HashSet<Subject> = nodes.iter().map(|node| node.subject.clone()).collect();
        let others = self.places().filter(|place| !known.contains(place)).cloned();
        nodes.extend(others.map(|subject| NodeReport { subject, start: false }));
        PathsReport {
            schema: PATHS_SCHEMA.to_owned(),
            nodes,
            edges: self.edge_reports(),
            paths: self.paths(starts, goals),
            fix_set: self.fix_set(starts, goals),
            reach: self.who_reaches_whom(),
        }
    }

    /// Steps as they are shown: hinges over networks are spelled out as steps between places.
    fn edge_reports(&self) -> Vec<EdgeReport> {
        let everyone = Subject::any_container();
        let wildcards = [Key::EveryContainerFrom, Key::EveryContainerTo].map(|key| self.index.get(&key).copied());
        let end = |node: usize| match self.nodes.get(node) {
            Some(Node::Place(subject)) => Some(subject),
            _ => wildcards.contains(&Some(node)).then_some(&everyone),
        };
        let mut reports = Vec::with_capacity(self.edges.len());
        for edge in self.edges.iter().filter(|edge| !matches!(edge.why, Why::Silent)) {
            let accepted =
                edge.change().and_then(|change| self.changes.get(change)).is_some_and(|change| change.accepted);
            let Some(to) = end(edge.to) else { continue };
            let report = |from: &Subject| self.shown(edge, from, to).map(|step| EdgeReport { step, accepted });
            if let Some(from) = end(edge.from) {
                reports.extend(report(from));
            } else {
                let members = self.into.of(edge.from).iter().filter_map(|&number| self.edges.get(number));
                reports.extend(members.filter_map(|member| end(member.from)).filter_map(report));
            }
        }
        reports
    }
}
