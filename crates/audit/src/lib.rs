//! Rules over host facts: threat 3 (resources), threat 4 (breakout), and the CIS Docker Benchmark 1.6 as a view of their
//! findings. Everything here is a pure function of [`Facts`].
//!
//! ```
//! use keelguard_host::{Facts, sample};
//! let facts = sample::host().container("web", |c| c.host_config.privileged = true).facts();
//! let judgement = keelguard_audit::judge(&facts);
//! assert!(judgement.findings.iter().any(|finding| finding.rule == "KG-B003"));
//! ```

pub mod capability;
pub mod cis;
mod exposure;
pub mod remedy;
mod rules;

pub use exposure::Exposure;
use keelguard_host::Facts;
use keelguard_model::{Finding, Incomplete};

/// What the rules say about one host.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// What is wrong, most urgent first.
    pub findings: Vec<Finding>,
    /// What could not be judged, beside what the facts already say could not be read.
    pub incomplete: Vec<Incomplete>,
}

/// Runs every rule. The findings carry the time of the facts, and the commands of their fixes.
pub fn judge(facts: &Facts) -> Judgement {
    let mut findings: Vec<Finding> = rules::ALL.iter().flat_map(|rule| rule(facts)).collect();
    for finding in &mut findings {
        finding.time = facts.collected;
    }
    remedy::complete(facts, &mut findings);
    exposure::mark_own(facts, &mut findings);
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    Judgement { findings, incomplete: rules::GAPS.iter().flat_map(|gap| gap(facts)).collect() }
}
