//! One sign on the screen, as JSON, and as a list of addresses for a firewall.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;
use std::str::FromStr;

use keelguard_model::sign::SignReport;
use keelguard_model::{Counts, Finding, Incomplete, Severity, Verdict};

use crate::layout::{Line, Screen};
use crate::style::{BOLD, CYAN, DIM, PLAIN, YELLOW, of_severity, of_verdict, severity_mark, verdict_mark};
use crate::{Error, Options, words};

/// How a sign is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SignFormat {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One finding, or one event, a line.
    Jsonl,
    /// A script for `nft -f` that drops what comes from the addresses to block.
    Nftables,
    /// Lines for `ipset restore`.
    Ipset,
    /// The addresses to block, with the rules that say so.
    Csv,
    /// The incidents among the findings in VERIS 1.4.1, one a line: [`crate::render_incidents`] writes them.
    Veris,
    /// The findings as OCSF Detection Findings, one a line; with `--events`, the events.
    Ocsf,
}

impl SignFormat {
    /// All, in the order in which help shows them.
    pub const ALL: [Self; 8] =
        [Self::Table, Self::Json, Self::Jsonl, Self::Nftables, Self::Ipset, Self::Csv, Self::Veris, Self::Ocsf];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Nftables => "nftables",
            Self::Ipset => "ipset",
            Self::Csv => "csv",
            Self::Veris => "veris",
            Self::Ocsf => "ocsf",
        }
    }
}

impl fmt::Display for SignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SignFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        crate::format::by_name(text, &Self::ALL)
    }
}

/// Writes `report` to `out` in `format`.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render_sign(
    report: &SignReport,
    format: SignFormat,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        SignFormat::Table => table(report, options, &mut out)?,
        SignFormat::Json => {
            serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        SignFormat::Jsonl => {
            for finding in &report.findings {
                serde_json::to_writer(&mut out, finding).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        SignFormat::Nftables => nftables(report, &mut out)?,
        SignFormat::Ipset => ipset(report, &mut out)?,
        SignFormat::Csv => csv(report, &mut out)?,
        SignFormat::Ocsf => {
            for finding in &report.findings {
                crate::incidents::line(&crate::ocsf::finding(finding, &report.tool), &mut out)?;
            }
        }
        // Findings that belong together are joined elsewhere.
        SignFormat::Veris => {}
    }
    out.flush()?;
    Ok(())
}

/// Findings of one rule that are shown before the rest is counted.
const ALIKE: usize = 5;
/// As many gaps as one screen bears.
const GAPS: usize = 5;

fn table(report: &SignReport, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    let seen = Looked { lines: report.lines, events: report.events, from: report.from, to: report.to };
    head(report.area.name(), report.verdict, &report.findings, seen, &mut screen)?;
    findings(&report.findings, options, &mut screen)?;
    gaps(&report.incomplete, options, &mut screen)?;
    closing(report, &mut screen)
}

/// What was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    pub(crate) lines: u64,
    pub(crate) events: u64,
    pub(crate) from: Option<jiff::Timestamp>,
    pub(crate) to: Option<jiff::Timestamp>,
}

impl Looked {
    /// `, 2026-11-23 08:00 to 2026-11-24 08:00 UTC`, behind what stands before it.
    pub(crate) fn span(&self, before: &str) -> String {
        let time = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M").to_string();
        let span = self.from.zip(self.to).map(|(from, to)| format!("{before}{} to {} UTC", time(from), time(to)));
        span.unwrap_or_default()
    }
}

/// The verdict in words, and what was looked at for it.
pub(crate) fn head(
    name: &str,
    verdict: Verdict,
    findings: &[Finding],
    looked: Looked,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let counts = words::counts(Counts::of(findings.iter().filter(|finding| finding.suppressed.is_none())));
    let head = Line::new().styled(BOLD, name).plain("   ");
    let head = head.styled(of_verdict(verdict), verdict_mark(verdict).trim_end()).plain("   ");
    let reason = match (verdict, counts.is_empty()) {
        (_, false) => counts,
        (Verdict::Unknown, true) => "nothing was found, but not everything could be looked at".to_owned(),
        _ => "nothing was found".to_owned(),
    };
    screen.line(&head.plain(&reason))?;
    let text = format!("{} lines with {} events{}", looked.lines, looked.events, looked.span(", "));
    screen.line(&Line::new().styled(DIM, &text))
}

