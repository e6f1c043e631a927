//! The kinds of policies, which differ in what they take.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::statement::Read;

/// Where a policy hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// On a user, group or role; a permissions boundary.
    Identity,
    /// On a resource: a bucket, key, queue, topic, function and so on.
    Resource,
    /// Service control policy of an organisation.
    Scp,
    /// Resource control policy of an organisation.
    Rcp,
    /// Who may take a role.
    Trust,
    /// Given along when a role is taken.
    Session,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Identity, Self::Resource, Self::Scp, Self::Rcp, Self::Trust, Self::Session];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Trust => "trust",
            Self::Session => "session",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Resource => "resource policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::Trust => "trust policy",
            Self::Session => "session policy",
        }
    }

    /// Whether its statements name principals.
    pub const fn has_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Rcp | Self::Trust)
    }

    /// How many characters AWS takes, white space aside, and for what.
    pub(super) const fn most(self) -> (usize, &'static str) {
        match self {
            Self::Identity => (10_240, "a role's inline policies take 10,240 characters, a managed policy 6,144"),
            Self::Resource => (32_768, "the largest policies of resources take 32 KiB"),
            Self::Scp => (10_240, "a service control policy takes 5,120 characters, 10,240 where AWS has raised it"),
            Self::Rcp => (5_120, "a resource control policy takes 5,120 characters"),
            Self::Trust => (8_192, "a trust policy takes 2,048 characters, 8,192 where the quota is raised"),
            Self::Session => (2_048, "a session policy takes 2,048 characters"),
        }
    }

    /// What kind a policy is, by what is in it.
    pub(super) fn guess(policy: &Read<'_>) -> Self {
        let principals = policy.statements.iter().any(|statement| statement.principals.is_some());
        if !principals {
            return Self::Identity;
        }
        let trust = policy.statements.iter().all(|statement| {
            let assume = |action: &str| {
                let action = action.to_ascii_lowercase();
                action.starts_with("sts:assumerole")
                    || matches!(action.as_str(), "sts:tagsession" | "sts:setsourceidentity")
            };
            let actions = statement.actions.as_ref().map(|actions| actions.items.as_slice()).unwrap_or_default();
            !actions.is_empty() && actions.iter().all(|action| assume(&action.text))
        });
        // A resource that lets roles be taken does not exist; with Resource it is a control policy.
        let with_resource = policy.statements.iter().any(|statement| statement.resources.is_some());
        match (trust, with_resource) {
            (true, false) => Self::Trust,
            _ => Self::Resource,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no kind of policy is called {text:?}; they are {names}")
        })
    }
}
