//! The command line of `keelguard log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SimpleFormat;

#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(subcommand)]
    pub(crate) command: LogCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Print what Keelguard did, the latest last
    Show(LogShow),
    /// Prove that nothing was cut out of it, edited, put in or moved
    Verify(LogVerify),
}

#[derive(Debug, Args)]
pub(crate) struct LogShow {
    /// The log [default: log/keelguard.jsonl in data_dir]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Only the last so many records
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub(crate) last: usize,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
}

#[derive(Debug, Args)]
pub(crate) struct LogVerify {
    /// The log [default: log/keelguard.jsonl in data_dir]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// A record's hash that was noted elsewhere: it must be in the chain
    #[arg(long, value_name = "HASH")]
    pub(crate) expect: Option<String>,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
}
