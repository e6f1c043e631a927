//! The life of one machine, engine, service or container: when it started, when it was down, and what of that time is known at
//! all.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Limits;
use super::outage::{Cause, Outage};
use crate::downtime::event::Channel;

/// Whether it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum State {
    /// Nothing says so yet, or it is done.
    Unknown,
    Up,
    Down(Box<Outage>),
}

/// See the module. Times in seconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Track {
    /// What is known begins here.
    pub(super) first: i64,
    /// The last sign of life, or the last that was heard of it.
    pub(super) last: i64,
    pub(super) state: State,
    pub(super) starts: u64,
    last_start: Option<i64>,
    /// Who told of the last start, and of the last end.
    started_by: Vec<Channel>,
    ended_by: Vec<Channel>,
    /// Ends, the newest last, for loops.
    pub(super) ends: VecDeque<i64>,
    /// Outages that are over, the newest last.
    pub(super) outages: VecDeque<Outage>,
    /// Outages that were forgotten.
    pub(super) dropped: u64,
    /// Times of which nothing is known.
    pub(super) holes: VecDeque<(i64, i64)>,
    /// It was told to stop at this time.
    pub(super) ordered: Option<i64>,
    /// It is being started again since.
    restarting: Option<i64>,
    /// The most restarts that anybody counted.
    pub(super) restarts: u64,
    /// Whoever looks after it gave up, and how they said so.
    pub(super) gave_up: Option<(i64, String)>,
    /// What may be the reason of an end that follows.
    pub(super) omen: Option<(i64, Cause, String)>,
    /// Somebody notes each boot, so that a silence is no hole.
    pub(super) recorded: bool,
    /// The last line that was a sign of life.
    pub(super) line: String,
    pub(super) id: Option<String>,
}

/// Two tellers of one event are at most so far apart.
const SAME: i64 = 2;
/// Two tellers of one boot: the kernel's first line, wtmp's record, the logger that starts late.
const SAME_BOOT: i64 = 180;
/// Two tellers of one start of an engine: itself, and systemd, which waits for it.
const SAME_START: i64 = 30;
/// A shutdown after which a machine goes on for so long was called off.
const CALLED_OFF: i64 = 600;
/// Lines that are written while a machine falls asleep.
const FALLS_ASLEEP: i64 = 30;
/// An omen counts for so long.
const OMEN: i64 = 600;
/// An order to stop counts for so long.
const ORDER: i64 = 120;
/// And may be told of so long after what it led to.
const AFTERWARDS: i64 = 2;
/// Who starts again and does not fail for so long is up.
const SETTLED: i64 = 60;
/// Times of which nothing is known, of one track.
const HOLES: usize = 1000;

impl Track {
    pub(super) fn new(now: i64) -> Self {
        Self {
            first: now,
            last: now,
            state: State::Unknown,
            starts: 0,
            last_start: None,
            started_by: Vec::new(),
            ended_by: Vec::new(),
            ends: VecDeque::new(),
            outages: VecDeque::new(),
            dropped: 0,
            holes: VecDeque::new(),
            ordered: None,
            restarting: None,
            restarts: 0,
            gave_up: None,
            omen: None,
            recorded: false,
            line: String::new(),
            id: None,
        }
    }

    /// A machine wrote something.
    pub(super) fn lives(&mut self, now: i64, line: &str, limits: &Limits) {
        match &mut self.state {
            State::Down(outage) if outage.cause == Cause::Ordered && now - outage.from > CALLED_OFF => {
                self.state = State::Up;
            }
            // Somebody is awake who did not say when that began.
            State::Down(outage) if outage.cause == Cause::Suspended && now - outage.from > FALLS_ASLEEP => {
                self.wakes(now, limits);
            }
            // What is written while it goes down.
            State::Down(outage) => outage.from = outage.from.max(now),
            State::Up | State::Unknown => {
                if now - self.last > limits.silence && !self.recorded {
                    self.hole(self.last, now);
                }
                self.state = State::Up;
            }
        }
        self.last = self.last.max(now);
        if !line.is_empty() {
            line.clone_into(&mut self.line);
        }
    }

    /// A machine is put to sleep.
    pub(super) fn falls_asleep(&mut self, outage: Outage) {
        match &mut self.state {
            State::Down(known) => known.from = known.from.max(outage.from),
            State::Up | State::Unknown => self.state = State::Down(Box::new(outage)),
        }
    }

