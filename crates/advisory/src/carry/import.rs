//! Takes advisories from a file or folder: an exported database, an archive or folder of OSV records, a mirror of OSV's
//! export, or a catalogue of exploitation. Whatever it is, nothing replaces what is there before it was read to the end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::export::digest;
use super::sort::records;
use super::{MANIFEST, Manifest, SCHEMA, asked};
use crate::exploited::{Catalogue, Table};
use crate::index::{Index, Meta, replace_file};
use crate::ingest::{self, IngestLimits};
use crate::update::Lock;
use crate::{AdvisoryError, ecosystem};

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// `Debian`, `kev`.
    pub name: String,
    /// Records in it.
    pub records: u64,
    /// Records that could not be used.
    pub skipped: u64,
    /// The first of them, and why it could not.
    pub first_skipped: Option<String>,
    /// Why these records are not in the database, where they were left out.
    pub left_out: Option<String>,
}

impl Imported {
    /// All that a table says of itself.
    fn of(name: String, meta: &Meta) -> Self {
        let first_skipped = meta.notes.first().cloned();
        Self { name, records: meta.records, skipped: meta.skipped, first_skipped, left_out: None }
    }

    /// What was left out, and why.
    pub(super) fn not(name: String, records: u64, why: String) -> Self {
        Self { name, records, skipped: 0, first_skipped: None, left_out: Some(why) }
    }
}

/// Takes a file or folder into the database. `of` says which ecosystem an archive or folder of records is; without it the
/// records tell.
pub fn import(
    folder: &Path,
    from: &Path,
    of: Option<&str>,
    limits: &IngestLimits,
) -> Result<Vec<Imported>, AdvisoryError> {
    let _lock = Lock::take(folder)?;
    if from.is_dir() {
        let mirrored = mirrored(from)?;
        if mirrored.is_empty() {
            return records(folder, from, of, limits, asked::written(from));
        }
        let mut imported = Vec::new();
        for (name, archive) in mirrored {
            imported.extend(records(folder, &archive, Some(&name), limits, asked::mirrored(&archive))?);
        }
        return Ok(imported);
    }
    let bytes = ingest::read(from, 4)?;
    if bytes.starts_with(b"PK") {
        if let Some(imported) = exported(folder, from)? {
            return Ok(imported);
        }
        return records(folder, from, of, limits, asked::written(from));
    }
    catalogue(folder, from)
}

/// The archives of a mirror: `ECOSYSTEM/all.zip`.
fn mirrored(from: &Path) -> Result<Vec<(String, PathBuf)>, AdvisoryError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(from).map_err(AdvisoryError::file("read", from))? {
        let path = entry.map_err(AdvisoryError::file("read", from))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| ecosystem::is_name(name));
        // `Debian:12` is a part of `Debian`.
        let Some(name) = name.filter(|name| !name.contains(':')) else { continue };
        let archive = path.join("all.zip");
        if archive.is_file() {
            found.push((name.to_owned(), archive));
        }
    }
    found.sort();
    Ok(found)
}

/// A database that was exported; nothing where the archive is something else.
fn exported(folder: &Path, from: &Path) -> Result<Option<Vec<Imported>>, AdvisoryError> {
    /// An index holds offsets of 32 bits, so that it cannot be much larger.
    const LARGEST: u64 = 16 << 30;
    const LIST: u64 = 1 << 20;
    let mut archive = ingest::Unzip::open(from)?;
    let Some(list) = archive.file(MANIFEST, LIST)? else { return Ok(None) };
    let bad = |why: String| AdvisoryError::garbage(from.display().to_string(), why);
    let manifest: Manifest = serde_json::from_slice(&list).map_err(|error| bad(error.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(bad(format!("it is {}, this program reads {SCHEMA}", manifest.schema)));
    }
    // All are checked before the first takes its place.
    let staging = folder.join(".import");
    let _ = fs::remove_dir_all(&staging);
    let mut work = || -> Result<Vec<(String, Imported)>, AdvisoryError> {
        let mut ready = Vec::new();
        for item in &manifest.files {
            let is_ours = ecosystem::of_file_name(&item.name).is_some()
                || Catalogue::ALL.iter().any(|catalogue| catalogue.file() == item.name);
            if !is_ours || item.bytes > LARGEST {
                return Err(bad(format!("{} does not belong there", crate::error::shortened(&item.name))));
            }
            let bytes =
                archive.file(&item.name, item.bytes)?.ok_or_else(|| bad(format!("{} is missing", item.name)))?;
            if digest(&bytes) != item.sha256 {
                return Err(bad(format!("{} has the wrong checksum", item.name)));
            }
            let path = staging.join(&item.name);
            replace_file(&path, &bytes)?;
            let (imported, built) = checked(&path, &item.name)?;
            asked::note(&path, Some(asked::of_seconds(item.asked.unwrap_or(built))))?;
            ready.push((item.name.clone(), imported));
        }
        Ok(ready)
    };
    let ready = work().inspect_err(|_| {
        let _ = fs::remove_dir_all(&staging);
    })?;
    let mut imported = Vec::new();
    for (file, item) in ready {
        let path = folder.join(&file);
        fs::rename(staging.join(&file), &path).map_err(AdvisoryError::file("write", &path))?;
        imported.push(item);
    }
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    let _ = fs::remove_dir_all(&staging);
    Ok(Some(imported))
}

/// Whether a file is whole and what its name says; and when it was compiled.
fn checked(path: &Path, file: &str) -> Result<(Imported, i64), AdvisoryError> {
    let bad = |why: &str| AdvisoryError::BadIndex { path: path.to_owned(), why: why.to_owned() };
    let (name, meta) = if let Some(name) = ecosystem::of_file_name(file) {
        let index = Index::open(path)?;
        index.verify()?;
        (name, index.meta().clone())
    } else {
        let table = Table::open(path)?;
        if !table.is_whole() {
            return Err(bad("its checksum is wrong"));
        }
        (file.trim_end_matches(".table").to_owned(), table.meta().clone())
    };
    if meta.ecosystem != name {
        return Err(bad("it holds something else than its name says"));
    }
    Ok((Imported::of(name, &meta), meta.built))
}

/// KEV as JSON, EPSS as CSV.
fn catalogue(folder: &Path, from: &Path) -> Result<Vec<Imported>, AdvisoryError> {
    const LARGEST: usize = 256 << 20;
    let bytes = ingest::read(from, LARGEST)?;
    let text = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let catalogue = if text == Some(&b'{') { Catalogue::Kev } else { Catalogue::Epss };
    let compiled = catalogue.compile(&bytes, &from.display().to_string(), None)?;
    let path = folder.join(catalogue.file());
    let written = asked::written(from);
    replace_file(&path, &compiled)?;
    asked::note(&path, written)?;
    let meta = Table::open(&path)?.meta().clone();
    let name = catalogue.name().to_owned();
    Ok(vec![Imported::of(name, &meta)])
}
