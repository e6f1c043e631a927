//! The report as SARIF 2.1.0, for code scanning: policies are files of a repository, and findings have their lines.

use std::io::{self, Write};

use keelguard_model::Severity;
use keelguard_model::text::percent_encoded;
use serde_json::{Value, json};

use super::codes::CODES;
use super::report::{LintFinding, LintReport};

/// Writes the report as SARIF.
pub fn sarif(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Value> = CODES
        .iter()
        .map(|code| {
            json!({
                "id": code.name, "shortDescription": {"text": code.title},
                "defaultConfiguration": {"level": level(code.severity)},
                "properties": {"tags": ["security", "iam", code.class.name()]},
            })
        })
        .collect();
    let results: Vec<Value> = report
        .policies
        .iter()
        .flat_map(|policy| policy.findings.iter().map(|finding| result(&policy.file, finding)))
        .collect();
    let notes: Vec<Value> = report
        .incomplete
        .iter()
        .map(|gap| json!({"level": "warning", "message": {"text": format!("{} was not looked at: {}", gap.what, gap.why)}}))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "keelguard", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "invocations": [{"executionSuccessful": notes.is_empty(), "toolExecutionNotifications": notes}],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn result(file: &str, finding: &LintFinding) -> Value {
    let instead = finding.instead.as_ref().map(|instead| format!(" Instead: {instead}")).unwrap_or_default();
    let text = format!("{}.{instead}", finding.says);
    let plain = b"/-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    json!({
        "ruleId": finding.code,
        "ruleIndex": CODES.iter().position(|code| code.name == finding.code),
        "level": level(finding.severity),
        // Markdown would be read into a plain message by some viewers: brackets are links there.
        "message": {"text": text.replace('[', "\\[").replace(']', "\\]")},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": percent_encoded(file, plain)},
                "region": {"startLine": finding.line, "startColumn": finding.column},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.path}],
        }],
        "properties": {"class": finding.class, "severity": finding.severity},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}
