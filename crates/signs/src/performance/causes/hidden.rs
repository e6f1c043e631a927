//! A process that hides: the scheduler runs it, and a listing does not show it. One look that does not agree proves nothing, as
//! processes come and go meanwhile; what does not agree in each of several looks is hidden.

use jiff::Timestamp;
use keelguard_model::rule;
use keelguard_model::{Finding, Subject, SubjectKind};
use serde::{Deserialize, Serialize};

use super::seen;

/// Looks that must agree.
const LOOKS: u32 = 5;
/// Processes that are named.
const NAMED: usize = 10;

/// One look, by everything that counts processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Threads that the scheduler runs beyond those that are listed.
    pub missing: u64,
    /// Processes that the kernel lists and the C library does not.
    pub unlisted: Vec<i32>,
    /// Processes whose folder in `/proc` something is mounted over.
    pub covered: Vec<i32>,
    /// Processes that answer by their number and that no listing holds; asked for only where something is missing.
    pub answering: Vec<i32>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    looks: u32,
    first: i64,
    least: u64,
    unlisted: Vec<i32>,
    covered: Vec<i32>,
    answering: Vec<i32>,
}

impl Hidden {
    /// Takes in a look at `second` since 1970.
    pub fn see(&mut self, second: i64, look: &Look) {
        let is_quiet =
            look.missing == 0 && look.unlisted.is_empty() && look.covered.is_empty() && look.answering.is_empty();
        if is_quiet {
            *self = Self::default();
            return;
        }
        if self.looks == 0 {
            (self.first, self.least) = (second, look.missing);
            (self.unlisted, self.covered) = (look.unlisted.clone(), look.covered.clone());
        }
        self.looks = self.looks.saturating_add(1);
        self.least = self.least.min(look.missing);
        self.unlisted.retain(|pid| look.unlisted.contains(pid));
        self.covered.retain(|pid| look.covered.contains(pid));
        self.answering = look.answering.iter().copied().take(1000).collect();
        if self.least == 0 && self.unlisted.is_empty() && self.covered.is_empty() && self.answering.is_empty() {
            *self = Self::default();
        }
    }

    /// Whether the numbers that no listing holds should be asked for: it costs a second, and nothing is missing as a rule.
    pub fn wants_numbers(&self) -> bool {
        self.looks >= LOOKS && self.least > 0 && self.unlisted.is_empty()
    }

    /// What is hidden on `host`.
    pub fn findings(&self, host: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let subject = || Subject::new(SubjectKind::Host, host.to_owned());
        let begun = Timestamp::from_second(self.first).unwrap_or_default();
        let told = |finding: Finding| seen(finding, begun).evidence("host", host).evidence("first", begun.to_string());
        if self.looks >= 2 && !self.unlisted.is_empty() {
            let finding = rule::LISTING_BENT
                .on(subject())
                .evidence("processes that the kernel lists and the C library does not", numbers(&self.unlisted))
                .command("cat /etc/ld.so.preload; tr '\\0' '\\n' < /proc/self/environ | grep LD_PRELOAD");
            findings.push(told(finding));
        }
        if self.looks >= 2 && !self.covered.is_empty() {
            let finding = rule::PROCESS_COVERED
                .on(subject())
                .evidence("processes whose folder in /proc is mounted over", numbers(&self.covered))
                .command("grep ' /proc/[0-9]' /proc/self/mountinfo");
            findings.push(told(finding));
        }
        let others = self.unlisted.is_empty();
        if self.looks >= LOOKS && others && (self.least > 0 || !self.answering.is_empty()) {
            let mut finding = rule::PROCESS_HIDDEN
                .on(subject())
                .evidence(
                    "threads that the scheduler counts and no listing shows",
                    self.least.max(self.answering.len() as u64).to_string(),
                )
                .evidence("looks that agree", self.looks.to_string());
            if !self.answering.is_empty() {
                finding = finding.evidence("processes that answer by their number alone", numbers(&self.answering));
            }
            findings.push(told(finding));
        }
        findings
    }
}

fn numbers(pids: &[i32]) -> String {
    let mut words: Vec<String> = pids.iter().take(NAMED).map(ToString::to_string).collect();
    if pids.len() > NAMED {
        words.push(format!("and {} more", pids.len() - NAMED));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hidden: &Hidden) -> Vec<String> {
        hidden.findings("edge").into_iter().map(|finding| finding.rule).collect()
    }

    fn missing(missing: u64) -> Look {
        Look { missing, ..Look::default() }
    }

    #[test]
    fn what_is_missing_in_every_look_is_hidden() {
        let mut hidden = Hidden::default();
        for second in 0..4 {
            hidden.see(second, &missing(1));
        }
        assert!(rules(&hidden).is_empty() && !hidden.wants_numbers());
        hidden.see(5, &missing(3));
        assert!(hidden.wants_numbers());
        assert_eq!(rules(&hidden), ["KG-P040"]);
        assert!(hidden.findings("edge")[0].evidence.iter().any(|found| found.value == "1"), "the least of all looks");
    }

    #[test]
    fn processes_that_come_and_go_are_not_hidden() {
        let mut hidden = Hidden::default();
        for second in 0..1000 {
            hidden.see(second, &missing([2, 1, 3, 0][usize::try_from(second % 4).unwrap()]));
            assert!(rules(&hidden).is_empty());
        }
    }

    #[test]
    fn a_listing_that_a_library_bends_is_seen_in_two_looks() {
        let mut hidden = Hidden::default();
        let look = |pids: &[i32]| Look { unlisted: pids.to_vec(), ..Look::default() };
        hidden.see(1, &look(&[7, 8]));
        assert!(rules(&hidden).is_empty());
        hidden.see(2, &look(&[8, 9]));
        assert_eq!(rules(&hidden), ["KG-P041"]);
        hidden.see(3, &Look::default());
        assert!(rules(&hidden).is_empty(), "it is over");
    }

    #[test]
    fn what_is_covered_by_a_mount_is_named() {
        let mut hidden = Hidden::default();
        let look = Look { covered: vec![1234], ..Look::default() };
        hidden.see(1, &look);
        hidden.see(2, &look);
        assert_eq!(rules(&hidden), ["KG-P042"]);
    }
}
