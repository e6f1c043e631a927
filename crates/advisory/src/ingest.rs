//! Reads an archive of OSV records (`all.zip`) or a folder of them. Archives lie: about lengths, about what they unpack to,
//! about how many entries there are.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use crate::index::Compiler;
use crate::osv::{self, Entry, RecordLimits};
use crate::{AdvisoryError, error};

/// How much is read before it is too much.
#[derive(Clone, Copy, Debug)]
pub struct IngestLimits {
    /// Of each record.
    pub record: RecordLimits,
    /// Records of one ecosystem.
    pub records: usize,
    /// Bytes of all records of one ecosystem together.
    pub unpacked: u64,
}

impl Default for IngestLimits {
    /// The largest ecosystem (npm with its malicious packages) has some 250,000 records and a gigabyte.
    fn default() -> Self {
        Self { record: RecordLimits::default(), records: 2_000_000, unpacked: 16 << 30 }
    }
}

/// Where records go.
pub trait Sink {
    /// How many were taken.
    fn taken(&self) -> usize;
    /// Takes one.
    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError>;
    /// Is told of one that could not be used: why, and what it is.
    fn skip(&mut self, note: String, record: &[u8]);
}

impl Sink for Compiler {
    fn taken(&self) -> usize {
        self.len()
    }

    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError> {
        self.add(&entry)
    }

    fn skip(&mut self, note: String, _: &[u8]) {
        /// The first reasons tell what kind of thing is wrong.
        const NOTES: usize = 20;
        let meta = self.meta();
        meta.skipped += 1;
        if meta.notes.len() < NOTES {
            meta.notes.push(note);
        }
    }
}

/// Counts against the bounds of one archive or folder.
struct Intake<'work, S> {
    sink: &'work mut S,
    limits: &'work IngestLimits,
    what: String,
    unpacked: u64,
}

impl<S: Sink> Intake<'_, S> {
    fn too_large(&self, bound: String) -> AdvisoryError {
        AdvisoryError::TooLarge { what: self.what.clone(), bound }
    }

    /// One record; one that cannot be used is noted.
    fn take(&mut self, name: &str, bytes: &[u8]) -> Result<(), AdvisoryError> {
        self.unpacked = self.unpacked.saturating_add(bytes.len() as u64);
        if self.unpacked > self.limits.unpacked {
            return Err(self.too_large(format!("{} bytes unpacked", self.limits.unpacked)));
        }
        if self.sink.taken() >= self.limits.records {
            return Err(self.too_large(format!("{} records", self.limits.records)));
        }
        match osv::parse(bytes, self.limits.record) {
            Ok(entry) => self.sink.take(entry)?,
            Err(why) => self.sink.skip(error::shortened(&format!("{name}: {}", why.reason())), bytes),
        }
        Ok(())
    }
}

/// Takes all records of an archive.
pub fn zip(sink: &mut impl Sink, path: &Path, limits: &IngestLimits) -> Result<(), AdvisoryError> {
    let mut archive = Unzip::open(path)?;
    let mut intake = Intake { sink, limits, what: archive.what.clone(), unpacked: 0 };
    let most = limits.record.bytes as u64;
    let mut bytes = Vec::new();
    archive.each(limits.records, |archive, entry| {
        if !entry.name.as_bytes().ends_with(b".json") {
            return Ok(true);
        }
        archive.unpack(entry, most, &mut bytes)?;
        intake.take(&entry.name, &bytes)?;
        Ok(true)
    })
}

/// Takes all `*.json` of a folder, its subfolders not included.
pub fn folder(sink: &mut impl Sink, path: &Path, limits: &IngestLimits) -> Result<(), AdvisoryError> {
    let mut intake = Intake { sink, limits, what: path.display().to_string(), unpacked: 0 };
    let entries = fs::read_dir(path).map_err(AdvisoryError::file("read", path))?;
    for (count, entry) in entries.enumerate() {
        let file = entry.map_err(AdvisoryError::file("read", path))?.path();
        if count >= limits.records {
            return Err(intake.too_large(format!("{} files", limits.records)));
        }
        if file.extension().is_some_and(|extension| extension == "json") && file.is_file() {
            intake.take(&file.display().to_string(), &read(&file, limits.record.bytes)?)?;
        }
    }
    Ok(())
}

