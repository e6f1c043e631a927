//! Sign 3: are files missing or rewritten, backups dead, logs rearranged?

pub mod backup;
pub mod baseline;
pub mod canary;
pub mod follow;
pub mod logs;
pub mod own_log;
pub mod ransom;
pub mod tree;
pub mod verify;

use jiff::Timestamp;
use keelguard_model::{Finding, Incomplete};

/// What one part of the sign has to say; parts are joined into one report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
    /// What nobody has set up on this host, with what to type: no gap, as long as something else was looked at.
    pub unset: Vec<Incomplete>,
    /// What was looked at: folders, files, repositories.
    pub sources: Vec<String>,
    /// Files, lines or records that were looked at.
    pub lines: u64,
    /// Those that say something: changes, events.
    pub events: u64,
    /// The earliest time that is spoken of.
    pub from: Option<Timestamp>,
    /// The latest.
    pub to: Option<Timestamp>,
}

impl Looked {
    /// Takes in what another part says.
    pub fn join(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.incomplete.extend(other.incomplete);
        self.unset.extend(other.unset);
        self.sources.extend(other.sources);
        self.lines += other.lines;
        self.events += other.events;
        self.from = [self.from, other.from].into_iter().flatten().min();
        self.to = self.to.max(other.to);
    }
}
