//! What is in an image, on a screen and for programs. Pipelines get each vulnerability as a finding, in the same formats
//! as a report on a host.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use keelguard_model::image::{ImageReport, PackageKind, Vulnerability};
use keelguard_model::{Area, Counts, Finding, Incomplete, Report, Severity, Verdict, verdict};

use crate::layout::{Line, Screen, columns, cut};
use crate::style::{BOLD, CYAN, DIM, GREEN, PLAIN, YELLOW, of_severity, severity_mark};
use crate::table::heading;
use crate::{Error, Format, ImageFormat, Options, bom, words};

/// A report on an image, and what is only shown.
pub struct ImageView<'a> {
    /// The report.
    pub report: &'a ImageReport,
    /// Its vulnerabilities as findings, for the formats of pipelines.
    pub as_findings: &'a [Finding],
    /// What was not looked up, for want of advisories; it is among the report's incomplete entries, too.
    pub missing: &'a [Incomplete],
    /// Vulnerabilities that a filter leaves out.
    pub hidden: usize,
    /// How two versions stand to each other in a scheme, where the scheme can read them: scheme, left, right.
    pub compare: &'a dyn Fn(&str, &str, &str) -> Option<Ordering>,
    /// Say of each vulnerability how it was found.
    pub why: bool,
    /// When it was looked at.
    pub now: Timestamp,
}

/// Writes `view` to `out` in `format`.
///
/// # Errors
/// [`Error::Write`] where `out` fails.
pub fn render_image(
    view: &ImageView<'_>,
    format: ImageFormat,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    let format = match format {
        ImageFormat::Report(format) => format,
        ImageFormat::CycloneDx => return bom::write(&bom::cyclonedx::document(view), &mut out),
        ImageFormat::Spdx => return bom::write(&bom::spdx::document(view), &mut out),
        ImageFormat::OpenVex => return bom::write(&bom::openvex::document(view), &mut out),
    };
    match format {
        Format::Table => table(view, options, &mut out)?,
        Format::Json => {
            serde_json::to_writer(&mut out, view.report).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Format::Jsonl => {
            for row in &view.report.vulnerabilities {
                serde_json::to_writer(&mut out, row).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        }
        _ => return crate::render(&as_report(view), format, options, &mut out),
    }
    out.flush()?;
    Ok(())
}

/// The image as a report of one area.
fn as_report(view: &ImageView<'_>) -> Report {
    let name = view.report.target.reference.as_ref().unwrap_or(&view.report.target.input);
    let mut report = crate::empty_report(name);
    report.host.source = Some(words::OF_IMAGE.to_owned());
    if let Some(os) = &view.report.target.os {
        format!("{} {}", os.id, os.version).trim_end().clone_into(&mut report.host.os);
    }
    report.started = view.now;
    report.finished = view.now;
    report.findings = view.as_findings.iter().chain(&view.report.findings).cloned().collect();
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    report.incomplete.clone_from(&view.report.incomplete);
    let gaps = report.incomplete.len();
    // The other areas are those of a host.
    report.areas.retain(|area| area.area == Area::Image);
    for area in &mut report.areas {
        area.counts = Counts::of(&report.findings);
        area.verdict = verdict(area.counts, gaps);
        area.reason = match area.verdict {
            Verdict::Unknown => "nothing found in what was seen".to_owned(),
            Verdict::Green => "looked at everything, found nothing".to_owned(),
            Verdict::Red | Verdict::Amber => words::counts(area.counts),
        };
    }
    report
}

/// Packages and vulnerabilities that one screen bears.
const PACKAGES: usize = 12;
const ROWS: usize = 25;

/// The rows that count: those that no VEX document settles.
fn open<'a>(view: &ImageView<'a>) -> impl Iterator<Item = &'a Vulnerability> + Clone {
    view.report.vulnerabilities.iter().filter(|row| !row.is_settled() && row.suppressed.is_none())
}

fn table(view: &ImageView<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    head(view, &mut screen)?;
    if open(view).next().is_none() {
        heading(&mut screen, "Vulnerabilities", &none(view))?;
    } else if view.why {
        reasons(view, options, &mut screen)?;
    } else {
        packages(view, options, &mut screen)?;
        rows(view, options, &mut screen)?;
    }
    settled(view, options, &mut screen)?;
    findings(view, options, &mut screen)?;
    gaps(view, options, &mut screen)
}

