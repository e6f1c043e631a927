//! One page for a browser or paper: no script, nothing fetched, light and dark. A policy in its head forbids scripts
//! even where an escape were forgotten.

mod benchmark;
mod escape;
mod findings;

use std::io::{self, Write};

pub(crate) use benchmark::write as write_benchmark;
pub(crate) use escape::text;
use escape::{block, harmless_svg};
pub(crate) use findings::one as write_finding;
use keelguard_model::{Report, Verdict};

use crate::select::Selection;
use crate::{Options, fold, words};

const STYLE: &str = include_str!("style.css");

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let selection = Selection::of(report, options);
    head(out, &format!("Keelguard: {}", report.host.name))?;
    writeln!(out, "<header><p class=brand>Keelguard</p><h1>{}</h1>", text(&report.host.name))?;
    let facts: Vec<_> =
        words::host(&report.host).into_iter().skip(1).chain(words::scope(report)).map(|part| text(&part)).collect();
    writeln!(out, "<p class=facts>{}</p>", facts.join(" · "))?;
    if let Some(source) = words::other_source(&report.host) {
        writeln!(out, "<p class=notice>Not this host as it runs: {}</p>", text(source))?;
    }
    writeln!(out, "</header>\n<main>")?;
    strip(report, out)?;
    if let Some(baseline) = &options.baseline {
        writeln!(out, "<section><h2>{}</h2><ul>", text(&words::baseline(baseline)))?;
        for finding in &baseline.fixed {
            let (subject, title) = (text(&words::subject(&finding.subject)), text(&finding.title));
            writeln!(out, "<li>Fixed: {subject}: {title} <code>{}</code></li>", text(&finding.rule))?;
        }
        writeln!(out, "</ul></section>")?;
    }
    paths(report, options, out)?;
    fixes(report, out)?;
    findings::write(&selection, out)?;
    rest(report, options, &selection, out)?;
    let version = text(&report.tool.version);
    writeln!(
        out,
        "</main>\n<footer>Made by Keelguard {version}, {} UTC.</footer>\n</body></html>",
        report.finished.strftime("%Y-%m-%d %H:%M")
    )
}

/// The page's head, up to its body.
pub(crate) fn head(out: &mut dyn Write, title: &str) -> io::Result<()> {
    writeln!(
        out,
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n<meta http-equiv=Content-Security-Policy \
         content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n<meta name=color-scheme content=\"light dark\">\n\
         <meta name=referrer content=no-referrer>\n<title>{}</title>\n<style>{STYLE}</style></head><body>",
        text(title)
    )
}

fn strip(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=strip aria-label=\"Verdicts\">")?;
    for area in &report.areas {
        let symbol = match area.verdict {
            Verdict::Red => "✖",
            Verdict::Amber => "▲",
            Verdict::Green => "✔",
            Verdict::Unknown => "?",
        };
        let counts = words::counts(area.counts);
        let mut detail = if counts.is_empty() { area.reason.clone() } else { counts };
        if area.counts.suppressed > 0 {
            detail.push_str(&format!(", {} under an exception", area.counts.suppressed));
        }
        let (name, verdict) = (area.area.name(), area.verdict.name());
        let detail = text(&detail);
        writeln!(
            out,
            "<div class=\"card {verdict}\"><b>{name}</b><span>{symbol} {verdict}</span><small>{detail}</small></div>"
        )?;
    }
    writeln!(out, "</section>")
}

fn paths(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Paths to the host</h2>")?;
    if let Some(svg) = options.graph_svg.as_deref().filter(|svg| !svg.is_empty()) {
        if harmless_svg(svg) {
            writeln!(out, "<figure>{svg}</figure>")?;
        } else {
            writeln!(
                out,
                "<p class=notice>The drawing of the graph was left out: it holds more than shapes and text.</p>"
            )?;
        }
    }
    writeln!(out, "<table class=paths><thead><tr><th>Cost</th><th>Path</th><th>How</th></tr></thead><tbody>")?;
    for paths in fold::paths(&report.paths) {
        let chain = text(&paths.chain(400)).replace(" → ", " <i>→</i> ");
        writeln!(out, "<tr><td>{}</td><td><b>{chain}</b></td><td>{}</td></tr>", paths.path.cost, text(&paths.how()))?;
    }
    writeln!(out, "</tbody></table></section>")
}

fn fixes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.fix_set.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Do these first</h2><ol class=fixes>")?;
    for step in &report.fix_set {
        let (subject, rule) = (text(&words::subject(&step.subject)), text(&step.rules.join(", ")));
        let cuts = if step.cuts > 0 { format!(", on {}", words::count(step.cuts, "path")) } else { String::new() };
        writeln!(out, "<li><b>{subject}</b> <small>{rule}{cuts}</small><p>{}</p>", text(&step.summary))?;
        commands(&step.commands, out)?;
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ol><p class=after>{}</p></section>", words::after(report.fix_set.len()))
}

/// A block that is copied with one selection.
fn commands(commands: &[String], out: &mut dyn Write) -> io::Result<()> {
    if commands.is_empty() {
        return Ok(());
    }
    let shown: Vec<_> = commands.iter().map(|command| block(command)).collect();
    writeln!(out, "<pre><code>{}</code></pre>", shown.join("\n"))
}

fn rest(report: &Report, options: &Options, selection: &Selection<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !report.incomplete.is_empty() {
        writeln!(out, "<section><h2>Could not look at</h2><p>What is not seen is not judged clean.</p><ul>")?;
        for gap in &report.incomplete {
            writeln!(out, "<li><b>{}</b>: {} <small>{}</small></li>", text(&gap.what), text(&gap.why), gap.area)?;
        }
        writeln!(out, "</ul></section>")?;
    }
    if !report.manual.is_empty() {
        writeln!(out, "<section><h2>To look at yourself</h2><ul>")?;
        for check in &report.manual {
            let (section, title, look_at) = (text(&check.cis), text(&check.title), text(&check.look_at));
            writeln!(out, "<li><b>{section} {title}</b>: {look_at}</li>")?;
        }
        writeln!(out, "</ul></section>")?;
    }
    if !options.show_suppressed && !selection.suppressed.is_empty() {
        writeln!(out, "<p>Not shown: {} under an exception.</p>", selection.suppressed.len())?;
    }
    if selection.below > 0 {
        writeln!(out, "<p>Not shown: {} below the severity asked for.</p>", selection.below)?;
    }
    Ok(())
}
