//! The command line. Completions, man pages and the reference are made from these definitions.

mod iam;
mod log;
mod performance;
mod policies;
mod signs;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use iam::{AccountSource, Asking, Can, Iam, IamCommand, IamFacts, Simulate, WhatMay, WhoMay};
use keelguard_model::{Area, Severity};
use keelguard_report::{Format, ImageFormat};
pub(crate) use log::{Log, LogCommand, LogShow, LogVerify};
pub(crate) use performance::Performance;
pub(crate) use policies::{FailingRelation, LintFormat, PolicyCompare, PolicyLint, PolicyShrink};
pub(crate) use signs::{
    CanaryCommand, Data, DataBackups, DataBaseline, DataCommand, DataLogs, DataRansom, DataVerify, Downtime, Incidents,
    Logins, Signs, SignsCommand, Spam, SpamCommand, SpamKind, SpamLearn, SpamLogs, View,
};

/// Finds and closes the ways into a Docker host, and watches for the signs that somebody is in already.
#[derive(Debug, Parser)]
#[command(name = "keelguard", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with:  sudo keelguard check\nNo Docker here? See it all on a lab of risky containers:  sudo keelguard demo"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Settings file [default: keelguard.toml here, then in ~/.config/keelguard, then in /etc/keelguard]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Colours: auto, always or never [default: auto, which heeds NO_COLOR]
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) color: Option<String>,
    /// No progress and no hints on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// With errors, all their causes
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge this host: verdicts, paths to the host, what to do first, findings
    Check(Check),
    /// Print the facts of this host as JSON, for `check --facts` on any machine
    Facts(Facts),
    /// What is in an image, and what is known to be wrong with it
    Image(Image),
    /// Identities in AWS: what their policies allow, and why
    Iam(Box<Iam>),
    /// How well registries are protected: who may read, write and delete there, and by what they are reached
    Registry(Registry),
    /// Publishers of images that this host has accepted
    Trust(Trust),
    /// The signs that somebody is in already, from this host's logs
    Signs(Signs),
    /// What Keelguard itself did, in a log that shows whether somebody has changed it
    Log(Log),
    /// The database of known vulnerabilities
    Advisories(Advisories),
    /// What is kept of images from earlier runs
    Cache(Cache),
    /// The attack graph: cheapest paths, who reaches whom, the smallest set of fixes
    Paths(Paths),
    /// What a rule says, why it matters, how to fix it
    Explain(Explain),
    /// List all rules
    Rules(Rules),
    /// What Keelguard can and cannot see here, and how to let it
    Doctor(Doctor),
    /// Show each setting and where its value comes from
    Config(Config),
    /// The whole story on a lab of risky containers, in under a minute; needs root
    Demo(Demo),
    /// Shell completions
    Completions(Completions),
    /// Man pages
    Man(Man),
    /// The reference page of this command line, in Markdown
    #[command(hide = true)]
    Reference,
}

/// Where the facts come from.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// The engine: unix:///PATH or tcp://HOST:PORT [default: DOCKER_HOST, the current context, the usual sockets]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) engine: Option<String>,
    /// Read facts from this file instead of from the host
    #[arg(long, value_name = "FILE", conflicts_with = "engine")]
    pub(crate) facts: Option<PathBuf>,
}

/// Where the output goes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Destination {
    /// Write to this file instead of standard output; it appears whole or not at all
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) source: Source,
    /// table, json, jsonl, sarif, junit, markdown, html or github
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) destination: Destination,
    /// Judge only these areas
    #[arg(long, value_name = "AREA,…", value_delimiter = ',')]
    pub(crate) only: Vec<Area>,
    /// Show only findings at least this severe (verdicts stay)
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 when a finding is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Compare with an earlier JSON report: what is new, fixed, unchanged
    #[arg(long, value_name = "OLD.json")]
    pub(crate) baseline: Option<PathBuf>,
    /// Judge the AWS accounts of this file, too (`keelguard iam facts`, outputs of the AWS CLI); several times for several
    #[arg(long, value_name = "FILE")]
    pub(crate) iam_facts: Vec<String>,
    /// Ask AWS about the account, too, with the credentials that every AWS tool finds
    #[arg(long, conflicts_with = "iam_facts")]
    pub(crate) iam_live: bool,
    /// Do not fetch advisories that are missing
    #[arg(long)]
    pub(crate) offline: bool,
    /// Print a benchmark's own numbering with pass, fail, manual or not applicable, and a score
    #[arg(long, value_name = "NAME")]
    pub(crate) benchmark: Option<Benchmark>,
    /// Show every finding, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    /// Show findings that exceptions cover, too
    #[arg(long)]
    pub(crate) show_suppressed: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Benchmark {
    /// CIS Docker Benchmark 1.6.0
    Cis,
}

