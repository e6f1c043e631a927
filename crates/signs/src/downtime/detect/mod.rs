//! The judge: a state machine that sees one event after the other and says at any time what stands to be said. Its time is the
//! events' own; its state can be saved and goes on where it was; its memory is bounded, and what it had to forget is counted.

mod calendar;
mod findings;
mod load;
mod notes;
mod outage;
mod report;
mod rhythm;
mod statistics;
mod track;
mod window;

use std::collections::VecDeque;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use keelguard_model::{Area, Incomplete, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use self::load::Heavy;
use self::load::Loads;
use self::notes::Note;
pub use self::outage::{Before, Cause, Outage};
pub use self::report::Judgement;
use self::track::{State, Track};
pub use self::window::{Window, WindowError};
use super::event::{Channel, Happening, Kind, Scope};
use crate::bounded::Bounded;

/// From how many on something is told of, and how much is remembered. Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Ends within `loop_time` that make a loop.
    pub loop_ends: usize,
    /// See `loop_ends`.
    pub loop_time: i64,
    /// Restarts that an engine or systemd counted before they are told of.
    pub restarts: u64,
    /// Boots within a week that are many.
    pub boots: usize,
    /// What lies so far before an outage is named with it.
    pub before: i64,
    /// What was measured so long before it, at most, shows how loaded the machine was.
    pub load: i64,
    /// A log that is silent for longer says nothing about that time.
    pub silence: i64,
    /// Machines, services and containers that are remembered.
    pub subjects: usize,
    /// Outages of each.
    pub outages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            loop_ends: 5,
            loop_time: 300,
            restarts: 3,
            boots: 4,
            before: 600,
            load: 900,
            silence: 86_400,
            subjects: 5000,
            outages: 500,
        }
    }
}

/// Which machine, and what on it. Mostly it is the machine that the logs are of, with two empty names. An empty `String` points
/// nowhere, and to compare what lies nowhere takes processors with AVX-512 longer than all else that is done with a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Key {
    /// Empty for the machine that the logs are of.
    host: SmolStr,
    scope: Scope,
    name: SmolStr,
}

/// Something that may explain what follows.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recent {
    at: i64,
    host: SmolStr,
    what: String,
}

/// As many are remembered.
const RECENT: usize = 200;
/// Machines whose load is remembered.
const MACHINES: usize = 64;
/// As many are named with one outage.
const NAMED: usize = 5;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detectors {
    limits: Limits,
    /// The newest time there was, in seconds since 1970.
    now: i64,
    events: u64,
    /// Whether a log was there that tells of starts and ends.
    has_log: bool,
    /// The name of the machine that the logs are of.
    main: Option<String>,
    tracks: Bounded<Key, Track>,
    notes: Bounded<(Kind, Key), Note>,
    /// Containers' names by the first half of their ids.
    names: Bounded<String, String>,
    recent: VecDeque<Recent>,
    loads: Bounded<SmolStr, Loads>,
}

