//! Takes advisories from a file or folder: an exported database, an archive or folder of OSV records, a mirror of OSV's
//! export, or a catalogue of exploitation. Whatever it is, nothing replaces what is there before it was read to the end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::export::digest;
use super::{MANIFEST, Manifest, SCHEMA};
use crate::exploited::{Catalogue, Table};
use crate::index::{Compiler, Index, replace_file};
use crate::ingest::{self, IngestLimits};
use crate::osv::Entry;
use crate::update::{Lock, check_size};
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
            return records(folder, from, of, limits);
        }
        let mut imported = Vec::new();
        for (name, archive) in mirrored {
            imported.extend(records(folder, &archive, Some(&name), limits)?);
        }
        return Ok(imported);
    }
    let bytes = ingest::read(from, 4)?;
    if bytes.starts_with(b"PK") {
        if let Some(imported) = exported(folder, from)? {
            return Ok(imported);
        }
        return records(folder, from, of, limits);
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

/// An archive or a folder of records.
fn records(
    folder: &Path,
    from: &Path,
    of: Option<&str>,
    limits: &IngestLimits,
) -> Result<Vec<Imported>, AdvisoryError> {
    let mut sorter = Sorter::new(of);
    if from.is_dir() {
        ingest::folder(&mut sorter, from, limits)?;
    } else {
        ingest::zip(&mut sorter, from, limits)?;
    }
    let mut imported = Vec::new();
    for mut compiler in sorter.finish(from)? {
        let name = compiler.meta().ecosystem.clone();
        let path = folder.join(ecosystem::file_name(&name));
        check_size(&compiler, Index::open(&path).ok().as_ref(), of.is_some())?;
        compiler.meta().source = from.display().to_string();
        let (records, skipped) = (compiler.len() as u64, compiler.meta().skipped);
        compiler.write(&path)?;
        imported.push(Imported { name, records, skipped });
    }
    Ok(imported)
}

/// Sorts records by ecosystem. An archive of PyPI holds a few records that name npm as well; an index of npm with those few
/// would say of everything else in npm that nothing is wrong with it.
struct Sorter {
    only: Option<String>,
    compilers: BTreeMap<String, Compiler>,
    taken: usize,
    skipped: Vec<String>,
}

const NOTES: usize = 20;

impl Sorter {
    fn new(of: Option<&str>) -> Self {
        let only = of.map(|name| ecosystem::base(name).to_owned());
        let compilers = only.iter().map(|name| (name.clone(), Compiler::new(name))).collect();
        Self { only, compilers, taken: 0, skipped: Vec::new() }
    }

    /// The ecosystems that a tenth of the records name.
    fn finish(self, from: &Path) -> Result<Vec<Compiler>, AdvisoryError> {
        let (taken, skipped) = (self.taken, self.skipped);
        let share = |compiler: &Compiler| !compiler.is_empty() && compiler.len().saturating_mul(10) >= taken;
        let mut kept: Vec<_> = self.compilers.into_values().filter(share).collect();
        if kept.is_empty() {
            let first = skipped.first().map_or_else(String::new, |first| format!(" (the first file: {first})"));
            let why = format!("it holds no usable OSV record{first}");
            return Err(AdvisoryError::garbage(from.display().to_string(), why));
        }
        for compiler in &mut kept {
            compiler.meta().skipped = skipped.len() as u64;
            compiler.meta().notes = skipped.iter().take(NOTES).cloned().collect();
        }
        Ok(kept)
    }
}

impl ingest::Sink for Sorter {
    fn taken(&self) -> usize {
        self.taken
    }

    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError> {
        /// OSV has some forty ecosystems.
        const ECOSYSTEMS: usize = 500;
        self.taken += 1;
        if let Some(only) = &self.only {
            return self.compilers.get_mut(only).map_or(Ok(()), |compiler| compiler.add(&entry));
        }
        let mut names: Vec<&str> = entry.affected.iter().map(|item| ecosystem::base(&item.ecosystem)).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if self.compilers.len() >= ECOSYSTEMS && !self.compilers.contains_key(name) {
                continue;
            }
            self.compilers.entry(name.to_owned()).or_insert_with(|| Compiler::new(name)).add(&entry)?;
        }
        Ok(())
    }

    fn skip(&mut self, note: String) {
        self.skipped.push(note);
    }
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
            ready.push((item.name.clone(), checked(&path, &item.name)?));
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

/// Whether a file is whole and what its name says.
fn checked(path: &Path, file: &str) -> Result<Imported, AdvisoryError> {
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
    Ok(Imported { name, records: meta.records, skipped: meta.skipped })
}

/// KEV as JSON, EPSS as CSV.
fn catalogue(folder: &Path, from: &Path) -> Result<Vec<Imported>, AdvisoryError> {
    const LARGEST: usize = 256 << 20;
    let bytes = ingest::read(from, LARGEST)?;
    let text = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let catalogue = if text == Some(&b'{') { Catalogue::Kev } else { Catalogue::Epss };
    let compiled = catalogue.compile(&bytes, &from.display().to_string(), None)?;
    let path = folder.join(catalogue.file());
    replace_file(&path, &compiled)?;
    let meta = Table::open(&path)?.meta().clone();
    Ok(vec![Imported { name: catalogue.name().to_owned(), records: meta.records, skipped: meta.skipped }])
}
