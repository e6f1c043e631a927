//! Records of `wtmp` and `btmp`, one after the other: blanked, out of order, cut, or with the end of a session that never began.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::activity::Activity;
use super::log::short;
use super::order::{Disorder, LATE, Order};
use crate::bounded::Bounded;
use crate::data::logs::parse::mark::Login;
use crate::read::utmp::{RECORD, Record};

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// All zeros, between others.
    Zero,
    /// A session, a boot or an end without a time, or a session without a user.
    Blank,
    /// Of a kind that there is not.
    Odd,
    /// The end of a session that never began.
    NoBegin,
}

/// A record that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Its number, from 1.
    pub record: u64,
    /// What is wrong.
    pub fault: Fault,
    /// The time of the last good one before it, in seconds.
    pub after: i64,
    /// The terminal.
    pub line: SmolStr,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordWatch {
    /// The path without what rotation added.
    pub name: String,
    /// Zeros at the end are room, not records; they count when others follow.
    zeros: Vec<u64>,
    more_zeros: u64,
    wrong: Vec<Wrong>,
    order: Order,
    /// Sessions by terminal.
    open: Bounded<SmolStr, i64>,
    booted: bool,
    last: i64,
    pub(super) covers: Option<(i64, i64)>,
    pub(super) boots: Vec<i64>,
    pub(super) logins: VecDeque<Login>,
    activity: Activity,
    /// Bytes that are no whole record.
    rest: u64,
    /// Records.
    pub count: u64,
    /// Failed logins have no begin and no end.
    is_btmp: bool,
}

const MOST: usize = 1000;
const LOGINS: usize = 100_000;

impl RecordWatch {
    /// One that has seen nothing.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            is_btmp: name.ends_with("btmp"),
            name,
            zeros: Vec::new(),
            more_zeros: 0,
            wrong: Vec::new(),
            order: Order::default(),
            open: Bounded::new(10_000),
            booted: false,
            last: 0,
            covers: None,
            boots: Vec::new(),
            logins: VecDeque::new(),
            activity: Activity::default(),
            rest: 0,
            count: 0,
        }
    }

    /// Takes a record in, as it lies there.
    pub fn see(&mut self, bytes: &[u8; RECORD]) {
        self.count += 1;
        if bytes.iter().all(|byte| *byte == 0) {
            if self.zeros.len() < MOST {
                self.zeros.push(self.count);
            } else {
                self.more_zeros += 1;
            }
            return;
        }
        for record in std::mem::take(&mut self.zeros) {
            self.add(record, Fault::Zero, SmolStr::default());
        }
        let record = Record::new(bytes);
        let (kind, second) = (record.kind(), record.time().div_euclid(1_000_000));
        let line = short(record.line());
        if !(0..=9).contains(&kind) {
            return self.add(self.count, Fault::Odd, line);
        }
        if second == 0 || kind == 7 && record.user().is_empty() {
            return self.add(self.count, Fault::Blank, line);
        }
        self.covers = Some(self.covers.map_or((second, second), |(first, last)| (first.min(second), last.max(second))));
        self.activity.see(second);
        match kind {
            // A clock that was set, and a boot, whose first records have the time that the hardware's clock shows.
            1..=4 => {
                self.order.excuse(self.count);
                if kind == 2 {
                    self.booted = true;
                    self.boots.push(second);
                    self.open = Bounded::new(10_000);
                }
            }
            5 | 6 => *self.open.entry(line, second, || 0) = second,
            7 => {
                self.login(&record, second);
                *self.open.entry(line, second, || 0) = second;
                self.order.see(self.count, second);
            }
            8 => {
                self.order.see(self.count, second);
                self.ended(line, second);
            }
            _ => self.order.see(self.count, second),
        }
        self.last = second;
    }

    /// The bytes at the end that are no whole record.
    pub fn end(&mut self, rest: usize) {
        self.rest += rest as u64;
    }

    fn login(&mut self, record: &Record, time: i64) {
        // Terminals in terminals have a host, too; only who comes over the network has an address.
        let is_remote = !self.is_btmp && record.line().starts_with(b"pts/");
        let Some(address) = record.address().filter(|_| is_remote) else { return };
        if self.logins.len() >= LOGINS {
            self.logins.pop_front();
        }
        self.logins.push_back(Login { time, user: short(record.user()), address: SmolStr::new(address.to_string()) });
    }

    fn ended(&mut self, line: SmolStr, second: i64) {
        // Only what sshd opens is opened by whoever closes it; and before the first boot nobody knows.
        let is_of_network = line.starts_with("pts/");
        if is_of_network && self.booted && !self.is_btmp && self.open.get(&line).is_none() && self.open.forgotten == 0 {
            self.add(self.count, Fault::NoBegin, line);
            return;
        }
        // Ended twice is everyday: sshd and logind both write.
        if let Some(begun) = self.open.touch(&line, second) {
            *begun = second;
        }
    }

    fn add(&mut self, record: u64, fault: Fault, line: SmolStr) {
        if self.wrong.len() < MOST {
            self.wrong.push(Wrong { record, fault, after: self.last, line });
        }
    }

    /// When something was recorded.
    pub(super) fn activity(&self) -> Activity {
        self.activity.clone()
    }

    /// Records that are wrong.
    pub fn wrong(&self) -> &[Wrong] {
        &self.wrong
    }

    /// Places where times run backwards.
    pub fn disorder(&self) -> Vec<Disorder> {
        self.order.found()
    }

    /// Bytes at the ends of files that are no whole record.
    pub fn rest(&self) -> u64 {
        self.rest
    }

    /// Whether it covers a time with something to spare on both sides.
    pub(super) fn covers(&self, second: i64) -> bool {
        self.covers.is_some_and(|(first, last)| first + LATE <= second && second + LATE <= last)
    }
}

