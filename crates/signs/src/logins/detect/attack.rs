//! Guessing: one address against many passwords or names, many addresses against one name, and who got in afterwards.
//! A person who mistypes and then gets in is none of it.

use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::few::Few;
use super::ring::Ring;
use super::{Limits, Peer, known_as};
use crate::bounded::Bounded;
use crate::distinct::Daily;
use crate::logins::event::{Channel, Kind, Seen, lossy};
use crate::second::Second;
use crate::words::{many, span, timestamp, when};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
/// What was tried before that no longer counts.
const DAY: i64 = 24 * HOUR;

/// The last ten minutes.
type Fast = Ring<MINUTE, 10>;
/// The last day.
type Day = Ring<HOUR, 24>;

/// What one address has tried. A flood comes from ten thousand of them, most of which try once: what only the busy ones need
/// is apart.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Attacker {
    first: Second,
    last: Second,
    /// Failures of this minute by who tells of them: daemon, library, key, name, records, audit log (twice).
    told: [u32; 7],
    /// How many of them count: the most that one of them tells.
    counted: u32,
    total: u64,
    fast: Fast,
    day: Day,
    users: Daily,
    /// A bit for each, of [`Known::services`].
    services: u64,
    /// Where it knocked: a bit for each, of [`Known::hosts`].
    hosts: u64,
    /// Whether any credentials were shown at all.
    guessed: bool,
    /// Since somebody got in from here as they should.
    welcome: bool,
    success: Option<Box<Success>>,
}

/// A login after failures.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Success {
    at: i64,
    user: String,
    failures: u32,
    users: usize,
    method: Option<String>,
    /// A bit of [`Known::hosts`], or none.
    host: u64,
}

/// What was tried on one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Target {
    first: Second,
    last: Second,
    day: Day,
    /// Addresses that each stay below what one address may do.
    addresses: Daily,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attacks {
    attackers: Bounded<Peer, Attacker>,
    targets: Bounded<SmolStr, Target>,
    known: Known,
}

/// What attackers share.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Known {
    services: Few,
    hosts: Few,
}

impl Known {
    /// The bit of the host on which it happened; none where no host is named.
    fn host(&mut self, seen: &Seen<'_>) -> u64 {
        seen.host.map_or(0, |host| self.hosts.bit(&lossy(host)))
    }
}

impl Attacks {
    pub(super) fn new(limits: &Limits) -> Self {
        let (attackers, targets) = (Bounded::new(limits.addresses), Bounded::new(limits.users));
        Self { attackers, targets, known: Known::default() }
    }

    pub(super) fn see(&mut self, seen: &Seen<'_>, peer: Option<&Peer>, user: Option<&str>, now: i64, limits: &Limits) {
        let Some(peer) = peer else { return };
        match seen.kind {
            Kind::LoginFailed => self.failed(seen, peer, user, now, limits),
            // A name that was asked for. Connections without a name are scans, which find every machine.
            Kind::Probe if user.is_some() => self.failed(seen, peer, user, now, limits),
            Kind::LoginOk => self.succeeded(seen, peer, user, now, limits),
            _ => {}
        }
    }

    fn failed(&mut self, seen: &Seen<'_>, peer: &Peer, user: Option<&str>, now: i64, limits: &Limits) {
        if self.attackers.get(peer).is_none() {
            self.attackers.tidy(now - DAY, |attacker| !attacker.welcome && !attacker.is_hostile(limits));
            self.attackers.entry(peer.clone(), now, || Attacker::new(now));
        }
        let Some(attacker) = self.attackers.touch(peer, now) else { return };
        let (service, host) = (self.known.services.bit(seen.service), self.known.host(seen));
        let new = attacker.failed(seen, user, service, host, now);
        if let Some(user) = user.filter(|user| !user.is_empty() && new > 0) {
            let user = &*known_as(user);
            if self.targets.get(user).is_none() {
                self.targets.tidy(now - DAY, |target| !target.is_hostile(limits));
                self.targets.entry(user.into(), now, || Target::new(now));
            }
            let below = attacker.fast.peak < limits.fast;
            if let Some(target) = self.targets.touch(user, now) {
                target.failed(peer, new, below, now);
            }
        }
    }

