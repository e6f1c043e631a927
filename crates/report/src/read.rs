//! Reading a report back: an old one as a baseline, or one from another machine.

use keelguard_model::{REPORT_SCHEMA, Report};
use serde::Deserialize;

use crate::Error;

/// The largest report that is read: 64 MiB, some hundred thousand findings.
pub const LARGEST_REPORT: usize = 64 << 20;

/// Just enough to tell which form the rest has.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    schema: String,
}

/// The report in `bytes`, as `keelguard check --format json` wrote it.
///
/// # Errors
/// Where it is larger than [`LARGEST_REPORT`], damaged, of a newer schema or no report at all.
pub fn read_report(bytes: &[u8]) -> Result<Report, Error> {
    if bytes.len() > LARGEST_REPORT {
        return Err(Error::TooLarge { size: bytes.len() });
    }
    let named: Named = serde_json::from_slice(bytes).map_err(Error::Damaged)?;
    if named.schema != REPORT_SCHEMA {
        let shown = keelguard_model::text::printable(&named.schema).into_owned();
        return Err(if version(&named.schema) > version(REPORT_SCHEMA) {
            Error::Newer(shown)
        } else {
            Error::NoReport(shown)
        });
    }
    serde_json::from_slice(bytes).map_err(Error::Damaged)
}

/// The number behind the slash, where the name is ours.
fn version(schema: &str) -> Option<u32> {
    let (name, version) = schema.split_once('/')?;
    (Some(name) == REPORT_SCHEMA.split('/').next()).then(|| version.parse().ok()).flatten()
}
