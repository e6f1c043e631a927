//! `keelguard iam …`: identities in AWS.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keelguard_model::Severity;
use keelguard_report::Format;

use super::{Destination, PolicyCompare, PolicyLint, PolicyShrink, SimpleFormat};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Iam {
    #[command(flatten)]
    pub(crate) source: AccountSource,
    /// table, json, jsonl, sarif, junit, markdown, html or github
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Show only findings at least this severe (the verdict stays)
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 when a finding is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Compare with an earlier JSON report: what is new, fixed, unchanged
    #[arg(long, value_name = "OLD.json")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show every finding with its steps and calls, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    /// Show findings that exceptions cover, too
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
    #[command(subcommand)]
    pub(crate) command: Option<IamCommand>,
}

/// From where accounts are known.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AccountSource {
    /// Ask AWS, with the credentials that every AWS tool finds: environment, profile, SSO, web identity, task, instance
    #[arg(long)]
    pub(crate) live: bool,
    /// Read what the AWS CLI has printed, or `keelguard iam facts`; - is standard input; several times for several files;
    /// ARN=FILE or ACCOUNT=FILE says of what a file tells that does not say so itself
    #[arg(long, value_name = "[OF=]FILE", conflicts_with_all = ["live", "endpoint_url", "profile", "region"])]
    pub(crate) facts: Vec<PathBuf>,
    /// Ask this address instead of AWS's own [default: AWS_ENDPOINT_URL_SERVICE, AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", requires = "live")]
    pub(crate) endpoint_url: Option<String>,
    /// As whom to ask; several for several accounts [default: AWS_PROFILE, default]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "live")]
    pub(crate) profile: Vec<String>,
    /// Look at these regions [default: all that are switched on]
    #[arg(long, value_name = "REGION,…", value_delimiter = ',', requires = "live")]
    pub(crate) region: Vec<String>,
    /// Ask of each principal which services it has used: two calls and some waiting for each
    #[arg(long, requires = "live")]
    pub(crate) last_accessed: bool,
    /// CloudTrail's logs, which tell what was really used: files and folders, plain or gzip; several times for several
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) trail: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct IamFacts {
    #[command(flatten)]
    pub(crate) source: AccountSource,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IamCommand {
    /// Print the facts of accounts as JSON, for `--facts` on any machine; no secrets are in them
    Facts(IamFacts),
    /// What is wrong with policies: grammar, names that do not exist, what does not do what it says, what is too wide
    Lint(PolicyLint),
    /// Prove whether a new policy grants anything that an old one does not
    Compare(PolicyCompare),
    /// Write the least policy that still allows what a principal has used
    Shrink(PolicyShrink),
    /// May this principal do that, and why
    Can(Can),
    /// Who may do that
    Who(WhoMay),
    /// What this principal may do, by service and access level
    What(WhatMay),
    /// Decide requests under given policies: which would AWS allow, and why
    Simulate(Simulate),
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// JSON: {"request": …, "policies": …} or an array of such; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

/// What is told beside the facts, and how to answer.
#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// A condition key of the request; several times for several keys or values; K= says that it has none [default:
    /// unknown, and the answer says what hangs on it]
    #[arg(long = "context", value_name = "KEY=VALUE")]
    pub(crate) context: Vec<String>,
    #[command(flatten)]
    pub(crate) source: AccountSource,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct Can {
    /// Its ARN, or its name where only one has it: alice, role/web
    #[arg(value_name = "PRINCIPAL")]
    pub(crate) principal: String,
    /// Such as s3:GetObject
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
    /// The resource's ARN; * for actions that know none [default: whatever its policies speak of]
    #[arg(value_name = "RESOURCE")]
    pub(crate) resource: Option<String>,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Debug, Args)]
pub(crate) struct WhoMay {
    /// Such as s3:GetObject
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
    /// The resource's ARN; * for actions that know none [default: whatever policies speak of]
    #[arg(value_name = "RESOURCE")]
    pub(crate) resource: Option<String>,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Debug, Args)]
pub(crate) struct WhatMay {
    /// Its ARN, or its name where only one has it: alice, role/web
    #[arg(value_name = "PRINCIPAL")]
    pub(crate) principal: String,
    /// Every action, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) asking: Asking,
}