#[cfg(test)]
pub(in crate::data::logs) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record as glibc writes it.
    pub(in crate::data::logs) fn record(kind: u8, line: &str, user: &str, second: u32) -> [u8; RECORD] {
        let mut bytes = [0; RECORD];
        bytes[0] = kind;
        bytes[8..8 + line.len()].copy_from_slice(line.as_bytes());
        bytes[44..44 + user.len()].copy_from_slice(user.as_bytes());
        bytes[340..344].copy_from_slice(&second.to_le_bytes());
        if kind == 7 {
            bytes[348..352].copy_from_slice(&[192, 0, 2, 7]);
        }
        bytes
    }

    fn day() -> Vec<[u8; RECORD]> {
        let mut records = vec![record(2, "~", "reboot", 1000)];
        for number in 0..200u32 {
            let line = format!("pts/{}", number % 5);
            records.push(record(7, &line, "alice", 2000 + number * 100));
            if number % 7 != 0 {
                records.push(record(8, &line, "", 2050 + number * 100));
            }
        }
        records
    }

    fn seen(records: &[[u8; RECORD]]) -> (Vec<(u64, Fault)>, usize) {
        let mut watch = RecordWatch::new("/var/log/wtmp");
        for record in records {
            watch.see(record);
        }
        (watch.wrong().iter().map(|wrong| (wrong.record, wrong.fault)).collect(), watch.disorder().len())
    }

    proptest! {
        #[test]
        fn a_record_that_is_zeroed_between_others_is_found_wherever_it_is(at in 0usize..370) {
            let mut records = day();
            prop_assert_eq!(seen(&records), (vec![], 0));
            let at = at % (records.len() - 1);
            records[at] = [0; RECORD];
            let found = seen(&records).0;
            prop_assert!(found.contains(&(at as u64 + 1, Fault::Zero)), "{:?}", found);
        }
    }

    #[test]
    fn room_at_the_end_is_no_record() {
        let mut records = day();
        records.extend([[0; RECORD]; 3]);
        assert_eq!(seen(&records), (vec![], 0));
    }

    #[test]
    fn a_login_that_was_cut_out_leaves_an_end_without_a_beginning() {
        let mut records = vec![record(2, "~", "reboot", 1000), record(7, "pts/0", "alice", 2000)];
        records.push(record(8, "pts/1", "", 2100));
        assert_eq!(seen(&records).0, [(3, Fault::NoBegin)]);
        // Who came before the first boot that is known may go.
        assert_eq!(seen(&records[1..]).0, []);
    }

    #[test]
    fn a_login_that_was_blanked_or_moved_is_found() {
        let mut records = day();
        records[10] = record(7, "pts/1", "", 2500);
        assert_eq!(seen(&records).0, [(11, Fault::Blank)]);
        let mut records = day();
        let moved = records.remove(3);
        records.insert(300, moved);
        assert_eq!(seen(&records).1, 1);
    }

    #[test]
    fn a_clock_that_was_set_and_a_boot_explain_what_they_do_to_the_times() {
        let mut records = day();
        records.push(record(3, "|", "date", 30_000));
        records.push(record(4, "{", "date", 5000));
        records.push(record(7, "pts/9", "bob", 5010));
        records.push(record(2, "~", "reboot", 500));
        records.push(record(7, "pts/9", "bob", 40_000));
        assert_eq!(seen(&records), (vec![], 0));
    }
}
