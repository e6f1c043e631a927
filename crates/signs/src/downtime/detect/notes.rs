//! What is no outage itself: kernels that stumble, memory that runs out, clocks that are set, power and heat. The same thing
//! again is counted, and the first and the newest lines are kept.

use serde::{Deserialize, Serialize};

use super::outage::cut;
use crate::downtime::event::{Channel, Happening, Kind};

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: u64,
    /// Different reasons, the first few.
    pub(super) reasons: Vec<String>,
    /// Lines: the first two and the newest.
    pub(super) lines: Vec<(i64, String)>,
    told_by: Vec<Channel>,
    /// What of the machine's load was more than usual before the newest of them, and when.
    #[serde(default)]
    pub(super) load: Option<(i64, String)>,
}

/// Two tellers of one event are at most so far apart.
const SAME: i64 = 3;
const LINES: usize = 3;
const REASONS: usize = 5;

impl Note {
    pub(super) fn new(now: i64) -> Self {
        Self {
            first: now,
            last: now,
            count: 0,
            reasons: Vec::new(),
            lines: Vec::new(),
            told_by: Vec::new(),
            load: None,
        }
    }

    pub(super) fn add(&mut self, happening: &Happening, now: i64) {
        let channel = happening.channel;
        // One killing is told of by the kernel in two lines, by systemd and by the engine.
        let is_told_again = self.count > 0
            && (now - self.last).abs() <= SAME
            && (!self.told_by.contains(&channel) || happening.kind == Kind::OutOfMemory);
        self.first = self.first.min(now);
        self.last = self.last.max(now);
        if let Some(reason) = &happening.reason
            && self.reasons.len() < REASONS
            && !self.reasons.contains(reason)
        {
            self.reasons.push(cut(reason));
        }
        if is_told_again {
            if !self.told_by.contains(&channel) {
                self.told_by.push(channel);
            }
            return;
        }
        self.count += 1;
        self.told_by = vec![channel];
        if self.lines.len() >= LINES {
            self.lines.pop();
        }
        self.lines.push((now, cut(&happening.line)));
    }
}
