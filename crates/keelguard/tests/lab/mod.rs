//! What the tests against a real engine share: a lab, its facts, and what the rules say of them.

#![allow(dead_code, reason = "each test file uses its own part of these helpers")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests; a skipped test says why")]

pub mod host;

use std::collections::BTreeSet;

use keelguard_audit::judge;
use keelguard_host::Facts;
use keelguard_lab::{Lab, Options};
use keelguard_model::{Finding, Subject, SubjectKind};

/// A lab, or nothing and the printed reason.
pub fn lab() -> Option<Lab> {
    if let Some(reason) = keelguard_lab::why_not() {
        eprintln!("skipped: {reason}");
        return None;
    }
    Some(Lab::up(&Options::default()).unwrap())
}

/// The facts of the lab's engine and of this host.
pub fn facts(lab: &Lab) -> Facts {
    let options = keelguard_host::Options { engine: Some(lab.endpoint()), ..keelguard_host::Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let facts = runtime.block_on(keelguard_host::collect(&options)).unwrap();
    assert!(facts.engine.is_some(), "{:?}", facts.incomplete);
    facts
}

/// What the rules say of the lab as it is now.
pub fn findings(lab: &Lab) -> Vec<Finding> {
    judge(&facts(lab)).findings
}

/// `KG-B003 web: title [field=value]`: a finding on one line.
pub fn line(finding: &Finding) -> String {
    let evidence: Vec<String> = finding.evidence.iter().map(|e| format!("{}={}", e.what, e.value)).collect();
    format!("{} {} {}: {} {evidence:?}", finding.severity, finding.rule, finding.subject, finding.title)
}

/// The steps that end on the host or outside it: what a fix must not add to.
pub fn ways_to_the_host(findings: &[Finding]) -> BTreeSet<(Subject, Subject)> {
    let reaches = findings.iter().flat_map(|finding| &finding.reaches);
    let ends = reaches.filter(|reach| matches!(reach.to.kind, SubjectKind::Host | SubjectKind::Cloud));
    ends.map(|reach| (reach.from.clone(), reach.to.clone())).collect()
}
