//! `keelguard iam lint`, `compare` and `shrink`: policies as documents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keelguard_iam::lint::Kind;
use keelguard_model::Severity;

use super::Destination;

#[derive(Debug, Args)]
pub(crate) struct PolicyLint {
    /// Policies, or what the AWS command line prints with policies in it; folders with *.json in them; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// What kind of policies they are: identity, resource, scp, rcp, trust or session [default: what their place and
    /// content tell]
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: LintFormat,
    /// Show only findings at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 when a finding is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LintFormat {
    Table,
    Json,
    Jsonl,
    Sarif,
}
