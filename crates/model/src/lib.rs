//! The words every part of Keelguard speaks: areas, severities, subjects, findings, reports, and the catalogue of
//! rules. No I/O, no clock, no decisions; this crate depends on no other crate of the house.
//!
//! ```
//! use keelguard_model::{Subject, rule};
//! let finding = rule::PRIVILEGED.on(Subject::container("web", "4f1c")).evidence("HostConfig.Privileged", "true");
//! assert_eq!(finding.rule, "KG-B003");
//! ```

mod area;
pub mod attack;
mod catalogue;
pub mod contents;
pub mod downtime;
mod finding;
pub mod image;
pub mod incident;
mod oci;
pub mod registry;
mod report;
mod rule_type;
pub mod secret;
mod severity;
pub mod sign;
pub mod spam;
mod subject;
pub mod text;

pub use area::Area;
pub use catalogue::{all as rules, find as find_rule};
pub use finding::{Evidence, Finding, Fix, Kind, Reach, Refs, Snippet, Suppressed};
pub use oci::ImageName;
pub use report::{
    AreaResult, AttackPath, Counts, FixStep, HostInfo, Incomplete, Manual, PathStep, REPORT_SCHEMA, Report, ToolInfo,
    verdict,
};
pub use rule_type::{Effort, Rule};
pub use severity::{Severity, Verdict};
pub use subject::{Subject, SubjectKind};

/// The catalogue by name: `rule::PRIVILEGED.on(subject)`.
pub mod rule {
    pub use crate::catalogue::account::*;
    pub use crate::catalogue::backups::*;
    pub use crate::catalogue::causes::*;
    pub use crate::catalogue::container::*;
    pub use crate::catalogue::contents::*;
    pub use crate::catalogue::daemon::*;
    pub use crate::catalogue::downtime::*;
    pub use crate::catalogue::iam::*;
    pub use crate::catalogue::image::*;
    pub use crate::catalogue::integrity::*;
    pub use crate::catalogue::log_tampering::*;
    pub use crate::catalogue::logins::*;
    pub use crate::catalogue::mounts::*;
    pub use crate::catalogue::performance::*;
    pub use crate::catalogue::ransom::*;
    pub use crate::catalogue::registry::*;
    pub use crate::catalogue::resources::*;
    pub use crate::catalogue::sigma::*;
    pub use crate::catalogue::spam::*;
    pub use crate::catalogue::surge::*;
    pub use crate::catalogue::versions::*;
}
