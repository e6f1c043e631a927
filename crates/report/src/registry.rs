//! Registries on a screen and for programs. Pipelines get the findings in the same formats as of a host.

use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use keelguard_model::registry::{Asks, Look, Probe, RegistryReport, Where};
use keelguard_model::{Area, Counts, Report, Severity, Verdict};

use crate::layout::{Line, Screen};
use crate::style::{BOLD, CYAN, DIM, PLAIN, of_verdict, verdict_mark};
use crate::{Error, Format, Options, sign, words};

/// Writes `report` to `out` in `format`. `now` is when it was made.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render_registry(
    report: &RegistryReport,
    format: Format,
    options: &Options,
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    match format {
        Format::Table => table(report, options, &mut out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Format::Jsonl => {
            for finding in &report.findings {
                serde_json::to_writer(&mut out, finding).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        _ => return crate::render(&as_report(report, now), format, options, &mut out),
    }
    out.flush()?;
    Ok(())
}

/// The registries as a report of one area.
fn as_report(report: &RegistryReport, now: Timestamp) -> Report {
    let names: Vec<&str> = report.registries.iter().map(|probe| probe.address.as_str()).collect();
    let mut whole = crate::empty_report(&names.join(", "));
    whole.host.source = Some(words::OF_IMAGE.to_owned());
    (whole.started, whole.finished) = (now, now);
    whole.findings.clone_from(&report.findings);
    whole.incomplete.clone_from(&report.incomplete);
    whole.areas.retain(|area| area.area == Area::Iam);
    for area in &mut whole.areas {
        area.counts = Counts::of(&report.findings);
        area.verdict = report.verdict;
        area.reason = reason(report);
    }
    whole
}

fn reason(report: &RegistryReport) -> String {
    let counts = words::counts(Counts::of(report.findings.iter().filter(|finding| finding.suppressed.is_none())));
    match (report.verdict, counts.is_empty()) {
        (_, false) => counts,
        (Verdict::Unknown, true) => "nothing was found, but not everything could be looked at".to_owned(),
        _ => "nothing was found".to_owned(),
    }
}

fn table(report: &RegistryReport, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    let head = Line::new().styled(BOLD, "registry").plain("   ");
    let head = head.styled(of_verdict(report.verdict), verdict_mark(report.verdict).trim_end()).plain("   ");
    screen.line(&head.plain(&reason(report)))?;
    for probe in &report.registries {
        screen.blank()?;
        registry(probe, &mut screen)?;
    }
    // What is urgent has an empty line of its own before it.
    if report.findings.first().is_some_and(|first| first.severity < Severity::High) {
        screen.blank()?;
    }
    sign::findings(&report.findings, options, &mut screen)?;
    sign::gaps(&report.incomplete, options, &mut screen)?;
    let Some(first) = report.findings.first() else { return Ok(()) };
    screen.blank()?;
    let command = format!("keelguard explain {}", first.rule);
    let line = Line::new().styled(BOLD, "Next").plain("   ").styled(CYAN, &command);
    screen.line(&line.styled(DIM, "   why it matters, and how to fix it"))
}

/// One registry in a few lines.
fn registry(probe: &Probe, screen: &mut Screen<'_>) -> io::Result<()> {
    screen.line(&Line::new().styled(BOLD, &probe.address).styled(DIM, &about(probe)))?;
    let mut row = |what: &str, text: &str| {
        if text.is_empty() {
            return Ok(());
        }
        screen.hang(&Line::new().plain("  ").styled(DIM, what).to(17), PLAIN, text, 3)
    };
    row("encryption", &encryption(probe))?;
    row("asks for", asks(probe.asks))?;
    let looks = [("read", probe.pull), ("list", probe.catalogue), ("write", probe.push), ("delete", probe.delete)];
    let that = |wanted: Look| {
        let names: Vec<&str> = looks.iter().filter(|(_, look)| *look == wanted).map(|(name, _)| *name).collect();
        names.join(", ")
    };
    row("anybody may", &that(Look::Open))?;
    row("refuses", &that(Look::Refused))?;
    row("does not do", &that(Look::Off))?;
    row("unclear", &that(Look::Unclear))?;
    row("the login", &login(probe))?;
    for limit in &probe.limits {
        let left = limit.left.map(|left| format!(", {left} left")).unwrap_or_default();
        let window = limit.seconds.map(|seconds| format!(" in {seconds} s")).unwrap_or_default();
        row("allows", &format!("{} {}{window}{left}", limit.most, limit.of))?;
    }
    if let Some(vendor) = &probe.vendor {
        let version = vendor.version.as_deref().unwrap_or_default();
        let parts = [
            format!("{} {version}", vendor.name).trim_end().to_owned(),
            words::count(vendor.spaces.len(), "repository").replace("repositorys", "repositories"),
            words::count(vendor.accounts.len(), "token"),
        ];
        row("says itself", &parts.join(", "))?;
    }
    Ok(())
}

fn login(probe: &Probe) -> String {
    let Some(look) = &probe.with_login else { return String::new() };
    let delete = match look.delete {
        Look::Open => ", and may delete images",
        Look::Refused => ", and may not delete images",
        Look::Off | Look::Unclear | Look::NotAsked => "",
    };
    if look.taken { format!("is taken{delete}") } else { "is not taken".to_owned() }
}

fn about(probe: &Probe) -> String {
    let place = match probe.place {
        Where::Loopback => "on this machine",
        Where::Private => "at this site",
        Where::Public => "on the internet",
        Where::Unknown => "",
    };
    let parts: Vec<&str> = [place, &probe.software].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!("   {}", parts.join(", ")) }
}

fn encryption(probe: &Probe) -> String {
    let mut parts = Vec::new();
    if let Some(https) = &probe.https {
        parts.push(https.versions.join(", "));
        match &https.untrusted {
            Some(why) => parts.push(format!("certificate not trusted: {why}")),
            None => parts.push("certificate trusted".into()),
        }
        if let Some(own) = https.chain.first() {
            parts.push(format!("until {}", own.not_after.get(..10).unwrap_or(&own.not_after)));
        }
    }
    match &probe.plain {
        Some(plain) if plain.sends_on => parts.push("plain HTTP sends on to it".into()),
        Some(_) => parts.push("plain HTTP".into()),
        None => {}
    }
    parts.join("; ")
}

fn asks(asks: Asks) -> &'static str {
    match asks {
        Asks::Nothing => "nothing",
        Asks::Basic => "name and password",
        Asks::Token => "a token",
        Asks::Other => "something else",
        Asks::Unknown => "",
    }
}
