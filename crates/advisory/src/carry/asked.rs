//! When the source of what is carried was asked: old advisories stay old, however late they are taken.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::AdvisoryError;

/// When a file, or the newest of a folder's records, was written; nothing where nobody knows.
pub(super) fn written(from: &Path) -> Option<SystemTime> {
    let time = |path: &Path| fs::metadata(path).ok()?.modified().ok();
    if !from.is_dir() {
        return time(from);
    }
    let records = fs::read_dir(from).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    records.filter(|path| path.extension().is_some_and(|end| end == "json")).filter_map(|path| time(&path)).max()
}

/// When the archive of a mirror was brought up to date: it, or the list beside it.
pub(super) fn mirrored(archive: &Path) -> Option<SystemTime> {
    written(archive).max(written(&archive.with_file_name("modified_id.csv")))
}

/// The time of so many seconds since 1970.
pub(super) fn of_seconds(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Seconds since 1970 of the time at which a file of the database says that its source was asked.
pub(super) fn seconds(path: &Path) -> Option<i64> {
    let time = written(path)?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(time.as_secs()).ok()
}

/// Notes in the time of a file of the database when its source was asked. What is of the future is of now, and what nobody
/// knows is older than everything.
pub(super) fn note(path: &Path, asked: Option<SystemTime>) -> Result<(), AdvisoryError> {
    let time = asked.unwrap_or(UNIX_EPOCH).min(SystemTime::now());
    let file = File::options().append(true).open(path).map_err(AdvisoryError::file("open", path))?;
    file.set_modified(time).map_err(AdvisoryError::file("write", path))
}
