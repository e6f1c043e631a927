//! The CIS Docker Benchmark 1.6.0 as a view of the findings: a check fails where a finding names its section.
//!
//! ```
//! use keelguard_audit::cis::{Outcome, evaluate};
//! use keelguard_host::sample;
//! let facts = sample::host().container("web", |c| c.host_config.privileged = true).facts();
//! let benchmark = evaluate(&facts, &keelguard_audit::judge(&facts).findings);
//! let check = benchmark.checks.iter().find(|check| check.section == "5.5").unwrap();
//! assert_eq!(check.outcome, Outcome::Fail);
//! ```

mod applies;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use applies::Applies;
use keelguard_host::Facts;
use keelguard_model::{Finding, Manual};
use serde::{Deserialize, Serialize};
pub use table::{How, Row};

/// The benchmark's version.
pub const VERSION: &str = "1.6.0";

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was looked at, and nothing was found.
    Pass,
    /// A finding that no exception covers names its section.
    Fail,
    /// A person has to look.
    Manual,
    /// There is nothing here that it could be about.
    NotApplicable,
    /// What it is about could not be read.
    Unknown,
}

impl Outcome {
    /// In words, for the screens.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::NotApplicable => "not applicable",
            Self::Unknown => "unknown",
        }
    }
}

/// One check and how it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `5.32`.
    pub section: String,
    /// The benchmark's wording.
    pub title: String,
    /// How it came out.
    pub outcome: Outcome,
    /// Fingerprints of the findings that fail it.
    pub findings: Vec<String>,
    /// What a person has to look at; empty where rules decide.
    pub look_at: String,
    /// Why it came out so, where that is neither a finding nor the lack of one.
    pub reason: String,
}

/// All checks and what they add up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benchmark {
    /// [`VERSION`].
    pub version: String,
    /// In the benchmark's order, all 117.
    pub checks: Vec<Check>,
    /// How many pass.
    pub pass: usize,
    /// How many fail.
    pub fail: usize,
    /// How many a person has to look at.
    pub manual: usize,
    /// How many are about nothing here.
    pub not_applicable: usize,
    /// How many could not be decided.
    pub unknown: usize,
    /// Passes among passes and fails, in percent, rounded down; none where nothing could be decided.
    pub score: Option<usize>,
}

/// The checks in the benchmark's order.
pub fn table() -> impl Iterator<Item = &'static Row> {
    table::TABLE.iter()
}

/// The checks that a person has to look at, on this host.
pub fn manual(facts: &Facts) -> Vec<Manual> {
    let in_swarm = crate::rules::daemon::in_swarm(facts);
    table()
        .filter(|row| in_swarm || !row.section.starts_with("7."))
        .filter_map(|row| match row.how {
            How::Manual { look_at } => {
                Some(Manual { cis: row.section.into(), title: row.title.into(), look_at: look_at.into() })
            }
            How::Auto { .. } => None,
        })
        .collect()
}

/// The benchmark's view of `findings`, which are those of `facts`.
pub fn evaluate(facts: &Facts, findings: &[Finding]) -> Benchmark {
    let mut by_section: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in findings {
        for section in &finding.refs.cis {
            by_section.entry(section).or_default().push(finding);
        }
    }
    let of = |row: &Row| by_section.get(row.section).map(Vec::as_slice).unwrap_or_default();
    let checks: Vec<Check> = table().map(|row| check(facts, of(row), row)).collect();
    let count = |outcome: Outcome| checks.iter().filter(|check| check.outcome == outcome).count();
    let (pass, fail) = (count(Outcome::Pass), count(Outcome::Fail));
    Benchmark {
        version: VERSION.to_owned(),
        pass,
        fail,
        manual: count(Outcome::Manual),
        not_applicable: count(Outcome::NotApplicable),
        unknown: count(Outcome::Unknown),
        score: (pass * 100).checked_div(pass + fail),
        checks,
    }
}

/// One check, with the findings that name its section.
fn check(facts: &Facts, findings: &[&Finding], row: &Row) -> Check {
    let (excepted, open): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.suppressed.is_some());
    let mut look_at = "";
    let (outcome, reason) = match row.how {
        _ if !open.is_empty() => (Outcome::Fail, ""),
        How::Manual { look_at: what } => {
            look_at = what;
            let swarm_only = row.section.starts_with("7.") && facts.engine.is_some();
            if swarm_only && !crate::rules::daemon::in_swarm(facts) {
                (Outcome::NotApplicable, "swarm mode is off")
            } else {
                (Outcome::Manual, "")
            }
        }
        // A rule that nobody wrote yet has looked at nothing.
        How::Auto { .. } if row.rules().next().is_none() => (Outcome::Unknown, "no rule decides it yet"),
        How::Auto { applies } => match applies(facts, row.section) {
            Applies::Yes if !excepted.is_empty() => (Outcome::Pass, "an exception covers what was found"),
            Applies::Yes => (Outcome::Pass, ""),
            Applies::No(why) => (Outcome::NotApplicable, why),
            Applies::Unknown(why) => (Outcome::Unknown, why),
        },
    };
    Check {
        section: row.section.to_owned(),
        title: row.title.to_owned(),
        outcome,
        findings: open.iter().map(|finding| finding.fingerprint.clone()).collect(),
        look_at: look_at.to_owned(),
        reason: reason.to_owned(),
    }
}
