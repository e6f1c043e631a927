//! What `lint` answers.

use keelguard_model::{Incomplete, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codes::Class;
use super::kind::Kind;

/// The name and version of this form of report.
pub const LINT_SCHEMA: &str = "keelguard.lint/1";

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LintReport {
    /// [`LINT_SCHEMA`].
    pub schema: String,
    /// The table of actions and keys that was used.
    pub catalogue: CatalogueAge,
    /// Each policy that was looked at.
    pub policies: Vec<LintedPolicy>,
    /// How many policies were left alone: AWS's own, and versions that are not in force.
    pub skipped: usize,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// Of when the table of actions and keys is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogueAge {
    /// The version of the package it was made from.
    pub version: String,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
    /// Whether it is older than a year, so that what AWS has added since is called unknown.
    pub old: bool,
}

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LintedPolicy {
    /// The file, or `-`.
    pub file: String,
    /// The way to the policy inside the file; none: it is the file.
    pub place: Option<String>,
    /// What kind of policy it is.
    pub kind: Kind,
    /// Whether that was guessed from what is in it.
    pub guessed: bool,
    /// What was found, in the order of the text.
    pub findings: Vec<LintFinding>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LintFinding {
    /// A stable name, such as `unknown-action`.
    pub code: String,
    /// What kind of trouble.
    pub class: Class,
    /// How bad.
    pub severity: Severity,
    /// The line in the file, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
    /// The way to it inside the policy, such as `Statement[0].Action[1]`.
    pub path: String,
    /// What is wrong.
    pub says: String,
    /// What to type instead.
    pub instead: Option<String>,
}

impl LintReport {
    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &LintFinding> {
        self.policies.iter().flat_map(|policy| &policy.findings)
    }

    /// The worst severity.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|finding| finding.severity).max()
    }
}
