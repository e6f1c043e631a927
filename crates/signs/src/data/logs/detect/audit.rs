//! The audit log: serial numbers, which count through from boot to boot, and what switches auditing off.

use serde::{Deserialize, Serialize};

use super::sequence::Sequence;
use crate::read::audit::{field, time, who};

/// Auditing that was switched off, or rules that were removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// In seconds.
    pub second: i64,
    /// By whom.
    pub by: Option<String>,
    /// Whether all of it, else rules.
    pub all: bool,
    /// How many rules.
    pub rules: u64,
    /// Whether rules were loaded again soon, or its daemon was just starting or ending.
    excused: bool,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AuditWatch {
    pub(super) serials: Sequence,
    off: Vec<SwitchedOff>,
    /// When its daemon last began or ended.
    daemon: i64,
    pub(super) covers: Option<(i64, i64)>,
    /// Records.
    pub lines: u64,
}

/// Whoever loads rules anew removes the old ones first.
const SOON: i64 = 120;
const MOST: usize = 1000;

impl AuditWatch {
    /// Takes a record in; false where it is none.
    pub fn see(&mut self, line: &[u8]) -> bool {
        let (Some(micros), Some(serial)) = (time(line), serial(line)) else { return false };
        let second = micros.div_euclid(1_000_000);
        self.lines += 1;
        self.covers = Some(self.covers.map_or((second, second), |(first, last)| (first.min(second), last.max(second))));
        let kind = field(line, b"type=").unwrap_or_default();
        // The daemon's own records have numbers of its own; what came while it was away went elsewhere.
        if kind.starts_with(b"DAEMON_") {
            if matches!(kind, b"DAEMON_START" | b"DAEMON_END" | b"DAEMON_ABORT" | b"DAEMON_RESUME" | b"DAEMON_ERR") {
                self.serials.interrupt();
                self.daemon = second;
                self.excuse(second, true);
            }
            return true;
        }
        self.serials.see(serial, second);
        if kind == b"CONFIG_CHANGE" {
            self.change(line, second);
        }
        true
    }

    fn change(&mut self, line: &[u8], second: i64) {
        let number = |name: &[u8]| field(line, name).filter(|value| *value != b"?");
        let is_off = number(b" audit_enabled=") == Some(b"0") && number(b" old=").is_some_and(|old| old != b"0");
        let operation = field(line, b" op=").or_else(|| field(line, b"op=")).unwrap_or_default();
        let removes = matches!(operation, b"remove_rule" | b"remove" | b"remove rule");
        if matches!(operation, b"add_rule" | b"add" | b"add rule") {
            self.excuse(second, false);
        }
        if field(line, b" res=") == Some(b"0") || !(is_off || removes) {
            return;
        }
        let by = who(line);
        let excused = second - self.daemon < SOON && self.daemon != 0;
        if let Some(last) = self.off.last_mut()
            && !last.all
            && removes
            && second - last.second < SOON
        {
            last.rules += 1;
            last.by = last.by.take().or(by);
            return;
        }
        if self.off.len() < MOST {
            self.off.push(SwitchedOff { second, by, all: is_off, rules: u64::from(removes), excused });
        }
    }

    /// Excuses what was removed shortly before.
    fn excuse(&mut self, second: i64, all: bool) {
        for off in self.off.iter_mut().rev().take_while(|off| second - off.second < SOON) {
            off.excused |= all || !off.all;
        }
    }

    /// What was switched off and is excused by nothing.
    pub fn switched_off(&self) -> impl Iterator<Item = &SwitchedOff> {
        self.off.iter().filter(|off| !off.excused)
    }
}

/// `24287` of `msg=audit(1364481363.243:24287):`
fn serial(line: &[u8]) -> Option<u64> {
    let stamp = field(line, b"msg=audit(").filter(|stamp| stamp.len() <= 64)?;
    let at = memchr::memrchr(b':', stamp)?;
    std::str::from_utf8(stamp.get(at + 1..)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(second: u64, serial: u64, rest: &str) -> String {
        format!("type=SYSCALL msg=audit({second}.243:{serial}): {rest}")
    }

    fn seen(lines: &[String]) -> AuditWatch {
        let mut watch = AuditWatch::default();
        for line in lines {
            assert!(watch.see(line.as_bytes()), "{line}");
        }
        watch
    }

    proptest! {
        #[test]
        fn whichever_events_are_taken_out_between_others_are_missed(at in 1usize..90, count in 1usize..9) {
            let mut lines: Vec<String> = (0..100)
                .flat_map(|number| [event(100 + number, 500 + number, "a"), event(100 + number, 500 + number, "PATH")])
                .collect();
            prop_assert_eq!(seen(&lines).serials.holes(), vec![]);
            lines.drain(2 * at..2 * (at + count));
            let holes = seen(&lines).serials.holes();
            prop_assert_eq!(holes.iter().map(|hole| (hole.first, hole.last)).collect::<Vec<_>>(), vec![(500 + at as u64, 499 + (at + count) as u64)]);
        }
    }

    fn change(second: u64, serial: u64, what: &str) -> String {
        format!("type=CONFIG_CHANGE msg=audit({second}.1:{serial}): auid=1000 ses=3 subj=unconfined {what}")
    }

    #[test]
    fn switching_off_is_told_and_by_whom() {
        let watch = seen(&[
            event(1000, 1, "x"),
            change(5000, 2, "op=set audit_enabled=0 old=1 res=1\x1dAUID=\"alice\""),
            change(6000, 3, "op=remove_rule key=\"exec\" list=4 res=1\x1dAUID=\"alice\""),
            change(6000, 4, "op=remove_rule key=\"time\" list=4 res=1\x1dAUID=\"alice\""),
        ]);
        let told: Vec<_> =
            watch.switched_off().map(|off| (off.second, off.all, off.rules, off.by.as_deref())).collect();
        assert_eq!(told, [(5000, true, 0, Some("alice")), (6000, false, 2, Some("alice"))]);
    }

    #[test]
    fn rules_that_are_loaded_anew_and_a_daemon_that_restarts_are_everyday() {
        let watch = seen(&[
            change(6000, 3, "op=remove_rule key=\"exec\" list=4 res=1"),
            change(6001, 4, "op=add_rule key=\"exec\" list=4 res=1"),
            change(8000, 5, "op=set audit_enabled=0 old=1 res=1"),
            "type=DAEMON_END msg=audit(8001.1:9999): op=terminate".to_owned(),
            "type=DAEMON_START msg=audit(9000.1:2222): op=start".to_owned(),
            change(9001, 77, "op=remove_rule key=\"exec\" list=4 res=1"),
            event(9002, 78, "x"),
            event(20_000, 1, "after a boot"),
        ]);
        assert_eq!(watch.switched_off().count(), 0);
        assert_eq!(watch.serials.holes(), []);
    }
}
