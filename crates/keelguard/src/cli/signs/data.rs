//! The command line of `keelguard signs data`: a subcommand a part, and without one all parts together.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keelguard_report::SignFormat;

use super::View;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Data {
    #[command(subcommand)]
    pub(crate) command: Option<DataCommand>,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Record what files look like now, signed, to know later what became of them
    Baseline(DataBaseline),
    /// What became of files since their baseline
    Verify(DataVerify),
    /// Logs that somebody has laid hands on: gaps, lines out of order, files edited, emptied or replaced, records cut out
    Logs(DataLogs),
}

#[derive(Debug, Args)]
pub(crate) struct DataBaseline {
    /// Folders, volume:NAME, container:NAME [default: the setting data_trees, else the system's own files]
    #[arg(value_name = "TREE")]
    pub(crate) trees: Vec<String>,
    /// Where the report goes
    #[command(flatten)]
    pub(crate) destination: crate::cli::Destination,
}

#[derive(Debug, Args)]
pub(crate) struct DataVerify {
    /// Only these of the trees of the baseline
    #[arg(value_name = "TREE")]
    pub(crate) trees: Vec<String>,
    /// The root that was printed when the baseline was made, kept where nobody on this host can change it
    #[arg(long, value_name = "ROOT")]
    pub(crate) expect: Option<String>,
    /// The baseline's folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) baseline: Option<PathBuf>,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Args)]
pub(crate) struct DataLogs {
    /// Logs: text, packed or not (gzip, zstd, xz, bzip2), journals and their folders, wtmp, btmp, audit.log; name those that
    /// belong together, they are held against each other [default: this host's]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Do not keep what was seen for the next look
    #[arg(long)]
    pub(crate) no_state: bool,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}
