//! The sign of downtime: a row a subject, findings, and a calendar as a heat map; on the screen, as a page, as JSON.

mod heat;
mod page;
mod table;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use keelguard_model::downtime::{DowntimeReport, Measure, Period, Uptime};

use crate::{Error, Options};

/// How the sign of downtime is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DowntimeFormat {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One finding, or one event, a line.
    Jsonl,
    /// A page for a browser or paper.
    Html,
    /// The incidents among the findings in VERIS 1.4.1, one a line: [`crate::render_incidents`] writes them.
    Veris,
    /// The findings as OCSF Detection Findings, one a line; with `--events`, the events.
    Ocsf,
}

impl DowntimeFormat {
    /// All, in the order in which help shows them.
    pub const ALL: [Self; 6] = [Self::Table, Self::Json, Self::Jsonl, Self::Html, Self::Veris, Self::Ocsf];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Html => "html",
            Self::Veris => "veris",
            Self::Ocsf => "ocsf",
        }
    }
}

impl fmt::Display for DowntimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DowntimeFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        crate::format::by_name(text, &Self::ALL)
    }
}

/// Writes `report` to `out` in `format`.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render_downtime(
    report: &DowntimeReport,
    format: DowntimeFormat,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        DowntimeFormat::Table => table::write(report, options, &mut out)?,
        DowntimeFormat::Json => {
            serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        DowntimeFormat::Jsonl => {
            for finding in &report.findings {
                serde_json::to_writer(&mut out, finding).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        DowntimeFormat::Html => page::write(report, options, &mut out)?,
        DowntimeFormat::Ocsf => {
            for finding in &report.findings {
                crate::incidents::line(&crate::ocsf::finding(finding, &report.tool), &mut out)?;
            }
        }
        // Findings that belong together are joined elsewhere.
        DowntimeFormat::Veris => {}
    }
    out.flush()?;
    Ok(())
}

fn measure(uptime: &Uptime, period: Period) -> Option<&Measure> {
    uptime.measures.iter().find(|measure| measure.period == period)
}

/// `99.95%`; a dash where nothing is known; a `~` where it is known of less than nine tenths of the period.
fn availability(uptime: &Uptime, period: Period) -> String {
    let length = match period {
        Period::Day => 86_400,
        Period::Week => 7 * 86_400,
        Period::Month => 30 * 86_400,
        Period::All => 0,
    };
    let Some(measure) = measure(uptime, period) else { return "-".to_owned() };
    let Some(share) = measure.availability else { return "-".to_owned() };
    // What is not whole never reads as whole.
    let share = if share < 1.0 { (share * 10_000.0).floor() / 100.0 } else { 100.0 };
    let mark = if measure.covered_seconds * 10 < length * 9 { "~" } else { "" };
    if share >= 100.0 { format!("{mark}100%") } else { format!("{mark}{share:.2}%") }
}

/// How long, short: `45 s`, `12 min`, `3.5 h`, `12 d`.
fn span(seconds: Option<u64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{}.{} h", seconds / 3600, seconds % 3600 / 360),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The columns of a subject's row, as every view shows them.
const COLUMNS: [&str; 9] = ["starts", "outages", "planned", "day", "week", "month", "MTBF", "MTTR", "now"];

fn columns(uptime: &Uptime) -> [String; 9] {
    let all = measure(uptime, Period::All);
    let outages = match uptime.failures {
        0 => uptime.outages.to_string(),
        failures => format!("{} ({failures} failed)", uptime.outages),
    };
    let starts = if uptime.restarts > 0 {
        format!("{} (+{})", uptime.starts, uptime.restarts)
    } else {
        uptime.starts.to_string()
    };
    [
        starts,
        outages,
        uptime.planned.to_string(),
        availability(uptime, Period::Day),
        availability(uptime, Period::Week),
        availability(uptime, Period::Month),
        span(all.and_then(|all| all.mtbf_seconds)),
        span(all.and_then(|all| all.mttr_seconds)),
        uptime.state.clone(),
    ]
}
