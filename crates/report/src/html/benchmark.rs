//! A benchmark as a page.

use std::io::{self, Write};

use super::escape::text;
use super::head;
use crate::{BenchmarkRow, BenchmarkSummary, Outcome};

pub(crate) fn write(rows: &[BenchmarkRow], summary: &BenchmarkSummary, out: &mut dyn Write) -> io::Result<()> {
    head(out, &format!("{}: {}", summary.name, summary.host))?;
    writeln!(out, "<header><p class=brand>{}</p><h1>{}</h1>", text(&summary.name), text(&summary.host))?;
    writeln!(out, "<p class=facts>{}</p></header><main>", text(&summary.words()))?;
    writeln!(out, "<table><thead><tr><th>Result</th><th>Section</th><th>Check</th></tr></thead><tbody>")?;
    for row in rows {
        let class = match row.outcome {
            Outcome::Pass => "green",
            Outcome::Fail => "red",
            Outcome::Manual | Outcome::NotApplicable => "unknown",
            Outcome::Unknown => "amber",
        };
        let (mark, section, title, note) = (row.outcome.mark(), text(&row.section), text(&row.title), text(&row.note));
        writeln!(
            out,
            "<tr><td class=\"outcome {class}\">{mark}</td><td>{section}</td><td>{title}<br><small>{note}</small></td></tr>"
        )?;
    }
    writeln!(out, "</tbody></table></main></body></html>")
}
