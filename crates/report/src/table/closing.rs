//! The foot of the screen: what could not be seen, what is left to a person, what is folded away, what to type next.

use std::collections::BTreeMap;
use std::io;

use keelguard_model::{Area, Counts, Report};

use super::heading;
use crate::layout::{Line, Screen};
use crate::select::Selection;
use crate::style::{BOLD, CYAN, DIM, PLAIN, YELLOW};
use crate::{Options, words};

/// As many gaps as one screen bears.
const MOST: usize = 5;

pub(super) fn write(
    report: &Report,
    options: &Options,
    selection: &Selection<'_>,
    folded: Counts,
    screen: &mut Screen<'_>,
) -> io::Result<()> {
    gaps(report, options, screen)?;
    screen.blank()?;
    if !report.manual.is_empty() {
        let see = if words::command(&report.host) == "keelguard iam" {
            "keelguard iam --format markdown"
        } else {
            "keelguard check --benchmark cis"
        };
        let text = format!("{}: {see}", words::count(report.manual.len(), "check"));
        screen.hang(&Line::new().styled(BOLD, "To look at yourself").plain("   "), PLAIN, &text, 2)?;
    }
    let mut hidden = Vec::new();
    if folded.total() > 0 {
        hidden.push(words::counts(folded));
    }
    if selection.below > 0 {
        hidden.push(format!("{} below --min-severity", selection.below));
    }
    let see = if hidden.is_empty() { None } else { Some(format!("{} --all", words::command(&report.host))) };
    if !options.show_suppressed && !selection.suppressed.is_empty() {
        hidden.push(format!("{} under an exception (--show-suppressed)", selection.suppressed.len()));
    }
    if !hidden.is_empty() {
        let see = see.map(|command| format!("; {command} shows all")).unwrap_or_default();
        let text = format!("{}{see}", hidden.join(", "));
        screen.hang(&Line::new().styled(BOLD, "Folded away").plain("   "), DIM, &text, 2)?;
    }
    if options.hints.is_empty()
        && let Some(first) = selection.shown.first()
    {
        let head = Line::new().styled(BOLD, "Next").plain("   ");
        let text = format!("keelguard explain {}", first.rule);
        screen.line(&head.styled(CYAN, &text).styled(DIM, "   why it matters, and how to fix it"))?;
    }
    for (index, hint) in options.hints.iter().enumerate() {
        let head = if index == 0 { Line::new().styled(BOLD, "Next").plain("   ") } else { Line::new().to(7) };
        screen.hang(&head, CYAN, hint, 3)?;
    }
    Ok(())
}

fn gaps(report: &Report, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.incomplete.is_empty() {
        return Ok(());
    }
    let mut folded: BTreeMap<(&str, &str), Vec<Area>> = BTreeMap::new();
    for gap in &report.incomplete {
        let areas = folded.entry((&gap.what, &gap.why)).or_default();
        if !areas.contains(&gap.area) {
            areas.push(gap.area);
        }
    }
    heading(screen, "Could not look at", "what is not seen is not judged clean")?;
    let most = if options.all { usize::MAX } else { MOST };
    let of_cloud = report.host.source.as_deref() == Some(words::OF_CLOUD);
    for ((what, why), areas) in folded.iter().take(most) {
        let areas: Vec<_> = areas.iter().map(|area| area.name()).collect();
        let text = if of_cloud { format!("{what}: {why}") } else { format!("{what}: {why} ({})", areas.join(", ")) };
        screen.hang(&Line::new().plain("  ").styled(YELLOW, "? "), PLAIN, &text, if options.all { 9 } else { 2 })?;
    }
    if folded.len() > most {
        let shows = if of_cloud { "keelguard iam --all shows them" } else { "keelguard doctor" };
        screen.line(&Line::new().styled(DIM, &format!("  + {} more: {shows}", folded.len() - most)))?;
    }
    Ok(())
}