fn head(view: &ImageView<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let target = &view.report.target;
    let mut parts = vec![target.reference.clone().unwrap_or_else(|| target.input.clone())];
    match &target.os {
        Some(os) => parts.push(format!("{} {}", os.id, os.version).trim_end().to_owned()),
        None => parts.push("no operating system in it".into()),
    }
    if !target.layers.is_empty() {
        let base = target.layers.iter().filter(|layer| layer.base).count();
        let bytes: u64 = target.layers.iter().map(|layer| layer.size).sum();
        let of_base = if base > 0 { format!(" ({base} of the base)") } else { String::new() };
        parts.push(format!(
            "{}{of_base}, {} MB",
            words::count(target.layers.len(), "layer"),
            bytes.div_ceil(1_000_000)
        ));
    }
    screen.line(&Line::new().styled(BOLD, "Keelguard").plain("  ").plain(&parts.join(" · ")))?;
    let mut kinds: BTreeMap<PackageKind, usize> = BTreeMap::new();
    for package in &view.report.packages {
        *kinds.entry(package.kind).or_default() += 1;
    }
    let mut kinds: Vec<(usize, PackageKind)> = kinds.into_iter().map(|(kind, count)| (count, kind)).collect();
    kinds.sort_by_key(|(count, kind)| (std::cmp::Reverse(*count), *kind));
    let kinds: Vec<String> = kinds.iter().map(|(count, kind)| format!("{count} {kind}")).collect();
    let text = format!("{}: {}", words::count(view.report.packages.len(), "package"), kinds.join(", "));
    let text = if view.report.packages.is_empty() { "no packages".to_owned() } else { text };
    screen.hang(&Line::new().to(11), DIM, &text, 2)?;
    if let Some(digest) = &target.digest {
        screen.hang(&Line::new().to(11), DIM, digest, 1)?;
    }
    Ok(())
}

/// What "none" means: looked up and clean, or not looked up.
fn none(view: &ImageView<'_>) -> String {
    if !view.missing.is_empty() {
        let missing: Vec<&str> =
            view.missing.iter().map(|gap| gap.what.trim_start_matches("advisories for ")).collect();
        return format!("not looked up: there are no advisories for {}", missing.join(", "));
    }
    let settled = view.report.vulnerabilities.len();
    match (view.hidden, settled) {
        (0, 0) if !view.report.incomplete.is_empty() => "none known in what could be looked at".into(),
        (0, 0) if view.report.packages.is_empty() => "nothing to look up".into(),
        (0, 0) => "none known in what is there".into(),
        (hidden, 0) => format!("none left; {hidden} left out by --fixable or --min-severity"),
        (0, _) => "none left".into(),
        (hidden, _) => format!("none left; {hidden} more left out by --fixable or --min-severity"),
    }
}

/// How many rows VEX documents settle and exceptions accept, and with `--all` which, and who says so.
fn settled(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let by_vex = |row: &Vulnerability| {
        let vex = row.vex.as_ref().filter(|_| row.is_settled())?;
        let reason = vex.justification.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(format!("{} says {}{reason}", vex.source, vex.status))
    };
    let by_exception = |row: &Vulnerability| {
        let accepted = row.suppressed.as_ref().filter(|_| !row.is_settled())?;
        let until = accepted.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        Some(format!("{}{until}", accepted.reason))
    };
    left_out(view, "VEX", &by_vex, options, screen)?;
    left_out(view, "exceptions", &by_exception, options, screen)
}

fn left_out(
    view: &ImageView<'_>,
    by: &str,
    why: &dyn Fn(&Vulnerability) -> Option<String>,
    options: &Options,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    let rows: Vec<(&Vulnerability, String)> =
        view.report.vulnerabilities.iter().filter_map(|row| Some((row, why(row)?))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    if !options.all {
        let text = format!("  {} left out by {by}: --all shows them", rows.len());
        return screen.line(&Line::new().styled(DIM, &text));
    }
    heading(screen, &format!("Left out by {by}"), &words::count(rows.len(), "row"))?;
    for (row, why) in rows {
        let line = Line::new().plain("  ").styled(DIM, &cut(&row.id, 24)).plain("  ");
        let line = line.plain(&cut(&row.why.looked_up, 32)).plain(" ").plain(&row.installed).plain("  ");
        screen.hang(&line, DIM, &why, 2)?;
    }
    Ok(())
}

/// Counts by severity, as the findings of a host are counted.
fn counts<'a>(rows: impl IntoIterator<Item = &'a Vulnerability>) -> String {
    let mut counts = Counts::default();
    for row in rows {
        match row.severity {
            Severity::Critical => counts.critical += 1,
            Severity::High => counts.high += 1,
            Severity::Medium => counts.medium += 1,
            Severity::Low => counts.low += 1,
            Severity::Info => counts.info += 1,
        }
    }
    words::counts(counts)
}

