//! A [`Report`] as people and programs want it: on a terminal, in a pipeline, in a browser, on paper. Every view is a
//! pure function of the report and the [`Options`]; what comes from containers is escaped in each by that format's rules.
//!
//! ```
//! use keelguard_report::{Format, Options, read_report, render};
//! # let report = keelguard_report::empty_report("edge-07");
//! let mut page = Vec::new();
//! render(&report, Format::Json, &Options::default(), &mut page)?;
//! assert_eq!(read_report(&page)?.host.name, "edge-07");
//! # Ok::<(), keelguard_report::Error>(())
//! ```

// A report is written once, after the work is done: the string that `format!` makes on the way costs nothing there.
#![allow(clippy::format_push_string)]

mod baseline;
mod benchmark;
mod bom;
mod downtime;
mod fold;
mod format;
mod github;
mod html;
mod image;
mod incidents;
mod json;
mod junit;
mod layout;
mod markdown;
mod ocsf;
mod read;
mod registry;
mod rules;
mod sarif;
mod select;
mod sign;
mod spam;
mod style;
mod table;
mod veris;
mod words;

use std::io::{self, BufWriter, Write};

pub use baseline::{Comparison, compare};
pub use benchmark::{BenchmarkRow, BenchmarkSummary, Outcome, render_benchmark};
pub use downtime::{DowntimeFormat, render_downtime};
pub use format::{Format, ImageFormat};
pub use image::{ImageView, render_image};
pub use incidents::{IncidentFormat, render_incidents};
pub use json::JsonReport;
use keelguard_model::{Area, AreaResult, Counts, HostInfo, REPORT_SCHEMA, Report, Severity, ToolInfo, Verdict};
pub use ocsf::{OcsfLifecycle, OcsfLogin};
pub use read::{LARGEST_REPORT, read_report};
pub use registry::render_registry;
pub use rules::{explain, rule_list, rules_markdown};
pub use sign::{SignFormat, render_sign};
pub use spam::{SpamFormat, SpamWriter};
pub use veris::VerisVictim;
pub use words::OF_CLOUD;

/// What can go wrong between a report and its reader.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place it was written to failed; a closed pipe among it ([`Error::is_closed_pipe`]).
    #[error("write the report")]
    Write(#[from] io::Error),
    /// The format has no way to show a benchmark.
    #[error("show a benchmark as {0}: use table, json, jsonl, markdown, html or junit")]
    NoBenchmark(Format),
    /// Larger than [`LARGEST_REPORT`].
    #[error("read a report of {size} bytes: at most {LARGEST_REPORT} are read")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// Not JSON, cut off, or not of a report's form.
    #[error("read the report: it is damaged or no report of `keelguard check --format json`")]
    Damaged(#[source] serde_json::Error),
    /// JSON that names another schema.
    #[error("read the report: its schema is {0:?}, not \"{REPORT_SCHEMA}\"")]
    NoReport(String),
    /// Written by a later Keelguard.
    #[error("read the report: its schema {0:?} is newer than \"{REPORT_SCHEMA}\"; update keelguard, or make it anew")]
    Newer(String),
}

impl Error {
    /// Whether the reader of our output simply went away, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// How to show a report.
#[derive(Clone, Debug)]
pub struct Options {
    /// Colour on the terminal. It only repeats what the words say.
    pub color: bool,
    /// The terminal's width in columns; taken between 60 and 200.
    pub width: usize,
    /// Unfold everything in the table.
    pub all: bool,
    /// Show findings that an exception covers. The formats for programs always hold them, marked.
    pub show_suppressed: bool,
    /// Leave out findings below this. Verdicts, counts and paths stay as they are.
    pub min_severity: Option<Severity>,
    /// What changed since an earlier report ([`compare`]).
    pub baseline: Option<Comparison>,
    /// Lines to end the table with, each what to type next; none for the table's own choice.
    pub hints: Vec<String>,
    /// The attack graph, drawn; the HTML page shows it if it is harmless.
    pub graph_svg: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
            all: false,
            show_suppressed: false,
            min_severity: None,
            baseline: None,
            hints: Vec::new(),
            graph_svg: None,
        }
    }
}

/// Writes `report` to `out` in `format`.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render(report: &Report, format: Format, options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        Format::Table => table::write(report, options, &mut out)?,
        Format::Json => json::write(report, options, &mut out)?,
        Format::Jsonl => json::write_lines(report, options, &mut out)?,
        Format::Sarif => sarif::write(report, options, &mut out)?,
        Format::Junit => junit::write(report, options, &mut out)?,
        Format::Markdown => markdown::write(report, options, &mut out)?,
        Format::Html => html::write(report, options, &mut out)?,
        Format::Github => github::write(report, options, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// A report about nothing yet: nine unknown areas. For examples and tests.
#[doc(hidden)]
pub fn empty_report(host: &str) -> Report {
    let area = |area| AreaResult {
        area,
        verdict: Verdict::Unknown,
        counts: Counts::default(),
        reason: "nobody looked".to_owned(),
    };
    Report {
        schema: REPORT_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        host: HostInfo { name: host.to_owned(), ..HostInfo::default() },
        started: jiff::Timestamp::UNIX_EPOCH,
        finished: jiff::Timestamp::UNIX_EPOCH,
        areas: Area::ALL.into_iter().map(area).collect(),
        findings: Vec::new(),
        paths: Vec::new(),
        fix_set: Vec::new(),
        manual: Vec::new(),
        incomplete: Vec::new(),
    }
}
