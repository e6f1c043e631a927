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
    /// With --follow: the folders to follow [default: those of the setting data_trees]
    #[arg(value_name = "TREE", requires = "follow")]
    pub(crate) trees: Vec<String>,
    /// Watch for ransomware: say what happens to files as it happens (takes root)
    #[arg(long, short = 'f', conflicts_with_all = ["output", "fail_on", "all"])]
    pub(crate) follow: bool,
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
    /// Whether ransomware has been in a tree: encrypted files, notes, changed decoys, and who deleted what
    Ransom(DataRansom),
    /// Decoys among the files: whoever changes one is up to no good
    Canary(DataCanary),
}

#[derive(Debug, Args)]
pub(crate) struct DataRansom {
    /// Folders [default: those of the setting data_trees]
    #[arg(value_name = "TREE")]
    pub(crate) trees: Vec<String>,
    /// An audit log that says who deleted and renamed files [default: this host's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Vec<PathBuf>,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Args)]
pub(crate) struct DataCanary {
    #[command(subcommand)]
    pub(crate) command: CanaryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CanaryCommand {
    /// Put decoys into folders: documents that sort first and last
    Plant {
        /// The folders
        #[arg(value_name = "TREE", required = true)]
        trees: Vec<PathBuf>,
    },
    /// Whether the decoys are as they were planted
    Check {
        /// table, json, jsonl; veris or ocsf for incident databases
        #[arg(long, value_name = "FORMAT")]
        format: Option<SignFormat>,
        #[command(flatten)]
        view: View,
    },
    /// Where the decoys are
    List,
    /// Take the decoys away again
    Remove {
        /// Only those in these folders
        #[arg(value_name = "TREE")]
        trees: Vec<PathBuf>,
    },
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