/// The lowest version that fixes all of `rows`: the highest of those that fix one each. None where their order is not known.
fn upgrade<'a>(
    rows: &[&'a Vulnerability],
    compare: &dyn Fn(&str, &str, &str) -> Option<Ordering>,
) -> Option<&'a String> {
    let mut highest: Option<&String> = None;
    for row in rows {
        let fixed = row.fixed.first()?;
        highest = match highest {
            Some(known) if known == fixed => Some(known),
            Some(known) if compare(&row.why.scheme, fixed, known)? == Ordering::Less => Some(known),
            _ => Some(fixed),
        };
    }
    highest
}

/// One upgrade often ends many rows: packages first, the most urgent first.
fn packages(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut groups: BTreeMap<(&str, &str), Vec<&Vulnerability>> = BTreeMap::new();
    let problems = problems(view);
    for row in problems.iter().map(|(row, _)| *row).filter(|row| !row.fixed.is_empty()) {
        let key = (row.why.looked_up.as_str(), row.installed.as_str());
        let group = groups.entry(key).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(row);
    }
    let fixable = problems.iter().filter(|(row, _)| !row.fixed.is_empty()).count();
    let remark = match fixable {
        0 => "nothing can be fixed by an upgrade yet".to_owned(),
        fixable => {
            format!("these upgrades end {fixable} of {}", words::count(problems.len(), "row"))
        }
    };
    heading(screen, "Do these first", &remark)?;
    let most = if options.all { usize::MAX } else { PACKAGES };
    for key in order.iter().take(most) {
        let Some(rows) = groups.get(key) else { continue };
        let worst = rows.iter().map(|row| row.severity).max().unwrap_or(Severity::Info);
        let fixed = upgrade(rows, view.compare);
        let line = Line::new().plain("  ").styled(of_severity(worst), severity_mark(worst)).plain("  ");
        let line = line.styled(BOLD, &cut(key.0, 32)).plain(" ").plain(key.1);
        let line = match fixed {
            Some(fixed) => line.styled(GREEN, &format!(" → {fixed}")),
            None => line,
        };
        let exploited = rows.iter().filter(|row| row.kev.is_some()).count();
        let exploited = if exploited > 0 { format!("{exploited} exploited, ") } else { String::new() };
        screen.line(&line.plain("  ").styled(DIM, &format!("{exploited}{}", counts(rows.iter().copied()))))?;
    }
    if order.len() > most {
        screen.line(&Line::new().styled(DIM, &format!("  + {}", words::count(order.len() - most, "more package"))))?;
    }
    Ok(())
}

/// One problem of what was built from one source is a row for each binary package, and one thing to somebody who reads: the
/// first of its rows, and how many packages there are.
fn problems<'a>(view: &ImageView<'a>) -> Vec<(&'a Vulnerability, usize)> {
    let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut problems: Vec<(&Vulnerability, usize)> = Vec::new();
    for row in open(view) {
        let place = *places.entry((&row.id, &row.why.looked_up, &row.installed)).or_insert(problems.len());
        match problems.get_mut(place) {
            Some((_, packages)) => *packages += 1,
            None => problems.push((row, 1)),
        }
    }
    problems
}

