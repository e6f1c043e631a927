//! OSV records as they are published, and their short form. What stands in a record is an attacker's choice: its size,
//! the number of its parts and their nesting are bounded before anything is kept.

mod bounded;
mod record;
mod reduce;

pub(crate) use reduce::is_id;
pub use reduce::{Affected, Entry, Event, EventKind, Range, RangeKind, Vector};

use crate::AdvisoryError;

/// How large a record may be, and how many of everything it may hold.
#[derive(Clone, Copy, Debug)]
pub struct RecordLimits {
    /// Bytes of one record. The largest real ones (Ubuntu's kernels, with every version listed) have some megabytes.
    pub bytes: usize,
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self { bytes: 32 << 20 }
    }
}

/// Reads one OSV record into its short form.
pub fn parse(bytes: &[u8], limits: RecordLimits) -> Result<Entry, AdvisoryError> {
    if bytes.len() > limits.bytes {
        return Err(AdvisoryError::TooLarge { what: "an OSV record".into(), bound: format!("{} bytes", limits.bytes) });
    }
    // serde_json gives up at 128 levels; unknown fields are skipped without recursion.
    let record: record::Record =
        serde_json::from_slice(bytes).map_err(|error| AdvisoryError::garbage("an OSV record", error))?;
    reduce::entry(record)
}
