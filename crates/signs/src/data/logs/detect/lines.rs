//! What is to be said of the lines of one log: their order, their numbers, and what changed the file without adding one.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use keelguard_model::{Finding, rule};
use serde::{Deserialize, Serialize};

use super::audit::AuditWatch;
use super::log::LogWatch;
use super::order::Disorder;
use super::sequence::{Hole, Sequence};
use super::tell::{MOST, name, of, some, spanning, word};
use crate::words::{many, span, when};

/// Lines whose times run backwards.
pub(super) fn order(log: &LogWatch, zone: &TimeZone) -> Vec<Finding> {
    let mut found = Vec::new();
    for (host, order) in log.orders.iter() {
        let disorders = order.found().into_iter().filter(|it| it.moved || !(log.is_local && is_clock_change(it, zone)));
        found.extend(disorders.take(MOST).map(|disorder| disordered(&log.name, host, &disorder)));
    }
    found
}

/// The same of records.
pub(super) fn disordered(path: &str, host: &str, disorder: &Disorder) -> Finding {
    let Disorder { line, lines, from, to, moved } = *disorder;
    let back = span(from - to);
    let (rule, title) = if moved {
        let what = many(lines, if host.is_empty() && path.ends_with("tmp") { "record" } else { "line" });
        let title = format!("{}: {what} from number {line} on stand behind what was written {back} later", name(path));
        (&rule::LOG_ORDER, title)
    } else {
        let title = format!(
            "{}: at line {line} time goes back by {back}, from {} to {}, and nothing says why",
            name(path),
            when(from),
            when(to)
        );
        (&rule::LOG_BACKWARDS, title)
    };
    // Numbers of lines change with every rotation.
    let finding = of(rule, path, from, &format!("{host} {to}")).title(title).evidence("line", line.to_string());
    spanning(finding, to, from, host)
}

/// Whether the clock went back an hour because summer ended, or a stamp without a zone was read in another.
fn is_clock_change(disorder: &Disorder, zone: &TimeZone) -> bool {
    const HOUR: i64 = 3600;
    if (disorder.from - disorder.to - HOUR).abs() > 600 {
        return false;
    }
    let Ok(at) = Timestamp::from_second(disorder.to) else { return false };
    let near = |other: Timestamp| (other.as_second() - at.as_second()).abs() <= 3 * HOUR;
    if zone.following(at).next().is_some_and(|it| near(it.timestamp()))
        || zone.preceding(at).next().is_some_and(|it| near(it.timestamp()))
    {
        return true;
    }
    // The log may come from elsewhere: clocks are set on Sunday nights in spring and autumn.
    let civil = zone.to_datetime(at);
    matches!(civil.month(), 3 | 4 | 9 | 10 | 11) && civil.weekday() == Weekday::Sunday && civil.hour() < 5
}

/// Messages that their senders numbered and that are not there.
pub(super) fn numbers(log: &LogWatch) -> Vec<Finding> {
    let mut found = Vec::new();
    for (sender, sequence) in log.sequences.iter().filter(|(_, sequence)| is_sequence(sequence)) {
        for hole in sequence.holes().into_iter().filter(|hole| !log.lost.any(hole.from - 600, hole.to + 600)).take(MOST)
        {
            let title = format!(
                "{} lacks {} of {}, between {} and {}",
                name(&log.name),
                many(hole.count(), "message"),
                name(sender),
                when(hole.from),
                when(hole.to)
            );
            let about = format!("{sender} {} {}", hole.first, hole.from);
            let finding = of(&rule::LOG_GAP, &log.name, hole.from, &about).title(title);
            let finding = finding.evidence("missing sequenceId", shown(&hole));
            found.push(spanning(finding, hole.from, hole.to, sender.split(' ').next().unwrap_or_default()));
        }
    }
    found
}

/// One log holds only a part of what a sender numbers: then there are holes everywhere.
fn is_sequence(sequence: &Sequence) -> bool {
    sequence.more == 0 && sequence.holes().len() <= 10
}

fn shown(hole: &Hole) -> String {
    if hole.first == hole.last { hole.first.to_string() } else { format!("{}–{}", hole.first, hole.last) }
}

/// The audit log: events that are missing, and who switched it off. `lost` says whether the kernel told of an overflow then.
pub(super) fn audit(path: &str, watch: &AuditWatch, lost: &dyn Fn(i64, i64) -> bool) -> Vec<Finding> {
    let holes: Vec<Hole> =
        watch.serials.holes().into_iter().filter(|hole| !lost(hole.from - 600, hole.to + 600)).collect();
    let mut found: Vec<Finding> = holes.iter().take(MOST).map(|hole| of_serials(path, hole)).collect();
    for off in watch.switched_off().take(MOST) {
        let by = off.by.as_deref().map(|by| format!(" by {}", name(by))).unwrap_or_default();
        let what = if off.all {
            "auditing was switched off".to_owned()
        } else {
            format!(
                "{} removed and not loaded again",
                some(off.rules, "rule of auditing was", "rules of auditing were")
            )
        };
        let title = format!("{what}{by} at {}", when(off.second));
        let mut finding = of(&rule::AUDIT_OFF, path, off.second, &off.second.to_string()).title(title);
        if let Some(by) = &off.by {
            finding = finding.evidence("user", by.as_str());
        }
        let finding = spanning(finding, off.second, off.second, "").command("auditctl -s").command("augenrules --load");
        found.push(finding.command(format!("ausearch -m CONFIG_CHANGE -if {}", word(path))));
    }
    found
}

