//! The nine areas: four ways in, five signs that somebody is in.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the nine areas. The lower-case name is used in JSON, on the command line, in pages and folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Threat 1: vulnerable or malicious images.
    Image,
    /// Threat 2: over-powerful identities and open registries.
    Iam,
    /// Threat 3: unbounded resources.
    Resources,
    /// Threat 4: paths out of a container.
    Breakout,
    /// Sign 1: a system unlike itself.
    Performance,
    /// Sign 2: malicious logins.
    Logins,
    /// Sign 3: tampered files, backups and logs.
    Data,
    /// Sign 4: surging spam.
    Spam,
    /// Sign 5: routine shutdowns.
    Downtime,
}

impl Area {
    /// All nine, in the order in which they are shown everywhere.
    pub const ALL: [Self; 9] = [
        Self::Image,
        Self::Iam,
        Self::Resources,
        Self::Breakout,
        Self::Performance,
        Self::Logins,
        Self::Data,
        Self::Spam,
        Self::Downtime,
    ];

    /// The name everywhere: `breakout`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Iam => "iam",
            Self::Resources => "resources",
            Self::Breakout => "breakout",
            Self::Performance => "performance",
            Self::Logins => "logins",
            Self::Data => "data",
            Self::Spam => "spam",
            Self::Downtime => "downtime",
        }
    }

    /// The letter in rule ids: `B` in `KG-B001`.
    pub const fn letter(self) -> char {
        match self {
            Self::Image => 'I',
            Self::Iam => 'A',
            Self::Resources => 'R',
            Self::Breakout => 'B',
            Self::Performance => 'P',
            Self::Logins => 'L',
            Self::Data => 'D',
            Self::Spam => 'S',
            Self::Downtime => 'T',
        }
    }

    /// The question the area answers, as the screens put it.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Image => "known vulnerabilities, malicious code, unknown publishers",
            Self::Iam => "identities that can do too much, open registries",
            Self::Resources => "containers that can starve the host",
            Self::Breakout => "paths from a container to the host",
            Self::Performance => "a system that behaves unlike itself",
            Self::Logins => "malicious logins",
            Self::Data => "missing or encrypted files, dead backups, tampered logs",
            Self::Spam => "surging spam and phishing",
            Self::Downtime => "shutdowns that became routine",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Area {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|area| area.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|area| area.name()).collect();
            format!("no area is called {text:?}; the areas are {}", names.join(", "))
        })
    }
}
