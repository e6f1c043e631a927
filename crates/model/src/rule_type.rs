//! A row of the catalogue.

use jiff::Timestamp;

use crate::finding::fingerprint;
use crate::{Area, Finding, Fix, Kind, Refs, Severity, Subject};

/// What closing it costs its owner; the weight in the smallest set of fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// A command, nothing restarts.
    Live,
    /// A container is made anew with other options.
    Recreate,
    /// The daemon's configuration changes and it restarts or reloads.
    Daemon,
    /// A package or an image is brought up to date.
    Upgrade,
    /// The machine boots into something else, or is set up anew.
    Reboot,
}

impl Effort {
    /// The weight of the fix; sums are compared.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Live => 1,
            Self::Recreate => 2,
            Self::Daemon => 3,
            Self::Upgrade => 5,
            Self::Reboot => 8,
        }
    }

    /// In words, for the screens.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Live => "a command, nothing restarts",
            Self::Recreate => "the container is made anew",
            Self::Daemon => "the engine restarts",
            Self::Upgrade => "an upgrade",
            Self::Reboot => "a reboot",
        }
    }
}

/// One rule: what it says, why, and where that comes from. Ids are never reused or renamed.
#[derive(Debug)]
pub struct Rule {
    /// `KG-B001`.
    pub id: &'static str,
    /// The area; its letter stands in the id.
    pub area: Area,
    /// One line, without the subject's name.
    pub title: &'static str,
    /// The severity where nothing on the subject makes it better or worse.
    pub severity: Severity,
    /// What is wrong.
    pub wrong: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to fix it, in one sentence.
    pub fix: &'static str,
    /// What the fix costs.
    pub effort: Effort,
    /// Sections of the CIS Docker Benchmark 1.6.
    pub cis: &'static [&'static str],
    /// Sections of the CIS AWS Foundations Benchmark 7.0.
    pub cis_aws: &'static [&'static str],
    /// MITRE ATT&CK techniques.
    pub attack: &'static [&'static str],
    /// CVEs that the rule itself is about.
    pub cve: &'static [&'static str],
    /// Where to read on.
    pub links: &'static [&'static str],
    /// Rows of the house's table of vectors (C01, M05, X03 …).
    pub covers: &'static [&'static str],
}

impl Rule {
    /// A finding of this rule on `subject`, with the rule's own words. The time is set by whoever runs the rules.
    pub fn on(&self, subject: Subject) -> Finding {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Finding {
            rule: self.id.to_owned(),
            area: self.area,
            kind: Kind::Weakness,
            severity: self.severity,
            title: self.title.to_owned(),
            fingerprint: fingerprint(self.id, &subject, ""),
            subject,
            subjects: Vec::new(),
            evidence: Vec::new(),
            fix: Fix { summary: self.fix.to_owned(), commands: Vec::new(), snippets: Vec::new() },
            refs: Refs {
                cve: own(self.cve),
                cis: own(self.cis),
                cis_aws: own(self.cis_aws),
                attack: own(self.attack),
                links: own(self.links),
            },
            reaches: Vec::new(),
            time: Timestamp::UNIX_EPOCH,
            suppressed: None,
        }
    }
}
