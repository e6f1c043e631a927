//! The sign itself: mail that is counted against its own past, by whom it is sent, from where, to whom and what becomes of it. A
//! pure state machine: events in, findings out; time comes with the events; what is remembered is bounded and can be saved.

mod aspect;
pub mod collect;
mod names;
mod rhythm;
mod tell;

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;

use aspect::{Aspect, row_of};
use keelguard_model::{Area, Finding, Incomplete};
pub use names::Names;
use rhythm::{Beside, Measure, Rhythm};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::parse::{Event, Join, Kind, Seen};
use crate::bounded::Bounded;

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// How much is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Senders, logins, hosts, domains and so on.
    pub series: usize,
    /// Messages whose lines are put together.
    pub messages: usize,
    /// Surges that are told of.
    pub surges: usize,
    /// Below so many days of logs nothing is said.
    pub least_days: i64,
    /// Below so many days a weekly rhythm cannot be known: what hosts do as a whole is not judged, and the rest mildly.
    pub week_days: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { series: 20_000, messages: 100_000, surges: 200, least_days: 2, week_days: 8 }
    }
}

type Key = (Aspect, SmolStr);

/// Of an hour or of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Span {
    Hour,
    Day,
}

/// A time in which a series was not itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Surge {
    aspect: Aspect,
    name: SmolStr,
    span: Span,
    first: i64,
    last: i64,
    count: u32,
    usual: u32,
    usual_other: u32,
    is_new: bool,
    /// Days of logs before it.
    days: i64,
    host: SmolStr,
    client: Option<IpAddr>,
    user: Option<SmolStr>,
}

/// Networks from which a login came in an hour.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Places {
    hour: i64,
    networks: BTreeSet<IpAddr>,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detectors {
    limits: Limits,
    join: Join,
    names: Names,
    series: Bounded<Key, Rhythm>,
    places: Bounded<SmolStr, Places>,
    open: Bounded<Key, Surge>,
    done: VecDeque<Surge>,
    dropped: u64,
    begun: Option<i64>,
    latest: i64,
    seen: u64,
}

