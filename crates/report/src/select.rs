//! Which findings a view shows, and in which groups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use keelguard_model::{Counts, Finding, Report, Severity, Subject};

use crate::Options;

/// The findings of a report, parted by the options.
pub(crate) struct Selection<'a> {
    /// To be shown, most urgent first; with those under an exception where the options ask for them.
    pub(crate) shown: Vec<&'a Finding>,
    /// Under an exception, and at or above the severity asked for.
    pub(crate) suppressed: Vec<&'a Finding>,
    /// How many are below the severity asked for.
    pub(crate) below: usize,
    new: HashSet<&'a str>,
}

impl<'a> Selection<'a> {
    pub(crate) fn of(report: &'a Report, options: &'a Options) -> Self {
        let asked = options.min_severity.unwrap_or(Severity::Info);
        let mut kept: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity >= asked).collect();
        kept.sort_by_key(|finding| Reverse(finding.severity));
        let below = report.findings.len() - kept.len();
        let (suppressed, open): (Vec<_>, Vec<_>) = kept.iter().partition(|finding| finding.suppressed.is_some());
        let shown = if options.show_suppressed { kept } else { open };
        let new = options.baseline.iter().flat_map(|baseline| &baseline.new).map(String::as_str).collect();
        Self { shown, suppressed, below, new }
    }

    /// Whether the baseline does not have it.
    pub(crate) fn is_new(&self, finding: &Finding) -> bool {
        self.new.contains(finding.fingerprint.as_str())
    }
}

/// The findings of one subject, most urgent first.
pub(crate) struct Group<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) findings: Vec<&'a Finding>,
}

impl Group<'_> {
    pub(crate) fn counts(&self) -> Counts {
        Counts::of(self.findings.iter().copied())
    }
}

/// Grouped by subject, the most urgent first: whoever has the most of the worst.
pub(crate) fn by_subject<'a>(findings: &[&'a Finding]) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<&Subject, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry(&finding.subject).or_default().push(finding);
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(subject, mut findings)| {
            findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
            Group { subject, findings }
        })
        .collect();
    groups.sort_by_key(|group| {
        let counts = group.counts();
        Reverse((counts.critical, counts.high, counts.medium, counts.low, counts.info))
    });
    groups
}
