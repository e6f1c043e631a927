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

use std::sync::atomic::{AtomicUsize, Ordering};

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
    let mut judgement = find(facts);
    remedy::complete(facts, &mut judgement.findings);
    judgement
}

/// The same without the commands that a rule leaves to its remedy. To write those out takes longer than to find what is
/// wrong, and few views show them; [`remedy::complete`] does it for those that do.
pub fn find(facts: &Facts) -> Judgement {
    let mut findings = run_rules(facts);
    for finding in &mut findings {
        finding.time = facts.collected;
    }
    exposure::mark_own(facts, &mut findings);
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    Judgement { findings, incomplete: rules::GAPS.iter().flat_map(|gap| gap(facts)).collect() }
}

/// Known vulnerabilities of the engine's parts and of the kernel that nothing on this host decides: neither the fixed
/// versions of its distribution nor the changelogs of its packages. They are among [`Judgement::incomplete`] too.
pub fn undecided_vulnerabilities(facts: &Facts) -> Vec<Incomplete> {
    rules::versions::gaps(facts)
}

/// Below this many containers threads cost more than they bring.
const WORTH_THREADS: usize = 64;

/// Themes do not know of each other, so they run side by side; what they found stands in the themes' order.
fn run_rules(facts: &Facts) -> Vec<Finding> {
    if facts.containers().len() < WORTH_THREADS {
        return rules::ALL.iter().flat_map(|rule| rule(facts)).collect();
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(rule) = rules::ALL.get(place) else { return found };
            found.push((place, rule(facts)));
        }
    };
    let mut found = std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut found = work();
        for other in others {
            found.append(&mut other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        found
    });
    found.sort_by_key(|(place, _)| *place);
    let mut findings = Vec::with_capacity(found.iter().map(|(_, findings)| findings.len()).sum());
    for (_, mut more) in found {
        findings.append(&mut more);
    }
    findings
}
