//! Findings of all signs, joined into incidents: a state machine that takes findings in any order and says at any time which
//! of them belong together. It knows nothing of the signs but [`Finding`]; what joins two findings are the host, container,
//! user and address that subject and evidence name:
//!
//! - a subject that is a host, container, user or address, whatever the rule;
//! - evidence called `host`, `container`, `user`, `account` or `address`, and `by or from`, which may be either of the last two;
//! - evidence called `first` and `last`, for what went on for a while, unless there is a `login`; else the finding's time;
//! - evidence called `users` where it holds one name: the account that somebody tried; `services`: through which door.
//!
//! `docs/incidents.md` says by which rules findings are joined and how sure an incident is.

mod clue;
mod join;
mod stage;
mod sure;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::incident::Incident;
use keelguard_model::{Area, Finding, Incomplete};
use serde::{Deserialize, Serialize};

use self::clue::{Age, Clue};

/// How far apart findings may be, and how many are remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Seconds between two findings that are joined.
    pub window: i64,
    /// Attempts that are remembered: of these there are as many as the internet likes.
    pub attempts: usize,
    /// Other findings that are remembered.
    pub findings: usize,
    /// Whether outages are incidents by themselves, with nobody behind them: to whom availability is security, they are.
    #[serde(default)]
    pub outages: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window: 24 * 3600, attempts: 10_000, findings: 5_000, outages: false }
    }
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Correlator {
    limits: Limits,
    #[serde(with = "clue::list")]
    clues: BTreeMap<clue::Key, Clue>,
    /// By age, to forget the oldest first. Made anew from the clues after the state was read.
    #[serde(skip)]
    ages: BTreeSet<Age>,
    attempts: usize,
    seen: u64,
    forgotten: u64,
}

impl Correlator {
    /// One that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self { limits, clues: BTreeMap::new(), ages: BTreeSet::new(), attempts: 0, seen: 0, forgotten: 0 }
    }

    /// Takes a finding in. One that was taken in before, such as a guessing that goes on, is brought up to date. What an
    /// exception covers, and what is no sign but a weakness, changes nothing.
    pub fn see(&mut self, finding: &Finding) {
        let is_sign =
            matches!(finding.area, Area::Performance | Area::Logins | Area::Data | Area::Spam | Area::Downtime);
        if finding.suppressed.is_some() || !is_sign {
            return;
        }
        if self.ages.len() != self.clues.len() {
            self.ages = self.clues.values().map(Clue::age).collect();
        }
        self.seen += 1;
        let mut clue = Clue::of(finding);
        // The same finding within the window of itself is one that goes on.
        let near: Vec<clue::Key> = self
            .clues
            .range((clue.fingerprint.clone(), i64::MIN)..=(clue.fingerprint.clone(), i64::MAX))
            .filter(|(_, known)| clue.touches(known, self.limits.window))
            .map(|(key, _)| key.clone())
            .collect();
        for key in near {
            if let Some(known) = self.take(&key) {
                clue = clue.with(known);
            }
        }
        self.put(clue);
        self.make_room();
    }

    fn put(&mut self, clue: Clue) {
        self.attempts += usize::from(clue.is_attempt());
        self.ages.insert(clue.age());
        self.clues.insert(clue.key(), clue);
    }

    fn take(&mut self, key: &clue::Key) -> Option<Clue> {
        let clue = self.clues.remove(key)?;
        self.ages.remove(&clue.age());
        self.attempts -= usize::from(clue.is_attempt());
        Some(clue)
    }

    /// Forgets the oldest of the kind there is too much of.
    fn make_room(&mut self) {
        while self.attempts > self.limits.attempts.max(1) {
            self.forget(true);
        }
        while self.clues.len() - self.attempts > self.limits.findings.max(1) {
            self.forget(false);
        }
    }

    fn forget(&mut self, attempt: bool) {
        let oldest = if attempt { self.ages.range(Age::first_attempt()..).next() } else { self.ages.first() };
        if let Some(key) = oldest.map(Age::key) {
            self.take(&key);
        }
        self.forgotten += 1;
    }

    /// How many findings were taken in.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The incidents as they stand now: the worst first, then the likeliest, then the newest.
    pub fn incidents(&self) -> Vec<Incident> {
        let clues: Vec<&Clue> = self.clues.values().collect();
        let window = self.limits.window;
        let mut groups = join::groups(&clues, window);
        if self.limits.outages {
            groups = join::join_outages(groups, window);
        }
        let mut incidents: Vec<Incident> = groups
            .iter()
            .filter(|group| group.is_incident() || self.limits.outages && group.is_outage())
            .map(tell::incident)
            .collect();
        incidents.sort_by(|a, b| {
            let order = (b.severity).cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence));
            order.then(b.last.cmp(&a.last)).then_with(|| a.id.cmp(&b.id))
        });
        incidents
    }

    /// What could not be joined for want of room.
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let gap = Incomplete::new(
            Area::Logins,
            format!("{} findings", self.forgotten),
            "there were more than are remembered at a time, so that incidents may lack their oldest steps; look at a shorter time with --since",
        );
        if self.forgotten > 0 { vec![gap] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests;
