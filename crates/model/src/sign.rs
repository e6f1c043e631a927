//! What a sign says: the JSON of `keelguard signs …`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Area, Finding, Incomplete, ToolInfo, Verdict};

/// The schema's name and version.
pub const SIGN_SCHEMA: &str = "keelguard.sign/1";

/// One sign on one host, over the time that its logs hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignReport {
    /// `keelguard.sign/1`.
    pub schema: String,
    /// What wrote this.
    pub tool: ToolInfo,
    /// The sign.
    pub area: Area,
    /// The verdict.
    pub verdict: Verdict,
    /// The files and folders that were asked for.
    pub sources: Vec<String>,
    /// Lines and records that were looked at.
    pub lines: u64,
    /// Events among them.
    pub events: u64,
    /// The time of the first event, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The time of the last event, RFC 3339.
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// Addresses to block; never the administrator's own, nor one from which people get in as they should.
    pub block: Vec<String>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}
