//! Signs of life: whatever is written says that its machine ran. Told of once a minute, and always before a silence, so that
//! the last one before a boot is known to the second.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::downtime::event::{Channel, Happening, Kind, Scope, shown, text};

/// What one machine wrote last.
struct Sign {
    host: Vec<u8>,
    last: i64,
    told: i64,
    line: Vec<u8>,
}

/// See the module.
pub(super) struct Life {
    channel: Channel,
    signs: Vec<Sign>,
    /// The machine of the last line.
    current: usize,
}

const SECOND: i64 = 1_000_000;
/// A silence; what is shorter is no outage that anybody would see in these lines.
const SILENCE: i64 = 5 * SECOND;
/// How often a busy machine is said to live.
const OFTEN: i64 = 60 * SECOND;
/// Lines of several programs do not come in perfect order; what goes back further is a clock that was set.
const BACK: i64 = 120 * SECOND;
/// Machines that are told apart in one log.
const HOSTS: usize = 1000;
/// As much of a line is kept as evidence.
const LINE: usize = 300;

impl Life {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel, signs: Vec::new(), current: 0 }
    }

    /// A line of `host` at `time`. Whether it is an event itself decides whether the one before it is told of.
    pub(super) fn see(
        &mut self,
        host: Option<&[u8]>,
        time: i64,
        line: &[u8],
        is_event: bool,
        queue: &mut VecDeque<Happening>,
    ) {
        let host = host.unwrap_or_default();
        let channel = self.channel;
        let Some(sign) = self.of(host) else { return };
        let step = time.saturating_sub(sign.last);
        if sign.last > sign.told && (is_event || step > SILENCE || time.saturating_sub(sign.told) > OFTEN) {
            queue.push_back(sign.happening(channel));
            sign.told = sign.last;
        }
        if step < -BACK {
            let back = crate::words::span(-step / SECOND);
            queue.push_back(Happening {
                line: shown(line),
                reason: Some(format!("stamps run backwards by {back}")),
                host: named(host),
                ..Happening::new(Kind::ClockSet, Scope::Host, channel, Timestamp::from_microsecond(time).ok())
            });
            sign.told = time;
        }
        if sign.keeps(time) {
            sign.line.clear();
            sign.line.extend_from_slice(line.get(..LINE).unwrap_or(line));
        }
        sign.last = if step < -BACK { time } else { sign.last.max(time) };
    }

    /// Whether a line of `host` at `time` would be kept as evidence.
    pub(super) fn keeps(&self, host: &[u8], time: i64) -> bool {
        let current = self.signs.get(self.current).filter(|sign| sign.host == host);
        let sign = current.or_else(|| self.signs.iter().find(|sign| sign.host == host));
        sign.is_none_or(|sign| sign.keeps(time))
    }

    /// What was not told yet, at the end of a file.
    pub(super) fn finish(&mut self, queue: &mut VecDeque<Happening>) {
        for sign in self.signs.iter_mut().filter(|sign| sign.last > sign.told) {
            queue.push_back(sign.happening(self.channel));
            sign.told = sign.last;
        }
    }

    fn of(&mut self, host: &[u8]) -> Option<&mut Sign> {
        let is_same = self.signs.get(self.current).is_some_and(|sign| sign.host == host);
        if !is_same {
            self.current = match self.signs.iter().position(|sign| sign.host == host) {
                Some(index) => index,
                None if self.signs.len() < HOSTS => {
                    // Nothing was written before it, so that a boot may be the first thing there is.
                    self.signs.push(Sign { host: host.to_vec(), last: i64::MIN, told: i64::MIN, line: Vec::new() });
                    self.signs.len() - 1
                }
                None => return None,
            };
        }
        self.signs.get_mut(self.current)
    }
}

impl Sign {
    fn keeps(&self, time: i64) -> bool {
        let step = time.saturating_sub(self.last);
        step > SILENCE || time.saturating_sub(self.told) > OFTEN / 2 || step < -BACK
    }

    fn happening(&self, channel: Channel) -> Happening {
        Happening {
            line: shown(&self.line),
            host: named(&self.host),
            ..Happening::new(Kind::Alive, Scope::Host, channel, Timestamp::from_microsecond(self.last).ok())
        }
    }
}

fn named(host: &[u8]) -> Option<String> {
    Some(host).filter(|host| !host.is_empty()).map(text)
}
