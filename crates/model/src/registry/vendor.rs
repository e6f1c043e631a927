//! What a vendor's own interface says of a registry, in words that are the same for all of them. What one of them has no word
//! for is none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vendor's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Vendor {
    /// `docker-hub`, `harbor`, `ecr`, `quay`, `ghcr`.
    pub name: String,
    /// Its version, where it says.
    pub version: Option<String>,
    /// Whether anybody may make an account.
    pub self_registration: Option<bool>,
    /// Whether the account that asked has a second factor.
    pub second_factor: Option<bool>,
    /// Whether an organisation asks for one of all its members.
    pub second_factor_for_all: Option<bool>,
    /// Projects, repositories, packages.
    pub spaces: Vec<Space>,
    /// Tokens and robots.
    pub accounts: Vec<Account>,
}

/// A project, a repository or a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// Whether anybody may read it.
    pub public: Option<bool>,
    /// Whether images are scanned when they come.
    pub scanned: Option<bool>,
    /// Whether images with known vulnerabilities are kept back.
    pub holds_back: Option<bool>,
    /// Whether a tag stays what it is.
    pub immutable: Option<bool>,
    /// Whether only signed images are given.
    pub signed_only: Option<bool>,
    /// What its policy lets everybody do: `ecr:BatchGetImage`.
    pub open_actions: Vec<String>,
    /// Other accounts that its policy lets in.
    pub foreign: Vec<String>,
}

/// A token or a robot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Account {
    /// Its name; never the token.
    pub name: String,
    /// `access token`, `robot account`.
    pub kind: String,
    /// What it may do, in the vendor's own words.
    pub scopes: Vec<String>,
    /// It may do anything, or anything in every project.
    pub unbounded: bool,
    /// It may change or delete images.
    pub writes: bool,
    /// It is in use, and not switched off.
    pub active: bool,
    /// Whether it ends some day; none where nothing is said.
    pub ends: Option<bool>,
    /// When it was last used, in the vendor's own words.
    pub last_used: Option<String>,
}
