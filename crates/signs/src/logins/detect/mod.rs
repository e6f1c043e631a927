//! The judges: state machines that see one event after the other and say at any time what stands to be said. Their time is
//! the events' own; their state can be saved and goes on where it was; their memory is bounded, and what they had to forget
//! is counted.

mod attack;
mod engine;
mod few;
mod files;
mod habit;
mod hosts;
mod notes;
mod ring;
mod travel;

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};
use std::net::IpAddr;

use keelguard_model::{Area, Finding, Incomplete};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use self::attack::Attacks;
use self::hosts::Hosts;
use self::travel::Travels;
use super::event::{Seen, lossy};
use super::place::Whence;

/// From where, as a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Peer {
    Address(IpAddr),
    Name(SmolStr),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl Peer {
    fn of(seen: &Seen<'_>) -> Option<Self> {
        let name = || seen.peer.map(|name| Self::Name(known_as(&lossy(name)).as_ref().into()));
        seen.address.map(Self::Address).or_else(name)
    }

    fn text(&self) -> SmolStr {
        match self {
            Self::Address(address) => format_smolstr!("{address}"),
            Self::Name(name) => name.clone(),
        }
    }

    /// The neighbourhood that a provider gives one customer, roughly: /24 and /48.
    fn network(&self) -> String {
        match self {
            Self::Address(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            Self::Address(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
            Self::Name(name) => name.to_string(),
        }
    }
}

/// A name as it is remembered: of one that no account has, the beginning and what tells it from others. Attackers choose
/// them, and ten thousand must not take more than they are worth.
fn known_as(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 96;
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(name.as_bytes());
    let begin: String = name.chars().take(LONGEST / 4).collect();
    Cow::Owned(format!("{begin}…{:016x}", hasher.finish()))
}

/// From how many on something is told of, and how much is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Failures of one address in ten minutes.
    pub fast: u32,
    /// Failures of one address, or for one user, in a day.
    pub slow: u32,
    /// Names that one address asks for.
    pub names: usize,
    /// Addresses that try one user in a day.
    pub distributed: usize,
    /// Failures within a day before a login of a stranger.
    pub success: u32,
    /// The same of somebody who got in from there before.
    pub forgetful: u32,
    /// Names that were tried before a login.
    pub success_users: usize,
    /// Users that log in from one address in a day.
    pub visitors: usize,
    /// Different files that one login opens with one program in ten minutes.
    pub files: usize,
    /// Days to compare with before anything is called new.
    pub history_days: i64,
    /// Addresses that are remembered.
    pub addresses: usize,
    /// Users that are remembered.
    pub users: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fast: 10,
            slow: 20,
            names: 10,
            distributed: 10,
            success: 8,
            forgetful: 20,
            success_users: 5,
            visitors: 8,
            files: 500,
            history_days: 14,
            addresses: 10_000,
            users: 10_000,
        }
    }
}

/// All judges of logins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detectors {
    limits: Limits,
    /// The newest time there was, in seconds since 1970.
    now: i64,
    events: u64,
    attacks: Attacks,
    hosts: Hosts,
    travels: Travels,
}

impl Detectors {
    /// Judges that have seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            now: 0,
            events: 0,
            attacks: Attacks::new(&limits),
            hosts: Hosts::new(&limits),
            travels: Travels::new(&limits),
            limits,
        }
    }

    /// Takes one event in, of which nobody has looked up where it came from.
    pub fn see(&mut self, seen: &Seen<'_>) {
        self.see_from(seen, Whence::NotAsked);
    }

    /// Takes one event in, and from where it came.
    pub fn see_from(&mut self, seen: &Seen<'_>, whence: Whence<'_>) {
        let at = seen.time.map_or(self.now, |micros| micros.div_euclid(1_000_000));
        self.now = self.now.max(at);
        self.events += 1;
        let peer = Peer::of(seen);
        let user = seen.user.map(lossy);
        let user = user.as_deref();
        self.attacks.see(seen, peer.as_ref(), user, at, &self.limits);
        self.hosts.see(seen, peer.as_ref(), user, whence, at, &self.limits);
        self.travels.see(seen, peer.as_ref(), user, whence, at);
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What stands to be said now: the worst first, then the newest.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.attacks.findings(&self.limits);
        findings.extend(self.hosts.findings(&self.limits));
        findings.extend(self.travels.findings());
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| (finding.severity, finding.time);
            key(b)
                .cmp(&key(a))
                .then_with(|| (&a.rule, &a.subject, &a.fingerprint).cmp(&(&b.rule, &b.subject, &b.fingerprint)))
        });
        findings
    }

    /// The addresses that guess, sorted, without `own`, loopback and those from which people get in as they should.
    pub fn to_block(&self, own: &[IpAddr]) -> Vec<IpAddr> {
        let never = |address: &IpAddr| {
            let local = match address {
                IpAddr::V4(v4) => v4.is_link_local(),
                IpAddr::V6(v6) => v6.is_unicast_link_local(),
            };
            local || address.is_loopback() || address.is_unspecified() || own.contains(&address.to_canonical())
        };
        let mut addresses: Vec<IpAddr> = self
            .attacks
            .to_block(&self.limits)
            .map(|address| address.to_canonical())
            .filter(|address| !never(address))
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// What the judges could not see for want of room or of history.
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let forgotten = self.attacks.forgotten() + self.hosts.forgotten() + self.travels.forgotten();
        let mut gaps = Vec::new();
        if forgotten > 0 {
            gaps.push(Incomplete::new(
                Area::Logins,
                format!("{forgotten} addresses and users"),
                "there were more than are remembered at a time; look at a shorter time with --since",
            ));
        }
        gaps
    }

    /// How many days of history there are; below two weeks nothing is called new.
    pub fn days(&self) -> i64 {
        self.hosts.here.habits.days(self.now)
    }
}

#[cfg(test)]
mod tests;
