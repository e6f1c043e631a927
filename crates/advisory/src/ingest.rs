//! Reads an archive of OSV records (`all.zip`) or a folder of them into a compiler. Archives lie: about lengths, about what
//! they unpack to, about how many entries there are.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use crate::index::Compiler;
use crate::osv::{self, RecordLimits};
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

const NOTES: usize = 20;

/// Counts what could not be used, and keeps the first reasons.
fn skip(compiler: &mut Compiler, name: &str, why: &impl ToString) {
    let meta = compiler.meta();
    meta.skipped += 1;
    if meta.notes.len() < NOTES {
        meta.notes.push(error::shortened(&format!("{name}: {}", why.to_string())));
    }
}

/// Takes one record; one that cannot be used is counted and noted.
pub(crate) fn take(
    compiler: &mut Compiler,
    name: &str,
    bytes: &[u8],
    limits: &IngestLimits,
) -> Result<(), AdvisoryError> {
    if compiler.len() >= limits.records {
        return Err(AdvisoryError::TooLarge {
            what: "the number of records".into(),
            bound: format!("{}", limits.records),
        });
    }
    match osv::parse(bytes, limits.record) {
        Ok(entry) => compiler.add(&entry)?,
        Err(why) => skip(compiler, name, &why),
    }
    Ok(())
}

/// Takes all records of an archive.
pub fn zip(compiler: &mut Compiler, path: &Path, limits: &IngestLimits) -> Result<(), AdvisoryError> {
    let what = || path.display().to_string();
    let broken = |why: rawzip::Error| AdvisoryError::garbage(what(), why);
    let mut file = File::open(path).map_err(AdvisoryError::file("open", path))?;
    // The directory at the end is read in pieces; what it points at is read where it points.
    let size = file.seek(SeekFrom::End(0)).map_err(AdvisoryError::file("read", path))?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut entries = archive.entries(&mut buffer);
    let mut unpacked = 0_u64;
    let mut count = 0_usize;
    let mut bytes = Vec::new();
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        count += 1;
        if count > limits.records {
            return Err(AdvisoryError::TooLarge { what: what(), bound: format!("{} records", limits.records) });
        }
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if entry.is_dir() || !name.ends_with(".json") {
            continue;
        }
        if entry.compressed_size_hint() > size {
            return Err(AdvisoryError::garbage(what(), "an entry is larger than the whole archive"));
        }
        let method = entry.compression_method();
        let local = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        bytes.clear();
        let most = limits.record.bytes as u64;
        let reader = local.reader();
        let read = match method {
            CompressionMethod::STORE => local.verifying_reader(reader).take(most + 1).read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => {
                let inflater = flate2::read::DeflateDecoder::new(reader);
                local.verifying_reader(inflater).take(most + 1).read_to_end(&mut bytes)
            }
            _ => return Err(AdvisoryError::garbage(what(), format_args!("{name} is packed in an unknown way"))),
        };
        unpacked = unpacked.saturating_add(bytes.len() as u64);
        if unpacked > limits.unpacked {
            return Err(AdvisoryError::TooLarge { what: what(), bound: format!("{} bytes unpacked", limits.unpacked) });
        }
        if bytes.len() as u64 > most {
            skip(compiler, &name, &format!("larger than {most} bytes"));
            continue;
        }
        // A wrong checksum means a damaged archive: what else is wrong with it nobody knows.
        read.map_err(|why| AdvisoryError::garbage(format!("{name} in {}", what()), why))?;
        take(compiler, &name, &bytes, limits)?;
    }
    Ok(())
}

/// Takes all `*.json` of a folder, its subfolders not included.
pub fn folder(compiler: &mut Compiler, path: &Path, limits: &IngestLimits) -> Result<(), AdvisoryError> {
    let mut unpacked = 0_u64;
    let entries = fs::read_dir(path).map_err(AdvisoryError::file("read", path))?;
    for (count, entry) in entries.enumerate() {
        let file = entry.map_err(AdvisoryError::file("read", path))?.path();
        if count >= limits.records {
            return Err(AdvisoryError::TooLarge {
                what: path.display().to_string(),
                bound: format!("{} files", limits.records),
            });
        }
        if file.extension().is_none_or(|extension| extension != "json") || !file.is_file() {
            continue;
        }
        let bytes = read(&file, limits.record.bytes)?;
        unpacked = unpacked.saturating_add(bytes.len() as u64);
        if unpacked > limits.unpacked {
            return Err(AdvisoryError::TooLarge {
                what: path.display().to_string(),
                bound: format!("{} bytes", limits.unpacked),
            });
        }
        take(compiler, &file.display().to_string(), &bytes, limits)?;
    }
    Ok(())
}

/// The bytes of a file, one more than the bound at most.
pub(crate) fn read(path: &Path, bound: usize) -> Result<Vec<u8>, AdvisoryError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(AdvisoryError::file("open", path))?;
    file.take(bound as u64 + 1).read_to_end(&mut bytes).map_err(AdvisoryError::file("read", path))?;
    Ok(bytes)
}
