//! Incidents for a terminal: what happened, how sure that is and why, the time-line, what to do first.

use std::io::{self, Write};

use jiff::Timestamp;
use keelguard_model::incident::{Incident, IncidentReport, Stage};

use crate::layout::{Line, Screen};
use crate::style::{BOLD, CYAN, DIM, PLAIN, YELLOW, of_severity, severity_mark};
use crate::{Options, words};

/// Steps and gaps that one screen bears before the rest is counted.
const STEPS: usize = 20;
const GAPS: usize = 5;

pub(super) fn write(report: &IncidentReport, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(out, options.color, options.width);
    let shown: Vec<&Incident> = report
        .incidents
        .iter()
        .filter(|incident| options.min_severity.is_none_or(|least| incident.severity >= least))
        .collect();
    let head = match (report.incidents.len(), report.incomplete.is_empty()) {
        (0, true) => "no incident".to_owned(),
        (0, false) => "no incident was seen, but not everything could be looked at".to_owned(),
        (many, _) => words::count(many, "incident"),
    };
    screen.line(&Line::new().styled(BOLD, "incidents").plain("   ").plain(&head))?;
    let signs: Vec<&str> = report.signs.iter().map(|area| area.name()).collect();
    let number = usize::try_from(report.findings).unwrap_or(usize::MAX);
    let span = report.from.zip(report.to).map(|(from, to)| format!(", {} to {} UTC", minute(from), minute(to)));
    let looked = format!("{} of {}{}", words::count(number, "finding"), signs.join(", "), span.unwrap_or_default());
    screen.line(&Line::new().styled(DIM, &looked))?;
    for incident in &shown {
        screen.blank()?;
        one(incident, options, &mut screen)?;
    }
    if shown.len() < report.incidents.len() {
        let less = report.incidents.len() - shown.len();
        screen.blank()?;
        screen.line(
            &Line::new()
                .styled(DIM, &format!("+ {} below the severity that was asked for", words::count(less, "incident"))),
        )?;
    }
    gaps(report, options, &mut screen)
}

fn one(incident: &Incident, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    let head = Line::new().styled(of_severity(incident.severity), severity_mark(incident.severity)).plain("  ");
    screen.hang(&head, BOLD, &incident.title, 4)?;
    let column = head.width();
    let sure = format!("{:.0} % sure", incident.confidence * 100.0);
    let when = format!("{} to {} UTC", minute(incident.first), minute(incident.last));
    screen.line(&Line::new().to(column).styled(DIM, &format!("{sure}, {when}, incident {}", incident.id)))?;
    let all = options.all;
    if all {
        for reason in &incident.reasons {
            let head = Line::new().to(column).styled(DIM, "because ");
            screen.hang(&head, DIM, &reason.why, 3)?;
        }
    } else {
        let reasons: Vec<&str> = incident.reasons.iter().map(|reason| reason.why.as_str()).collect();
        screen.hang(&Line::new().to(column).styled(DIM, "because "), DIM, &reasons.join("; "), 4)?;
    }
    let most = if all { usize::MAX } else { STEPS };
    let mut day = None;
    for step in incident.timeline.iter().take(most) {
        let today = step.time.strftime("%Y-%m-%d").to_string();
        if day.as_ref() != Some(&today) {
            screen.line(&Line::new().plain("  ").styled(DIM, &today))?;
            day = Some(today);
        }
        let time = step.time.strftime("%H:%M:%S").to_string();
        let head = Line::new()
            .plain("  ")
            .plain(&time)
            .plain("  ")
            .styled(of_stage(step.stage), &format!("{:8}", step.stage.name()));
        let head = head.plain("  ").styled(DIM, &step.rule).plain("  ");
        screen.hang(&head, PLAIN, &step.what, 3)?;
        if all {
            let until = step.until.map(|until| format!(", until {}", minute(until))).unwrap_or_default();
            let why = format!("{}{until}", step.joined);
            screen.hang(&Line::new().to(head.width()), DIM, &why, 2)?;
        }
    }
    let more = incident.timeline.len().saturating_sub(most) as u64 + incident.more;
    if more > 0 {
        screen.line(&Line::new().plain("  ").styled(DIM, &format!("+ {more} more steps")))?;
    }
    let techniques: Vec<String> = incident
        .techniques
        .iter()
        .map(|technique| if all { format!("{} {}", technique.id, technique.name) } else { technique.id.clone() })
        .collect();
    if !techniques.is_empty() {
        screen.hang(
            &Line::new().plain("  ").styled(DIM, "ATT&CK   "),
            DIM,
            &techniques.join(", "),
            if all { 9 } else { 2 },
        )?;
    }
    let most = if all { usize::MAX } else { 2 };
    for (index, advice) in incident.advice.iter().take(most).enumerate() {
        let head = Line::new().plain("  ").styled(BOLD, if index == 0 { "Do first" } else { "        " }).plain(" ");
        screen.hang(&head, PLAIN, advice, 3)?;
    }
    for command in incident.commands.iter().take(most) {
        screen.hang(&Line::new().to(11).styled(DIM, "$ "), CYAN, command, 2)?;
    }
    Ok(())
}

const fn of_stage(stage: Stage) -> anstyle::Style {
    match stage {
        Stage::Entry | Stage::Harm => YELLOW.bold(),
        Stage::Foothold | Stage::Hiding => YELLOW,
        Stage::Attempt | Stage::Unusual => PLAIN,
    }
}

fn gaps(report: &IncidentReport, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.incomplete.is_empty() {
        return Ok(());
    }
    screen.blank()?;
    screen
        .line(&Line::new().styled(BOLD, "Could not look at").styled(DIM, "   what is not seen is not judged clean"))?;
    let most = if options.all { usize::MAX } else { GAPS };
    for gap in report.incomplete.iter().take(most) {
        let text = format!("{}: {}", gap.what, gap.why);
        screen.hang(&Line::new().plain("  ").styled(YELLOW, "? "), PLAIN, &text, 3)?;
    }
    if report.incomplete.len() > most {
        let more = report.incomplete.len() - most;
        screen.line(&Line::new().styled(DIM, &format!("  + {more} more: --all")))?;
    }
    Ok(())
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}
