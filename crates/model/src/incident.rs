//! Incidents: findings of one or several signs that belong together, as a time-line with a confidence and its reasons.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Area, Incomplete, Severity, Subject, ToolInfo};

/// The schema's name and version.
pub const INCIDENT_SCHEMA: &str = "keelguard.incidents/1";

/// Where in an attack a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Somebody tries to get in: guessing, looking for names.
    Attempt,
    /// Somebody is in who should not be.
    Entry,
    /// A login or a use of power that may be honest, and is unusual.
    Unusual,
    /// Something that lets whoever is in come back, or do more: accounts, keys, timed jobs, rules of sudo.
    Foothold,
    /// Traces that were taken away: logs erased or cut.
    Hiding,
    /// Harm done, or the machine at work for somebody else: load, files, mail, shutdowns.
    Harm,
}

impl Stage {
    /// All, in the order in which an attack passes through them.
    pub const ALL: [Self; 6] = [Self::Attempt, Self::Entry, Self::Unusual, Self::Foothold, Self::Hiding, Self::Harm];

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Entry => "entry",
            Self::Unusual => "unusual",
            Self::Foothold => "foothold",
            Self::Hiding => "hiding",
            Self::Harm => "harm",
        }
    }

    /// Whether it is what follows a break-in, rather than the way to it.
    pub const fn is_consequence(self) -> bool {
        matches!(self, Self::Foothold | Self::Hiding | Self::Harm)
    }
}

/// A technique of MITRE ATT&CK with the tactics it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Technique {
    /// `T1110.001`.
    pub id: String,
    /// `Brute Force: Password Guessing`; the id where the name is not known here.
    pub name: String,
    /// The tactics, `TA0006 Credential Access`, the most usual first.
    pub tactics: Vec<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// When, or when it began, RFC 3339.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// When it was last seen, where it went on, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// Where in the attack it stands.
    pub stage: Stage,
    /// What happened, in words.
    pub what: String,
    /// The sign that tells of it.
    pub area: Area,
    /// The rule that found it.
    pub rule: String,
    /// How bad it is by itself.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The finding.
    pub fingerprint: String,
    /// Why it belongs here: the address, user or container it shares, or the host on which it followed.
    pub joined: String,
}

/// Something that makes the incident more likely to be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// In words.
    pub why: String,
    /// How much of the doubt that was left it takes away, 0 to 1.
    pub weight: f64,
}

/// Findings that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Names the incident over runs while its first entry stays the same: 16 hexadecimal digits.
    pub id: String,
    /// One line for a tired reader.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// How likely it is to be one, 0 to 1.
    pub confidence: f64,
    /// Why it is that likely.
    pub reasons: Vec<Reason>,
    /// The time of its first step, RFC 3339.
    #[schemars(with = "String")]
    pub first: Timestamp,
    /// The last time anything of it was seen, RFC 3339.
    #[schemars(with = "String")]
    pub last: Timestamp,
    /// The signs that tell of it.
    pub areas: Vec<Area>,
    /// The hosts, where the findings name them.
    pub hosts: Vec<String>,
    /// The containers.
    pub containers: Vec<String>,
    /// The users whose accounts took part.
    pub users: Vec<String>,
    /// The addresses from which it came.
    pub addresses: Vec<String>,
    /// The services through which somebody came or tried.
    pub services: Vec<String>,
    /// ATT&CK techniques, in the order of the time-line.
    pub techniques: Vec<Technique>,
    /// What happened, in order.
    pub timeline: Vec<Step>,
    /// Steps that were too many to be kept in the time-line.
    pub more: u64,
    /// What to do first, a sentence each, the most urgent first.
    pub advice: Vec<String>,
    /// The commands for it.
    pub commands: Vec<String>,
}

/// What `keelguard signs incidents` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentReport {
    /// `keelguard.incidents/1`.
    pub schema: String,
    /// What wrote this.
    pub tool: ToolInfo,
    /// When, RFC 3339.
    #[schemars(with = "String")]
    pub made: Timestamp,
    /// The files and folders that were asked for.
    pub sources: Vec<String>,
    /// The signs that were looked for.
    pub signs: Vec<Area>,
    /// Findings that were looked at.
    pub findings: u64,
    /// The time of the first event, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The time of the last event, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    /// The incidents, the worst first, then the likeliest.
    pub incidents: Vec<Incident>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}
