//! What is remembered of a finding: when, what, and by what it can be joined to others. Names come from attackers; they are
//! cut, and a list in which a name could pass for two is never taken apart.

use std::collections::BTreeSet;
use std::net::IpAddr;

use keelguard_model::incident::Stage;
use keelguard_model::{Area, Finding, Severity, Subject, SubjectKind};
use serde::{Deserialize, Serialize};

use super::stage;

/// Fingerprint and first second.
pub(super) type Key = (String, i64);

/// What two findings can have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tie {
    Address(String),
    User(String),
    Container(String),
    Host(String),
}

impl Tie {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Address(name) => format!("the address {name}"),
            Self::User(name) => format!("the account {name}"),
            Self::Container(name) => format!("the container {name}"),
            Self::Host(name) => format!("the host {name}"),
        }
    }
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clue {
    pub(super) fingerprint: String,
    /// When it began, in seconds since 1970.
    pub(super) first: i64,
    /// When it was last so.
    pub(super) last: i64,
    pub(super) stage: Stage,
    pub(super) rule: String,
    pub(super) area: Area,
    pub(super) severity: Severity,
    pub(super) what: String,
    pub(super) subject: Subject,
    pub(super) ties: BTreeSet<Tie>,
    /// The one account that an attempt was at.
    pub(super) target: Option<String>,
    pub(super) services: Vec<String>,
    pub(super) attack: Vec<String>,
    pub(super) advice: String,
    pub(super) commands: Vec<String>,
}

/// The longest name, text and number of things that are kept of one finding.
const NAME: usize = 128;
const TEXT: usize = 400;
const FEW: usize = 4;

impl Clue {
    pub(super) fn of(finding: &Finding) -> Self {
        let at = finding.time.as_second();
        let stage = stage::of(finding);
        let mut clue = Self {
            fingerprint: cut(&finding.fingerprint, NAME),
            first: at,
            last: at,
            stage,
            rule: cut(&finding.rule, NAME),
            area: finding.area,
            severity: finding.severity,
            what: cut(&finding.title, TEXT),
            subject: Subject::new(finding.subject.kind, cut(&finding.subject.name, NAME)),
            ties: BTreeSet::new(),
            target: None,
            services: Vec::new(),
            attack: finding.refs.attack.iter().take(FEW).map(|id| cut(id, 16)).collect(),
            advice: cut(&finding.fix.summary, TEXT),
            commands: Vec::new(),
        };
        if stage != Stage::Attempt {
            let whole = finding.fix.commands.iter().filter(|command| command.len() <= 2 * TEXT);
            clue.commands = whole.take(FEW).cloned().collect();
        }
        clue.ties.extend(tie(finding.subject.kind, &finding.subject.name));
        // A login has its own moment; the guessing before it is a finding of its own.
        let moment = finding.evidence.iter().any(|evidence| evidence.what == "login");
        for evidence in finding.evidence.iter().filter(|piece| !(moment && matches!(&*piece.what, "first" | "last"))) {
            clue.read(&evidence.what, &evidence.value);
        }
        if stage == Stage::Attempt && finding.subject.kind == SubjectKind::User {
            clue.target = Some(cut(&finding.subject.name, NAME));
        }
        clue
    }