#[derive(Debug, Args)]
pub(crate) struct Image {
    /// A file, folder, image, container or software bill of materials; archive:, oci:, dir:, engine:, container:, containerd:, podman:, registry: or
    /// sbom: in front says which; - is standard input
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Which of several images, such as linux/arm64 [default: this machine's]
    #[arg(long, value_name = "OS/ARCH")]
    pub(crate) platform: Option<String>,
    /// Exit with 1 when something is at least this severe
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// table, json, jsonl, sarif, junit, markdown, html, github, cyclonedx, spdx or openvex
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ImageFormat>,
    /// Heed what this OpenVEX, CSAF or CycloneDX document says of vulnerabilities; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) vex: Vec<PathBuf>,
    /// Leave out vulnerabilities below this
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,
    /// Leave out vulnerabilities that nothing fixes yet
    #[arg(long)]
    pub(crate) fixable: bool,
    /// Say of each vulnerability how it was found: record, range, versions compared, file
    #[arg(long)]
    pub(crate) why: bool,
    /// Show everything, nothing folded
    #[arg(long, short)]
    pub(crate) all: bool,
    /// Do not fetch advisories that are missing, and ask no registry
    #[arg(long)]
    pub(crate) offline: bool,
    /// Trust the authorities in this file, too, for certificates of registries
    #[arg(long, value_name = "FILE")]
    pub(crate) registry_ca_file: Option<String>,
    /// Registries without a certificate, or with one that nobody has signed
    #[arg(long, value_name = "HOST[:PORT],…")]
    pub(crate) insecure_registries: Option<String>,
    /// Look again at what is known from an earlier run
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct Registry {
    /// Registries: HOST, HOST:PORT, http://HOST:PORT, HOST/REPOSITORY
    #[arg(value_name = "URL", required = true)]
    pub(crate) urls: Vec<String>,
    /// table, json, jsonl, sarif, junit, markdown, html or github
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Try the logins that stand in documentation; accounts may be shut by it
    #[arg(long)]
    pub(crate) try_defaults: bool,
    /// Say, too, what this account may do and what the registry's own interface tells it
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub(crate) username: Option<String>,
    /// Read its password or token from standard input
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
    /// Trust the authorities in this file, too, for certificates of registries
    #[arg(long = "registry-ca-file", value_name = "FILE")]
    pub(crate) ca_file: Option<String>,
    /// Registries to which a password is sent without a certificate, or with one that nobody has signed
    #[arg(long, value_name = "HOST[:PORT],…")]
    pub(crate) insecure_registries: Option<String>,
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
pub(crate) struct Trust {
    #[command(subcommand)]
    pub(crate) command: TrustCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Who was accepted, when and why
    List {
        /// table or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: SimpleFormat,
    },
    /// Accept publishers: docker.io/grafana, ghcr.io/home-assistant, or everything of a registry: registry.example
    Accept {
        /// Whom
        #[arg(value_name = "PUBLISHER", required = true)]
        publishers: Vec<String>,
        /// Why, for whoever reads the list
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Take publishers off the list
    Revoke {
        /// Whom
        #[arg(value_name = "PUBLISHER", required = true)]
        publishers: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Advisories {
    #[command(subcommand)]
    pub(crate) command: AdvisoriesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdvisoriesCommand {
    /// Fetch what is new from OSV's export or a mirror of it
    Update(Update),
    /// Take in a mirror's folder, an archive or folder of OSV records, or a file that export wrote
    Import(Import),
    /// Write everything into one file, to carry to a machine without a network
    Export(Export),
    /// Which ecosystems are there, and how old they are
    Status,
    /// Compare versions as an ecosystem orders them: prints <, = or >
    Compare(Compare),
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Which, such as Debian, npm or PyPI [default: those that are there]
    #[arg(value_name = "ECOSYSTEM")]
    pub(crate) ecosystems: Vec<String>,
    /// Fetch everything anew
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file to write
    #[arg(value_name = "FILE")]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder or file
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    /// Which ecosystem it is, where it is a single one, such as PyPI or Debian
    #[arg(long, value_name = "NAME")]
    pub(crate) ecosystem: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// dpkg, rpm, apk, pacman, semver, npm, pep440, go, maven, rubygems, packagist, nuget, hex, pub, cran, hackage, bitnami
    #[arg(value_name = "SCHEME")]
    pub(crate) scheme: String,
    /// Two versions
    #[arg(value_name = "VERSION", num_args = 0..=2, conflicts_with = "batch", allow_hyphen_values = true)]
    pub(crate) versions: Vec<String>,
    /// Read lines of A<TAB>B from standard input
    #[arg(long)]
    pub(crate) batch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// How much is kept, and where
    Status,
    /// Remove it all
    Clear,
}

#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// The engine: unix:///PATH or tcp://HOST:PORT [default: DOCKER_HOST, the current context, the usual sockets]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) engine: Option<String>,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Where the attacker starts: a container, internet [default: the internet and every container]
    #[arg(long, value_name = "NODE")]
    pub(crate) from: Option<String>,
    /// Look into the AWS accounts of this file, too; several times for several
    #[arg(long, value_name = "FILE")]
    pub(crate) iam_facts: Vec<String>,
    /// What they want: a container, host, cloud [default: host, and cloud where it can be reached]
    #[arg(long, value_name = "NODE")]
    pub(crate) to: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: PathFormat,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PathFormat {
    Table,
    Json,
    Dot,
    Mermaid,
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule's id, such as KG-B001, or the fingerprint of a finding with --facts or on this host
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// table, json or markdown
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RulesFormat,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RulesFormat {
    Table,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) source: Source,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimpleFormat {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: SimpleFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Leave the lab running and say how to look around and how to take it down
    #[arg(long)]
    pub(crate) keep: bool,
    /// Install missing packages (docker.io, busybox-static, iproute2) from the distribution
    #[arg(long)]
    pub(crate) install: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write one page a command into this folder, instead of the main page to standard output
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
