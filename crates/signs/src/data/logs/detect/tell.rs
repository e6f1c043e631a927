//! What is told of a log: findings with what was seen, when, and what to type.

use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Kind, Rule, Subject, SubjectKind};

use crate::words::{timestamp, when};

/// Findings of one kind about one log; more would say the same again.
pub(super) const MOST: usize = 20;

/// A finding about a log, at a time.
pub(super) fn of(rule: &Rule, path: &str, second: i64, about: &str) -> Finding {
    let mut finding = rule.on(Subject::new(SubjectKind::File, path)).about(about);
    finding.kind = Kind::Detection;
    finding.time = timestamp(second);
    finding
}

/// When it began and ended, and on which host, as incidents are joined by.
pub(super) fn spanning(finding: Finding, from: i64, to: i64, host: &str) -> Finding {
    let finding = finding.evidence("first", when(from)).evidence("last", when(to));
    if host.is_empty() { finding } else { finding.evidence("host", host) }
}

/// What the journal says of a time.
pub(super) fn ask_journal(finding: Finding, from: i64, to: i64) -> Finding {
    finding.command(format!("journalctl --since @{from} --until @{to}"))
}

/// A path as it is shown in a sentence.
pub(super) fn name(path: &str) -> String {
    keelguard_model::text::printable(path).into_owned()
}

/// A path as a shell takes it.
pub(super) fn word(path: &str) -> String {
    shell_word(path).into_owned()
}

/// `1 entry is`, `3 entries are`
pub(super) fn some(count: u64, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}
