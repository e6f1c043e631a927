//! A log in which several hosts write: what a user does is held against what they did on the same host, and findings say which
//! host it was. Guessing is the same whichever door it knocks at, and is counted over all of them.

use keelguard_model::{Evidence, Finding};
use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::files::Files;
use super::habit::Habits;
use super::notes::Notes;
use super::{Limits, Peer};
use crate::bounded::Bounded;
use crate::logins::event::{Seen, lossy};
use crate::logins::place::Whence;

/// Hosts besides the first whose users are told apart.
const HOSTS: usize = 64;
/// Of each of them so much less is remembered.
const SHARE: usize = 16;

/// The judges of what is done on one host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Local {
    pub(super) habits: Habits,
    notes: Notes,
    engine: Engine,
    files: Files,
}

impl Local {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            habits: Habits::new(limits),
            notes: Notes::new(limits),
            engine: Engine::new(limits),
            files: Files::new(limits),
        }
    }

    fn see(
        &mut self,
        seen: &Seen<'_>,
        peer: Option<&Peer>,
        user: Option<&str>,
        whence: Whence<'_>,
        at: i64,
        limits: &Limits,
    ) {
        self.habits.see(seen, peer, user, whence, at, limits);
        self.engine.see(seen, peer, user, at, limits);
        self.files.see(seen, at, limits);
        self.notes.see(seen, peer, user, at);
    }

    fn findings(&self, limits: &Limits) -> impl Iterator<Item = Finding> {
        let own = [self.habits.findings(), self.notes.findings(limits), self.engine.findings(), self.files.findings()];
        own.into_iter().flatten()
    }

    fn forgotten(&self) -> u64 {
        self.habits.forgotten() + self.notes.forgotten() + self.engine.forgotten() + self.files.forgotten()
    }
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Hosts {
    /// The first host that was named; what names none is its own.
    main: Option<String>,
    pub(super) here: Local,
    elsewhere: Bounded<String, Local>,
}

impl Hosts {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { main: None, here: Local::new(limits), elsewhere: Bounded::new(HOSTS) }
    }

    pub(super) fn see(
        &mut self,
        seen: &Seen<'_>,
        peer: Option<&Peer>,
        user: Option<&str>,
        whence: Whence<'_>,
        at: i64,
        limits: &Limits,
    ) {
        if self.is_here(seen.host) {
            return self.here.see(seen, peer, user, whence, at, limits);
        }
        let host: String = seen.host.map(lossy).unwrap_or_default().chars().take(128).collect();
        let share = Limits {
            addresses: (limits.addresses / SHARE).max(100),
            users: (limits.users / SHARE).max(100),
            ..limits.clone()
        };
        let local = self.elsewhere.entry(host, at, || Local::new(&share));
        local.see(seen, peer, user, whence, at, &share);
    }

    fn is_here(&mut self, host: Option<&[u8]>) -> bool {
        let Some(host) = host.filter(|host| !host.is_empty()) else { return true };
        match &self.main {
            None => {
                self.main = Some(lossy(host).chars().take(128).collect());
                true
            }
            Some(main) => is_same(main.as_bytes(), host),
        }
    }

    /// What stands to be said; where several hosts write, of which of them.
    pub(super) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.here.findings(limits).collect();
        let mut others = self.elsewhere.iter().peekable();
        if others.peek().is_none() {
            return findings;
        }
        let main = self.main.as_deref().unwrap_or_default();
        findings = findings.into_iter().map(|finding| on(finding, main)).collect();
        findings.extend(others.flat_map(|(host, local)| local.findings(limits).map(|finding| on(finding, host))));
        findings
    }

    pub(super) fn forgotten(&self) -> u64 {
        let others: u64 = self.elsewhere.iter().map(|(_, local)| local.forgotten()).sum();
        self.here.forgotten() + others + self.elsewhere.forgotten
    }
}

/// The same user on two hosts are two findings.
fn on(mut finding: Finding, host: &str) -> Finding {
    if host.is_empty() {
        return finding;
    }
    let apart = format!("{} on {host}", finding.fingerprint);
    finding.evidence.insert(0, Evidence { what: "host".to_owned(), value: host.to_owned() });
    finding.title = format!("{host}: {}", finding.title);
    finding.about(&apart)
}

/// `edge` and `edge.example.org` are one machine.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'.'))
}
