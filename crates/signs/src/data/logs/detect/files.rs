//! What is to be said of files: what became of them since the last look, pieces that rotation would have kept, journals and
//! records that are cut, blanked or edited.

use std::path::Path;

use keelguard_model::{Finding, Severity, rule};

use super::journal::{FileSeen, JournalWatch, Missing};
use super::lines::disordered;
use super::records::{Fault, RecordWatch, Wrong};
use super::shape::{Became, Kept};
use super::tell::{MOST, ask_journal, name, of, some, spanning, word};
use crate::words::when;

/// What became of a log since the last look.
pub fn of_shape(path: &str, kept: &Kept, became: &Became, now: i64) -> Option<Finding> {
    let shown = name(path);
    let since = when(kept.looked);
    let (rule, title, evidence) = match became {
        Became::Whole | Became::Aged => return None,
        Became::Changed { path: place, at, replaced } => {
            let place = name(&place.display().to_string());
            let title =
                format!("{place} was edited since {since}: what it held is not the same from about byte {at} on");
            (
                if *replaced { &rule::LOG_REPLACED } else { &rule::LOG_CHANGED },
                title,
                ("changed from byte", at.to_string()),
            )
        }
        Became::Shrunk { size } => {
            let title = format!(
                "{shown} had {} bytes at {since} and has {size}; no rotated piece holds what is gone",
                kept.prints.length
            );
            (&rule::LOG_SHRUNK, title, ("size now", size.to_string()))
        }
        Became::Replaced => {
            let title = format!("Another file stands in the place of {shown}, and what it held at {since} is nowhere");
            (&rule::LOG_REPLACED, title, ("inode then", kept.inode.to_string()))
        }
        Became::Gone => {
            let title = format!("{shown} is gone, and no rotated piece holds what it held at {since}");
            (&rule::LOG_SHRUNK, title, ("size then", kept.prints.length.to_string()))
        }
    };
    let finding = of(rule, path, now, &kept.looked.to_string()).title(title);
    let finding =
        finding.evidence("size at the last look", kept.prints.length.to_string()).evidence(evidence.0, evidence.1);
    let folder = Path::new(path).parent().unwrap_or(Path::new("/")).display().to_string();
    let finding = spanning(finding, kept.looked, now, "");
    Some(
        finding
            .command(format!("ausearch -i -f {}", word(path)))
            .command(format!("ls -l --time-sort {}", word(&folder))),
    )
}

/// Rotated pieces that are missing.
pub fn of_rotation(path: &str, missing: &[String], last_rotated: Option<&str>, now: i64) -> Option<Finding> {
    let first = missing.first()?;
    let shown: Vec<String> = missing.iter().take(5).map(|end| name(end)).collect();
    let title = format!(
        "{}: rotated {} {} missing between others",
        name(path),
        if missing.len() == 1 { "piece" } else { "pieces" },
        shown.join(", ") + if missing.len() == 1 { " is" } else { " are" }
    );
    let mut finding = of(&rule::ROTATION_MISSING, path, now, first).title(title);
    if let Some(when) = last_rotated {
        finding = finding.evidence("logrotate last rotated it", when);
    }
    Some(finding.evidence("missing", shown.join(", ")).command(format!("ls -l {}*", word(path))))
}

/// A journal.
pub(super) fn of_journal(watch: &JournalWatch) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        watch.missing().iter().take(MOST).map(|missing| of_missing(&watch.name, missing)).collect();
    for file in watch.files() {
        // What a crash left behind is damaged, and set aside as such.
        if !file.damage.is_empty() && !file.set_aside {
            let title = format!("{}: {}", name(&file.path), file.damage.join("; "));
            let finding = of(&rule::JOURNAL_DAMAGED, &file.path, file.times.1, &file.file).title(title);
            let finding = spanning(finding, file.times.0, file.times.1, "");
            found.push(finding.command(format!("journalctl --verify --file {}", word(&file.path))));
        }
        if let Some((number, second)) = file.first_unfit {
            let title = format!(
                "{}: {} not what {} hashed of when written, first number {number} of {}",
                name(&file.path),
                some(file.unfit, "entry is", "entries are"),
                if file.unfit == 1 { "it was" } else { "they were" },
                when(second)
            );
            let finding = of(&rule::JOURNAL_EDITED, &file.path, second, &file.file).title(title);
            let finding = spanning(finding, second, file.times.1, "");
            found.push(finding.command(format!("journalctl --verify --file {}", word(&file.path))));
        }
    }
    found
}

