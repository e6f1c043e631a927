//! The catalogue as it lies in its file: a line of JSON that says what it is, from where and of when, then one zstd frame.
//! In the frame: the length of the index, the index, then column by column (`columns.rs`) what each service has in it. Like
//! stands beside like, so that it packs well; the index says where a service's parts are, so that a reader decodes only the
//! services it is asked about. Written by `cargo xtask iam-data`.

use serde::{Deserialize, Serialize};

use super::columns::COLUMNS;

/// The first line's `format`.
pub const FORMAT: &str = "keelguard.iam-catalogue/2";

/// The first line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The package it was made from.
    pub source: String,
    /// That package's version.
    pub version: String,
    /// The day on which that package was made, `YYYY-MM-DD`.
    pub date: String,
    /// Under which terms.
    pub licence: String,
    /// How many services.
    pub services: usize,
    /// How many actions.
    pub actions: usize,
    /// How many resource types.
    pub resource_types: usize,
    /// How many condition keys.
    pub keys: usize,
    /// The length of the frame's content, in bytes.
    pub length: usize,
}

/// One row of the index.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// The service's prefix, such as `s3`.
    pub prefix: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// Whether resource control policies reach it.
    pub rcp: bool,
    /// How many bytes of each column are its own; in a column, parts follow each other in the order of the index.
    pub lengths: [u32; COLUMNS],
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service<'a> {
    /// Its prefix, such as `s3`.
    pub prefix: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// Whether resource control policies reach it.
    pub rcp: bool,
    /// Its actions, ordered by their names in lower case.
    pub actions: Vec<Action<'a>>,
    /// Its types of resources.
    pub resource_types: Vec<ResourceType<'a>>,
    /// The condition keys that its actions know.
    pub keys: Vec<Key<'a>>,
    /// Lists of condition keys, as indices into [`Service::keys`]; each list stands here once.
    pub key_lists: Vec<Vec<u16>>,
    /// Lists of what actions work on; each list stands here once.
    pub resource_lists: Vec<Vec<On>>,
}

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// Its name without the service, such as `GetObject`.
    pub name: &'a str,
    /// What it does, roughly.
    pub level: Level,
    /// On what it works, as an index into [`Service::resource_lists`].
    pub resources: u16,
    /// Condition keys, as an index into [`Service::key_lists`].
    pub keys: u16,
}

/// A type of resource on which an action works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct On {
    /// The type, as an index into [`Service::resource_types`].
    pub resource_type: u16,
    /// Whether a policy must name one of these.
    pub required: bool,
    /// Condition keys which the action knows on these only, as an index into [`Service::key_lists`].
    pub keys: u16,
}

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType<'a> {
    /// Its name, such as `bucket`.
    pub name: &'a str,
    /// The form of its ARNs, with placeholders such as `${Partition}`.
    pub arn: &'a str,
    /// Condition keys, as an index into [`Service::key_lists`].
    pub keys: u16,
}

/// A condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// As written in the service's reference; `${TagKey}` and the like stand for anything.
    pub name: &'a str,
    /// What its values are.
    pub kind: KeyType,
}

/// What an action does, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Lists resources.
    List,
    /// Reads what is in them.
    Read,
    /// Tags them.
    Tagging,
    /// Creates, changes or removes them.
    Write,
    /// Changes who may do what.
    Permissions,
}

impl Level {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Tagging => "tagging",
            Self::Write => "write",
            Self::Permissions => "permissions management",
        }
    }
}

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyType {
    /// Text.
    String,
    /// Several texts.
    Strings,
    /// An ARN.
    Arn,
    /// Several ARNs.
    Arns,
    /// `true` or `false`.
    Bool,
    /// Several of these.
    Bools,
    /// A number.
    Numeric,
    /// A moment.
    Date,
    /// An address or a network.
    Ip,
    /// Bytes in Base64.
    Binary,
}

impl KeyType {
    /// Whether a request may carry several values.
    pub const fn is_many(self) -> bool {
        matches!(self, Self::Strings | Self::Arns | Self::Bools)
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Strings => "a list of texts",
            Self::Arn => "an ARN",
            Self::Arns => "a list of ARNs",
            Self::Bool => "true or false",
            Self::Bools => "a list of true or false",
            Self::Numeric => "a number",
            Self::Date => "a date",
            Self::Ip => "an IP address",
            Self::Binary => "bytes in Base64",
        }
    }
}
