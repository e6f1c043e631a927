//! Incidents on the screen, as JSON, and in the languages of the field: VERIS and OCSF.

mod table;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use keelguard_model::incident::IncidentReport;

use crate::{Error, Options, VerisVictim, ocsf, veris};

/// How incidents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IncidentFormat {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One incident a line.
    Jsonl,
    /// VERIS 1.4.1, one incident a line.
    Veris,
    /// OCSF Incident Findings, one a line.
    Ocsf,
}

impl IncidentFormat {
    /// All, in the order in which help shows them.
    pub const ALL: [Self; 5] = [Self::Table, Self::Json, Self::Jsonl, Self::Veris, Self::Ocsf];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Veris => "veris",
            Self::Ocsf => "ocsf",
        }
    }
}

impl fmt::Display for IncidentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for IncidentFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        crate::format::by_name(text, &Self::ALL)
    }
}

/// Writes `report` to `out` in `format`; `victim` is who VERIS says it happened to.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render_incidents(
    report: &IncidentReport,
    format: IncidentFormat,
    options: &Options,
    victim: &VerisVictim,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        IncidentFormat::Table => table::write(report, options, &mut out)?,
        IncidentFormat::Json => {
            serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        IncidentFormat::Jsonl => {
            for incident in &report.incidents {
                line(incident, &mut out)?;
            }
        }
        IncidentFormat::Veris => {
            for incident in &report.incidents {
                line(&veris::document(incident, report, victim), &mut out)?;
            }
        }
        IncidentFormat::Ocsf => {
            for incident in &report.incidents {
                line(&ocsf::incident(incident, &report.tool), &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// One value as a line of JSON.
pub(crate) fn line(value: &impl serde::Serialize, out: &mut dyn Write) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
