//! A benchmark in its own numbering: which checks pass, which fail, which are left to a person.

use std::io::Write;

use serde::Serialize;

use crate::layout::{Line, Screen};
use crate::style::{BOLD, CYAN, DIM, GREEN, PLAIN, RED, YELLOW};
use crate::{Error, Format, Options, html, junit, markdown, words};

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Looked at, and in order.
    Pass,
    /// A finding says otherwise.
    Fail,
    /// No program can decide it.
    Manual,
    /// Does not apply here (no swarm, no such file).
    NotApplicable,
    /// Could not be looked at.
    Unknown,
}

impl Outcome {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::NotApplicable => "not applicable",
            Self::Unknown => "could not look",
        }
    }

    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Pass => "✔ pass  ",
            Self::Fail => "✖ FAIL  ",
            Self::Manual => "◇ manual",
            Self::NotApplicable => "· n/a   ",
            Self::Unknown => "? unseen",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BenchmarkRow {
    /// `5.4`.
    pub section: String,
    /// As the benchmark puts it.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The subjects that fail, what to look at, why it does not apply.
    pub note: String,
}

/// The benchmark as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BenchmarkSummary {
    /// `CIS Docker Benchmark 1.6.0`.
    pub name: String,
    /// The host it is about.
    pub host: String,
    /// Checks in order.
    pub pass: usize,
    /// Checks that fail.
    pub fail: usize,
    /// Checks for a person.
    pub manual: usize,
    /// Checks that do not apply.
    pub not_applicable: usize,
    /// Checks that could not be made.
    pub unknown: usize,
    /// Passed, in percent of those that passed or failed; none where nothing was decided.
    pub score: Option<usize>,
}

impl BenchmarkSummary {
    /// Counts `rows`.
    pub fn of(name: impl Into<String>, host: impl Into<String>, rows: &[BenchmarkRow]) -> Self {
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        let (pass, fail) = (count(Outcome::Pass), count(Outcome::Fail));
        Self {
            name: name.into(),
            host: host.into(),
            pass,
            fail,
            manual: count(Outcome::Manual),
            not_applicable: count(Outcome::NotApplicable),
            unknown: count(Outcome::Unknown),
            score: (pass * 100).checked_div(pass + fail),
        }
    }

    /// `61 of 88 decided checks pass (69 %); 12 manual, 17 not applicable`.
    pub(crate) fn words(&self) -> String {
        let score = self.score.map(|score| format!(" ({score} %)")).unwrap_or_default();
        let mut text = format!("{} of {} decided checks pass{score}", self.pass, self.pass + self.fail);
        for (number, word) in
            [(self.manual, "manual"), (self.not_applicable, "not applicable"), (self.unknown, "could not be looked at")]
        {
            if number > 0 {
                text.push_str(&format!(", {number} {word}"));
            }
        }
        text
    }
}

/// Writes a benchmark to `out`. Without [`Options::all`] the table folds away what passes or does not apply.
///
/// # Errors
/// [`Error::NoBenchmark`] for formats that are about findings only, [`Error::Write`] where `out` fails.
pub fn render_benchmark(
    rows: &[BenchmarkRow],
    summary: &BenchmarkSummary,
    format: Format,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match format {
        Format::Table => table(rows, summary, options, out)?,
        Format::Json => {
            let document = serde_json::json!({"schema": "keelguard.benchmark/1", "summary": summary, "checks": rows});
            serde_json::to_writer_pretty(&mut *out, &document).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Jsonl => {
            for row in rows {
                serde_json::to_writer(&mut *out, row).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Format::Markdown => {
            let text = markdown::text;
            writeln!(out, "# {}: {}\n\n{}\n", text(&summary.name), text(&summary.host), summary.words())?;
            writeln!(out, "| | section | check | |\n|---|---|---|---|")?;
            for row in rows {
                let (section, title, note) = (text(&row.section), text(&row.title), text(&row.note));
                writeln!(out, "| {} | {section} | {title} | {note} |", row.outcome.words())?;
            }
        }
        Format::Html => html::write_benchmark(rows, summary, out)?,
        Format::Junit => junit::write_benchmark(rows, &summary.host, out)?,
        Format::Sarif | Format::Github => return Err(Error::NoBenchmark(format)),
    }
    out.flush()?;
    Ok(())
}

fn table(
    rows: &[BenchmarkRow],
    summary: &BenchmarkSummary,
    options: &Options,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    screen.hang(&Line::new().styled(BOLD, &summary.name).plain("  "), PLAIN, &summary.host, 1)?;
    screen.hang(&Line::new(), BOLD, &summary.words(), 2)?;
    screen.blank()?;
    let mut folded = 0;
    for row in rows {
        let style = match row.outcome {
            Outcome::Pass => GREEN,
            Outcome::Fail => RED.bold(),
            Outcome::Manual => CYAN,
            Outcome::NotApplicable => DIM,
            Outcome::Unknown => YELLOW,
        };
        if !options.all && matches!(row.outcome, Outcome::Pass | Outcome::NotApplicable) {
            folded += 1;
            continue;
        }
        let head =
            Line::new().plain("  ").styled(style, row.outcome.mark()).plain("  ").styled(BOLD, &row.section).to(19);
        screen.hang(&head, PLAIN, &row.title, 3)?;
        if !row.note.is_empty() {
            screen.hang(&Line::new().to(19), DIM, &row.note, if options.all { 9 } else { 2 })?;
        }
    }
    if folded > 0 {
        let text = format!(
            "{} that pass or do not apply: keelguard check --benchmark cis --all",
            words::count(folded, "check")
        );
        screen.blank()?;
        screen.hang(&Line::new().styled(BOLD, "Folded away").plain("   "), DIM, &text, 2)?;
    }
    Ok(())
}
