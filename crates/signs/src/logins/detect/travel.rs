//! Two logins of one user from places so far apart that nobody gets from one to the other in the time between. What a
//! database of addresses does not know exactly counts for the user, and so do networks that they use all the time.

use std::net::IpAddr;

use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::attack::At as _;
use super::{Limits, Peer};
use crate::bounded::Bounded;
use crate::logins::event::{Kind, Seen};
use crate::logins::place::{Place, Point, Whence};
use crate::words::{many, span, when};

/// Kilometres an hour: what a plane flies, with the wind behind it.
const FASTEST: f64 = 1000.0;
/// Kilometres that are not counted: providers move their addresses, and databases learn it late.
const SLACK: f64 = 100.0;
/// Networks of one user that are remembered.
const NETWORKS: usize = 16;
/// A network that was used on as many days is one that the user has: an office, a VPN's way out.
const OWN_DAYS: u32 = 3;
const DAY: i64 = 86_400;

/// A login from somewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stop {
    at: i64,
    address: IpAddr,
    network: String,
    place: Place,
    point: Point,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Traveller {
    last: Option<Stop>,
    /// Networks, the last day on which each was used, and on how many; the one that was used last stands last.
    networks: Vec<(String, i64, u32)>,
}

/// A journey that nobody makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Journey {
    from: Stop,
    to: Stop,
    kilometres: f64,
    /// Whether the user never came from one of the networks before.
    strange: bool,
    count: u64,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Travels {
    travellers: Bounded<String, Traveller>,
    /// By user and the two networks, in order.
    journeys: Bounded<(String, String, String), Journey>,
}

impl Travels {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { travellers: Bounded::new(limits.users), journeys: Bounded::new(limits.users) }
    }

    pub(super) fn see(
        &mut self,
        seen: &Seen<'_>,
        peer: Option<&Peer>,
        user: Option<&str>,
        whence: Whence<'_>,
        now: i64,
    ) {
        if !matches!(seen.kind, Kind::LoginOk | Kind::Session) || seen.method == Some(b"anonymous") {
            return;
        }
        let (Some(peer @ Peer::Address(address)), Some(user), Whence::At(place)) = (peer, user, whence) else { return };
        let Some(point) = place.point else { return };
        let stop = Stop { at: now, address: *address, network: peer.network(), place: place.clone(), point };
        let traveller = self.travellers.entry(user.to_owned(), now, Traveller::default);
        let journey = traveller.last.as_ref().and_then(|last| traveller.journey(last, &stop));
        traveller.arrive(stop);
        let Some(journey) = journey else { return };
        let (a, b) = (journey.from.network.clone(), journey.to.network.clone());
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let known = self.journeys.entry((user.chars().take(64).collect(), a, b), now, || journey);
        known.count += 1;
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.journeys.iter().map(|((user, a, b), journey)| journey.finding(user, a, b)).collect()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.travellers.forgotten + self.journeys.forgotten
    }
}

impl Traveller {
    fn journey(&self, from: &Stop, to: &Stop) -> Option<Journey> {
        if from.network == to.network {
            return None;
        }
        let days =
            |network: &str| self.networks.iter().find(|(known, ..)| known == network).map_or(0, |(.., days)| *days);
        let (from_days, to_days) = (days(&from.network), days(&to.network));
        if from_days >= OWN_DAYS && to_days >= OWN_DAYS {
            return None;
        }
        let kilometres = from.point.apart(&to.point);
        // Logs that are read together may be seconds out of order.
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
        let hours = (to.at - from.at).unsigned_abs() as f64 / 3600.0;
        let impossible = kilometres > SLACK + FASTEST * hours;
        let strange = from_days <= 1 || to_days == 0;
        impossible.then(|| Journey { from: from.clone(), to: to.clone(), kilometres, strange, count: 0 })
    }

    fn arrive(&mut self, stop: Stop) {
        let day = stop.at.div_euclid(DAY);
        let known = self.networks.iter().position(|(known, ..)| *known == stop.network);
        let (last, days) = known.map_or((i64::MIN, 0), |index| {
            let (_, last, days) = self.networks.remove(index);
            (last, days)
        });
        if self.networks.len() >= NETWORKS {
            self.networks.remove(0);
        }
        let days = if last == day { days } else { days.saturating_add(1) };
        self.networks.push((stop.network.clone(), day, days));
        self.last = Some(stop);
    }
}

impl Journey {
    fn finding(&self, user: &str, a: &str, b: &str) -> Finding {
        let Self { from, to, kilometres, .. } = self;
        let seconds = (to.at - from.at).abs();
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
        let speed = kilometres / (seconds.max(1) as f64 / 3600.0);
        let speed = if seconds < 60 { "at once".to_owned() } else { format!("{speed:.0} km/h") };
        let title = format!(
            "{user} logged in from {} ({}) and {} later from {} ({}), at least {kilometres:.0} km away: {speed}",
            from.address,
            from.place,
            span(seconds),
            to.address,
            to.place,
        );
        let severity = if self.strange { Severity::High } else { Severity::Medium };
        let finding = rule::IMPOSSIBLE_TRAVEL.on(Subject::new(SubjectKind::User, user)).about(&format!("{a} {b}"));
        let finding = finding.severity(severity).title(title);
        let stop = |stop: &Stop| format!("{} from {} ({})", when(stop.at), stop.address, stop.place);
        finding
            .evidence("first login", stop(from))
            .evidence("second login", stop(to))
            .evidence("distance at least", format!("{kilometres:.0} km"))
            .evidence("speed", speed)
            .evidence("seen", many(self.count, "time"))
            .time(to.at)
    }
}
