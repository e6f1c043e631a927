//! The findings by subject, most urgent first; what many subjects share is said once, mild ones are counted.

use std::io;

use keelguard_model::{Counts, Finding, Severity};

use super::fixes::write_command;
use super::heading;
use crate::fold::{Shared, shared};
use crate::layout::{Line, Screen, columns, cut};
use crate::select::{Group, Selection, by_subject};
use crate::style::{BOLD, DIM, GREEN, PLAIN, of_severity, severity_mark};
use crate::{Options, words};

/// Subjects with a block of their own, unless something on them is critical.
const SUBJECTS: usize = 12;
/// Lines of findings in a block, unless they are critical.
const LINES: usize = 5;

/// Writes them; returns what was folded away.
pub(super) fn write(selection: &Selection<'_>, options: &Options, screen: &mut Screen<'_>) -> io::Result<Counts> {
    let counts = Counts::of(selection.shown.iter().copied());
    if selection.shown.is_empty() {
        heading(screen, "Findings", if selection.below > 0 { "none as severe as was asked for" } else { "none" })?;
        return Ok(Counts::default());
    }
    heading(screen, "Findings", &words::counts(counts))?;
    let mut writer = Writer { selection, options, screen, folded: Counts::default() };
    if options.all {
        for group in by_subject(&selection.shown) {
            writer.unfolded(&group)?;
        }
        return Ok(writer.folded);
    }
    let urgent: Vec<_> =
        selection.shown.iter().copied().filter(|finding| finding.severity >= Severity::Medium).collect();
    let (many, own) = shared(&urgent);
    let mild: Vec<_> = selection.shown.iter().copied().filter(|finding| finding.severity < Severity::Medium).collect();
    // What is shared comes first only where it is as bad as the worst that anybody has alone.
    let worst = |findings: &[&Finding]| findings.iter().map(|finding| finding.severity).max();
    let first = many.first().and_then(|shared| worst(&shared.findings)) >= worst(&own);
    if first {
        writer.shared(&many)?;
    }
    writer.own(&own, &mild, if first { &[] } else { &many })?;
    Ok(writer.folded)
}

struct Writer<'a, 'b, 'c> {
    selection: &'a Selection<'a>,
    options: &'a Options,
    screen: &'b mut Screen<'c>,
    folded: Counts,
}

