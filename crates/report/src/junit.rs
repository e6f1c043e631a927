//! JUnit XML: a suite an area, a case a finding. Each finding is a failure; an area that could not be looked at is
//! skipped, with the reason; an area without findings is one passing case, so that it is seen that it was looked at.

use std::io::{self, Write};

use keelguard_model::{Finding, Report, Severity, Verdict};

use crate::words::{subject, whole, whole_block};
use crate::{BenchmarkRow, Options, Outcome};

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let asked = options.min_severity.unwrap_or(Severity::Info);
    let mut suites = Vec::new();
    for area in &report.areas {
        let findings: Vec<_> =
            report.findings.iter().filter(|finding| finding.area == area.area && finding.severity >= asked).collect();
        let mut cases: Vec<Case> = findings.iter().map(|finding| case(finding)).collect();
        if area.verdict == Verdict::Unknown {
            let outcome = CaseOutcome::Skipped(area.reason.clone());
            cases.push(Case {
                class: format!("keelguard.{}", area.area),
                name: area.area.question().to_owned(),
                outcome,
            });
        } else if cases.is_empty() {
            let class = format!("keelguard.{}", area.area);
            cases.push(Case { class, name: area.area.question().to_owned(), outcome: CaseOutcome::Passed });
        }
        for gap in report.incomplete.iter().filter(|gap| gap.area == area.area) {
            let outcome = CaseOutcome::Skipped(gap.why.clone());
            cases.push(Case { class: format!("keelguard.{}", gap.area), name: gap.what.clone(), outcome });
        }
        suites.push((area.area.name().to_owned(), cases));
    }
    let started = report.started.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    write_suites(&suites, &report.host.name, &started, out)
}

/// The benchmark: a suite a chapter.
pub(crate) fn write_benchmark(rows: &[BenchmarkRow], host: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<(String, Vec<Case>)> = Vec::new();
    for row in rows {
        let chapter = row.section.split('.').next().unwrap_or_default().to_owned();
        let outcome = match row.outcome {
            Outcome::Pass => CaseOutcome::Passed,
            Outcome::Fail => {
                CaseOutcome::Failed { kind: "fail".to_owned(), message: row.note.clone(), body: row.note.clone() }
            }
            other => CaseOutcome::Skipped(format!("{}: {}", other.words(), row.note)),
        };
        let case = Case { class: format!("cis.{chapter}"), name: format!("{} {}", row.section, row.title), outcome };
        match suites.last_mut() {
            Some((name, cases)) if *name == chapter => cases.push(case),
            _ => suites.push((chapter, vec![case])),
        }
    }
    write_suites(&suites, host, "1970-01-01T00:00:00", out)
}

struct Case {
    class: String,
    name: String,
    outcome: CaseOutcome,
}

enum CaseOutcome {
    Passed,
    Failed { kind: String, message: String, body: String },
    Skipped(String),
}

fn case(finding: &Finding) -> Case {
    let class = format!("keelguard.{}.{}", finding.area, finding.rule);
    let name = format!("{}: {}", subject(&finding.subject), finding.title);
    if let Some(suppressed) = &finding.suppressed {
        return Case { class, name, outcome: CaseOutcome::Skipped(format!("exception: {}", suppressed.reason)) };
    }
    let mut body = String::new();
    for piece in &finding.evidence {
        body.push_str(&format!("{} = {}\n", whole(&piece.what), whole(&piece.value)));
    }
    body.push_str(&format!("Fix: {}\n", whole(&finding.fix.summary)));
    for command in &finding.fix.commands {
        body.push_str(&format!("$ {}\n", whole_block(command)));
    }
    let message = format!("{} {}: {}", finding.severity, finding.rule, finding.title);
    Case { class, name, outcome: CaseOutcome::Failed { kind: finding.severity.name().to_owned(), message, body } }
}

fn write_suites(suites: &[(String, Vec<Case>)], host: &str, started: &str, out: &mut dyn Write) -> io::Result<()> {
    let failures =
        |cases: &[Case]| cases.iter().filter(|case| matches!(case.outcome, CaseOutcome::Failed { .. })).count();
    let skipped = |cases: &[Case]| cases.iter().filter(|case| matches!(case.outcome, CaseOutcome::Skipped(_))).count();
    let tests: usize = suites.iter().map(|(_, cases)| cases.len()).sum();
    let failed: usize = suites.iter().map(|(_, cases)| failures(cases)).sum();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"keelguard\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">")?;
    for (name, cases) in suites {
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" hostname=\"{}\" timestamp=\"{started}\">",
            xml(name),
            cases.len(),
            failures(cases),
            skipped(cases),
            xml(host)
        )?;
        for case in cases {
            write!(out, "    <testcase classname=\"{}\" name=\"{}\"", xml(&case.class), xml(&case.name))?;
            match &case.outcome {
                CaseOutcome::Passed => writeln!(out, "/>")?,
                CaseOutcome::Skipped(why) => writeln!(out, "><skipped message=\"{}\"/></testcase>", xml(why))?,
                CaseOutcome::Failed { kind, message, body } => writeln!(
                    out,
                    "><failure type=\"{}\" message=\"{}\">{}</failure></testcase>",
                    xml(kind),
                    xml(message),
                    xml_block(body)
                )?,
            }
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// For attributes. [`whole`] has replaced the control characters; what XML 1.0 cannot hold besides is left out.
fn xml(text: &str) -> String {
    escape(&whole(text))
}

fn xml_block(text: &str) -> String {
    escape(&whole_block(text))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