impl Detectors {
    /// A judge that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            now: 0,
            events: 0,
            has_log: false,
            main: None,
            tracks: Bounded::new(limits.subjects),
            notes: Bounded::new(limits.subjects),
            names: Bounded::new(limits.subjects),
            recent: VecDeque::new(),
            loads: Bounded::new(MACHINES),
            limits,
        }
    }

    /// How a container is called: logs know ids only.
    pub fn name_container(&mut self, id: &str, name: &str) {
        let now = self.now;
        *self.names.entry(short(id).to_owned(), now, String::new) = name.chars().take(256).collect();
    }

    /// Takes one event in.
    pub fn see(&mut self, happening: &Happening) {
        let now = happening.micros().map_or(self.now, |micros| micros.div_euclid(1_000_000));
        self.now = self.now.max(now);
        let host = self.host_of(happening.host.as_deref());
        if let Some(load) = &happening.load {
            return self.loads.entry(host, now, Loads::default).add(now, load);
        }
        if let (Some(id), Some(name)) = (&happening.id, &happening.subject) {
            self.name_container(id, name);
        }
        let key = self.key(host, happening);
        self.events += u64::from(happening.is_event());
        let from_log = matches!(happening.channel, Channel::Text | Channel::Journal | Channel::Records);
        self.has_log |= from_log && happening.kind != Kind::Context;
        if happening.time.is_some() && happening.channel != Channel::Engine && happening.kind != Kind::Context {
            self.sign_of_life(&key, happening, now);
        }
        match happening.kind {
            Kind::Alive | Kind::Load | Kind::Healthy => {}
            Kind::Context => self.remember(&key, happening, now),
            Kind::Started | Kind::Stopped | Kind::Failed | Kind::Ordered | Kind::Restarting | Kind::GaveUp => {
                self.changes(&key, happening, now);
            }
            Kind::Panic | Kind::Lockup | Kind::Power | Kind::Thermal | Kind::OutOfMemory => {
                self.omen(&key, happening, now);
                self.note(&key, happening, now);
            }
            Kind::Suspended => {
                let mut outage = Outage::new(now, Cause::Suspended);
                outage.reason.clone_from(&happening.reason);
                outage.tell(&happening.line);
                self.track(&host_key(&key), now).falls_asleep(outage);
            }
            Kind::Resumed => {
                let limits = self.limits.clone();
                self.track(&host_key(&key), now).wakes(now, &limits);
            }
            Kind::Unhealthy | Kind::Hung => {
                self.remember(&key, happening, now);
                self.note(&key, happening, now);
            }
            Kind::Oops | Kind::ClockSet => self.note(&key, happening, now),
        }
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What the judge could not see for want of logs or of room.
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let mut gaps = Vec::new();
        if !self.has_log {
            gaps.push(Incomplete::new(
                Area::Downtime,
                "starts and ends before the running kernel",
                "nothing was read that tells of them: there is no line in a syslog, messages, wtmp or journal",
            ));
        }
        let forgotten = self.tracks.forgotten + self.notes.forgotten + self.names.forgotten;
        if forgotten > 0 {
            gaps.push(Incomplete::new(
                Area::Downtime,
                format!("{forgotten} services and containers"),
                "there were more than are remembered at a time; look at a shorter time with --since",
            ));
        }
        let dropped: u64 = self.tracks.iter().map(|(_, track)| track.dropped).sum();
        if dropped > 0 {
            gaps.push(Incomplete::new(
                Area::Downtime,
                format!("{dropped} outages"),
                "there were more than are remembered of one machine, service or container; the newest are, look at a shorter time with --since",
            ));
        }
        gaps
    }

    /// The machine that the logs are of has no name of its own in records that name none.
    fn host_of(&mut self, host: Option<&str>) -> SmolStr {
        let Some(host) = host else { return SmolStr::default() };
        match &self.main {
            None => {
                self.main = Some(host.to_owned());
                SmolStr::default()
            }
            Some(main) if is_same_host(main, host) => SmolStr::default(),
            Some(_) => host.into(),
        }
    }

    fn key(&self, host: SmolStr, happening: &Happening) -> Key {
        let name = match (happening.scope, &happening.subject) {
            (Scope::Container, Some(subject)) => {
                self.names.get(short(subject)).map_or_else(|| short(subject).into(), SmolStr::from)
            }
            (Scope::Service, Some(subject)) => subject.as_str().into(),
            _ => SmolStr::default(),
        };
        Key { host, scope: happening.scope, name }
    }

    fn sign_of_life(&mut self, key: &Key, happening: &Happening, now: i64) {
        // A boot is told of by the machine that was off; everything else by one that was on.
        if (happening.kind, happening.scope) == (Kind::Started, Scope::Host)
            || happening.channel == Channel::Kernel && happening.kind != Kind::Alive
        {
            return;
        }
        let limits = self.limits.clone();
        let track = self.track(&host_key(key), now);
        track.recorded |= matches!(happening.channel, Channel::Records | Channel::Journal | Channel::Kernel);
        let line = if happening.kind == Kind::Alive { happening.line.as_str() } else { "" };
        if (happening.kind, happening.scope) != (Kind::Stopped, Scope::Host) {
            track.lives(now, line, &limits);
        }
    }

    fn track(&mut self, key: &Key, now: i64) -> &mut Track {
        self.tracks.entry(key.clone(), now, || Track::new(now))
    }

    fn changes(&mut self, key: &Key, happening: &Happening, now: i64) {
        let limits = self.limits.clone();
        let before = self.before(key, now);
        if key.scope == Scope::Host {
            let track = self.track(key, now);
            match happening.kind {
                Kind::Started => {
                    let from = track.last;
                    let ended = track.boots(now, happening.channel, &happening.line, &limits).map(|outage| outage.from);
                    if let Some(from) = ended {
                        let before = self.before(key, from);
                        let outage = self.track(key, now).latest();
                        if let Some(outage) = outage.filter(|outage| outage.before == Before::default()) {
                            outage.before = before;
                        }
                        self.went_down_with(key, from);
                    }
                    let _ = from;
                }
                Kind::Stopped | Kind::Failed => {
                    if !matches!(track.state, State::Down(_)) && now - track.last < limits.silence {
                        track.last = track.last.max(now);
                    }
                    let mut outage = Outage::new(now, Cause::Ordered);
                    outage.reason.clone_from(&happening.reason);
                    outage.tell(&happening.line);
                    outage.before = before;
                    match &mut track.state {
                        State::Down(known) => {
                            known.from = known.from.max(now);
                            known.tell(&happening.line);
                        }
                        state => *state = State::Down(Box::new(outage)),
                    }
                }
                _ => {}
            }
            return;
        }
        let (down, engine_down) = (self.is_down(&host_key(key), now), self.engine_goes_down(key, now));
        let known = self.tracks.get(key).is_some();
        // Units come and go by the thousand; one is remembered from its first start or failure on.
        if !known && matches!(happening.kind, Kind::Stopped | Kind::Ordered) {
            return;
        }
        let track = self.track(key, now);
        if happening.id.is_some() {
            track.id.clone_from(&happening.id);
        }
        match happening.kind {
            Kind::Started => {
                // Engines say when they stop; services are started again by orders that leave no such line.
                if key.scope == Scope::Engine {
                    track.was_killed(now, &happening.line, &limits);
                }
                track.starts(now, happening.channel, &limits);
            }
            Kind::Ordered => track.is_ordered(now),
            Kind::Restarting => track.restarts(now, happening.count),
            Kind::GaveUp => {
                if happening.scope != Scope::Container {
                    track.gave_up = Some((now, happening.line.clone()));
                }
            }
            Kind::Stopped => {
                let ordered = track.ordered.take().is_some() || key.scope != Scope::Service;
                match track.state {
                    State::Up if ordered => {
                        let mut outage = Outage::new(now, Cause::Ordered);
                        outage.reason.clone_from(&happening.reason);
                        outage.tell(&happening.line);
                        outage.before = before;
                        if down {
                            track.state = State::Unknown;
                        } else {
                            track.ends(outage, happening.channel, &limits);
                        }
                    }
                    State::Up => track.state = State::Unknown,
                    State::Unknown | State::Down(_) => {}
                }
            }
            _ => {
                if down {
                    // It ends with its machine.
                    track.state = State::Unknown;
                    return;
                }
                let cause = match happening.code {
                    Some(0) => Cause::Finished,
                    _ if happening.reason.as_deref() == Some("oom-kill") => Cause::OutOfMemory,
                    _ => Cause::Failed,
                };
                let mut outage = Outage::new(now, if engine_down { Cause::Ordered } else { cause });
                outage.reason.clone_from(&happening.reason);
                outage.code = happening.code;
                outage.tell(&happening.line);
                outage.before = before;
                track.ends(outage, happening.channel, &limits);
            }
        }
    }

    /// Services that were down when their machine went down are started anew with it.
    fn went_down_with(&mut self, host: &Key, from: i64) {
        let keys: Vec<Key> = self
            .tracks
            .iter()
            .filter(|(key, _)| key.host == host.host && matches!(key.scope, Scope::Service | Scope::Engine))
            .map(|(key, _)| key.clone())
            .collect();
        let limits = self.limits.clone();
        for key in keys {
            let Some(track) = self.tracks.touch(&key, from) else { continue };
            let starts = track.starts;
            if matches!(track.state, State::Down(_)) {
                track.starts(from, Channel::Kernel, &limits);
                track.starts = starts;
            }
            track.state = State::Unknown;
        }
    }

    fn is_down(&self, key: &Key, now: i64) -> bool {
        self.tracks.get(key).is_some_and(|track| match &track.state {
            // What sleeps ends nothing.
            State::Down(outage) => outage.from <= now && outage.cause != Cause::Suspended,
            _ => false,
        })
    }

    /// Whether containers end because their engine does.
    fn engine_goes_down(&self, key: &Key, now: i64) -> bool {
        let engine = Key { host: key.host.clone(), scope: Scope::Engine, name: SmolStr::default() };
        key.scope == Scope::Container && self.is_down(&engine, now)
    }

    /// What may be the reason of an end that follows.
    fn omen(&mut self, key: &Key, happening: &Happening, now: i64) {
        let cause = match happening.kind {
            Kind::Panic => Cause::Panic,
            Kind::Lockup => Cause::Lockup,
            Kind::Power if happening.reason.as_deref() == Some("mains power is back") => {
                return self.remember(key, happening, now);
            }
            Kind::Power => Cause::Power,
            Kind::Thermal => Cause::Thermal,
            _ => Cause::OutOfMemory,
        };
        let reason = happening.reason.clone().unwrap_or_else(|| happening.line.chars().take(200).collect());
        // What the kernel kept of its predecessor is found after the boot that followed.
        if happening.channel == Channel::Kernel {
            if let Some(outage) = self.track(key, now).outages.back_mut()
                && outage.cause == Cause::Unclean
                && outage.to.is_some_and(|to| now - to < 600 && outage.from - now < 600)
            {
                outage.cause = cause;
                outage.reason = Some(reason);
                outage.tell(&happening.line);
            }
            return;
        }
        if cause != Cause::OutOfMemory || key.scope != Scope::Host {
            let track = self.track(key, now);
            let fresh = match track.latest() {
                // The engine tells of the end before the kernel's lines are read.
                Some(outage)
                    if cause == Cause::OutOfMemory
                        && (now - outage.from).abs() <= 5
                        && outage.cause == Cause::Failed =>
                {
                    outage.cause = cause;
                    outage.tell(&happening.line);
                    false
                }
                _ => true,
            };
            if fresh {
                track.omen = Some((now, cause, reason));
            }
        }
        self.remember(key, happening, now);
    }

    fn note(&mut self, key: &Key, happening: &Happening, now: i64) {
        // The line of the killing follows the one that names the group.
        if happening.kind == Kind::OutOfMemory
            && key.scope == Scope::Host
            && happening.reason.as_deref().is_some_and(|reason| reason.starts_with("a group's memory limit"))
        {
            let named = self.notes.iter().any(|((kind, other), note)| {
                *kind == Kind::OutOfMemory
                    && other.host == key.host
                    && other.scope != Scope::Host
                    && (now - note.last).abs() <= 3
            });
            if named {
                return;
            }
        }
        let load = if happening.kind == Kind::ClockSet { Vec::new() } else { self.load(key, now) };
        let note = self.notes.entry((happening.kind, key.clone()), now, || Note::new(now));
        note.add(happening, now);
        if let Some(first) = load.first() {
            note.load = Some((first.at, said(&load)));
        }
    }

    fn remember(&mut self, key: &Key, happening: &Happening, now: i64) {
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        let reason = happening.reason.as_deref().unwrap_or(&happening.line);
        let what = match happening.kind {
            Kind::Unhealthy => format!("{} became unhealthy", key.name),
            Kind::Hung => format!("a task was blocked for minutes: {reason}"),
            Kind::OutOfMemory if key.name.is_empty() => format!("out of memory: {reason}"),
            Kind::OutOfMemory => format!("out of memory in {}: {reason}", key.name),
            _ => reason.to_owned(),
        };
        self.recent.push_back(Recent { at: now, host: key.host.clone(), what: outage::cut(&what) });
    }

    /// What happened on this machine shortly before `at`.
    fn before(&mut self, key: &Key, at: i64) -> Before {
        let near =
            |recent: &&Recent| recent.host == key.host && recent.at <= at + 1 && at - recent.at <= self.limits.before;
        let told = self.recent.iter().rev().filter(near).take(NAMED);
        let mut told: Vec<(i64, String)> = told.map(|recent| (recent.at, recent.what.clone())).collect();
        told.reverse();
        let load = self.load(key, at);
        told.extend(load.first().map(|first| (first.at, said(&load))));
        told.sort_by_key(|(at, _)| *at);
        let told = told.into_iter().map(|(at, what)| format!("{} {what}", crate::words::when(at))).collect();
        Before { told, load }
    }

    /// What of this machine's load was more than usual shortly before `at`.
    fn load(&mut self, key: &Key, at: i64) -> Vec<Heavy> {
        let oldest = self.limits.load;
        self.loads.touch(&key.host, at).map(|loads| loads.heavy(at, oldest)).unwrap_or_default()
    }

    /// How a key is shown.
    fn subject(&self, key: &Key, track: Option<&Track>) -> Subject {
        let host = if key.host.is_empty() { self.main.as_deref().unwrap_or("this host") } else { &key.host };
        let of_host = |name: &str| if key.host.is_empty() { name.to_owned() } else { format!("{name} on {host}") };
        match key.scope {
            Scope::Host => Subject::new(SubjectKind::Host, host),
            Scope::Engine => Subject::new(SubjectKind::Engine, of_host("docker")),
            Scope::Service => Subject::new(SubjectKind::Service, of_host(&key.name)),
            Scope::Container => {
                let id = track.and_then(|track| track.id.clone());
                Subject { id, ..Subject::new(SubjectKind::Container, of_host(&key.name)) }
            }
        }
    }

    /// The last time of which something is known of this machine.
    fn end_of(&self, key: &Key) -> i64 {
        self.tracks.get(&host_key(key)).map_or(self.now, |host| host.last)
    }
}

/// All of it in one line.
fn said(load: &[Heavy]) -> String {
    load.iter().map(|heavy| heavy.said.as_str()).collect::<Vec<_>>().join("; ")
}

fn host_key(key: &Key) -> Key {
    Key { host: key.host.clone(), scope: Scope::Host, name: SmolStr::default() }
}

/// `edge` and `edge.example.org` are one machine.
fn is_same_host(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The first half of an id, as the engine shows it; a name stays.
fn short(id: &str) -> &str {
    let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { id.get(..12).unwrap_or(id) } else { id }
}

/// By the clock on the wall.
fn civil(second: i64, zone: &TimeZone) -> DateTime {
    zone.to_datetime(Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests;
