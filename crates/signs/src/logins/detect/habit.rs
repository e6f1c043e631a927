//! What a user has never done before. Says nothing until there are two weeks to compare with.

use keelguard_model::{Finding, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::attack::At as _;
use super::{Limits, Peer};
use crate::bounded::Bounded;
use crate::logins::event::{Kind, Seen};
use crate::logins::place::{Place, Whence};
use crate::words::when;

const DAY: i64 = 86_400;

/// How one user gets in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Habit {
    logins: u32,
    days: u32,
    last_day: i64,
    /// By the hour of the day, in UTC.
    hours: Vec<u32>,
    networks: Vec<String>,
    methods: Vec<String>,
    #[serde(default)]
    countries: Vec<String>,
}

/// As many networks of one user are remembered; somebody with more has no habit.
const NETWORKS: usize = 64;
/// The same of countries.
const COUNTRIES: usize = 32;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Habits {
    /// The first event there was.
    since: Option<i64>,
    /// The first login whose place was looked up.
    #[serde(default)]
    located: Option<i64>,
    users: Bounded<String, Habit>,
    /// Who has ever become somebody else.
    callers: Bounded<String, u32>,
    news: Vec<News>,
    /// News that were too many to keep.
    dropped: u64,
}

/// Something new.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct News {
    at: i64,
    user: String,
    what: What,
    value: String,
    peer: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    User,
    Network,
    Country,
    Method,
    Hour,
    Privilege,
}

const NEWS: usize = 10_000;

impl Habits {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            since: None,
            located: None,
            users: Bounded::new(limits.users),
            callers: Bounded::new(limits.users),
            news: Vec::new(),
            dropped: 0,
        }
    }

    pub(super) fn see(
        &mut self,
        seen: &Seen<'_>,
        peer: Option<&Peer>,
        user: Option<&str>,
        whence: Whence<'_>,
        now: i64,
        limits: &Limits,
    ) {
        let since = *self.since.get_or_insert(now);
        let compares = now - since >= limits.history_days * DAY;
        // Whoever wants may be anonymous.
        if seen.method == Some(b"anonymous") {
            return;
        }
        match (seen.kind, peer, user) {
            // PAM's sessions have no address; those of wtmp do, and it may be all there is.
            (Kind::LoginOk | Kind::Session, Some(peer), Some(user)) => {
                // Countries are compared with those of logins whose places were looked up, and no others.
                let place = match whence {
                    Whence::NotAsked => None,
                    Whence::Unknown | Whence::At(_) => {
                        let located = *self.located.get_or_insert(now);
                        let place = if let Whence::At(place) = whence { Some(place) } else { None };
                        place.map(|place| (place, now - located >= limits.history_days * DAY))
                    }
                };
                self.login(seen, peer, user, place, now, compares);
            }
            (Kind::Sudo, ..) => {
                let Some(by) = seen.by.map(|by| crate::logins::event::lossy(by)) else { return };
                let known = self.callers.get(by.as_ref()).is_some();
                *self.callers.entry(by.clone().into_owned(), now, || 0) += 1;
                if !known && compares && by != "root" {
                    let command = seen.detail.map(|detail| crate::logins::event::lossy(detail)).unwrap_or_default();
                    self.tell(News {
                        at: now,
                        user: by.into_owned(),
                        what: What::Privilege,
                        value: command.into_owned(),
                        peer: String::new(),
                    });
                }
            }
            _ => {}
        }
    }

    /// `place` comes with whether there is enough to compare it with.
    fn login(
        &mut self,
        seen: &Seen<'_>,
        peer: &Peer,
        user: &str,
        place: Option<(&Place, bool)>,
        now: i64,
        compares: bool,
    ) {
        let is_new = self.users.get(user).is_none();
        let habit = self.users.entry(user.to_owned(), now, || Habit { hours: vec![0; 24], ..Habit::default() });
        let news = |what, value: &str| News {
            at: now,
            user: user.to_owned(),
            what,
            value: value.to_owned(),
            peer: peer.to_string(),
        };
        let country = place.and_then(|(place, _)| place.country.clone());
        let abroad = country
            .as_ref()
            .is_some_and(|country| habit.countries.len() < COUNTRIES && !habit.countries.contains(country));
        let network = peer.network();
        let method = seen.method.map(|method| crate::logins::event::lossy(method).into_owned()).unwrap_or_default();
        let hour = usize::try_from(now.rem_euclid(DAY) / 3600).unwrap_or(0);
        let mut told = Vec::new();
        if is_new {
            told.push(news(What::User, &network));
        } else {
            // Who comes from another country comes from another network.
            if let Some((place, true)) = place.filter(|_| abroad) {
                told.push(news(What::Country, &place.to_string()));
            } else if habit.networks.len() < NETWORKS && !habit.networks.contains(&network) {
                told.push(news(What::Network, &network));
            }
            if !method.is_empty() && !habit.methods.is_empty() && !habit.methods.contains(&method) {
                told.push(news(What::Method, &method));
            }
            let near = [hour + 23, hour, hour + 1].map(|hour| habit.hours.get(hour % 24).copied().unwrap_or(0));
            if habit.logins >= 20 && habit.days >= 10 && near == [0; 3] {
                told.push(news(What::Hour, &format!("{hour:02}:00–{hour:02}:59 UTC")));
            }
        }
        habit.countries.extend(country.filter(|_| abroad));
        habit.learn(network, method, hour, now.div_euclid(DAY));
        if compares {
            for news in told {
                self.tell(news);
            }
        }
    }

    fn tell(&mut self, news: News) {
        if self.news.len() < NEWS {
            self.news.push(news);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.news.iter().map(News::finding).collect()
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.users.forgotten + self.callers.forgotten + self.dropped
    }

    /// Whether there is enough to compare with at `now`.
    pub(super) fn days(&self, now: i64) -> i64 {
        self.since.map_or(0, |since| (now - since) / DAY)
    }
}

