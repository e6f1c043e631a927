//! The folder of certificates of one registry, `/etc/docker/certs.d/HOST:PORT`, as Docker reads it: every `*.crt` is an
//! authority, and `*.cert` with the `*.key` of the same name is who we are.

use std::path::{Path, PathBuf};

/// Files that are looked at in one folder.
const MAX_FILES: usize = 100;

/// The files in `folder` with this ending, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.take(MAX_FILES).filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    paths
}

/// Who we are: the file that says so, and certificate and key in one.
pub fn identity(folder: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, String> {
    let Some(certificate) = files(folder, "cert").into_iter().next() else { return Ok(None) };
    let key = certificate.with_extension("key");
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()));
    let mut pem = read(&certificate)?;
    pem.push(b'\n');
    pem.extend(read(&key)?);
    Ok(Some((certificate, pem)))
}
