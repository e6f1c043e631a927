//! What several subjects have in common is said once.

use std::collections::BTreeMap;

use keelguard_model::{AttackPath, Finding, Subject, SubjectKind};

use crate::layout::cut;
use crate::words;

/// From this many subjects on, the same finding is shown once with the list of its subjects.
const SHARED_FROM: usize = 4;

/// The same finding on many subjects.
pub(crate) struct Shared<'a> {
    pub(crate) findings: Vec<&'a Finding>,
}

impl Shared<'_> {
    /// `12 containers`.
    pub(crate) fn how_many(&self) -> String {
        let kind = self.findings.first().map_or(SubjectKind::Container, |finding| finding.subject.kind);
        let one_kind = self.findings.iter().all(|finding| finding.subject.kind == kind);
        words::count(self.findings.len(), if one_kind { kind.name() } else { "subject" })
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.findings.iter().map(|finding| finding.subject.name.clone()).collect()
    }
}

/// Parts `findings` into those that many subjects share and the rest. Order is kept.
pub(crate) fn shared<'a>(findings: &[&'a Finding]) -> (Vec<Shared<'a>>, Vec<&'a Finding>) {
    let mut same: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let key = (finding.rule.as_str(), finding.title.as_str(), finding.severity, finding.suppressed.is_some());
        same.entry(key).or_default().push(finding);
    }
    let subjects = |list: &[&Finding]| {
        list.iter().map(|finding| &finding.subject).collect::<std::collections::BTreeSet<_>>().len()
    };
    same.retain(|_, list| list.len() >= SHARED_FROM && subjects(list) == list.len());
    let is_shared = |finding: &Finding| {
        same.contains_key(&(
            finding.rule.as_str(),
            finding.title.as_str(),
            finding.severity,
            finding.suppressed.is_some(),
        ))
    };
    let rest = findings.iter().copied().filter(|finding| !is_shared(finding)).collect();
    let mut all: Vec<_> = same.into_values().map(|findings| Shared { findings }).collect();
    all.sort_by_key(|shared| {
        std::cmp::Reverse((shared.findings.first().map(|finding| finding.severity), shared.findings.len()))
    });
    (all, rest)
}

/// Paths that differ in nothing but where they start.
pub(crate) struct Paths<'a> {
    pub(crate) starts: Vec<&'a Subject>,
    pub(crate) path: &'a AttackPath,
}

impl Paths<'_> {
    /// `internet → web → host root`; each name at most `longest` columns wide.
    pub(crate) fn chain(&self, longest: usize) -> String {
        let starts: Vec<_> = self.starts.iter().map(|start| cut(&words::node(start), longest)).collect();
        let mut nodes = vec![words::some(&starts, if starts.len() == 3 { 3 } else { 2 })];
        nodes.extend(self.path.steps.iter().map(|step| cut(&words::node(&step.to), longest)));
        nodes.join(" → ")
    }

    /// The steps in words, each with the rule that it rests on.
    pub(crate) fn how(&self) -> String {
        let words = |step: &keelguard_model::PathStep| match &step.rule {
            Some(rule) => format!("{} ({rule})", step.how),
            None => step.how.clone(),
        };
        self.path.steps.iter().map(words).collect::<Vec<_>>().join(", then ")
    }
}

/// Paths folded; those from outside first, then the cheapest.
pub(crate) fn paths(paths: &[AttackPath]) -> Vec<Paths<'_>> {
    let mut same: BTreeMap<_, Paths<'_>> = BTreeMap::new();
    for path in paths {
        let steps: Vec<_> = path.steps.iter().map(|step| (&step.to, step.cost, &step.how, &step.rule)).collect();
        let outside = path.from.kind == SubjectKind::Internet;
        let key = (!outside, path.cost, &path.to, steps);
        same.entry(key).or_insert_with(|| Paths { starts: Vec::new(), path }).starts.push(&path.from);
    }
    same.into_values().collect()
}