impl Habit {
    fn learn(&mut self, network: String, method: String, hour: usize, day: i64) {
        self.logins = self.logins.saturating_add(1);
        if day != self.last_day {
            self.days = self.days.saturating_add(1);
            self.last_day = day;
        }
        if let Some(hour) = self.hours.get_mut(hour) {
            *hour = hour.saturating_add(1);
        }
        if self.networks.len() < NETWORKS && !self.networks.contains(&network) {
            self.networks.push(network);
        }
        if !method.is_empty() && self.methods.len() < 16 && !self.methods.contains(&method) {
            self.methods.push(method);
        }
    }
}

impl News {
    fn finding(&self) -> Finding {
        let Self { user, value, peer, .. } = self;
        let (rule, title) = match self.what {
            What::User => (&rule::FIRST_LOGIN, format!("{user} logged in for the first time, from {peer}")),
            What::Network => {
                (&rule::NEW_NETWORK, format!("{user} logged in from {peer}, a network they never used before"))
            }
            What::Country => (
                &rule::NEW_COUNTRY,
                format!("{user} logged in from {peer} in {value}, a country they never came from before"),
            ),
            What::Method => {
                (&rule::NEW_METHOD, format!("{user} logged in with {value} from {peer}, which they never used before"))
            }
            What::Hour => {
                (&rule::ODD_HOURS, format!("{user} logged in from {peer} at an hour they never keep ({value})"))
            }
            What::Privilege => {
                (&rule::FIRST_PRIVILEGE, format!("{user} ran a command as somebody else for the first time: {value}"))
            }
        };
        let mut finding = rule.on(Subject::new(SubjectKind::User, user.clone())).about(value).title(title);
        finding = finding.evidence("login", when(self.at)).evidence("new", value.clone());
        if !peer.is_empty() {
            finding = finding.evidence("address", peer.clone());
        }
        finding.time(self.at)
    }
}