impl Writer<'_, '_, '_> {
    fn shared(&mut self, many: &[Shared<'_>]) -> io::Result<()> {
        if many.is_empty() {
            return Ok(());
        }
        self.screen.line(&Line::new().styled(BOLD, "on several subjects"))?;
        for shared in many {
            let Some(first) = shared.findings.first() else { continue };
            let new = shared.findings.iter().filter(|finding| self.selection.is_new(finding)).count();
            let title = if new > 0 { format!("{} ({new} new)", first.title) } else { first.title.clone() };
            let head = self.head(first, false);
            let column = head.width();
            let names: Vec<_> = shared.names().iter().map(|name| cut(name, 24)).collect();
            let who = format!("{}: {}", shared.how_many(), words::some(&names, 4));
            if column + columns(&title) + 3 + columns(&who) <= self.screen.width {
                self.screen.line(&head.plain(&title).plain("  ").styled(DIM, &who))?;
            } else {
                self.screen.hang(&head, PLAIN, &title, 2)?;
                self.screen.hang(&Line::new().to(column), DIM, &who, 1)?;
            }
        }
        Ok(())
    }

    fn own(&mut self, own: &[&Finding], mild: &[&Finding], many: &[Shared<'_>]) -> io::Result<()> {
        let mut shown = Vec::new();
        for (place, group) in by_subject(own).iter().enumerate() {
            if place >= SUBJECTS && group.counts().critical == 0 {
                self.fold(group.findings.iter().copied());
                continue;
            }
            let mild: Vec<_> = mild.iter().copied().filter(|finding| finding.subject == *group.subject).collect();
            self.block(group, &mild)?;
            shown.push(group.subject.clone());
        }
        self.shared(many)?;
        let rest: Vec<_> = mild.iter().copied().filter(|finding| !shown.contains(&finding.subject)).collect();
        let groups = by_subject(&rest).len();
        let hidden = by_subject(own).len() - shown.len();
        if hidden > 0 {
            let text = format!("+ {} with findings of their own", words::count(hidden, "more subject"));
            self.screen.line(&Line::new().styled(DIM, &text))?;
        }
        if groups > 0 {
            let counts = words::counts(Counts::of(rest.iter().copied()));
            let text = format!("+ {counts} on {}", words::count(groups, "other subject"));
            self.screen.line(&Line::new().styled(DIM, &text))?;
            self.fold(rest);
        }
        Ok(())
    }

    fn block(&mut self, group: &Group<'_>, mild: &[&Finding]) -> io::Result<()> {
        // The mild ones are counted beside the name: a line of their own for each subject would double the screen.
        let mut remark = words::counts(group.counts());
        if !mild.is_empty() {
            remark.push_str(&format!("  + {} folded", words::counts(Counts::of(mild.iter().copied()))));
        }
        self.subject_line(group, &remark)?;
        self.fold(mild.iter().copied());
        let mut hidden = Vec::new();
        for (place, finding) in group.findings.iter().enumerate() {
            if place >= LINES && finding.severity < Severity::Critical {
                hidden.push(*finding);
            } else {
                self.finding(finding)?;
            }
        }
        if !hidden.is_empty() {
            let text = format!("    + {}", words::counts(Counts::of(hidden.iter().copied())));
            self.screen.line(&Line::new().styled(DIM, &text))?;
            self.fold(hidden);
        }
        Ok(())
    }

    fn subject_line(&mut self, group: &Group<'_>, remark: &str) -> io::Result<()> {
        let subject = cut(&words::subject(group.subject), 48);
        self.screen.line(&Line::new().styled(BOLD, &subject).plain("   ").styled(DIM, remark))
    }

    /// Severity and rule; new and suppressed ones say so.
    fn head(&self, finding: &Finding, say_new: bool) -> Line {
        let head = Line::new().plain("  ").styled(of_severity(finding.severity), severity_mark(finding.severity));
        let head = head.plain("  ").styled(DIM, &finding.rule).plain("  ");
        if finding.suppressed.is_some() {
            head.styled(DIM, "excepted ")
        } else if say_new && self.selection.is_new(finding) {
            head.styled(GREEN, "NEW ")
        } else {
            head
        }
    }

    /// One line: the title, and as much of the evidence as fits.
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let head = self.head(finding, true);
        let column = head.width();
        let used = column + columns(&finding.title) + 2;
        let evidence = words::evidence(finding);
        if used > self.screen.width {
            self.screen.hang(&head, PLAIN, &finding.title, 2)?;
            return Ok(());
        }
        let line = head.plain(&finding.title);
        if evidence.is_empty() || used + 12 > self.screen.width {
            return self.screen.line(&line);
        }
        self.screen.hang(&line.plain("  "), DIM, &evidence, 1)
    }

    /// All there is to say.
    fn unfolded(&mut self, group: &Group<'_>) -> io::Result<()> {
        self.subject_line(group, &words::counts(group.counts()))?;
        for finding in &group.findings {
            let head = self.head(finding, true);
            self.screen.hang(&head, BOLD, &finding.title, 4)?;
            for piece in &finding.evidence {
                let text = format!("{} = {}", piece.what, piece.value);
                self.screen.hang(&Line::new().to(6), DIM, &text, 20)?;
            }
            if let Some(suppressed) = &finding.suppressed {
                let until = suppressed.until.as_deref().map(|day| format!(" (until {day})")).unwrap_or_default();
                self.screen.hang(
                    &Line::new().to(6).plain("exception: "),
                    PLAIN,
                    &format!("{}{until}", suppressed.reason),
                    4,
                )?;
            }
            self.screen.hang(&Line::new().to(6).plain("fix: "), PLAIN, &finding.fix.summary, 9)?;
            for command in &finding.fix.commands {
                write_command(self.screen, command, self.options.all)?;
            }
        }
        Ok(())
    }

    fn fold<'f>(&mut self, findings: impl IntoIterator<Item = &'f Finding>) {
        for finding in findings {
            let more = Counts::of([finding]);
            self.folded.critical += more.critical;
            self.folded.high += more.high;
            self.folded.medium += more.medium;
            self.folded.low += more.low;
            self.folded.info += more.info;
        }
    }
}
