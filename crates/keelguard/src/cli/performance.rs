//! The command line of `keelguard signs performance`.

use std::path::PathBuf;

use clap::Args;
use keelguard_report::SignFormat;

use super::View;

#[derive(Debug, Args)]
pub(crate) struct Performance {
    /// A series of values: a CSV with the columns timestamp and value; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) series: Option<PathBuf>,
    /// The column of the series that holds the values, by name, or by number where there is no header
    #[arg(long, value_name = "NAME", requires = "series")]
    pub(crate) column: Option<String>,
    /// Measure this host and its containers again and again, say what is unlike itself as it happens, and keep what was measured
    #[arg(long, short = 'f', conflicts_with_all = ["series", "output", "fail_on", "all"])]
    pub(crate) follow: bool,
    /// With --follow, seconds between two looks [default: 10]
    #[arg(long, value_name = "SECONDS", requires = "follow")]
    pub(crate) every: Option<u64>,
    /// With --follow, stop after so many looks
    #[arg(long, value_name = "COUNT", requires = "follow")]
    pub(crate) ticks: Option<u64>,
    /// table, json, jsonl; csv for every row of the series with its score; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}
