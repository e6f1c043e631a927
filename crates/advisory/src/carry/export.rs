//! One file with the whole database in it: a zip of the indexes, with their digests in front.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use sha2::{Digest, Sha256};

use super::status::open;
use super::{Item, MANIFEST, Manifest, SCHEMA, asked};
use crate::AdvisoryError;

/// Writes the database into one file, which [`super::import`] takes. Files that cannot be used are not carried: the error
/// names them. Gives the number of files.
pub fn export(folder: &Path, to: &Path) -> Result<usize, AdvisoryError> {
    let mut files = Vec::new();
    let mut manifest = Manifest { schema: SCHEMA.into(), files: Vec::new() };
    for entry in fs::read_dir(folder).map_err(AdvisoryError::file("read", folder))? {
        let path = entry.map_err(AdvisoryError::file("read", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let Some((_, meta)) = open(&path, name) else { continue };
        meta?;
        // Read once: an update may put another file in its place while this runs.
        let asked = asked::seconds(&path);
        let bytes = fs::read(&path).map_err(AdvisoryError::file("read", &path))?;
        let sha256 = digest(&bytes);
        manifest.files.push(Item { name: name.to_owned(), bytes: bytes.len() as u64, sha256, asked });
        files.push((name.to_owned(), bytes));
    }
    if files.is_empty() {
        return Err(AdvisoryError::Missing(folder.to_owned()));
    }
    let head = serde_json::to_vec_pretty(&manifest).map_err(|error| AdvisoryError::garbage("the list", error))?;
    let draft = to.with_extension(format!("{}.new", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(&draft)?);
        let mut archive = ZipArchiveWriter::new(&mut out);
        put(&mut archive, MANIFEST, &head)?;
        for (name, bytes) in &files {
            put(&mut archive, name, bytes)?;
        }
        archive.finish().map_err(std::io::Error::other)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&draft, to)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&draft);
        AdvisoryError::file("write", to)(error)
    })?;
    Ok(files.len())
}

fn put<W: std::io::Write>(archive: &mut ZipArchiveWriter<W>, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let started = archive.new_file(name).compression_method(CompressionMethod::DEFLATE).start();
    let (mut entry, config) = started.map_err(std::io::Error::other)?;
    let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
    writer.write_all(bytes)?;
    let (encoder, descriptor) = writer.finish().map_err(std::io::Error::other)?;
    encoder.finish()?;
    entry.finish(descriptor).map_err(std::io::Error::other)?;
    Ok(())
}

pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