    fn succeeded(&mut self, seen: &Seen<'_>, peer: &Peer, user: Option<&str>, now: i64, limits: &Limits) {
        let Some(attacker) = self.attackers.touch(peer, now) else {
            self.attackers.entry(peer.clone(), now, || Attacker { welcome: true, ..Attacker::new(now) });
            return;
        };
        let host = self.known.host(seen);
        let failures = attacker.day.at(now);
        let users = attacker.users.today(now);
        // Known people may forget; strangers that guessed for a while have found something.
        let allowed = if attacker.welcome { limits.forgetful } else { limits.success };
        if failures >= allowed || users >= limits.success_users && failures > 0 {
            attacker.hosts |= host;
            attacker.success.get_or_insert_with(|| {
                Box::new(Success {
                    at: now,
                    user: user.unwrap_or_default().chars().take(64).collect(),
                    failures,
                    users,
                    method: seen.method.map(|method| lossy(method).into_owned()),
                    host,
                })
            });
        } else {
            attacker.forgive(limits);
        }
    }

    /// What stands to be said now.
    pub(super) fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let of_attackers =
            self.attackers.iter().flat_map(|(peer, attacker)| attacker.findings(peer, &self.known, limits));
        of_attackers.chain(self.targets.iter().filter_map(|(user, target)| target.finding(user, limits))).collect()
    }

    /// The addresses that guess, for a block list: not those from which somebody got in as they should.
    pub(super) fn to_block(&self, limits: &Limits) -> impl Iterator<Item = std::net::IpAddr> {
        self.attackers.iter().filter_map(|(peer, attacker)| match peer {
            Peer::Address(address) if !attacker.welcome && attacker.is_hostile(limits) => Some(*address),
            _ => None,
        })
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.attackers.forgotten + self.targets.forgotten
    }
}

impl Attacker {
    fn new(now: i64) -> Self {
        Self { first: now.into(), last: now.into(), ..Self::default() }
    }

