//! `keelguard iam lint`, `compare` and `shrink`: policies as documents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keelguard_iam::lint::Kind;
use keelguard_model::Severity;

use super::{AccountSource, Destination, SimpleFormat};

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

#[derive(Debug, Args)]
pub(crate) struct PolicyCompare {
    /// The policy as it is; - is standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The policy as it shall be; - is standard input
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
    /// Exit with 1 when the new policy grants what the old one does not
    #[arg(long, value_name = "RELATION")]
    pub(crate) fail_on: Option<FailingRelation>,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FailingRelation {
    /// Wider or incomparable
    Wider,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyShrink {
    /// A user or role: its name or ARN
    #[arg(value_name = "PRINCIPAL")]
    pub(crate) principal: String,
    #[command(flatten)]
    pub(crate) source: AccountSource,
    /// Refuse where use is known for fewer days
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) min_days: u32,
    /// table (the policy, for a file of its own, and the rest on standard error) or json (all of it)
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
    #[command(flatten)]
    pub(crate) destination: Destination,
}
