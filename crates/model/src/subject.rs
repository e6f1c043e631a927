//! What a finding is about; at the same time the nodes of the attack graph.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of thing a [`Subject`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// The machine itself. As a node of the attack graph: root on it.
    Host,
    /// The container engine and its parts.
    Engine,
    /// A container, in whatever state.
    Container,
    /// An image.
    Image,
    /// An engine network.
    Network,
    /// A named volume or a shared host folder.
    Volume,
    /// A file or folder of the host.
    File,
    /// A user or group of the host.
    User,
    /// A swarm service.
    Service,
    /// An engine plugin.
    Plugin,
    /// A registry.
    Registry,
    /// The cloud account the host runs in.
    Cloud,
    /// Whoever can send packets to this host.
    Internet,
    /// An address from which somebody comes.
    Address,
    /// A user, role or group in a cloud account, by its ARN.
    Principal,
    /// A policy in a cloud account, by its ARN.
    Policy,
    /// A cloud account, by its number.
    Account,
    /// Something else in a cloud account: a bucket, a function, an instance.
    Resource,
}

impl SubjectKind {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Engine => "engine",
            Self::Container => "container",
            Self::Image => "image",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::File => "file",
            Self::User => "user",
            Self::Service => "service",
            Self::Plugin => "plugin",
            Self::Registry => "registry",
            Self::Cloud => "cloud",
            Self::Internet => "internet",
            Self::Address => "address",
            Self::Principal => "principal",
            Self::Policy => "policy",
            Self::Account => "account",
            Self::Resource => "resource",
        }
    }
}

/// A thing on or around the host. Two subjects are the same when kind and name are: ids change when a container is made
/// anew, the problem does not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name as its users know it. Comes from outside: escape it before showing it ([`crate::text::printable`]).
    pub name: String,
    /// Its id, where it has one besides the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name
    }
}

impl Eq for Subject {}

impl PartialOrd for Subject {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Subject {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.kind, &self.name).cmp(&(other.kind, &other.name))
    }
}

impl std::hash::Hash for Subject {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.name.hash(state);
    }
}

impl Subject {
    /// Any subject without an id.
    pub fn new(kind: SubjectKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), id: None }
    }

    /// A container by name and id.
    pub fn container(name: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: SubjectKind::Container, name: name.into(), id: Some(id.into()) }
    }

    /// An image. Its id is none where it has none that stays.
    pub fn image(name: impl Into<String>, id: Option<&str>) -> Self {
        Self { kind: SubjectKind::Image, name: name.into(), id: id.map(str::to_owned) }
    }

    /// Every container there is: the source of an edge that all of them share, such as a kernel flaw.
    pub fn any_container() -> Self {
        Self::new(SubjectKind::Container, "*")
    }

    /// Root on the host.
    pub fn host_root() -> Self {
        Self::new(SubjectKind::Host, "root")
    }

    /// Whoever can send packets to this host.
    pub fn internet() -> Self {
        Self::new(SubjectKind::Internet, "internet")
    }

    /// The identity of the machine in its cloud account; a later issue fills what lies behind it.
    pub fn cloud() -> Self {
        Self::new(SubjectKind::Cloud, "instance identity")
    }

    /// The engine.
    pub fn engine() -> Self {
        Self::new(SubjectKind::Engine, "docker")
    }
}

impl fmt::Display for Subject {
    /// `container web`, escaped for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), crate::text::printable(&self.name))
    }
}
