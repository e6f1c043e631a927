//! Judges logs: pure state machines with bounded memory, whose time comes in with the data and whose state can be saved.
//!
//! [`LogWatch`], [`AuditWatch`], [`RecordWatch`] and [`JournalWatch`] each watch one log; [`judge`] says what they saw, and what
//! they say when held against each other.

mod activity;
mod audit;
mod compare;
mod files;
mod journal;
mod lines;
mod log;
mod order;
mod records;
mod rhythm;
mod rotation;
mod sequence;
mod shape;
mod silence;
mod tell;
mod traps;

pub use audit::{AuditWatch, SwitchedOff};
pub use compare::LastLogin;
pub use files::{of_lost, of_rotation, of_shape};
use jiff::tz::TimeZone;
pub use journal::{FileSeen, JournalWatch, Missing, lost_since};
use keelguard_model::Finding;
pub use lines::FileTimes;
pub use log::{Line, LogWatch};
pub use order::{Disorder, Order};
#[cfg(test)]
pub(super) use records::tests::record as record_for_tests;
pub use records::{Fault, RecordWatch, Wrong};
pub use rhythm::{Rhythm, Silence};
pub use rotation::{Piece, Step, missing};
pub use sequence::{Hole, Sequence};
pub use shape::{Became, Kept, Now, Prints, became};
pub use traps::{Trap, judge as judge_traps, switches_history_off};

/// Everything that was watched.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Logs of lines; a journal is one as well.
    pub logs: Vec<LogWatch>,
    /// Audit logs by path.
    pub audits: Vec<(String, AuditWatch)>,
    /// Records of logins.
    pub records: Vec<RecordWatch>,
    /// Journals.
    pub journals: Vec<JournalWatch>,
    /// `lastlog`, and what is in it.
    pub lasts: Option<(String, Vec<LastLogin>)>,
    /// Files, with their last changes.
    pub times: Vec<FileTimes>,
}

impl Watched {
    /// The end of what is known.
    pub fn last(&self) -> Option<i64> {
        let logs = self.logs.iter().filter_map(LogWatch::last);
        let audits = self.audits.iter().filter_map(|(_, watch)| watch.covers.map(|(_, last)| last));
        logs.chain(audits).max()
    }

    /// The time that is covered.
    pub fn covers(&self) -> Option<(i64, i64)> {
        let logs = self.logs.iter().filter_map(|log| log.covers);
        let audits = self.audits.iter().filter_map(|(_, watch)| watch.covers);
        let records = self.records.iter().filter_map(|watch| watch.covers);
        logs.chain(audits).chain(records).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }
}

/// What is to be said of all that was watched. `end` is the end of what is known, in seconds; stamps without a zone are in `zone`.
pub fn judge(watched: &Watched, end: i64, zone: &TimeZone) -> Vec<Finding> {
    let witnesses: Vec<activity::Activity> = watched.records.iter().map(RecordWatch::activity).collect();
    let mut found = silence::judge(&watched.logs, &witnesses, end);
    for log in &watched.logs {
        found.extend(lines::order(log, zone));
        found.extend(lines::numbers(log));
    }
    let lost = |from: i64, to: i64| watched.logs.iter().any(|log| log.lost.any(from, to));
    for (path, watch) in &watched.audits {
        found.extend(lines::audit(path, watch, &lost));
    }
    watched.records.iter().for_each(|watch| found.extend(files::of_records(watch)));
    watched.journals.iter().for_each(|watch| found.extend(files::of_journal(watch)));
    found.extend(lines::touched(&watched.times));
    found.extend(compare::logins(&watched.logs, &watched.records));
    found.extend(compare::boots(&watched.records, &watched.journals));
    if let Some((path, lasts)) = &watched.lasts {
        found.extend(compare::last_logins(path, lasts, &watched.records));
    }
    found
}