    /// It woke: that is no start, and it was nobody's failure.
    pub(super) fn wakes(&mut self, now: i64, limits: &Limits) {
        let is_asleep = matches!(&self.state, State::Down(outage) if outage.cause == Cause::Suspended);
        if !is_asleep {
            return;
        }
        if let State::Down(mut outage) = std::mem::replace(&mut self.state, State::Up) {
            outage.to = Some(now);
            self.keep(*outage, limits);
        }
        self.last = self.last.max(now);
    }

    /// A machine booted. Gives back the outage that this ends.
    pub(super) fn boots(&mut self, now: i64, channel: Channel, line: &str, limits: &Limits) -> Option<&mut Outage> {
        if let Some(last) = self.last_start {
            let new_teller = !self.started_by.contains(&channel);
            // The kernel's own reckoning moves with the clock that was set since.
            let apart = if channel == Channel::Kernel { 20 * SAME_BOOT } else { SAME_BOOT };
            if new_teller && (now - last).abs() <= apart && !matches!(self.state, State::Down(_)) {
                self.started_by.push(channel);
                self.last = self.last.max(now);
                return None;
            }
        }
        let outage = match std::mem::replace(&mut self.state, State::Up) {
            State::Down(outage) => Some(*outage),
            State::Up => {
                let from = self.last.min(now);
                let omen = self.omen.take().filter(|(at, ..)| now - *at <= OMEN + (now - from) && from - *at <= OMEN);
                let mut outage = Outage::new(from, omen.as_ref().map_or(Cause::Unclean, |(_, cause, _)| *cause));
                outage.reason = omen.map(|(.., reason)| reason);
                let last = std::mem::take(&mut self.line);
                outage.tell(&last);
                // Nobody was there to see when it went: the time between is known as neither up nor down.
                if now - from > limits.silence {
                    self.hole(from, now);
                    outage.from = now;
                }
                Some(outage)
            }
            State::Unknown => None,
        };
        self.starts += 1;
        self.last_start = Some(now);
        self.started_by = vec![channel];
        self.omen = None;
        let told = outage.is_some();
        if let Some(mut outage) = outage {
            outage.to = Some(now);
            outage.tell(line);
            self.end_at(outage.from, limits);
            self.keep(outage, limits);
        }
        self.last = self.last.max(now);
        if told { self.outages.back_mut() } else { None }
    }

    /// An engine, a service or a container started.
    pub(super) fn starts(&mut self, now: i64, channel: Channel, limits: &Limits) {
        self.settle(now, limits);
        if self.state == State::Up && self.last_start.is_some_and(|last| (now - last).abs() <= SAME) {
            return;
        }
        if let State::Down(mut outage) = std::mem::replace(&mut self.state, State::Up) {
            outage.to = Some(now);
            self.keep(*outage, limits);
        }
        self.starts += 1;
        self.last_start = Some(now);
        self.started_by = vec![channel];
        self.restarting = None;
        self.ordered = None;
        self.last = self.last.max(now);
    }

    /// Somebody has it stop. An engine tells of a signal once that is sent, by when the process may be gone.
    pub(super) fn is_ordered(&mut self, now: i64) {
        match &mut self.state {
            // 128 and the number of SIGINT, SIGKILL or SIGTERM.
            State::Down(outage) if now - outage.from <= AFTERWARDS && matches!(outage.code, Some(130 | 137 | 143)) => {
                outage.cause = Cause::Ordered;
            }
            State::Down(_) | State::Up | State::Unknown => self.ordered = Some(now),
        }
    }

    /// It starts, and was up as far as anybody knows: it was killed, and had no time to say so.
    pub(super) fn was_killed(&mut self, now: i64, line: &str, limits: &Limits) {
        if self.state != State::Up || self.last_start.is_none_or(|last| now - last <= SAME_START) {
            return;
        }
        let mut outage = Outage::new(now, Cause::Unclean);
        outage.tell(line);
        self.end_at(now, limits);
        self.state = State::Down(Box::new(outage));
    }

    /// It is being started again.
    pub(super) fn restarts(&mut self, now: i64, count: Option<u64>) {
        if matches!(self.state, State::Down(_)) {
            self.restarting = Some(now);
        }
        self.restarts = self.restarts.max(count.unwrap_or(0));
        self.last = self.last.max(now);
    }

