//! What a log says of starts and ends: a machine booted, a service failed, the kernel killed something for want of memory.
//! Such lines are few, so each event owns what it says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::read::sysstat::Metric;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something was written, so the machine ran. Nothing else is said.
    Alive,
    /// A machine, an engine, a service or a container started.
    Started,
    /// It was told to stop, or stopped as it should.
    Stopped,
    /// It ended without being told to.
    Failed,
    /// It was told to stop, and has not yet.
    Ordered,
    /// It is started again by whoever looks after it.
    Restarting,
    /// Whoever looks after it gave up.
    GaveUp,
    /// The kernel stopped.
    Panic,
    /// The kernel stumbled and went on.
    Oops,
    /// A processor, or the hardware's watchdog, saw no progress.
    Lockup,
    /// A task waited for minutes.
    Hung,
    /// The kernel killed something for want of memory.
    OutOfMemory,
    /// The clock was set.
    ClockSet,
    /// Mains power went, came back, or the battery is low.
    Power,
    /// Something is too hot.
    Thermal,
    /// A machine was put to sleep.
    Suspended,
    /// It woke.
    Resumed,
    /// A container's health check failed so often that its engine calls it ill.
    Unhealthy,
    /// It succeeds again.
    Healthy,
    /// What may explain what follows: a login, a command, a package that changed.
    Context,
    /// How loaded the machine was. No event by itself.
    Load,
}

impl Kind {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Ordered => "ordered",
            Self::Restarting => "restarting",
            Self::GaveUp => "gave_up",
            Self::Panic => "panic",
            Self::Oops => "oops",
            Self::Lockup => "lockup",
            Self::Hung => "hung",
            Self::OutOfMemory => "out_of_memory",
            Self::ClockSet => "clock_set",
            Self::Power => "power",
            Self::Thermal => "thermal",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Unhealthy => "unhealthy",
            Self::Healthy => "healthy",
            Self::Context => "context",
            Self::Load => "load",
        }
    }
}

/// What it happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The machine.
    Host,
    /// The container engine.
    Engine,
    /// A unit of systemd.
    Service,
    /// A container.
    Container,
}

impl Scope {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Engine => "engine",
            Self::Service => "service",
            Self::Container => "container",
        }
    }
}

/// Who tells of it. One boot is told of by several; two boots by one of them twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text log.
    Text,
    /// A journal.
    Journal,
    /// `wtmp`.
    Records,
    /// The engine's API.
    Engine,
    /// The running kernel, and what it kept of its predecessor.
    Kernel,
    /// What sysstat recorded.
    Samples,
}

/// What was measured at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Each metric once, in its unit.
    pub values: Vec<(Metric, f64)>,
}

/// An event, as `--events` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// The line as it stands in the log.
    pub line: String,
    /// When; null where the line has no stamp.
    pub time: Option<Timestamp>,
    /// What happened.
    pub kind: Kind,
    /// To what.
    pub scope: Scope,
    /// To which: a unit, a container's name or id. Null of a machine or its engine.
    pub subject: Option<String>,
    /// A container's id, where its name is known too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The host that wrote the line.
    pub host: Option<String>,
    /// Who tells of it.
    pub channel: Channel,
    /// Why, in the words of the line.
    pub reason: Option<String>,
    /// The exit status.
    pub code: Option<u32>,
    /// How often, where the line says so.
    pub count: Option<u64>,
    /// What was measured, where that is what it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
}

impl Happening {
    /// An event of which nothing else is known.
    pub fn new(kind: Kind, scope: Scope, channel: Channel, time: Option<Timestamp>) -> Self {
        Self {
            line: String::new(),
            time,
            kind,
            scope,
            subject: None,
            id: None,
            host: None,
            channel,
            reason: None,
            code: None,
            count: None,
            load: None,
        }
    }

    /// Whether something happened: signs of life and of load are none by themselves.
    pub fn is_event(&self) -> bool {
        !matches!(self.kind, Kind::Alive | Kind::Load)
    }

    /// When, in microseconds since 1970.
    pub(crate) fn micros(&self) -> Option<i64> {
        self.time.map(Timestamp::as_microsecond)
    }
}

/// The longest line that an event carries along, in bytes: enough to be recognised by.
const LONGEST_SHOWN: usize = 1024;

/// As much of a line as an event carries along.
pub(crate) fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line.get(..LONGEST_SHOWN).unwrap_or(line)).into_owned()
}

/// At most 256 bytes of a name, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes)).into_owned()
}
