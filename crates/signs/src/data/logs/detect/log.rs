//! One log, line by line: what it does, and what in it explains that. What several logs say together is judged in `judge`.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::activity::Activity;
use super::order::Order;
use super::rhythm::Rhythm;
use super::sequence::Sequence;
use crate::bounded::Bounded;
use crate::data::logs::parse::mark::{self, Daemon, Login, Mark};

/// A line, taken apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line<'a> {
    /// Its number in the log, the rotated pieces counted in.
    pub number: u64,
    /// In seconds since 1970, where it has a stamp.
    pub second: Option<i64>,
    /// Whether the stamp names its zone.
    pub zoned: bool,
    /// Whether its time is that of its being written: requests that take long are logged with their beginning.
    pub ordered: bool,
    /// The host.
    pub host: Option<&'a [u8]>,
    /// The program; empty where there is none.
    pub program: &'a [u8],
    /// What it says.
    pub message: &'a [u8],
    /// Its number in a sequence of its sender's.
    pub sequence: Option<u64>,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogWatch {
    /// The path without what rotation added.
    pub name: String,
    /// By the host that wrote.
    pub(super) orders: Bounded<SmolStr, Order>,
    pub(super) rhythm: Rhythm,
    pub(super) programs: Bounded<SmolStr, Rhythm>,
    pub(super) sequences: Bounded<SmolStr, Sequence>,
    pub(super) activity: Activity,
    /// When something began that explains a silence before it.
    pub(super) starts: Times,
    /// When messages were dropped.
    pub(super) lost: Times,
    /// Ends and beginnings of log daemons.
    pub(super) daemons: Vec<(i64, Daemon, bool)>,
    pub(super) logins: Vec<Login>,
    /// Logins that there was no room for.
    pub(super) more_logins: u64,
    /// The first time and the last.
    pub(super) covers: Option<(i64, i64)>,
    /// Whether a system's log daemon writes it.
    pub(super) is_syslog: bool,
    /// Whether its stamps name no zone.
    pub(super) is_local: bool,
    /// The host that wrote most lately.
    pub(super) host: SmolStr,
    /// Lines.
    pub lines: u64,
}

/// Times that are remembered, the latest of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Times(std::collections::VecDeque<i64>);

impl Times {
    fn add(&mut self, second: i64) {
        if self.0.len() >= 10_000 {
            self.0.pop_front();
        }
        self.0.push_back(second);
    }

    /// Whether one lies between two seconds.
    pub(super) fn any(&self, from: i64, to: i64) -> bool {
        self.count(from, to) > 0
    }

    /// How many do.
    pub(super) fn count(&self, from: i64, to: i64) -> usize {
        self.0.iter().filter(|time| (from..=to).contains(*time)).count()
    }
}

const HOSTS: usize = 256;
const PROGRAMS: usize = 2048;
const LOGINS: usize = 100_000;
const DAEMONS: usize = 10_000;

impl LogWatch {
    /// A log of which nothing was read.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            orders: Bounded::new(HOSTS),
            rhythm: Rhythm::default(),
            programs: Bounded::new(PROGRAMS),
            sequences: Bounded::new(HOSTS),
            activity: Activity::default(),
            starts: Times::default(),
            lost: Times::default(),
            daemons: Vec::new(),
            logins: Vec::new(),
            more_logins: 0,
            covers: None,
            is_syslog: false,
            is_local: false,
            host: SmolStr::default(),
            lines: 0,
        }
    }

    /// Takes a line in.
    pub fn see(&mut self, line: &Line<'_>) {
        self.lines += 1;
        let Some(second) = line.second else { return };
        let host = line.host.map(short).unwrap_or_default();
        self.covers = Some(self.covers.map_or((second, second), |(first, last)| (first.min(second), last.max(second))));
        self.activity.see(second);
        self.rhythm.see(second);
        self.is_syslog |= line.host.is_some();
        self.is_local |= !line.zoned;
        if !line.program.is_empty() {
            let name = match line.message {
                b"-- MARK --" => SmolStr::new_static("-- MARK --"),
                _ => short(line.program),
            };
            self.programs.entry(name, second, Rhythm::default).see(second);
        }
        if let Some(number) = line.sequence {
            let key = SmolStr::new(format!("{host} {}", short(line.program)));
            self.sequences.entry(key, second, Sequence::default).see(number, second);
        }
        let order = self.orders.entry(host.clone(), second, Order::default);
        match mark::mark(line.program, line.message) {
            Some(Mark::Boot | Mark::Awake | Mark::Clock) => {
                order.excuse(line.number);
                self.starts.add(second);
            }
            Some(Mark::Start(daemon)) => {
                order.excuse(line.number);
                self.starts.add(second);
                self.note(second, daemon, true);
            }
            Some(Mark::Stop(daemon)) => self.note(second, daemon, false),
            Some(Mark::Lost) => self.lost.add(second),
            Some(Mark::Shutdown) | None => {
                if line.ordered {
                    order.see(line.number, second);
                }
            }
        }
        self.host = host;
        if let Some(login) = mark::login(line.program, line.message, second) {
            if self.logins.len() < LOGINS {
                self.logins.push(login);
            } else {
                self.more_logins += 1;
            }
        }
    }

    fn note(&mut self, second: i64, daemon: Daemon, started: bool) {
        if self.daemons.len() < DAEMONS {
            self.daemons.push((second, daemon, started));
        }
    }

    /// Whether a system's log daemon writes it.
    pub fn is_syslog(&self) -> bool {
        self.is_syslog
    }

    /// Whether its stamps name no zone.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// The host that wrote last.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How many hosts write it.
    pub fn hosts(&self) -> usize {
        self.orders.iter().filter(|(host, _)| !host.is_empty()).count()
    }

    /// The latest time of all lines.
    pub fn last(&self) -> Option<i64> {
        self.covers.map(|(_, last)| last)
    }

    /// Whether the log covers a time with something to spare on both sides.
    pub(super) fn covers(&self, second: i64) -> bool {
        const SPARE: i64 = 600;
        self.covers.is_some_and(|(first, last)| first + SPARE <= second && second + SPARE <= last)
    }
}

/// A name, no longer than names are.
pub(super) fn short(bytes: &[u8]) -> SmolStr {
    SmolStr::new(String::from_utf8_lossy(bytes.get(..64).unwrap_or(bytes)))
}
