//! From facts and findings to the graph.

use std::collections::HashMap;

use keelguard_host::Facts;
use keelguard_model::{Effort, Finding, Subject, SubjectKind, find_rule};

use crate::graph::{Change, Edge, Graph, Key, Node, Rows, Why};
use crate::structure;

impl Graph {
    /// The graph of `facts` with the steps that `findings` open. A finding under an exception still opens its steps: the
    /// risk is accepted, not gone; but no fix set proposes to close it. A finding that occurs twice counts once.
    pub fn build(facts: &Facts, findings: &[Finding]) -> Self {
        Self::build_weighed(facts, findings, |finding| {
            find_rule(&finding.rule).map_or(Effort::Upgrade, |rule| rule.effort).weight()
        })
    }

    pub(crate) fn build_weighed(facts: &Facts, findings: &[Finding], weigh: impl Fn(&Finding) -> u32) -> Self {
        let mut draft = Draft::default();
        draft.place(&Subject::internet());
        draft.place(&Subject::host_root());
        for container in facts.containers() {
            draft.place(&container.subject());
        }
        let mut seen: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in findings.iter().filter(|finding| !finding.reaches.is_empty()) {
            let twins = seen.entry(&finding.fingerprint).or_default();
            // The evidence of two problems differs even where a rule forgot to tell their fingerprints apart. Only the
            // last twin is compared, so that a crowd of them costs no more than its number.
            if twins.last().is_some_and(|twin| same_problem(twin, finding)) {
                continue;
            }
            twins.push(finding);
            draft.finding(finding, weigh(finding).max(1));
        }
        structure::networks(facts, &mut draft);
        structure::powers(&mut draft);
        draft.finish()
    }
}

fn same_problem(a: &Finding, b: &Finding) -> bool {
    a.rule == b.rule && a.subject == b.subject && a.evidence == b.evidence && a.reaches == b.reaches
}

/// The graph while it is made.
#[derive(Default)]
pub(crate) struct Draft {
    graph: Graph,
}

impl Draft {
    /// The place of `subject`, new or known.
    pub(crate) fn place(&mut self, subject: &Subject) -> usize {
        let key = Key::Place(subject.clone());
        if let Some(&node) = self.graph.index.get(&key) {
            return node;
        }
        let node = self.graph.nodes.len();
        self.graph.nodes.push(Node::Place(subject.clone()));
        self.graph.index.insert(key, node);
        node
    }

    /// A new hinge.
    pub(crate) fn hinge(&mut self) -> usize {
        self.graph.nodes.push(Node::Hinge);
        self.graph.nodes.len() - 1
    }

    pub(crate) fn known(&self, subject: &Subject) -> Option<usize> {
        self.graph.node(subject)
    }

    pub(crate) fn containers(&self) -> Vec<usize> {
        let nodes = self.graph.nodes.iter().enumerate();
        nodes
            .filter(|(_, node)| matches!(node, Node::Place(place) if place.kind == SubjectKind::Container))
            .map(|(number, _)| number)
            .collect()
    }

    pub(crate) fn silent(&mut self, from: usize, to: usize) {
        self.graph.edges.push(Edge { from, to, cost: 0, why: Why::Silent });
    }

    pub(crate) fn given(&mut self, from: usize, to: usize, cost: u32, how: &'static str) {
        if from != to {
            self.graph.edges.push(Edge { from, to, cost, why: Why::Given(how) });
        }
    }

    fn end(&mut self, subject: &Subject, everyone: Key) -> usize {
        let wildcard = subject.kind == SubjectKind::Container && subject.id.is_none() && subject.name == "*";
        if !wildcard {
            return self.place(subject);
        }
        if let Some(&node) = self.graph.index.get(&everyone) {
            return node;
        }
        let node = self.hinge();
        self.graph.index.insert(everyone, node);
        node
    }

    fn finding(&mut self, finding: &Finding, weight: u32) {
        let change = self.graph.changes.len();
        let mut edges = Vec::with_capacity(finding.reaches.len());
        for reach in &finding.reaches {
            let from = self.end(&reach.from, Key::EveryContainerFrom);
            let to = self.end(&reach.to, Key::EveryContainerTo);
            if from == to {
                continue;
            }
            edges.push(self.graph.edges.len());
            let why = Why::Finding { change, how: reach.how.as_str().into(), needs: reach.needs.clone().into() };
            self.graph.edges.push(Edge { from, to, cost: reach.cost, why });
        }
        self.graph.changes.push(Change {
            rule: finding.rule.clone(),
            fingerprint: finding.fingerprint.clone(),
            subject: finding.subject.clone(),
            summary: finding.fix.summary.clone(),
            commands: finding.fix.commands.clone(),
            snippets: finding.fix.snippets.clone(),
            weight,
            accepted: finding.suppressed.is_some(),
            edges,
        });
    }

    fn finish(mut self) -> Graph {
        // Only now are all containers known: findings may name some that the facts do not.
        for (key, outward) in [(Key::EveryContainerFrom, false), (Key::EveryContainerTo, true)] {
            let Some(&hinge) = self.graph.index.get(&key) else { continue };
            for container in self.containers() {
                if outward {
                    self.silent(hinge, container);
                } else {
                    self.silent(container, hinge);
                }
            }
        }
        let mut graph = self.graph;
        graph.out = Rows::new(graph.nodes.len(), &graph.edges, |edge| edge.from);
        graph.into = Rows::new(graph.nodes.len(), &graph.edges, |edge| edge.to);
        graph
    }
}
