//! GitHub workflow commands: `::error title=…::…`. Their two kinds of field have two kinds of escape.

use std::io::{self, Write};

use keelguard_model::{Report, Severity};

use crate::Options;
use crate::select::Selection;
use crate::words::{evidence, subject, whole};

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let selection = Selection::of(report, options);
    for finding in &selection.shown {
        let command = match finding.severity {
            _ if finding.suppressed.is_some() => "notice",
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "notice",
        };
        let title = format!("{} {}: {}", finding.rule, finding.severity, finding.title);
        let mut lines = vec![subject(&finding.subject)];
        if !finding.evidence.is_empty() {
            lines.push(evidence(finding));
        }
        if !finding.fix.summary.is_empty() {
            lines.push(finding.fix.summary.clone());
        }
        if let Some(suppressed) = &finding.suppressed {
            lines.push(format!("Under an exception: {}", suppressed.reason));
        }
        let message: Vec<_> = lines.iter().map(|line| data(&whole(line))).collect();
        writeln!(out, "::{command} title={}::{}", property(&whole(&title)), message.join("%0A"))?;
    }
    for gap in &report.incomplete {
        let text = data(&whole(&format!("{}: {}", gap.what, gap.why)));
        writeln!(out, "::notice title={}::{text}", property(&format!("Could not look ({})", gap.area)))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