/// The bytes of a file, one more than the bound at most.
pub(crate) fn read(path: &Path, bound: usize) -> Result<Vec<u8>, AdvisoryError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(AdvisoryError::file("open", path))?;
    file.take((bound as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(AdvisoryError::file("read", path))?;
    Ok(bytes)
}

/// An archive, read where it lies.
pub(crate) struct Unzip {
    archive: ZipArchive<rawzip::FileReader>,
    what: String,
    size: u64,
}

/// One file of an archive.
pub(crate) struct Packed {
    name: String,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

impl Unzip {
    pub(crate) fn open(path: &Path) -> Result<Self, AdvisoryError> {
        let what = path.display().to_string();
        let file = File::open(path).map_err(AdvisoryError::file("open", path))?;
        let size = file.metadata().map_err(AdvisoryError::file("read", path))?.len();
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive =
            ZipArchive::from_file(file, &mut buffer).map_err(|why| AdvisoryError::garbage(what.clone(), why))?;
        Ok(Self { archive, what, size })
    }

    fn broken(&self, why: impl ToString) -> AdvisoryError {
        AdvisoryError::garbage(self.what.clone(), why)
    }

    /// Walks over the files until `visit` has had enough.
    fn each(
        &mut self,
        most: usize,
        mut visit: impl FnMut(&Self, &Packed) -> Result<bool, AdvisoryError>,
    ) -> Result<(), AdvisoryError> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let mut entries = self.archive.entries(&mut buffer);
        let mut count = 0_usize;
        while let Some(entry) = entries.next_entry().map_err(|why| self.broken(why))? {
            count += 1;
            if count > most {
                return Err(AdvisoryError::TooLarge { what: self.what.clone(), bound: format!("{most} files") });
            }
            if entry.is_dir() {
                continue;
            }
            let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
            if entry.compressed_size_hint() > self.size {
                return Err(self.broken(format_args!("{} is larger than the whole archive", error::shortened(&name))));
            }
            let packed = Packed { name, place: entry.wayfinder(), method: entry.compression_method() };
            if !visit(self, &packed)? {
                return Ok(());
            }
        }
        // A directory that ends early would pass for a small archive.
        if (count as u64) < self.archive.entries_hint() {
            return Err(
                self.broken(format_args!("it lists {count} files and speaks of {}", self.archive.entries_hint()))
            );
        }
        Ok(())
    }

    /// Unpacks a file, one byte more than the bound at most. A wrong checksum or length means a damaged archive: what else
    /// is wrong with it nobody knows.
    fn unpack(&self, packed: &Packed, most: u64, bytes: &mut Vec<u8>) -> Result<(), AdvisoryError> {
        bytes.clear();
        let local = self.archive.get_entry(packed.place).map_err(|why| self.broken(why))?;
        let most = most.saturating_add(1);
        let read = match packed.method {
            CompressionMethod::STORE => local.verifying_reader(local.reader()).take(most).read_to_end(bytes),
            CompressionMethod::DEFLATE => {
                let inflater = flate2::read::DeflateDecoder::new(local.reader());
                local.verifying_reader(inflater).take(most).read_to_end(bytes)
            }
            _ => {
                return Err(self.broken(format_args!("{} is packed in an unknown way", error::shortened(&packed.name))));
            }
        };
        match read {
            Ok(_) => Ok(()),
            Err(why) => Err(self.broken(format_args!("{}: {why}", error::shortened(&packed.name)))),
        }
    }

    /// The file of that name, if there is one and it is no larger than the bound.
    pub(crate) fn file(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, AdvisoryError> {
        const FILES: usize = 2_000_000;
        let mut found = None;
        self.each(FILES, |archive, entry| {
            if entry.name != name {
                return Ok(true);
            }
            let mut bytes = Vec::new();
            archive.unpack(entry, most, &mut bytes)?;
            if bytes.len() as u64 > most {
                let what = format!("{name} in {}", archive.what);
                return Err(AdvisoryError::TooLarge { what, bound: format!("{most} bytes") });
            }
            found = Some(bytes);
            Ok(false)
        })?;
        Ok(found)
    }
}
