//! The few changes that cut every path.

use std::io;

use keelguard_model::Report;

use super::heading;
use crate::layout::{Line, Screen, cut};
use crate::style::{BOLD, CYAN, DIM, GREEN, PLAIN};
use crate::{Options, words};

/// As many changes as one screen bears.
const MOST: usize = 7;

pub(super) fn write(report: &Report, options: &Options, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.fix_set.is_empty() {
        return Ok(());
    }
    let changes = report.fix_set.len();
    let cut_all = format!("{} every path to the host", if changes == 1 { "1 change cuts" } else { "these cut" });
    heading(screen, "Do these first", &cut_all)?;
    let most = if options.all { usize::MAX } else { MOST };
    for (index, step) in report.fix_set.iter().take(most).enumerate() {
        let head = Line::new()
            .plain("  ")
            .styled(BOLD, &format!("{:>2}. {}", index + 1, cut(&words::subject(&step.subject), 48)));
        let cuts = if step.cuts > 0 { format!(", on {} ", words::count(step.cuts, "path")) } else { String::new() };
        let head = head.styled(DIM, &format!("  {}{}", step.rules.join(", "), cuts.trim_end()));
        screen.line(&head)?;
        screen.hang(&Line::new().to(6), PLAIN, &step.summary, if options.all { 9 } else { 2 })?;
        // A setting is nothing to type, it is what goes into the file before the command.
        for snippet in step.snippets.iter().filter(|snippet| snippet.file.ends_with("/daemon.json")) {
            let words: Vec<&str> = snippet.text.split_whitespace().collect();
            let line = format!("{}: {}", snippet.file, words.join(" "));
            screen.hang(&Line::new().to(6).styled(DIM, "in "), CYAN, &line, if options.all { 20 } else { 2 })?;
        }
        let shown = if options.all { usize::MAX } else { 1 };
        for command in step.commands.iter().take(shown) {
            write_command(screen, command, options.all)?;
        }
        if step.commands.len() > shown {
            let more = words::count(step.commands.len() - shown, "more command");
            screen.line(&Line::new().to(6).styled(DIM, &format!("+ {more}: keelguard check --all")))?;
        }
    }
    if changes > most {
        screen.line(
            &Line::new()
                .styled(DIM, &format!("  + {} more: keelguard paths, or keelguard check --all", changes - most)),
        )?;
    }
    screen.line(&Line::new().plain("  ").styled(GREEN, &words::after(changes)))
}

/// A command: one line, or all of it in the lines it was written in.
pub(super) fn write_command(screen: &mut Screen<'_>, command: &str, all: bool) -> io::Result<()> {
    let mut lines = command.lines();
    let head = Line::new().to(6).styled(DIM, "$ ");
    let first = lines.next().unwrap_or_default();
    let rest = lines.clone().next().is_some();
    if !all {
        let first = if rest { format!("{first} …") } else { first.to_owned() };
        return screen.hang(&head, CYAN, &first, 1);
    }
    screen.hang(&head, CYAN, first, 200)?;
    for line in lines.take(400) {
        screen.hang(&Line::new().to(6).styled(DIM, "> "), CYAN, line, 200)?;
    }
    Ok(())
}