impl Detectors {
    /// With nothing seen yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            join: Join::new(limits.messages),
            names: Names::default(),
            series: Bounded::new(limits.series),
            places: Bounded::new(limits.series / 8),
            open: Bounded::new(limits.surges),
            done: VecDeque::new(),
            dropped: 0,
            begun: None,
            latest: i64::MIN,
            seen: 0,
            limits,
        }
    }

    /// What numbers and addresses are called on this host.
    pub fn name(&mut self, names: Names) {
        self.names = names;
    }

    /// Events that were judged.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// How far what was seen goes back, in days.
    pub fn days(&self) -> i64 {
        self.begun.map_or(0, |begun| (self.latest - begun).div_euclid(DAY))
    }

    /// One line's event.
    pub fn see(&mut self, seen: &Seen<'_>) {
        if let Some(event) = self.join.see(seen) {
            self.take(&event);
        }
    }

    /// One event that stands for itself.
    pub fn take(&mut self, event: &Event) {
        // Times before 1990 and after 2100 are no log's.
        if !(631_152_000..4_102_444_800).contains(&event.time) {
            return;
        }
        self.seen += 1;
        self.begun = Some(self.begun.map_or(event.time, |begun| begun.min(event.time)));
        self.latest = self.latest.max(event.time);
        let host = event.host.clone();
        match event.kind {
            Kind::Queued if !event.is_again => {
                let is_own = event.client.is_some_and(is_own_network);
                if let Some(user) = &event.user {
                    self.count(Aspect::User, user.clone(), event.recipients, event);
                    self.came_from(user.clone(), event);
                } else if let Some(local) = &event.local {
                    let name = self.names.user(local);
                    self.count(Aspect::Local, name, event.recipients, event);
                } else if let (true, Some(client)) = (is_own, event.client) {
                    self.count(Aspect::Client, SmolStr::new(client.to_string()), event.recipients, event);
                } else if event.client.is_some_and(|client| !client.is_loopback()) {
                    self.count(Aspect::Arrivals, host.clone(), 1, event);
                }
                let queued = u32::try_from(self.join.queued()).unwrap_or(u32::MAX);
                self.count(Aspect::Queue, host, queued, event);
            }
            Kind::Sent | Kind::Bounced if event.is_outbound => self.outbound(event),
            Kind::Deferred if event.is_outbound && !event.is_again => {
                self.outbound(event);
                self.count(Aspect::Deferrals, host, 1, event);
            }
            Kind::Rejected => self.count(Aspect::Rejections, host, 1, event),
            _ => {}
        }
    }

    fn outbound(&mut self, event: &Event) {
        // A bounce that this server sends has no sender; it shows in what came in.
        if let Some(sender) = event.sender.as_ref().filter(|sender| !sender.is_empty()) {
            self.count(Aspect::Sender, sender.clone(), 1, event);
            if event.kind == Kind::Bounced {
                self.count(Aspect::Bounces, sender.clone(), 1, event);
            }
        }
        if let Some(domain) = event.domain.as_ref().filter(|_| event.kind != Kind::Bounced) {
            self.count(Aspect::Domain, domain.clone(), 1, event);
        }
        self.count(Aspect::Host, event.host.clone(), 1, event);
    }

    fn came_from(&mut self, user: SmolStr, event: &Event) {
        let Some(client) = event.client else { return };
        let hour = event.time.div_euclid(HOUR);
        let places = self.places.entry(user.clone(), event.time, Places::default);
        if places.hour != hour {
            *places = Places { hour, networks: BTreeSet::new() };
        }
        if places.networks.len() < 1000 {
            places.networks.insert(network(client));
        }
        let many = u32::try_from(places.networks.len()).unwrap_or(u32::MAX);
        self.count(Aspect::Places, user, many, event);
    }

    /// Adds to a series, and notes where that makes a surge.
    fn count(&mut self, aspect: Aspect, name: SmolStr, count: u32, event: &Event) {
        let Some(row) = row_of(aspect) else { return };
        let key = (aspect, name);
        let rhythm = self.series.entry(key.clone(), event.time, || Rhythm::new(row.measure, event.time));
        let beside = rhythm.add(event.time, count);
        let days = self.begun.map_or(0, |begun| (event.time - begun).div_euclid(DAY));
        if days < self.limits.least_days {
            return;
        }
        if let Some((span, is_new)) = self.is_surge(&key, &beside, days, event.time) {
            self.note(key, &beside, (span, is_new), days, event);
        }
    }

    /// Whether a series is unlike its past: for how long, and whether it has none.
    fn is_surge(&self, key: &Key, beside: &Beside, days: i64, now: i64) -> Option<(Span, bool)> {
        let row = row_of(key.0)?;
        let knows_weeks = days >= self.limits.week_days;
        let is_of_one = matches!(
            key.0,
            Aspect::Sender | Aspect::User | Aspect::Local | Aspect::Client | Aspect::Bounces | Aspect::Places
        );
        if !knows_weeks && !is_of_one {
            return None;
        }
        // What began yesterday is measured by what was usual before it, not by itself.
        let begun = self.open.get(key).filter(|surge| now - surge.last < DAY);
        let (usual_hour, usual_day) = match begun {
            Some(Surge { span: Span::Hour, usual, usual_other, .. }) => (*usual, *usual_other),
            Some(Surge { span: Span::Day, usual, usual_other, .. }) => (*usual_other, *usual),
            None => (beside.usual_hour, beside.usual_day),
        };
        let is_new = usual_day == 0 && knows_weeks;
        let strict = if knows_weeks { 1 } else { 3 };
        let (floor_hour, floor_day) = match row.floor_of_new.filter(|_| is_new) {
            Some(floor) => floor,
            None => (row.floor.0 * strict, row.floor.1 * strict),
        };
        let factor = if knows_weeks { row.factor } else { row.factor * 3 };
        let is_far = |now: u32, usual: u32, floor: u32| now >= floor && now > usual.saturating_mul(factor);
        let span = if is_far(beside.in_hour, usual_hour, floor_hour) {
            Span::Hour
        } else if knows_weeks && row.measure == Measure::Count && is_far(beside.in_day, usual_day, floor_day) {
            Span::Day
        } else {
            return None;
        };
        if key.0 == Aspect::Bounces {
            let sender = self.series.get(&(Aspect::Sender, key.1.clone()));
            let (all, back) = match span {
                Span::Hour => (sender.map_or(0, |sender| sender.in_hour_of(now)), beside.in_hour),
                Span::Day => (sender.map_or(0, |sender| sender.in_day_of(now)), beside.in_day),
            };
            if back.saturating_mul(5) < all {
                return None;
            }
        }
        Some((span, is_new && row.floor_of_new.is_some()))
    }

    fn note(&mut self, key: Key, beside: &Beside, (span, is_new): (Span, bool), days: i64, event: &Event) {
        let count = |span: Span| if span == Span::Hour { beside.in_hour } else { beside.in_day };
        if let Some(surge) = self.open.touch(&key, event.time).filter(|surge| event.time - surge.last < DAY) {
            surge.last = surge.last.max(event.time);
            surge.count = surge.count.max(count(surge.span));
            surge.client = event.client.or(surge.client);
            return;
        }
        let (usual, usual_other) = match span {
            Span::Hour => (beside.usual_hour, beside.usual_day),
            Span::Day => (beside.usual_day, beside.usual_hour),
        };
        let first =
            if span == Span::Hour { event.time.div_euclid(HOUR) * HOUR } else { event.time.div_euclid(DAY) * DAY };
        let surge = Surge {
            aspect: key.0,
            name: key.1.clone(),
            span,
            first,
            last: event.time,
            count: count(span),
            usual,
            usual_other,
            is_new,
            days,
            host: event.host.clone(),
            client: event.client,
            user: event.user.clone().or_else(|| event.local.as_ref().map(|local| self.names.user(local))),
        };
        if let Some(old) = self.open.touch(&key, event.time) {
            self.done.push_back(std::mem::replace(old, surge));
            if self.done.len() > self.limits.surges {
                self.done.pop_front();
                self.dropped += 1;
            }
        } else {
            self.open.entry(key, event.time, || surge);
        }
    }

    /// What is found.
    pub fn findings(&self) -> Vec<Finding> {
        let surges: Vec<&Surge> = self.done.iter().chain(self.open.iter().map(|(_, surge)| surge)).collect();
        tell::findings(&surges, &self.names)
    }

    /// What could not be judged.
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let mut list = Vec::new();
        let mut add = |what: &str, why: String| list.push(Incomplete::new(Area::Spam, what, why));
        if self.seen > 0 && self.days() < self.limits.week_days {
            let days = self.days();
            add(
                "mail logs",
                format!(
                    "they go back {days} days, so that no week is known: what hosts send as a whole is judged from {} days on",
                    self.limits.week_days
                ),
            );
        }
        let forgotten = self.series.forgotten + self.open.forgotten + self.dropped;
        if forgotten > 0 {
            add(
                "mail series",
                format!("{forgotten} senders, domains and the like were forgotten to keep memory bounded"),
            );
        }
        list
    }
}

/// Addresses of one provider's customers count as one place.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            IpAddr::from([a, b, 0, 0])
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            IpAddr::from([a, b, 0, 0, 0, 0, 0, 0])
        }
    }
}

/// Whether an address is of the own network: containers, and machines in the next room.
fn is_own_network(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests;
