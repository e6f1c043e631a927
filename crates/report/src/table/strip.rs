//! The head of the screen: which host, and how it stands in all nine areas.

use std::io;

use keelguard_model::{Area, AreaResult, Report, Verdict};

use crate::layout::{Line, Screen};
use crate::style::{BOLD, CYAN, DIM, PLAIN, YELLOW, of_verdict, verdict_mark};
use crate::{Options, words};

pub(super) fn write(report: &Report, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let head = Line::new().styled(BOLD, "Keelguard").plain("  ");
    screen.hang(&head, PLAIN, &words::host(&report.host).join(" · "), 2)?;
    screen.hang(&Line::new().to(11), DIM, &words::scope(report).join(" · "), 2)?;
    if let Some(source) = words::other_source(&report.host) {
        screen.hang(&Line::new().to(11), YELLOW, &format!("not this host as it runs: {source}"), 2)?;
    }
    screen.blank()?;
    for area in report.areas.iter().filter(|area| area.verdict != Verdict::Unknown) {
        let gaps = report.incomplete.iter().filter(|gap| gap.area == area.area).count();
        let mut text = words::counts(area.counts);
        if text.is_empty() {
            text = if area.reason.is_empty() { "nothing found".to_owned() } else { area.reason.clone() };
        }
        if area.counts.suppressed > 0 {
            text.push_str(&format!(", {} under an exception", area.counts.suppressed));
        }
        if gaps > 0 {
            text.push_str(&format!("; {} could not be looked at", words::count(gaps, "thing")));
        }
        screen.hang(&mark(area.verdict).plain(area.area.name()).to(26), PLAIN, &text, 3)?;
    }
    // What is about accounts alone need not say eight times that it is not about a host.
    let of_cloud = report.host.source.as_deref() == Some(words::OF_CLOUD);
    let unsaid = |area: &AreaResult| of_cloud && area.area != Area::Iam;
    for (reason, areas) in unknown(report.areas.iter().filter(|area| !unsaid(area))) {
        let names: Vec<_> = areas.iter().map(|area| area.area.name()).collect();
        screen.hang(&mark(Verdict::Unknown), PLAIN, &format!("{}: {reason}", names.join(", ")), 3)?;
    }
    if let Some(baseline) = &options.baseline {
        screen.blank()?;
        screen.hang(&Line::new(), BOLD, &words::baseline(baseline), 2)?;
        let most = if options.all { usize::MAX } else { 4 };
        for finding in baseline.fixed.iter().take(most) {
            let head = Line::new().plain("  fixed  ").styled(CYAN, &finding.rule).plain("  ");
            let text = format!("{}: {}", words::subject(&finding.subject), finding.title);
            screen.hang(&head, PLAIN, &text, 1)?;
        }
        if baseline.fixed.len() > most {
            screen.line(&Line::new().styled(DIM, &format!("  + {} more fixed", baseline.fixed.len() - most)))?;
        }
    }
    Ok(())
}

fn mark(verdict: Verdict) -> Line {
    Line::new().plain("  ").styled(of_verdict(verdict), verdict_mark(verdict)).plain("  ")
}

/// Unknown areas that have the same reason, together.
fn unknown<'a>(areas: impl Iterator<Item = &'a AreaResult>) -> Vec<(&'a str, Vec<&'a AreaResult>)> {
    let mut folded: Vec<(&str, Vec<&AreaResult>)> = Vec::new();
    for area in areas.filter(|area| area.verdict == Verdict::Unknown) {
        match folded.iter_mut().find(|(reason, _)| *reason == area.reason) {
            Some((_, areas)) => areas.push(area),
            None => folded.push((&area.reason, vec![area])),
        }
    }
    folded
}
