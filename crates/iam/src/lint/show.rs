//! The report for people.

use std::io::{self, Write};

use keelguard_model::Severity;
use keelguard_model::text::printable;

use super::report::{LintFinding, LintReport};

/// Writes the report as text: a finding a paragraph, its place in front as compilers write it.
pub fn table(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    for policy in &report.policies {
        let place = policy.place.as_ref().map(|place| format!(" at {}", printable(place))).unwrap_or_default();
        let guessed = if policy.guessed { ", by its content" } else { "" };
        let about = format!("{}{place} ({}{guessed})", printable(&policy.file), policy.kind.title());
        if policy.findings.is_empty() {
            writeln!(out, "{about}: nothing found")?;
            continue;
        }
        writeln!(out, "{about}")?;
        for finding in &policy.findings {
            write_finding(&policy.file, finding, out)?;
        }
    }
    for gap in &report.incomplete {
        writeln!(out, "not looked at: {}: {}", printable(&gap.what), printable(&gap.why))?;
    }
    summary(report, out)
}

fn write_finding(file: &str, finding: &LintFinding, out: &mut dyn Write) -> io::Result<()> {
    let place = format!("{}:{}:{}", printable(file), finding.line, finding.column);
    writeln!(out, "  {place}  {}  {}", mark(finding.severity), finding.code)?;
    writeln!(out, "      {}", sentence(&finding.says))?;
    if let Some(instead) = &finding.instead {
        writeln!(out, "      → {}", printable(instead))?;
    }
    Ok(())
}

fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    // A name keeps its case: s3:GetObject, arn:…
    let named = says.split(' ').next().is_some_and(|word| word.contains([':', '/', '.', '_', '-']));
    let text = if named { says.to_owned() } else { first + letters.as_str() };
    format!("{}.", printable(&text))
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "✖ CRITICAL",
        Severity::High => "▲ HIGH",
        Severity::Medium => "● medium",
        Severity::Low => "○ low",
        Severity::Info => "· info",
    }
}

fn summary(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let count = report.findings().count();
    let by: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let count = report.findings().filter(|finding| finding.severity == severity).count();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    let policies = report.policies.len();
    let [policies_word, findings_word] = [("policy", "policies", policies), ("finding", "findings", count)]
        .map(|(one, many, count)| if count == 1 { one } else { many });
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let skipped = match report.skipped {
        0 => String::new(),
        skipped => format!("; {skipped} left alone, which are AWS's own or not in force"),
    };
    let catalogue = &report.catalogue;
    let old = if catalogue.old { ", more than a year old: what AWS has added since is called unknown" } else { "" };
    writeln!(
        out,
        "\n{policies} {policies_word}, {count} {findings_word}{by}{skipped}. Actions and keys as of {}{old}.",
        catalogue.date
    )
}