/// Findings, those of one rule folded together.
pub(crate) fn findings(list: &[Finding], options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let shown: Vec<&Finding> = list
        .iter()
        .filter(|finding| options.show_suppressed || finding.suppressed.is_none())
        .filter(|finding| options.min_severity.is_none_or(|least| finding.severity >= least))
        .collect();
    let mut alike: std::collections::BTreeMap<(Severity, &str), usize> = std::collections::BTreeMap::new();
    for finding in &shown {
        let seen = alike.entry((finding.severity, &finding.rule)).or_default();
        *seen += 1;
        let urgent = finding.severity >= Severity::High;
        if *seen > ALIKE && !urgent && !options.all {
            continue;
        }
        if *seen == 1 && urgent {
            screen.blank()?;
        }
        let head = Line::new().styled(of_severity(finding.severity), severity_mark(finding.severity));
        let head = head.plain("  ").styled(DIM, &finding.rule).plain("  ");
        let column = head.width();
        screen.hang(&head, PLAIN, &finding.title, if options.all { 9 } else { 3 })?;
        if options.all {
            for evidence in finding.evidence.iter().filter(|evidence| !evidence.value.is_empty()) {
                let head = Line::new().to(column).styled(DIM, &evidence.what).plain("  ");
                screen.hang(&head, PLAIN, &evidence.value, 4)?;
            }
        }
        if urgent || options.all {
            screen.hang(&Line::new().to(column), DIM, &finding.fix.summary, 3)?;
            for command in &finding.fix.commands {
                screen.hang(&Line::new().to(column).styled(DIM, "$ "), CYAN, command, 2)?;
            }
        }
    }
    let folded = alike.iter().rev().filter(|((severity, _), count)| **count > ALIKE && *severity < Severity::High);
    for ((severity, rule), count) in folded.filter(|_| !options.all) {
        let text = format!("+ {} of {rule}, {}", words::count(count - ALIKE, "more finding"), severity.name());
        screen.line(&Line::new().styled(DIM, &text))?;
    }
    Ok(())
}

/// What could not be looked at.
pub(crate) fn gaps(list: &[Incomplete], options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    screen.blank()?;
    screen
        .line(&Line::new().styled(BOLD, "Could not look at").styled(DIM, "   what is not seen is not judged clean"))?;
    let most = if options.all { usize::MAX } else { GAPS };
    for gap in list.iter().take(most) {
        let text = format!("{}: {}", gap.what, gap.why);
        screen.hang(&Line::new().plain("  ").styled(YELLOW, "? "), PLAIN, &text, 3)?;
    }
    if list.len() > most {
        let more = list.len() - most;
        screen.line(&Line::new().styled(DIM, &format!("  + {more} more: --all")))?;
    }
    Ok(())
}

fn closing(report: &SignReport, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(first) = report.findings.first() else { return Ok(()) };
    screen.blank()?;
    let mut hints = vec![(format!("keelguard explain {}", first.rule), "why it matters, and how to fix it")];
    if !report.block.is_empty() {
        let addresses = format!("drops what comes from {} of them", report.block.len());
        let command = format!("keelguard signs {} --format nftables", report.area);
        screen.line(
            &Line::new()
                .styled(BOLD, "Next")
                .plain("   ")
                .styled(CYAN, &command)
                .styled(DIM, &format!("   {addresses}")),
        )?;
        let (command, what) = hints.remove(0);
        return screen.line(&Line::new().to(7).styled(CYAN, &command).styled(DIM, &format!("   {what}")));
    }
    let (command, what) = hints.remove(0);
    screen
        .line(&Line::new().styled(BOLD, "Next").plain("   ").styled(CYAN, &command).styled(DIM, &format!("   {what}")))
}

/// The addresses of each family. What is no address never gets into a firewall's script.
fn addresses(report: &SignReport) -> (Vec<IpAddr>, Vec<IpAddr>) {
    report.block.iter().filter_map(|text| text.parse::<IpAddr>().ok()).partition(IpAddr::is_ipv4)
}

/// Before the engine's own rules: what containers publish never passes the chain `input`.
fn nftables(report: &SignReport, out: &mut dyn Write) -> io::Result<()> {
    let (four, six) = addresses(report);
    writeln!(
        out,
        "#!/usr/sbin/nft -f\n# Written by keelguard signs {}. Undo it with: nft delete table inet keelguard",
        report.area
    )?;
    writeln!(out, "table inet keelguard\ndelete table inet keelguard\ntable inet keelguard {{")?;
    for (name, kind, addresses) in [("blocked4", "ipv4_addr", &four), ("blocked6", "ipv6_addr", &six)] {
        writeln!(out, "\tset {name} {{\n\t\ttype {kind}")?;
        if !addresses.is_empty() {
            let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            writeln!(out, "\t\telements = {{ {} }}", list.join(", "))?;
        }
        writeln!(out, "\t}}")?;
    }
    writeln!(
        out,
        "\tchain prerouting {{\n\t\ttype filter hook prerouting priority raw; policy accept;\n\t\tip saddr @blocked4 drop\n\t\tip6 saddr @blocked6 drop\n\t}}\n}}"
    )
}

fn ipset(report: &SignReport, out: &mut dyn Write) -> io::Result<()> {
    let (four, six) = addresses(report);
    for (name, family, addresses) in [("keelguard4", "inet", &four), ("keelguard6", "inet6", &six)] {
        writeln!(out, "create {name} hash:ip family {family} maxelem 1048576 -exist\nflush {name}")?;
        for address in addresses {
            writeln!(out, "add {name} {address} -exist")?;
        }
    }
    Ok(())
}

fn csv(report: &SignReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "address,rules,last")?;
    let (four, six) = addresses(report);
    for address in four.iter().chain(&six) {
        let name = address.to_string();
        let about: Vec<&Finding> = report.findings.iter().filter(|finding| finding.subject.name == name).collect();
        let rules: Vec<_> = about.iter().map(|finding| finding.rule.as_str()).collect();
        let last = about.iter().map(|finding| finding.time).max().map(|time| time.to_string()).unwrap_or_default();
        writeln!(out, "{name},{},{last}", rules.join(" "))?;
    }
    Ok(())
}
