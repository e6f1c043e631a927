//! The report as it is, for programs: one document, or a finding a line.

use std::io::{self, Write};

use keelguard_model::{Finding, Report, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Comparison, Options};

/// What `--format json` writes: the report, and with a baseline the comparison beside its fields.
#[derive(Serialize, JsonSchema)]
pub struct JsonReport {
    /// The report.
    #[serde(flatten)]
    pub report: Report,
    /// What changed since the baseline, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Comparison>,
}

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut report = report.clone();
    report.findings.retain(|finding| asked(finding, options));
    let document = JsonReport { report, baseline: options.baseline.clone() };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

pub(crate) fn write_lines(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings.iter().filter(|finding| asked(finding, options)) {
        serde_json::to_writer(&mut *out, finding)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn asked(finding: &Finding, options: &Options) -> bool {
    finding.severity >= options.min_severity.unwrap_or(Severity::Info)
}
