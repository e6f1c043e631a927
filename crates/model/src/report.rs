//! What a run says: the JSON that everything else is a view of.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Area, Finding, Severity, Snippet, Subject, Verdict};

/// The schema's name and version.
pub const REPORT_SCHEMA: &str = "keelguard.report/1";

/// Which Keelguard made this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolInfo {
    /// `keelguard`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Which host it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostInfo {
    /// The host's name.
    pub name: String,
    /// The operating system, as it names itself.
    pub os: String,
    /// The kernel's release.
    pub kernel: String,
    /// The engine's version, where one answered.
    pub engine: Option<String>,
    /// Where the engine was reached.
    pub endpoint: Option<String>,
    /// How many containers were looked at, in every state.
    pub containers: usize,
    /// How many images.
    pub images: usize,
    /// What the facts were read from, when not from the host: a file, the lab, the recorded example.
    pub source: Option<String>,
}

/// Findings that are not suppressed, by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Host, account or all data in one step.
    pub critical: usize,
    /// Harm with one further step.
    pub high: usize,
    /// One of several steps.
    pub medium: usize,
    /// Makes another step easier.
    pub low: usize,
    /// Good to know.
    pub info: usize,
    /// Covered by an exception, whatever the severity.
    pub suppressed: usize,
}

impl Counts {
    /// Counts `findings`.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            let place = match finding.severity {
                _ if finding.suppressed.is_some() => &mut counts.suppressed,
                Severity::Critical => &mut counts.critical,
                Severity::High => &mut counts.high,
                Severity::Medium => &mut counts.medium,
                Severity::Low => &mut counts.low,
                Severity::Info => &mut counts.info,
            };
            *place += 1;
        }
        counts
    }

    /// All that are not suppressed.
    pub const fn total(self) -> usize {
        self.critical + self.high + self.medium + self.low + self.info
    }
}

/// One area's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AreaResult {
    /// The area.
    pub area: Area,
    /// Its verdict.
    pub verdict: Verdict,
    /// How many findings of which severity.
    pub counts: Counts,
    /// Why this verdict, in one sentence.
    pub reason: String,
}

/// Something that could not be looked at. It never reads as clean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Incomplete {
    /// The area that is blinded.
    pub area: Area,
    /// What could not be read.
    pub what: String,
    /// Why, and what would help.
    pub why: String,
}

impl Incomplete {
    /// An entry.
    pub fn new(area: Area, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { area, what: what.into(), why: why.into() }
    }
}

/// One step of an attack path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// Where the attacker stands.
    pub from: Subject,
    /// What they have afterwards.
    pub to: Subject,
    /// How hard the step is.
    pub cost: u32,
    /// The step in words.
    pub how: String,
    /// What else must be so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The rule of the finding that opens this step; none where the step is how things are meant to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The fingerprint of that finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// The cheapest way from one place to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttackPath {
    /// Its start.
    pub from: Subject,
    /// Its end.
    pub to: Subject,
    /// The sum of its steps' costs.
    pub cost: u32,
    /// The steps, in order.
    pub steps: Vec<PathStep>,
}

/// One change of the smallest set after which no path is left. What several findings on one container ask for is one
/// change: the container is made anew once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixStep {
    /// The findings that it closes: their rules.
    pub rules: Vec<String>,
    /// Their fingerprints, in the same order.
    pub findings: Vec<String>,
    /// On what.
    pub subject: Subject,
    /// What to do, a sentence for each thing to do.
    pub summary: String,
    /// The commands.
    pub commands: Vec<String>,
    /// The same as text for files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snippets: Vec<Snippet>,
    /// What it costs: the weight that the sum is minimal in.
    pub effort: u32,
    /// How many of the starting points have a cheapest path through this.
    pub cuts: usize,
}

/// Something no program can decide, and where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manual {
    /// The section of the CIS Docker Benchmark.
    pub cis: String,
    /// What to make sure of.
    pub title: String,
    /// What to look at.
    pub look_at: String,
}

/// A whole run. All nine areas are always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: String,
    /// Which Keelguard.
    pub tool: ToolInfo,
    /// Which host.
    pub host: HostInfo,
    /// When collecting began, RFC 3339.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// When the report was done, RFC 3339.
    #[schemars(with = "String")]
    pub finished: Timestamp,
    /// The nine areas in their order.
    pub areas: Vec<AreaResult>,
    /// Everything found, most urgent first, suppressed ones included.
    pub findings: Vec<Finding>,
    /// The cheapest path to the host from each starting point that has one.
    pub paths: Vec<AttackPath>,
    /// The fewest changes, weighted by effort, after which no path is left.
    pub fix_set: Vec<FixStep>,
    /// What a person has to look at.
    pub manual: Vec<Manual>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// The verdict that findings and gaps add up to. A gap never reads as clean: it turns green into unknown, and stands
/// beside amber and red.
pub fn verdict(counts: Counts, gaps: usize) -> Verdict {
    if counts.critical + counts.high > 0 {
        Verdict::Red
    } else if counts.medium + counts.low > 0 {
        Verdict::Amber
    } else if gaps > 0 {
        Verdict::Unknown
    } else {
        Verdict::Green
    }
}
