//! The command line of `keelguard signs performance`.

use std::path::PathBuf;

use clap::Args;
use keelguard_report::SignFormat;

use super::View;

#[derive(Debug, Args)]
pub(crate) struct Performance {
    /// Files of sysstat (saDD), and what sadf -j, sadf -d and sar print, packed or not; - is standard input [default: this
    /// host's, in /var/log/sysstat or /var/log/sa, and what --follow has kept]
    #[arg(value_name = "FILE", conflicts_with_all = ["series", "prometheus"])]
    pub(crate) files: Vec<PathBuf>,
    /// One series of values instead: a CSV with the columns timestamp and value; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) series: Option<PathBuf>,
    /// The column of the series that holds the values, by name, or by number where there is no header
    #[arg(long, value_name = "NAME", requires = "series")]
    pub(crate) column: Option<String>,
    /// Measure this host and its containers again and again, say what is unlike itself as it happens, and keep what was measured
    #[arg(long, short = 'f', conflicts_with_all = ["files", "series", "prometheus", "output", "fail_on", "all"])]
    pub(crate) follow: bool,
    /// With --follow, seconds between two looks [default: 10]
    #[arg(long, value_name = "SECONDS", requires = "follow")]
    pub(crate) every: Option<u64>,
    /// With --follow, stop after so many looks
    #[arg(long, value_name = "COUNT", requires = "follow")]
    pub(crate) ticks: Option<u64>,
    /// Ask a Prometheus server instead: http://HOST:9090
    #[arg(long, value_name = "URL", conflicts_with = "series")]
    pub(crate) prometheus: Option<String>,
    /// What to ask it, in PromQL, as often as you like [default: what node_exporter and cAdvisor measure]
    #[arg(long, value_name = "EXPR", requires = "prometheus")]
    pub(crate) query: Vec<String>,
    /// From when on it is asked: 12h, 7d, 2w, 2026-11-24 [default: 7d]
    #[arg(long, value_name = "TIME", requires = "prometheus")]
    pub(crate) since: Option<String>,
    /// The time between two values: 30s, 1m, 1h [default: 1m]
    #[arg(long, value_name = "TIME", requires = "prometheus")]
    pub(crate) step: Option<String>,
    /// table, json, jsonl; csv for every row of a series with its score; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}
