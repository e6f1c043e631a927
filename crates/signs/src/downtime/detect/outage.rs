//! A time during which something was down, and why.

use serde::{Deserialize, Serialize};

use super::load::Heavy;

/// Why something went down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody, or something that may, told it to.
    Ordered,
    /// The machine was put to sleep.
    Suspended,
    /// It ended by itself, and well.
    Finished,
    /// It ended with an error.
    Failed,
    /// The kernel killed it for want of memory.
    OutOfMemory,
    /// It was gone without a word.
    Unclean,
    /// The kernel stopped.
    Panic,
    /// A watchdog saw no progress.
    Lockup,
    /// Power failed.
    Power,
    /// It was too hot.
    Thermal,
}

impl Cause {
    /// Whether it went down without being told to, and not because it was done.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Ordered | Self::Suspended | Self::Finished)
    }

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Suspended => "suspended",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::OutOfMemory => "out_of_memory",
            Self::Unclean => "unclean",
            Self::Panic => "panic",
            Self::Lockup => "lockup",
            Self::Power => "power",
            Self::Thermal => "thermal",
        }
    }
}

/// See the module. Times in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// From the stop, or the last sign of life.
    pub from: i64,
    /// To the next start; none while it is down.
    pub to: Option<i64>,
    /// Why.
    pub cause: Cause,
    /// Why, in the words of the log.
    pub reason: Option<String>,
    /// The exit status.
    pub code: Option<u32>,
    /// Lines that tell of it.
    pub evidence: Vec<String>,
    /// What happened shortly before.
    pub before: Before,
}

/// What happened shortly before something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// Each with its time, in order.
    pub told: Vec<String>,
    /// What of the machine's load was more than usual; it is told among the others, too.
    pub load: Vec<Heavy>,
}

/// Lines that are kept of one outage.
const EVIDENCE: usize = 4;

impl Outage {
    pub(super) fn new(from: i64, cause: Cause) -> Self {
        Self { from, to: None, cause, reason: None, code: None, evidence: Vec::new(), before: Before::default() }
    }

    pub(super) fn tell(&mut self, line: &str) {
        if !line.is_empty() && self.evidence.len() < EVIDENCE && !self.evidence.iter().any(|known| known == line) {
            self.evidence.push(cut(line));
        }
    }

    /// Its end, or `now` while it lasts.
    pub fn end(&self, now: i64) -> i64 {
        self.to.unwrap_or(now).max(self.from)
    }
}

/// As much of a line as is kept.
pub(super) fn cut(line: &str) -> String {
    line.chars().take(300).collect()
}
