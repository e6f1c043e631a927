//! The report as it is, for programs: one document, or a finding a line. A crowded host has thousands of findings, which
//! are most of it: they are written in shares, side by side on all cores, and handed on in their order.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use keelguard_model::{Finding, Report, Severity};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::ser::{Formatter as _, PrettyFormatter, Serializer};

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

/// Writes what a [`JsonReport`] is.
pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    // A field that is new has to be written below too.
    let Report { schema, tool, host, started, finished, areas, findings, paths, fix_set, manual, incomplete } = report;
    out.write_all(b"{\n  \"schema\": ")?;
    out.write_all(&pretty(schema, 1)?)?;
    field("tool", tool, out)?;
    field("host", host, out)?;
    field("started", started, out)?;
    field("finished", finished, out)?;
    field("areas", areas, out)?;
    out.write_all(b",\n  \"findings\": [")?;
    let findings: Vec<&Finding> = findings.iter().filter(|finding| asked(finding, options)).collect();
    let mut before: &[u8] = b"\n    ";
    in_shares(
        &findings,
        |finding, text| pretty_onto(finding, 2, text),
        |text| {
            out.write_all(before)?;
            before = b",\n    ";
            out.write_all(text)
        },
        b",\n    ",
    )?;
    out.write_all(if findings.is_empty() { b"]" } else { b"\n  ]" })?;
    field("paths", paths, out)?;
    field("fix_set", fix_set, out)?;
    field("manual", manual, out)?;
    field("incomplete", incomplete, out)?;
    if let Some(baseline) = &options.baseline {
        field("baseline", baseline, out)?;
    }
    out.write_all(b"\n}\n")
}

pub(crate) fn write_lines(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<&Finding> = report.findings.iter().filter(|finding| asked(finding, options)).collect();
    let line = |finding: &Finding, text: &mut Vec<u8>| Ok(serde_json::to_writer(text, finding)?);
    in_shares(
        &findings,
        line,
        |text| {
            out.write_all(text)?;
            out.write_all(b"\n")
        },
        b"\n",
    )
}

fn asked(finding: &Finding, options: &Options) -> bool {
    finding.severity >= options.min_severity.unwrap_or(Severity::Info)
}

/// A field of the document that is not its first.
fn field(name: &str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, ",\n  \"{name}\": ")?;
    out.write_all(&pretty(value, 1)?)
}

fn pretty(value: &impl Serialize, depth: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    pretty_onto(value, depth, &mut text)?;
    Ok(text)
}

/// Appends `value` as it stands `depth` levels deep in a document.
fn pretty_onto(value: &impl Serialize, depth: usize, text: &mut Vec<u8>) -> io::Result<()> {
    let mut formatter = PrettyFormatter::new();
    for _ in 0..depth {
        // Its depth is that of what it has opened.
        formatter.begin_array(&mut io::sink())?;
    }
    Ok(value.serialize(&mut Serializer::with_formatter(text, formatter))?)
}

/// Findings that a thread takes at a time.
const SHARE: usize = 128;

/// Writes `findings` with `one`, `between` each two of them, and hands the text to `done` in their order, share by share.
fn in_shares(
    findings: &[&Finding],
    one: impl Fn(&Finding, &mut Vec<u8>) -> io::Result<()> + Sync,
    mut done: impl FnMut(&[u8]) -> io::Result<()>,
    between: &[u8],
) -> io::Result<()> {
    let write_share = |share: &[&Finding]| -> io::Result<Vec<u8>> {
        let mut text = Vec::with_capacity(share.len() * 2048);
        for (place, finding) in share.iter().enumerate() {
            if place > 0 {
                text.extend_from_slice(between);
            }
            one(finding, &mut text)?;
        }
        Ok(text)
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    if cores == 1 || findings.len() < 4 * SHARE {
        return findings.chunks(SHARE).try_for_each(|share| done(&write_share(share)?));
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (hand_in, handed_in) = mpsc::channel();
        for _ in 0..cores {
            let (hand_in, next, write_share) = (hand_in.clone(), &next, &write_share);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(share) = findings.chunks(SHARE).nth(place) else { return };
                    // Whoever would read it may be gone: then nobody needs the rest.
                    if hand_in.send((place, write_share(share))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(hand_in);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (place, text) in handed_in {
            early.insert(place, text);
            while let Some(text) = early.remove(&due) {
                done(&text?)?;
                due += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use keelguard_model::Subject;

    use super::*;

    /// A report with so many findings of all rules in turn.
    fn report(count: usize) -> Report {
        let rules: Vec<_> = keelguard_model::rules().collect();
        let rules = rules.into_iter().cycle().take(count).enumerate();
        let finding = |(number, rule): (usize, &keelguard_model::Rule)| {
            let subject = Subject::container(format!("c{number}"), format!("{number:064x}"));
            rule.on(subject).evidence("Name", format!("\"quoted\"\n\u{1b}[2J {number}")).command("docker ps")
        };
        Report { findings: rules.map(finding).collect(), ..crate::empty_report("edge-07") }
    }

    #[test]
    fn the_document_is_what_a_serializer_makes_of_a_json_report() {
        let comparison = |report: &Report| crate::compare(&crate::empty_report("edge-07"), report);
        for count in [0, 1, 2, SHARE, 10 * SHARE + 7] {
            let report = report(count);
            for baseline in [None, Some(comparison(&report))] {
                let options = Options { baseline: baseline.clone(), ..Options::default() };
                let mut text = Vec::new();
                write(&report, &options, &mut text).unwrap();
                let whole = serde_json::to_string_pretty(&JsonReport { report: report.clone(), baseline }).unwrap();
                assert_eq!(String::from_utf8(text).unwrap(), format!("{whole}\n"), "{count}");
            }
        }
    }

    #[test]
    fn lines_stand_in_the_order_of_the_findings() {
        let report = report(10 * SHARE + 7);
        let mut text = Vec::new();
        write_lines(&report, &Options::default(), &mut text).unwrap();
        let lines: Vec<Finding> =
            text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(lines, report.findings);
    }

    #[test]
    fn a_reader_who_goes_away_ends_the_work() {
        struct Gone(usize);
        impl Write for Gone {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let report = report(20 * SHARE);
        for writes in [0, 16, 20] {
            let error = write(&report, &Options::default(), &mut Gone(writes)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        }
    }
}