    /// A piece of evidence whose name says what it is.
    fn read(&mut self, what: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match what {
            "host" => self.ties.extend(tie(SubjectKind::Host, value)),
            "container" => self.ties.extend(tie(SubjectKind::Container, value)),
            // The last ones are the words of Sigma's taxonomy.
            "user" | "account" | "User" => self.ties.extend(tie(SubjectKind::User, value)),
            "address" => self.ties.extend(tie(SubjectKind::Address, value)),
            "SourceIp" | "src_ip" | "c-ip" if value.parse::<IpAddr>().is_ok() => {
                self.ties.extend(tie(SubjectKind::Address, value));
            }
            "by or from" => {
                let parts = value.split(", ").take(FEW);
                self.ties.extend(
                    parts.filter_map(|part| part.parse::<IpAddr>().ok()).map(|ip| Tie::Address(ip.to_string())),
                );
                // A name with a comma in it could pass for somebody else.
                if !value.contains(", ") && value.parse::<IpAddr>().is_err() {
                    self.ties.extend(tie(SubjectKind::User, value));
                }
            }
            "users" if self.stage == Stage::Attempt && !value.contains(", ") => self.target = Some(cut(value, NAME)),
            "services" => self.services.extend(value.split(", ").take(FEW).map(|name| cut(name, 32))),
            "first" => self.first = second(value).map_or(self.first, |first| first.min(self.first)),
            "last" => self.last = second(value).map_or(self.last, |last| last.max(self.last)),
            _ => {}
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.fingerprint.clone(), self.first)
    }

    pub(super) fn age(&self) -> Age {
        Age { is_attempt: self.is_attempt(), last: self.last, fingerprint: self.fingerprint.clone(), first: self.first }
    }

    pub(super) fn is_attempt(&self) -> bool {
        self.stage == Stage::Attempt
    }

    /// Whether no more than `window` lies between the two.
    pub(super) fn touches(&self, other: &Self, window: i64) -> bool {
        self.first.saturating_sub(other.last) <= window && other.first.saturating_sub(self.last) <= window
    }

    /// Both as one: what is newer speaks for both, whichever came in first.
    pub(super) fn with(self, other: Self) -> Self {
        let rank = |clue: &Self| (clue.last, clue.severity, clue.first, clue.what.clone());
        let (mut newer, older) = if rank(&self) >= rank(&other) { (self, other) } else { (other, self) };
        newer.first = newer.first.min(older.first);
        newer.severity = newer.severity.max(older.severity);
        newer.ties.extend(older.ties);
        while newer.ties.len() > 4 * FEW {
            newer.ties.pop_last();
        }
        newer
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &str> {
        self.ties.iter().filter_map(|tie| if let Tie::User(name) = tie { Some(name.as_str()) } else { None })
    }

    pub(super) fn host(&self) -> Option<&str> {
        self.ties.iter().find_map(|tie| if let Tie::Host(name) = tie { Some(name.as_str()) } else { None })
    }

    /// The moment that counts: a habit of weeks is dated by its last time.
    pub(super) fn begins(&self, window: i64) -> i64 {
        if self.last.saturating_sub(self.first) <= window { self.first } else { self.last }
    }
}

/// In the order in which clues are forgotten, others than attempts before attempts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age {
    pub(super) is_attempt: bool,
    last: i64,
    fingerprint: String,
    first: i64,
}

impl Age {
    /// Before every attempt.
    pub(super) fn first_attempt() -> Self {
        Self { is_attempt: true, last: i64::MIN, fingerprint: String::new(), first: i64::MIN }
    }

    pub(super) fn key(&self) -> Key {
        (self.fingerprint.clone(), self.first)
    }
}

fn tie(kind: SubjectKind, name: &str) -> Option<Tie> {
    let name = cut(name, NAME);
    match kind {
        _ if name.is_empty() => None,
        SubjectKind::Host => Some(Tie::Host(name)),
        SubjectKind::Container => Some(Tie::Container(name)),
        SubjectKind::User => Some(Tie::User(name)),
        SubjectKind::Address => {
            Some(Tie::Address(name.parse::<IpAddr>().map_or(name, |address| address.to_canonical().to_string())))
        }
        _ => None,
    }
}

fn second(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Clues as a list: their keys are in them.
pub(super) mod list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Clue, Key};

    pub(in crate::incidents) fn serialize<S: Serializer>(
        clues: &BTreeMap<Key, Clue>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(clues.values())
    }

    pub(in crate::incidents) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Key, Clue>, D::Error> {
        Ok(Vec::<Clue>::deserialize(deserializer)?.into_iter().map(|clue| (clue.key(), clue)).collect())
    }
}
