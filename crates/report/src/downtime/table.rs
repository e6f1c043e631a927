//! The screen.

use std::io::{self, Write};

use keelguard_model::downtime::DowntimeReport;
use keelguard_model::{Severity, SubjectKind, Verdict};

use super::heat::{DAYS, LEGEND, level, mark, of_count, weeks};
use super::{COLUMNS, columns};
use crate::layout::{Line, Screen, cut};
use crate::sign::Looked;
use crate::style::{BOLD, CYAN, DIM, PLAIN, RED, YELLOW, of_verdict};
use crate::{Options, sign, words};

/// Rows of subjects on one screen.
const ROWS: usize = 15;

pub(super) fn write(report: &DowntimeReport, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    let looked = Looked { lines: report.lines, events: report.events, from: report.from, to: report.to };
    sign::head("downtime", report.verdict, &report.findings, looked, &mut screen)?;
    subjects(report, options, &mut screen)?;
    // Before urgent ones stands a blank line of their own.
    let first = report.findings.iter().find(|finding| finding.suppressed.is_none() || options.show_suppressed);
    if first.is_some_and(|first| first.severity < Severity::High) {
        screen.blank()?;
    }
    sign::findings(&report.findings, options, &mut screen)?;
    calendar(report, &mut screen)?;
    sign::gaps(&report.incomplete, options, &mut screen)?;
    let Some(first) = report.findings.first() else { return Ok(()) };
    screen.blank()?;
    let command = format!("keelguard explain {}", first.rule);
    let line = Line::new().styled(BOLD, "Next").plain("   ").styled(CYAN, &command);
    screen.line(&line.styled(DIM, "   why it matters, and how to fix it"))?;
    if !options.all {
        let line = Line::new().to(7).styled(CYAN, "keelguard signs downtime --all");
        screen.line(&line.styled(DIM, "   every finding with its evidence"))?;
    }
    Ok(())
}

fn subjects(report: &DowntimeReport, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.subjects.is_empty() {
        return Ok(());
    }
    screen.blank()?;
    // Those that matter first; the machine stays on top.
    let rank = |verdict: Verdict| match verdict {
        Verdict::Red => 0,
        Verdict::Amber => 1,
        Verdict::Unknown => 2,
        Verdict::Green => 3,
    };
    let mut rows: Vec<_> = report.subjects.iter().collect();
    rows.sort_by_key(|row| (row.subject.kind != SubjectKind::Host, rank(row.verdict)));
    let most = if options.all { rows.len() } else { ROWS };
    let shown: Vec<_> = rows.iter().take(most).map(|row| (row, columns(row))).collect();
    let name = |row: &keelguard_model::downtime::Uptime| cut(&words::subject(&row.subject), 28);
    let first = shown.iter().map(|(row, _)| name(row).chars().count()).max().unwrap_or(0).max(4);
    let widths: Vec<usize> = COLUMNS
        .iter()
        .enumerate()
        .map(|(index, title)| {
            let cells = shown.iter().filter_map(|(_, cells)| cells.get(index)).map(|cell| cell.chars().count());
            cells.max().unwrap_or(0).max(title.chars().count())
        })
        .collect();
    let mut head = Line::new().styled(DIM, "").to(first + 2);
    for (title, width) in COLUMNS.iter().zip(&widths) {
        head = head.styled(DIM, &format!("{title:>width$}")).plain("  ");
    }
    screen.line(&head)?;
    for (row, cells) in &shown {
        let mut line = Line::new().styled(of_verdict(row.verdict), &name(row)).to(first + 2);
        for (cell, width) in cells.iter().zip(&widths) {
            let style = if cell == "down" { RED } else { PLAIN };
            line = line.styled(style, &format!("{cell:>width$}")).plain("  ");
        }
        screen.line(&line)?;
    }
    if rows.len() > most {
        let more = format!("+ {} more: --all", rows.len() - most);
        screen.line(&Line::new().styled(DIM, &more))?;
    }
    if shown.iter().any(|(_, cells)| cells.iter().any(|cell| cell.starts_with('~'))) {
        screen.line(&Line::new().styled(DIM, "~ of a shorter time: the logs do not hold all of it"))?;
    }
    Ok(())
}

fn calendar(report: &DowntimeReport, screen: &mut Screen<'_>) -> io::Result<()> {
    let calendar = &report.calendar;
    if calendar.days.iter().all(|day| day.outages == 0 && day.planned == 0) {
        return Ok(());
    }
    let style = |level: u8| match level {
        3 | 4 => YELLOW,
        5.. => RED,
        _ => DIM,
    };
    screen.blank()?;
    let title = format!("   outages by day and by hour, {}", calendar.zone);
    screen.line(&Line::new().styled(BOLD, "Calendar").styled(DIM, &title))?;
    // Beside the hours there is room for so many weeks.
    let weeks = weeks(calendar, screen.width.saturating_sub(38).clamp(4, 53));
    let right = 6 + weeks.len().max(10) + 3;
    let from = weeks.first().map(|week| week.first).unwrap_or_default();
    let hours: String = (0..24).map(|hour| if hour % 6 == 0 { format!("{hour:<6}") } else { String::new() }).collect();
    screen.line(&Line::new().to(6).styled(DIM, from).to(right).styled(DIM, &hours))?;
    for (index, name) in DAYS.iter().enumerate() {
        let mut line = Line::new().plain("  ").styled(DIM, name).plain(" ");
        for week in &weeks {
            let level = level(week.days.get(index).copied().flatten());
            line = line.styled(style(level), &mark(level).to_string());
        }
        line = line.to(right);
        for count in calendar.hours.get(index).into_iter().flatten() {
            let level = of_count(*count);
            line = line.styled(style(level), &mark(level).to_string());
        }
        screen.line(&line)?;
    }
    screen.line(&Line::new().plain("  ").styled(DIM, LEGEND))
}