    /// Counts a failure; how many it adds to what others have told of it already.
    fn failed(&mut self, seen: &Seen<'_>, user: Option<&str>, service: u64, host: u64, now: i64) -> u32 {
        if self.total == 0 {
            self.first = now.into();
        }
        if now - self.last.get() > MINUTE {
            self.told = [0; 7];
            self.counted = 0;
        }
        self.last = self.last.max(now.into());
        let teller = match (seen.kind, seen.channel) {
            (Kind::Probe, _) => 3,
            (_, Channel::Daemon) => 0,
            (_, Channel::Library) => 1,
            (_, Channel::Key) => 2,
            (_, Channel::Records) => 4,
            (_, Channel::Audit) => 5,
            (_, Channel::AuditOfDaemon) => 6,
        };
        if let Some(told) = self.told.get_mut(teller) {
            *told = told.saturating_add(seen.count);
        }
        let [daemon, library, keys, names, records, audit, audit_of_daemon] = self.told;
        // One honest login shows up to six keys, and an unknown name is told of two or three times.
        let passwords = daemon.max(library).max(records).max(audit).max(audit_of_daemon);
        let counted = passwords.max(keys / 6).max(names / 3);
        let new = counted.saturating_sub(self.counted);
        self.counted = counted.max(self.counted);
        self.guessed |= seen.kind == Kind::LoginFailed;
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            self.users.add(user, now);
        }
        self.services |= service;
        self.hosts |= host;
        self.total += u64::from(new);
        self.fast.add(now, new);
        self.day.add(now, new);
        new
    }

    /// Somebody mistyped and got in: it never happened.
    fn forgive(&mut self, limits: &Limits) {
        self.welcome = true;
        if self.is_hostile(limits) {
            self.day.clear();
        } else {
            *self = Self { welcome: true, ..Self::new(self.last.get()) };
        }
    }

    fn is_hostile(&self, limits: &Limits) -> bool {
        self.success.is_some()
            || self.fast.peak >= limits.fast
            || self.day.peak >= limits.slow
            || self.users.best().len() >= limits.names
    }

    fn findings(&self, peer: &Peer, known: &Known, limits: &Limits) -> Vec<Finding> {
        let subject = || Subject::new(SubjectKind::Address, peer.to_string());
        let mut findings = Vec::new();
        if let Some(success) = &self.success {
            findings.push(self.got_in(success, subject(), peer, known));
        }
        let lasted = span(self.last.get() - self.first.get());
        let users = self.users.best().len();
        let tried = many(self.total, "password");
        let for_whom = match self.users.best().only() {
            Some(user) => format!(" for {user}"),
            None if users == 0 => String::new(),
            None => format!(" for {}", many(users as u64, "user")),
        };
        let per_name = u64::from(self.day.peak) / (users as u64).max(1);
        let (rule, title) = if users >= limits.names && self.guessed && per_name <= 3 {
            (
                &rule::PASSWORD_SPRAYING,
                format!("{peer} tried a few passwords each for {} within {lasted}", many(users as u64, "user")),
            )
        } else if self.fast.peak >= limits.fast {
            (
                &rule::BRUTE_FORCE,
                format!("{peer} tried {tried}{for_whom} within {lasted}, up to {} in ten minutes", self.fast.peak),
            )
        } else if self.day.peak >= limits.slow {
            (
                &rule::SLOW_BRUTE_FORCE,
                format!("{peer} tried {tried}{for_whom} over {lasted}, slowly enough to stay below common limits"),
            )
        } else if users >= limits.names {
            (
                &rule::USER_ENUMERATION,
                format!("{peer} asked for {} within {lasted}, to learn which exist", many(users as u64, "user name")),
            )
        } else {
            return findings;
        };
        findings.push(self.evidence(rule.on(subject()).title(title), known).time(self.last.get()));
        findings
    }

    fn got_in(&self, success: &Success, subject: Subject, peer: &Peer, known: &Known) -> Finding {
        let user = shell_word(&success.user).into_owned();
        let with = success.method.as_deref().map(|method| format!(" with {method}")).unwrap_or_default();
        let severity = if success.failures >= 20 || success.users >= 5 { Severity::Critical } else { Severity::High };
        let title = format!(
            "{peer} got in as {}{with} after {} for {}",
            success.user,
            many(u64::from(success.failures), "failure"),
            many(success.users as u64, "user")
        );
        let finding = rule::SUCCESS_AFTER_FAILURES.on(subject).about(&success.user).severity(severity).title(title);
        let finding = finding.evidence("login", when(success.at)).evidence("user", success.user.clone());
        // On a log of one host it goes without saying.
        let finding = if self.hosts.count_ones() > 1 {
            finding.evidence("host", known.hosts.shown(success.host))
        } else {
            finding
        };
        let finding = self.evidence(finding, known).time(success.at);
        finding.command(format!("loginctl terminate-user {user}")).command(format!("usermod --lock {user}"))
    }

    fn evidence(&self, finding: Finding, known: &Known) -> Finding {
        let finding = finding
            .evidence("failures", self.total.to_string())
            .evidence("most in ten minutes", self.fast.peak.to_string())
            .evidence("most in a day", self.day.peak.to_string())
            .evidence("users", self.users.best().shown())
            .evidence("services", known.services.shown(self.services));
        let finding = if self.hosts.count_ones() > 1 {
            finding.evidence("hosts", known.hosts.shown(self.hosts))
        } else {
            finding
        };
        finding.evidence("first", when(self.first.get())).evidence("last", when(self.last.get()))
    }
}

impl Target {
    fn new(now: i64) -> Self {
        Self { first: now.into(), last: now.into(), day: Day::default(), addresses: Daily::default() }
    }

    fn failed(&mut self, peer: &Peer, new: u32, below: bool, now: i64) {
        self.last = self.last.max(now.into());
        if below {
            self.addresses.add(&peer.text(), now);
            self.day.add(now, new);
        }
    }

    fn is_hostile(&self, limits: &Limits) -> bool {
        self.addresses.best().len() >= limits.distributed && self.day.peak >= limits.slow
    }

    fn finding(&self, user: &str, limits: &Limits) -> Option<Finding> {
        let addresses = self.addresses.best();
        if !self.is_hostile(limits) {
            return None;
        }
        let title = format!(
            "{} tried passwords for {user} within a day, none of them often enough to be noticed alone",
            many(addresses.len() as u64, "address")
        );
        let finding = rule::DISTRIBUTED_BRUTE_FORCE.on(Subject::new(SubjectKind::User, user)).title(title);
        let finding = finding
            .evidence("most failures in a day", self.day.peak.to_string())
            .evidence("addresses", addresses.shown())
            .evidence("first", when(self.first.get()))
            .evidence("last", when(self.last.get()));
        Some(finding.time(self.last.get()))
    }
}

/// The last of what a detection is about is when it was.
pub(super) trait At {
    fn time(self, second: i64) -> Self;
}

impl At for Finding {
    fn time(mut self, second: i64) -> Self {
        self.time = timestamp(second);
        self.kind = keelguard_model::Kind::Detection;
        self
    }
}