fn of_serials(path: &str, hole: &Hole) -> Finding {
    let title = format!(
        "{} lacks {} between {} and {}",
        name(path),
        many(hole.count(), "event"),
        when(hole.from),
        when(hole.to)
    );
    let finding = of(&rule::AUDIT_GAP, path, hole.from, &format!("{} {}", hole.first, hole.from)).title(title);
    let finding = spanning(finding.evidence("missing serial numbers", shown(hole)), hole.from, hole.to, "");
    finding.command("auditctl -s").command(format!("grep -a audit_lost {}", word("/var/log/kern.log")))
}

/// A file of a log: when it was last changed, and the latest time that stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTimes {
    /// Where.
    pub path: String,
    /// Whether it is the log itself, not one of its rotated pieces.
    pub current: bool,
    /// Its last change, in seconds.
    pub modified: i64,
    /// The first and the latest time of its lines.
    pub lines: (i64, i64),
    /// When the piece after it begins; none where there is none.
    pub next: Option<i64>,
    /// Whether stamps name no zone.
    pub is_local: bool,
    /// Whether rotation copies, so that a piece is as new as its copy.
    pub copied: bool,
}

/// A log daemon writes at once; a minute more for a slow disk.
const AT_ONCE: i64 = 120;

/// Files that were changed without a line.
pub(super) fn touched(files: &[FileTimes]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| is_touched(file) && !is_copy(file, files))
        .take(MOST)
        .map(|file| {
            let (_, last) = file.lines;
            let path = name(&file.path);
            let title = if file.modified > last {
                format!(
                    "{path} was changed {} after its last line, at {}",
                    span(file.modified - last),
                    when(file.modified)
                )
            } else {
                format!(
                    "{path} says of itself that it was last changed {} before its last line",
                    span(last - file.modified)
                )
            };
            let finding = of(&rule::LOG_TOUCHED, &file.path, file.modified, &last.to_string()).title(title);
            let finding = finding.evidence("last line", when(last)).evidence("last change", when(file.modified));
            let finding = spanning(finding, last.min(file.modified), last.max(file.modified), "");
            finding.command(format!("stat {}", word(&file.path)))
        })
        .collect()
}

fn is_touched(file: &FileTimes) -> bool {
    let apart = file.modified - file.lines.1;
    if apart.abs() <= AT_ONCE {
        return false;
    }
    // Stamps without a zone may be of another one.
    let rest = apart.rem_euclid(900);
    if file.is_local
        && apart.abs() < 27 * 3600
        && apart.abs() >= 900 - AT_ONCE
        && (rest <= AT_ONCE || rest >= 900 - AT_ONCE)
    {
        return false;
    }
    // What is copied when it is rotated is as new as the copy.
    let at_rotation = file.next.is_none_or(|next| file.modified <= next + AT_ONCE);
    file.current || apart < 0 || !(file.copied || at_rotation)
}

/// Whether several files were changed at the same time: a copy of a folder, not an edit.
fn is_copy(file: &FileTimes, files: &[FileTimes]) -> bool {
    let together = |other: &&FileTimes| is_touched(other) && (other.modified - file.modified).abs() <= 60;
    files.iter().filter(together).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, modified: i64, last: i64) -> FileTimes {
        FileTimes {
            path: path.into(),
            current: !path.ends_with(".1"),
            modified,
            lines: (0, last),
            next: path.ends_with(".1").then_some(100_000),
            is_local: false,
            copied: false,
        }
    }

    fn told(files: &[FileTimes]) -> Vec<String> {
        touched(files).into_iter().map(|finding| finding.subject.name).collect()
    }

    #[test]
    fn a_file_that_was_changed_without_a_line_is_told_and_what_is_everyday_is_not() {
        assert_eq!(told(&[file("auth.log", 5000, 4990)]), Vec::<String>::new());
        assert_eq!(told(&[file("auth.log", 5000, 4000)]), ["auth.log"]);
        assert_eq!(told(&[file("auth.log", 4000, 5000)]), ["auth.log"], "set back");
        // A piece that was copied at rotation is as new as that; one that was edited is newer.
        assert_eq!(told(&[file("auth.log.1", 100_000, 90_000)]), Vec::<String>::new());
        assert_eq!(told(&[file("auth.log.1", 150_000, 90_000)]), ["auth.log.1"]);
        // A folder that was copied.
        let copied = [file("a", 9000, 5000), file("b", 9001, 4000), file("c", 9002, 3000)];
        assert_eq!(told(&copied), Vec::<String>::new());
        // Stamps of another zone.
        let local = FileTimes { is_local: true, ..file("auth.log", 10_000 + 7200, 10_000) };
        assert_eq!(told(&[local]), Vec::<String>::new());
    }
}
