//! The command line of `keelguard signs`.

mod data;

use std::path::PathBuf;

use clap::{Args, Subcommand};
pub(crate) use data::{CanaryCommand, Data, DataBackups, DataBaseline, DataCommand, DataLogs, DataRansom, DataVerify};
use keelguard_model::Severity;
use keelguard_report::{DowntimeFormat, IncidentFormat, SignFormat, SpamFormat};

use super::{Destination, Performance};

/// What is shown of a sign's findings, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct View {
    /// Show only findings at least this severe (the verdict stays)
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 when a finding is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Show every finding with its evidence, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct Signs {
    #[command(subcommand)]
    pub(crate) command: SignsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignsCommand {
    /// Who logs in, from where, and which of it is malicious
    Logins(Logins),
    /// What became of files, backups and logs: what is missing, encrypted, rewritten
    Data(Data),
    /// What shut down, crashed or restarted, and whether it does so as a routine
    Downtime(Downtime),
    /// What behaves unlike itself: load, memory, traffic, any series of values
    Performance(Performance),
    /// Which mail and texts are spam, and why
    Spam(Spam),
    /// What belongs together in all signs, as time-lines: who got in, and what came of it
    Incidents(Incidents),
}

#[derive(Debug, Args)]
pub(crate) struct Incidents {
    /// Logs, as for the signs themselves; - is standard input [default: what this host has recorded]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only what happened since: 12h, 7d, 2w, 2026-11-24, 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Hold every line against the Sigma rules of this folder, too
    #[arg(long, value_name = "FOLDER")]
    pub(crate) sigma: Option<PathBuf>,
    /// table, json, jsonl, veris or ocsf
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<IncidentFormat>,
    /// Show only incidents at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 when an incident is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Show every step with why it belongs there, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct Logins {
    /// Logs: text, packed or not (gzip, zstd, xz, bzip2), journals and their exports, wtmp, btmp, lastlog, wtmpdb,
    /// audit.log; - is standard input [default: this host's auth.log or secure with what was rotated, else its journal;
    /// mail logs, wtmp and btmp, audit.log; what the engine remembers]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only what happened since: 12h, 7d, 2w, 2026-11-24, 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// An .mmdb of cities or countries, such as GeoLite2-City.mmdb, to know from where logins come
    #[arg(long, value_name = "FILE")]
    pub(crate) geo: Option<PathBuf>,
    /// Print what each line says instead of judging it
    #[arg(long)]
    pub(crate) events: bool,
    /// Hold every line against the Sigma rules of this folder, too
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["follow", "events"])]
    pub(crate) sigma: Option<PathBuf>,
    /// Go on when everything is read, and say what is found as it happens; rotated logs are followed
    #[arg(long, short = 'f', conflicts_with_all = ["output", "fail_on", "all"])]
    pub(crate) follow: bool,
    /// table, json, jsonl; nftables, ipset or csv for the addresses to block; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Args)]
pub(crate) struct Downtime {
    /// Logs: text, packed or not (gzip, zstd, xz, bzip2), journals and their exports, wtmp, dpkg.log, sysstat's files and
    /// what sadf -j, sadf -d and sar print; - is standard input [default: this host's syslog or messages with what was
    /// rotated, else its journal; wtmp, auth.log, package logs, sysstat, pstore, the engine]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only what happened since: 12h, 7d, 2w, 2026-11-24, 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Print what each line says instead of judging it
    #[arg(long)]
    pub(crate) events: bool,
    /// Go on when everything is read, and say what is found as it happens; rotated logs are followed
    #[arg(long)]
    pub(crate) follow: bool,
    /// table, json, jsonl or html; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<DowntimeFormat>,
    /// The engine to ask beside the logs: unix:///PATH or tcp://HOST:PORT [default: this host's, where no file is named]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) engine: Option<String>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Spam {
    #[command(subcommand)]
    pub(crate) command: Option<SpamCommand>,
    /// Messages: Maildirs, mbox files, .eml, folders of them; texts, one a line or as JSON lines {"time","user","text"};
    /// - is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read everything as mail or as text [default: as each file looks]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<SpamKind>,
    /// table, json, jsonl (a message a line) or csv
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SpamFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpamCommand {
    /// Learn from messages that you know to be spam or ham; what was learnt wrongly is learnt anew as the opposite
    Learn(SpamLearn),
    /// Judge the logs of mail servers: who sends far more than ever before, what comes back, waits or is turned away
    Logs(SpamLogs),
}

#[derive(Debug, Args)]
pub(crate) struct SpamLogs {
    /// Logs of Postfix, Exim, sendmail, OpenSMTPD and rspamd: text, packed or not, journals and their exports; - is standard
    /// input [default: this host's mail.log or maillog, Exim's mainlog, else syslog, else the journal]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only what happened since: 12h, 7d, 2w, 2026-11-24; what is usual is learnt from that alone
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Go on when everything is read, and say what is found as it happens; rotated logs are followed
    #[arg(long, short = 'f', conflicts_with_all = ["output", "fail_on", "all"])]
    pub(crate) follow: bool,
    /// table, json, jsonl; veris or ocsf for incident databases
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<SignFormat>,
    #[command(flatten)]
    pub(crate) view: View,
}

#[derive(Debug, Args)]
pub(crate) struct SpamLearn {
    /// They are spam
    #[arg(long, required_unless_present_any = ["ham", "forget"], conflicts_with_all = ["ham", "forget"])]
    pub(crate) spam: bool,
    /// They are what people want to read
    #[arg(long, conflicts_with = "forget")]
    pub(crate) ham: bool,
    /// Forget what was learnt of them
    #[arg(long)]
    pub(crate) forget: bool,
    /// Messages, as for keelguard signs spam
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Read everything as mail or as text [default: as each file looks]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<SpamKind>,
}

/// What messages are read as.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum SpamKind {
    /// Mail with its header
    Mail,
    /// Short texts, one a line
    Text,
}