fn rows(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let problems = problems(view);
    heading(screen, "Vulnerabilities", &counts(problems.iter().map(|(row, _)| *row)))?;
    let most = if options.all { usize::MAX } else { ROWS };
    let shown = problems.iter().take(most);
    let width = shown.clone().map(|(row, _)| columns(&row.id)).max().unwrap_or(0).min(24);
    for (row, packages) in shown {
        let fixed = row.fixed.first().map_or_else(|| "no fix yet".to_owned(), |fixed| format!("fixed in {fixed}"));
        let line = Line::new().plain("  ").styled(of_severity(row.severity), severity_mark(row.severity)).plain("  ");
        let start = line.width();
        let line = line.plain(&cut(&row.id, 24)).to(start + width + 2);
        let line = if row.kev.is_some() { line.styled(of_severity(Severity::Critical), "EXPLOITED ") } else { line };
        let line = if let Some(vex) = &row.vex { line.styled(DIM, &format!("{} ", vex.status)) } else { line };
        let line = line.plain(&cut(&row.why.looked_up, 32)).plain(" ").plain(&row.installed).plain("  ");
        let line = line.styled(if row.fixed.is_empty() { DIM } else { GREEN }, &fixed);
        let line = if *packages > 1 { line.styled(DIM, &format!(", {packages} packages")) } else { line };
        screen.hang(&line.plain("  "), DIM, &row.summary, 1)?;
    }
    if problems.len() > most {
        let more = words::count(problems.len() - most, "more row");
        screen.line(
            &Line::new()
                .styled(DIM, &format!("  + {more}: --all shows them, --fixable leaves out what cannot be fixed")),
        )?;
    }
    if view.hidden > 0 {
        screen.line(&Line::new().styled(DIM, &format!("  {} left out by --fixable or --min-severity", view.hidden)))?;
    }
    Ok(())
}

/// Each row with how it came about.
fn reasons(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    heading(screen, "Vulnerabilities", &counts(open(view)))?;
    let most = if options.all { usize::MAX } else { ROWS };
    for row in open(view).take(most) {
        let line = Line::new().plain("  ").styled(of_severity(row.severity), severity_mark(row.severity)).plain("  ");
        screen.hang(&line.styled(BOLD, &row.id).plain("  "), PLAIN, &row.package, 2)?;
        let why = &row.why;
        let mut facts = vec![
            ("record", format!("{} ({})", why.records.join(", "), why.ecosystem)),
            (
                "compared",
                format!("{} {} with {}, as {} orders versions", why.looked_up, why.compared, why.range, why.scheme),
            ),
        ];
        facts.extend(why.file.as_ref().map(|file| ("file", file.clone())));
        if let Some(layer) = row.layer.and_then(|layer| Some((layer, view.report.target.layers.get(layer)?))) {
            let step = layer.1.created_by.as_deref().unwrap_or("the build step is not known");
            let base = if layer.1.base { ", of the base image" } else { "" };
            facts.push(("layer", format!("{}{base}: {step}", layer.0 + 1)));
        }
        if let Some(cvss) = &row.cvss {
            facts.push(("score", format!("{:.1} {}", cvss.score, cvss.vector)));
        }
        if let Some(vex) = &row.vex {
            facts.push(("vex", format!("{} says {}", vex.source, vex.status)));
        }
        for (name, text) in facts {
            screen.hang(&Line::new().to(6).styled(DIM, name).to(16), PLAIN, &text, 3)?;
        }
    }
    let count = open(view).count();
    if count > most {
        let more = words::count(count - most, "more row");
        screen.line(&Line::new().styled(DIM, &format!("  + {more}: --all shows them")))?;
    }
    Ok(())
}

fn findings(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let open: Vec<&Finding> =
        view.report.findings.iter().filter(|finding| options.all || finding.suppressed.is_none()).collect();
    let Some(first) = open.first() else { return Ok(()) };
    heading(screen, "How it is built", &words::counts(Counts::of(open.iter().copied())))?;
    for finding in &open {
        let line = Line::new().plain("  ").styled(of_severity(finding.severity), severity_mark(finding.severity));
        let line = line.plain("  ").styled(DIM, &finding.rule).plain("  ").plain(&finding.title).plain("  ");
        screen.hang(&line, DIM, &words::evidence(finding), 2)?;
    }
    screen.blank()?;
    let next = Line::new().styled(BOLD, "Next").plain("   ").styled(CYAN, &format!("keelguard explain {}", first.rule));
    screen.line(&next.styled(DIM, "   why it matters, and how to fix it"))
}

fn gaps(view: &ImageView<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if view.report.incomplete.is_empty() {
        return Ok(());
    }
    heading(screen, "Could not look at", "what is not seen is not judged clean")?;
    let most = if options.all { usize::MAX } else { 5 };
    for gap in view.report.incomplete.iter().take(most) {
        let text = format!("{}: {}", gap.what, gap.why);
        screen.hang(&Line::new().plain("  ").styled(YELLOW, "? "), PLAIN, &text, 2)?;
    }
    if view.report.incomplete.len() > most {
        let more = words::count(view.report.incomplete.len() - most, "more thing");
        screen.line(&Line::new().styled(DIM, &format!("  + {more}: --all shows them")))?;
    }
    Ok(())
}
