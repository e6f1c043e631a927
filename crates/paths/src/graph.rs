//! The graph itself: places, steps between them, and the changes that close steps. Numbers of places, steps and changes
//! are given out by `build` and never leave the crate.

use std::borrow::Cow;
use std::collections::HashMap;

use keelguard_model::{PathStep, Snippet, Subject, SubjectKind};

/// A place, or a hinge that stands for a crowd so that n times n steps need n of them.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Place(Subject),
    Hinge,
}

/// What a step rests on.
#[derive(Clone, Debug)]
pub(crate) enum Why {
    /// In or out of a hinge; free and not shown.
    Silent,
    /// How things are meant to be; nobody can close it.
    Given(&'static str),
    /// A finding: its change closes the step.
    Finding { change: usize, how: Box<str>, needs: Box<[String]> },
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) cost: u32,
    pub(crate) why: Why,
}

impl Edge {
    /// The change that closes it.
    pub(crate) fn change(&self) -> Option<usize> {
        match self.why {
            Why::Finding { change, .. } => Some(change),
            Why::Silent | Why::Given(_) => None,
        }
    }
}

/// A finding, as far as closing it goes.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) rule: String,
    pub(crate) fingerprint: String,
    pub(crate) subject: Subject,
    pub(crate) summary: String,
    pub(crate) commands: Vec<String>,
    pub(crate) snippets: Vec<Snippet>,
    /// The effort.
    pub(crate) weight: u32,
    /// An exception covers it: it stays.
    pub(crate) accepted: bool,
    /// Its steps.
    pub(crate) edges: Vec<usize>,
}

/// What two mentions of a place must share to be the same place. The wildcard is no container: a container may be
/// called `*`, but it has an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Place(Subject),
    EveryContainerFrom,
    EveryContainerTo,
}

/// For each place the steps that leave it, or that lead to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    starts: Vec<usize>,
    edges: Vec<usize>,
}

impl Rows {
    /// Sorts the steps by one of their ends.
    pub(crate) fn new(nodes: usize, edges: &[Edge], end: impl Fn(&Edge) -> usize) -> Self {
        let mut order: Vec<usize> = (0..edges.len()).collect();
        let end_of = |&edge: &usize| edges.get(edge).map_or(0, &end);
        order.sort_by_key(end_of);
        let mut starts = Vec::with_capacity(nodes + 1);
        let mut at = 0;
        for node in 0..=nodes {
            while order.get(at).is_some_and(|edge| end_of(edge) < node) {
                at += 1;
            }
            starts.push(at);
        }
        Self { starts, edges: order }
    }

    /// The steps of `node`.
    pub(crate) fn of(&self, node: usize) -> &[usize] {
        let (Some(&from), Some(&to)) = (self.starts.get(node), self.starts.get(node + 1)) else { return &[] };
        self.edges.get(from..to).unwrap_or_default()
    }
}

/// Who gets where, and how. Made by [`Graph::build`].
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) changes: Vec<Change>,
    pub(crate) out: Rows,
    pub(crate) into: Rows,
    pub(crate) index: HashMap<Key, usize>,
}

impl Graph {
    /// Where attackers may stand at first: the internet, and every container, whoever broke into it and however.
    pub fn starts(&self) -> Vec<Subject> {
        let mut starts: Vec<_> = self.places_of(&[SubjectKind::Internet, SubjectKind::Container]);
        starts.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
        starts
    }

    /// What they are after: root on the host and, where anything leads there, the cloud account.
    pub fn goals(&self) -> Vec<Subject> {
        let mut goals = self.places_of(&[SubjectKind::Host, SubjectKind::Cloud]);
        goals.sort();
        goals
    }

    /// All places, in the order of their first mention.
    pub fn places(&self) -> impl Iterator<Item = &Subject> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Place(subject) => Some(subject),
            Node::Hinge => None,
        })
    }

    /// How many steps there are, those in and out of hinges not counted.
    pub fn steps(&self) -> usize {
        self.edges.iter().filter(|edge| !matches!(edge.why, Why::Silent)).count()
    }

    fn places_of(&self, kinds: &[SubjectKind]) -> Vec<Subject> {
        self.places().filter(|place| kinds.contains(&place.kind)).cloned().collect()
    }

    pub(crate) fn node(&self, subject: &Subject) -> Option<usize> {
        self.index.get(&Key::Place(subject.clone())).copied()
    }

    pub(crate) fn place(&self, node: usize) -> Option<&Subject> {
        match self.nodes.get(node)? {
            Node::Place(subject) => Some(subject),
            Node::Hinge => None,
        }
    }

    /// The step as it is shown.
    pub(crate) fn shown(&self, edge: &Edge, from: &Subject, to: &Subject) -> Option<PathStep> {
        let step = |how: Cow<'_, str>| PathStep {
            from: from.clone(),
            to: to.clone(),
            cost: edge.cost,
            how: how.into_owned(),
            needs: Vec::new(),
            rule: None,
            fingerprint: None,
        };
        match &edge.why {
            Why::Silent => None,
            Why::Given(how) => Some(step(Cow::Borrowed(how))),
            Why::Finding { change, how, needs } => {
                let change = self.changes.get(*change)?;
                let how = if change.accepted {
                    Cow::Owned(format!("{how} (accepted by an exception)"))
                } else {
                    Cow::Borrowed(&**how)
                };
                Some(PathStep {
                    needs: needs.to_vec(),
                    rule: Some(change.rule.clone()),
                    fingerprint: Some(change.fingerprint.clone()),
                    ..step(how)
                })
            }
        }
    }
}

/// The internet before all others.
pub(crate) fn rank(subject: &Subject) -> u8 {
    u8::from(subject.kind != SubjectKind::Internet)
}
