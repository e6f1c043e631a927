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
    /// Whether backups are there, of today, as large as ever, whole and restorable
    Backups(DataBackups),
    /// Logs that somebody has laid hands on: gaps, lines out of order, files edited, emptied or replaced, records cut out
    Logs(DataLogs),
    /// Whether ransomware has been in a tree: encrypted files, notes, changed decoys, and who deleted what
    Ransom(DataRansom),
    /// Decoys among the files: whoever changes one is up to no good
    Canary(DataCanary),
}

#[derive(Debug, Args)]
pub(crate) struct DataBackups {
    /// Only these: names of the settings, or folders
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Restore N files of each, taken at random, into a scratch folder, and compare them with the live ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) drill: usize,
    /// Only whether they are of today: no repository is checked, no size asked for
    #[arg(long, conflicts_with = "drill")]
    pub(crate) quick: bool,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
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

/// Where the baseline is.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataPlaces {
    /// The baseline's folder [default: data/baseline in the setting data_dir]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) baseline: Option<PathBuf>,
    /// Where its public key and newest generation are pinned: a place apart from it [default: the setting data_pin, else
    /// baseline.pin in ~/.config/keelguard]
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DataBaseline {
    /// Folders, files, volume:NAME, container:NAME [default: the setting data_trees, else the system's own files]
    #[arg(value_name = "TREE")]
    pub(crate) trees: Vec<String>,
    /// The private key that signs the baseline, made where there is none; keep it off this host
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// A file whose first line is the key's passphrase
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Add what became different since to the baseline that is there
    #[arg(long)]
    pub(crate) update: bool,
    /// Leave out what fits: /etc/lvm/archive, *.swp; as often as needed, beside the setting data_exclude
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Enter other filesystems that are mounted in the trees
    #[arg(long)]
    pub(crate) across: bool,
    #[command(flatten)]
    pub(crate) places: DataPlaces,
}

#[derive(Debug, Args)]
pub(crate) struct DataVerify {
    /// Only these of the trees of the baseline
    #[arg(value_name = "TREE")]
    pub(crate) trees: Vec<String>,
    /// The root that was printed when the baseline was made, kept where nobody on this host can change it
    #[arg(long, value_name = "ROOT")]
    pub(crate) expect: Option<String>,
    /// Read only files whose size or times say that they changed
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) places: DataPlaces,
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
