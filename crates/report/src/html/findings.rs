//! The findings by subject; each opens to its evidence, its fix and where to read on.

use std::io::{self, Write};

use keelguard_model::{Counts, Finding};

use super::commands;
use super::escape::{block, link, text};
use crate::select::{Selection, by_subject};
use crate::words;

pub(super) fn write(selection: &Selection<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = words::counts(Counts::of(selection.shown.iter().copied()));
    writeln!(out, "<section><h2>Findings</h2><p>{}</p>", if counts.is_empty() { "None." } else { &counts })?;
    for group in by_subject(&selection.shown) {
        let subject = text(&words::subject(group.subject));
        writeln!(out, "<article><h3>{subject} <small>{}</small></h3>", words::counts(group.counts()))?;
        for finding in group.findings {
            one(finding, selection.is_new(finding), out)?;
        }
        writeln!(out, "</article>")?;
    }
    writeln!(out, "</section>")
}

/// One finding, which opens.
pub(crate) fn one(finding: &Finding, new: bool, out: &mut dyn Write) -> io::Result<()> {
    let (severity, title, rule) = (finding.severity.name(), text(&finding.title), text(&finding.rule));
    let new = if new { "<em>new</em> " } else { "" };
    let excepted = if finding.suppressed.is_some() { "<em>excepted</em> " } else { "" };
    writeln!(
        out,
        "<details><summary><span class=\"sev {severity}\">{severity}</span> {new}{excepted}{title} <code>{rule}</code></summary>"
    )?;
    if !finding.evidence.is_empty() {
        writeln!(out, "<dl>")?;
        for piece in &finding.evidence {
            writeln!(out, "<dt>{}</dt><dd>{}</dd>", text(&piece.what), text(&piece.value))?;
        }
        writeln!(out, "</dl>")?;
    }
    if let Some(suppressed) = &finding.suppressed {
        let until = suppressed.until.as_deref().map(|day| format!(" (until {day})")).unwrap_or_default();
        writeln!(out, "<p>Exception: {}</p>", text(&format!("{}{until}", suppressed.reason)))?;
    }
    if !finding.fix.summary.is_empty() {
        writeln!(out, "<p><b>Fix.</b> {}</p>", text(&finding.fix.summary))?;
    }
    commands(&finding.fix.commands, out)?;
    for snippet in &finding.fix.snippets {
        let (file, body) = (text(&snippet.file), block(&snippet.text));
        writeln!(out, "<p class=file>{file}</p><pre><code>{body}</code></pre>")?;
    }
    let mut refs: Vec<String> = Vec::new();
    if !finding.refs.cis.is_empty() {
        refs.push(format!("CIS Docker 1.6: {}", text(&finding.refs.cis.join(", "))));
    }
    if !finding.refs.cis_aws.is_empty() {
        refs.push(format!("CIS AWS 7.0: {}", text(&finding.refs.cis_aws.join(", "))));
    }
    if !finding.refs.attack.is_empty() {
        refs.push(format!("ATT&amp;CK {}", text(&finding.refs.attack.join(", "))));
    }
    refs.extend(finding.refs.cve.iter().map(|cve| text(cve)));
    refs.extend(finding.refs.links.iter().map(|address| link(address)));
    if !refs.is_empty() {
        writeln!(out, "<p class=refs>{}</p>", refs.join(" · "))?;
    }
    writeln!(out, "</details>")
}