    /// It ended. Gives back the outage that this begins.
    pub(super) fn ends(&mut self, outage: Outage, channel: Channel, limits: &Limits) -> Option<&mut Outage> {
        let now = outage.from;
        self.settle(now, limits);
        self.last = self.last.max(now);
        let told_again =
            self.ends.back().is_some_and(|last| (now - last).abs() <= SAME) && !self.ended_by.contains(&channel);
        if let State::Down(known) = &mut self.state {
            // The same end in other words, or the next one of something that nobody saw start.
            // Who tells of it first may not know how it ended.
            if known.code.is_none() {
                known.code = outage.code;
                if known.cause == Cause::Failed && known.reason.is_none() && outage.code == Some(0) {
                    known.cause = outage.cause;
                }
            }
            if known.reason.is_none() || outage.cause > known.cause {
                known.reason = outage.reason.clone().or(known.reason.take());
            }
            if known.cause == Cause::Failed && outage.cause == Cause::OutOfMemory {
                known.cause = outage.cause;
            }
            for line in &outage.evidence {
                known.tell(line);
            }
            let is_bare = outage.code.is_none() && outage.reason.is_none() && now - known.from > SAME;
            let restarted = self.restarting.take().is_some() || is_bare;
            if restarted && !told_again {
                self.end_at(now, limits);
            } else if told_again {
                self.ended_by.push(channel);
            }
            return None;
        }
        if told_again {
            self.ended_by.push(channel);
            return None;
        }
        self.ended_by = vec![channel];
        let mut outage = outage;
        if let Some((at, cause, reason)) = self.omen.take()
            && now - at <= OMEN
            && outage.cause.is_failure()
        {
            outage.cause = cause;
            outage.reason.get_or_insert(reason);
        }
        if self.ordered.take().is_some_and(|at| now - at <= ORDER) {
            outage.cause = Cause::Ordered;
        }
        self.end_at(now, limits);
        self.state = State::Down(Box::new(outage));
        match &mut self.state {
            State::Down(outage) => Some(outage),
            _ => None,
        }
    }

    /// The last outage, whether over or not.
    pub(super) fn latest(&mut self) -> Option<&mut Outage> {
        match &mut self.state {
            State::Down(outage) => Some(outage),
            _ => self.outages.back_mut(),
        }
    }

    /// Who was started again and did not fail since, is up.
    fn settle(&mut self, now: i64, limits: &Limits) {
        let Some(at) = self.restarting.filter(|at| now - at > SETTLED) else { return };
        self.restarting = None;
        if let State::Down(mut outage) = std::mem::replace(&mut self.state, State::Up) {
            outage.to = Some(at.max(outage.from));
            self.keep(*outage, limits);
        }
    }

    fn hole(&mut self, from: i64, to: i64) {
        if self.holes.len() >= HOLES {
            self.holes.pop_front();
        }
        self.holes.push_back((from, to));
    }

    fn end_at(&mut self, now: i64, limits: &Limits) {
        if self.ends.len() >= limits.outages {
            self.ends.pop_front();
        }
        self.ends.push_back(now);
    }

    fn keep(&mut self, mut outage: Outage, limits: &Limits) {
        // Where stamps run backwards, the end may come before the beginning.
        outage.to = outage.to.map(|to| to.max(outage.from));
        if self.outages.len() >= limits.outages {
            self.outages.pop_front();
            self.dropped += 1;
        }
        self.outages.push_back(outage);
    }

    /// Outages, the one that lasts among them, where it is one: what was told to stop, or is done, may stay so.
    pub(super) fn all_outages(&self, now: i64) -> Vec<Outage> {
        let mut all: Vec<Outage> = self.outages.iter().cloned().collect();
        if let State::Down(outage) = &self.state
            && outage.cause.is_failure()
        {
            let settled = self.restarting.filter(|at| now - at > SETTLED).map(|at| at.max(outage.from));
            all.push(Outage { to: settled, ..Outage::clone(outage) });
        }
        all.sort_by_key(|outage| outage.from);
        all
    }

    /// Whether it is down now, and should not be.
    pub(super) fn is_down(&self, now: i64) -> bool {
        self.all_outages(now).iter().any(|outage| outage.to.is_none())
    }
}
