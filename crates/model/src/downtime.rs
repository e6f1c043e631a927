//! What the sign of downtime says: the JSON of `keelguard signs downtime`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Area, Finding, Incomplete, Subject, ToolInfo, Verdict};

/// The schema's name and version.
pub const DOWNTIME_SCHEMA: &str = "keelguard.downtime/1";

/// How one host, its engine, services and containers kept up, over the time that its logs hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DowntimeReport {
    /// `keelguard.downtime/1`.
    pub schema: String,
    /// What wrote this.
    pub tool: ToolInfo,
    /// `downtime`.
    pub area: Area,
    /// The verdict.
    pub verdict: Verdict,
    /// The files and folders that were asked for.
    pub sources: Vec<String>,
    /// Lines and records that were looked at.
    pub lines: u64,
    /// Events among them.
    pub events: u64,
    /// The time of the first line, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The time of the last line, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    /// Machines, engines, services and containers that went down or are looked after by an engine.
    pub subjects: Vec<Uptime>,
    /// When things went down.
    pub calendar: Calendar,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// How one subject kept up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Uptime {
    /// Which.
    pub subject: Subject,
    /// `up`, `down`, `stopped` (and meant to be), `suspended`, `unknown`.
    pub state: String,
    /// The verdict of its findings.
    pub verdict: Verdict,
    /// Starts that were seen.
    pub starts: u64,
    /// The most restarts in a row that its engine or systemd counted.
    pub restarts: u64,
    /// Outages that were not planned, those that somebody ordered among them.
    pub outages: u64,
    /// Those of them that were failures.
    pub failures: u64,
    /// Outages in maintenance windows.
    pub planned: u64,
    /// By day, week, month and over all that is known, each back from the end of it.
    pub measures: Vec<Measure>,
    /// The newest outages, the newest last.
    pub last_outages: Vec<OutageEntry>,
}

/// How long measures look back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// Everything that the logs hold.
    All,
}

/// Measures of one period. Time that no log covers is neither up nor down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// Which.
    pub period: Period,
    /// Seconds of it of which something is known.
    pub covered_seconds: u64,
    /// Seconds down that were not planned.
    pub down_seconds: u64,
    /// Seconds down in maintenance windows.
    pub planned_seconds: u64,
    /// Failures that began in it.
    pub failures: u64,
    /// `(covered - planned - down) / (covered - planned)`; null where nothing is known.
    pub availability: Option<f64>,
    /// Mean time between failures: seconds up for each failure; null without a failure.
    pub mtbf_seconds: Option<u64>,
    /// Mean time to repair: how long failures lasted; null without a failure.
    pub mttr_seconds: Option<u64>,
}

/// One outage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutageEntry {
    /// From the stop, or the last sign of life before it; RFC 3339.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// To the next start; null while it is down.
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    /// `ordered`, `suspended`, `finished`, `failed`, `out_of_memory`, `unclean`, `panic`, `lockup`, `power`, `thermal`.
    pub cause: String,
    /// Why, in the words of the log.
    pub reason: Option<String>,
    /// The exit status.
    pub code: Option<u32>,
    /// Whether it lies in a maintenance window.
    pub planned: bool,
    /// What happened shortly before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// What of the machine's load was more than its own usual shortly before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load: Vec<Measured>,
}

/// Something that was more than usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// When it was measured, RFC 3339.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// `cpu`, `cpu_iowait`, `cpu_steal`, `memory`, `swap`, `load`, `pressure_cpu`, `pressure_memory`, `pressure_io`.
    pub what: String,
    /// How much.
    pub value: f64,
    /// The median of what was measured of this machine before.
    pub usual: f64,
    /// `%`, or nothing.
    pub unit: String,
}

/// When things went down, in the zone of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// The zone: `Europe/Berlin`.
    pub zone: String,
    /// Each day of which something is known, and those between.
    pub days: Vec<CalendarDay>,
    /// Outages that were not planned, by day of the week (Monday first) and hour.
    pub hours: Vec<Vec<u32>>,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarDay {
    /// `2026-11-24`
    pub date: String,
    /// Seconds of it of which something is known.
    pub covered_seconds: u64,
    /// Outages that began on it and were not planned.
    pub outages: u32,
    /// Outages in maintenance windows.
    pub planned: u32,
    /// Seconds down, all subjects together.
    pub down_seconds: u64,
}
