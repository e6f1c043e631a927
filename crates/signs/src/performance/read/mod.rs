//! Values of many metrics from elsewhere, for nodes: sysstat's files and the answers of a Prometheus server.

pub mod prometheus;
pub mod sysstat;

use std::collections::BTreeMap;

use keelguard_model::Incomplete;

use super::node::Node;

/// Nodes that are watched at once.
pub const NODES: usize = 2_000;

/// What was read, node by node.
#[derive(Debug, Default)]
pub struct Gathered {
    /// By name.
    pub nodes: BTreeMap<String, Node>,
    /// Values that were read.
    pub values: u64,
    /// Records, or rows, that they stood in.
    pub records: u64,
    /// The first and the last second.
    pub times: Option<(i64, i64)>,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
    /// Values of nodes beyond as many as are watched.
    pub refused: u64,
}

impl Gathered {
    /// Has a value judged.
    pub fn see(&mut self, node: &str, metric: &str, second: i64, value: f64) {
        if !self.nodes.contains_key(node) {
            if self.nodes.len() >= NODES {
                self.refused += 1;
                return;
            }
            self.nodes.insert(node.to_owned(), Node::default());
        }
        let Some(known) = self.nodes.get_mut(node) else { return };
        self.values += 1;
        self.times = Some(self.times.map_or((second, second), |(from, to)| (from.min(second), to.max(second))));
        known.see(metric, second, value);
    }
}
