//! What is in the database's folder.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::exploited::{Catalogue, Table};
use crate::index::{Index, Meta};
use crate::{AdvisoryError, ecosystem};

/// One index or table.
#[derive(Clone, Debug)]
pub struct Status {
    /// `Debian`, `kev`.
    pub name: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// When its source was last asked, seconds since 1970.
    pub checked: i64,
    /// What it says about itself, or why it cannot be used.
    pub meta: Result<Meta, String>,
}

/// Everything in the folder, sorted by name; empty where there is no folder yet.
pub fn status(folder: &Path) -> Result<Vec<Status>, AdvisoryError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(AdvisoryError::file("read", folder)(error)),
    };
    let mut list = Vec::new();
    for entry in entries {
        let path = entry.map_err(AdvisoryError::file("read", folder))?.path();
        let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let Some((name, meta)) = open(&path, file) else { continue };
        let disk = fs::metadata(&path).ok();
        let time = disk.as_ref().and_then(|disk| disk.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        list.push(Status {
            name,
            bytes: disk.map_or(0, |disk| disk.len()),
            checked: time.and_then(|time| i64::try_from(time.as_secs()).ok()).unwrap_or_default(),
            meta: meta.map_err(|error| error.reason()),
        });
    }
    list.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(list)
}

/// Name and description of a file of the database; nothing of other files.
pub(super) fn open(path: &Path, file: &str) -> Option<(String, Result<Meta, AdvisoryError>)> {
    if let Some(name) = ecosystem::of_file_name(file) {
        return Some((name, Index::open(path).map(|index| index.meta().clone())));
    }
    let catalogue = Catalogue::ALL.into_iter().find(|catalogue| catalogue.file() == file)?;
    Some((catalogue.name().to_owned(), Table::open(path).map(|table| table.meta().clone())))
}
