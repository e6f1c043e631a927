//! Markdown for a pull request, a ticket or a wiki. Foreign text must not become a table cell's end, a link, HTML, or a
//! mention that calls somebody.

use std::io::{self, Write};

use keelguard_model::{Counts, Report, Severity, Verdict};

use crate::select::{Selection, by_subject};
use crate::words::{evidence, whole, whole_block};
use crate::{Options, fold, words};

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let selection = Selection::of(report, options);
    writeln!(out, "# Keelguard: {}\n", text(&report.host.name))?;
    let facts: Vec<_> =
        words::host(&report.host).into_iter().skip(1).chain(words::scope(report)).map(|part| text(&part)).collect();
    writeln!(out, "{}\n", facts.join(" · "))?;
    if let Some(source) = words::other_source(&report.host) {
        writeln!(out, "> Not this host as it runs: {}\n", text(source))?;
    }
    writeln!(out, "| | area | |\n|---|---|---|")?;
    for area in &report.areas {
        let counts = words::counts(area.counts);
        let reason = if counts.is_empty() { text(&area.reason) } else { counts };
        writeln!(out, "| {} | {} | {reason} |", verdict(area.verdict), area.area)?;
    }
    if let Some(baseline) = &options.baseline {
        writeln!(out, "\n**{}**", words::baseline(baseline))?;
        for finding in &baseline.fixed {
            writeln!(
                out,
                "- fixed: {} {}: {}",
                text(&finding.rule),
                text(&words::subject(&finding.subject)),
                text(&finding.title)
            )?;
        }
    }
    if !report.paths.is_empty() {
        writeln!(out, "\n## Paths to the host\n\n| cost | path | how |\n|---:|---|---|")?;
        for paths in fold::paths(&report.paths) {
            writeln!(out, "| {} | {} | {} |", paths.path.cost, text(&paths.chain(400)), text(&paths.how()))?;
        }
    }
    if !report.fix_set.is_empty() {
        writeln!(out, "\n## Do these first\n")?;
        for (index, step) in report.fix_set.iter().enumerate() {
            let subject = text(&words::subject(&step.subject));
            writeln!(out, "{}. **{subject}**: {} ({})", index + 1, text(&step.summary), text(&step.rules.join(", ")))?;
            code(out, &step.commands.join("\n"), "sh", "   ")?;
        }
        writeln!(out, "\n{}", words::after(report.fix_set.len()))?;
    }
    findings(&selection, out)?;
    if !report.incomplete.is_empty() {
        writeln!(out, "\n## Could not look at\n")?;
        for gap in &report.incomplete {
            writeln!(out, "- {}: {}: {}", gap.area, text(&gap.what), text(&gap.why))?;
        }
    }
    if !report.manual.is_empty() {
        writeln!(out, "\n## To look at yourself\n")?;
        for check in &report.manual {
            writeln!(out, "- CIS {}: {} ({})", text(&check.cis), text(&check.title), text(&check.look_at))?;
        }
    }
    if !options.show_suppressed && !selection.suppressed.is_empty() {
        writeln!(out, "\nNot shown: {} under an exception.", selection.suppressed.len())?;
    }
    Ok(())
}

fn findings(selection: &Selection<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = words::counts(Counts::of(selection.shown.iter().copied()));
    writeln!(out, "\n## Findings\n\n{}", if counts.is_empty() { "None." } else { &counts })?;
    for group in by_subject(&selection.shown) {
        let subject = text(&words::subject(group.subject));
        writeln!(out, "\n### {subject}\n\n| severity | rule | finding | evidence |\n|---|---|---|---|")?;
        for finding in group.findings {
            let new = if selection.is_new(finding) { "**new** " } else { "" };
            let excepted = if finding.suppressed.is_some() { "*excepted* " } else { "" };
            let (rule, title, evidence) = (text(&finding.rule), text(&finding.title), text(&evidence(finding)));
            writeln!(out, "| {} | {rule} | {new}{excepted}{title} | {evidence} |", severity(finding.severity))?;
        }
    }
    Ok(())
}

fn severity(severity: Severity) -> String {
    if severity >= Severity::High { format!("**{severity}**") } else { severity.to_string() }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Red => "✖ **red**",
        Verdict::Amber => "▲ **amber**",
        Verdict::Green => "✔ green",
        Verdict::Unknown => "? unknown",
    }
}

/// Foreign text as text: every character that Markdown or HTML could read is escaped, mentions are broken.
pub(crate) fn text(foreign: &str) -> String {
    let mut escaped = String::new();
    let shown = whole(foreign);
    for character in shown.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    // Bare addresses become links without any brackets.
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A fenced block whose fence is longer than any run of backticks in it.
fn code(out: &mut dyn Write, foreign: &str, language: &str, indent: &str) -> io::Result<()> {
    if foreign.is_empty() {
        return Ok(());
    }
    let shown = whole_block(foreign);
    let (mut longest, mut run) = (0, 0);
    for character in shown.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    writeln!(out, "{indent}{fence}{language}")?;
    for line in shown.lines() {
        writeln!(out, "{indent}{line}")?;
    }
    writeln!(out, "{indent}{fence}")
}