fn of_missing(path: &str, missing: &Missing) -> Finding {
    let hole = &missing.hole;
    let what = if missing.between_files { ": a file between two others is gone" } else { "" };
    let title = format!(
        "{} lacks {} between {} and {}{what}",
        name(path),
        some(hole.count(), "entry", "entries"),
        when(hole.from),
        when(hole.to)
    );
    let finding = of(&rule::JOURNAL_HOLE, path, hole.from, &hole.first.to_string()).title(title);
    let finding = finding.evidence("missing numbers", format!("{}–{}", hole.first, hole.last));
    ask_journal(spanning(finding, hole.from, hole.to, "").command("journalctl --verify"), hole.from, hole.to)
}

/// A journal file that held more at the last look.
pub fn of_lost(lost: &FileSeen, left: Option<u64>, now: i64) -> Finding {
    let path = name(&lost.path);
    let title = match left {
        Some(left) => format!("{path} held {} entries at the last look, and holds {left}", lost.entries),
        None => {
            format!("{path} is gone with its {} entries, though older ones are there, or none at all", lost.entries)
        }
    };
    let finding = of(&rule::JOURNAL_HOLE, &lost.path, now, &lost.file).title(title);
    spanning(finding, lost.times.0, lost.times.1, "").command("journalctl --verify")
}

/// Records of logins.
pub(super) fn of_records(watch: &RecordWatch) -> Vec<Finding> {
    let mut found = Vec::new();
    let path = watch.name.as_str();
    let shown = name(path);
    let blanked: Vec<&Wrong> = watch.wrong().iter().filter(|wrong| wrong.fault != Fault::NoBegin).collect();
    if let (Some(first), Some(last)) = (blanked.first(), blanked.last()) {
        let title = format!(
            "{shown}: {} overwritten with nothing, the first after {}",
            some(blanked.len() as u64, "record is", "records are"),
            when(first.after)
        );
        let numbers: Vec<String> = blanked.iter().take(10).map(|wrong| wrong.record.to_string()).collect();
        let finding = of(&rule::RECORDS_BLANKED, path, first.after, &first.after.to_string()).title(title);
        let finding = finding.evidence("records", numbers.join(", "));
        found.push(spanning(finding, first.after, last.after, "").command(format!("utmpdump {}", word(path))));
    }
    for wrong in watch.wrong().iter().filter(|wrong| wrong.fault == Fault::NoBegin).take(MOST) {
        let title =
            format!("{shown}: a session on {} ended after {} that never began", name(&wrong.line), when(wrong.after));
        let finding =
            of(&rule::RECORDS_CUT, path, wrong.after, &format!("{} {}", wrong.line, wrong.after)).title(title);
        let finding = spanning(finding.evidence("record", wrong.record.to_string()), wrong.after, wrong.after, "");
        found.push(finding.command(format!("utmpdump {}", word(path))));
    }
    if watch.rest() > 0 {
        let title = format!("{shown} is no whole number of records: {} bytes are left over", watch.rest());
        let second = watch.covers.map_or(0, |(_, last)| last);
        let finding = of(&rule::RECORDS_CUT, path, second, "length").title(title);
        found.push(finding.command(format!("utmpdump {}", word(path))));
    }
    let disorder = watch.disorder();
    found.extend(disorder.iter().take(MOST).map(|disorder| {
        let mut finding = disordered(path, "", disorder);
        let cut = of(&rule::RECORDS_CUT, path, disorder.from, &disorder.to.to_string());
        (finding.rule, finding.fingerprint, finding.refs, finding.fix.summary) =
            (cut.rule, cut.fingerprint, cut.refs, cut.fix.summary);
        finding.severity(Severity::Medium)
    }));
    found
}
