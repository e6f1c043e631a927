//! `keelguard iam …`: identities in AWS.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Destination;

#[derive(Debug, Args)]
pub(crate) struct Iam {
    #[command(subcommand)]
    pub(crate) command: IamCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IamCommand {
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
