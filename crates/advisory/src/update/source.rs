//! Where files come from: a server or a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::http::Http;
use super::{Settings, Watcher};
use crate::{AdvisoryError, ecosystem, ingest};

/// A server or a folder.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    Http { http: Arc<Http>, base: String },
}

/// A file that fits into memory.
#[derive(Debug)]
pub(super) enum Answer {
    Bytes { bytes: Vec<u8>, etag: Option<String> },
    Unchanged,
    Missing,
}

/// A file that need not.
#[derive(Debug)]
pub(super) enum Loaded {
    File {
        path: PathBuf,
        etag: Option<String>,
        /// Whether it was loaded for this purpose, and is to be removed afterwards.
        ours: bool,
    },
    Unchanged,
    Missing,
}

impl Source {
    /// From an address or a folder.
    pub(super) fn new(base: &str, settings: &Settings) -> Result<Self, AdvisoryError> {
        let base = base.trim_end_matches('/');
        if base.starts_with("https://") || base.starts_with("http://") {
            return Ok(Self::Http { http: Arc::new(Http::new(base, settings)?), base: base.to_owned() });
        }
        let path = base.strip_prefix("file://").unwrap_or(base);
        if path.contains("://") || path.is_empty() {
            let why = "is no address that can be read from (https:, http:, file:) and no folder".to_owned();
            return Err(AdvisoryError::Source { url: base.to_owned(), why });
        }
        Ok(Self::Folder(path.into()))
    }

    /// From the address of one file: its folder, and its name.
    pub(super) fn of_file(from: &str, settings: &Settings) -> Result<(Self, String), AdvisoryError> {
        let (folder, name) = from.rsplit_once('/').unwrap_or((".", from));
        let folder = if folder.is_empty() { "/." } else { folder };
        Ok((Self::new(folder, settings)?, name.to_owned()))
    }

    /// A file that fits into memory.
    pub(super) async fn small(&self, parts: &[&str], bound: u64, etag: Option<&str>) -> Result<Answer, AdvisoryError> {
        match self {
            Self::Http { http, base } => http.small(&address(base, parts), bound, etag).await,
            Self::Folder(folder) => {
                let path = within(folder, parts);
                let Some(state) = state(&path) else { return Ok(Answer::Missing) };
                if etag == Some(&state) {
                    return Ok(Answer::Unchanged);
                }
                let bytes = ingest::read(&path, usize::try_from(bound).unwrap_or(usize::MAX - 1))?;
                if bytes.len() as u64 > bound {
                    let what = path.display().to_string();
                    return Err(AdvisoryError::TooLarge { what, bound: format!("{bound} bytes") });
                }
                Ok(Answer::Bytes { bytes, etag: Some(state) })
            }
        }
    }

    /// A large file; over HTTP it is put at `part`.
    pub(super) async fn large(
        &self,
        parts: &[&str],
        part: &Path,
        etag: Option<&str>,
        of: &str,
        watcher: Watcher<'_>,
    ) -> Result<Loaded, AdvisoryError> {
        match self {
            Self::Http { http, base } => {
                if let Some(folder) = part.parent() {
                    fs::create_dir_all(folder).map_err(AdvisoryError::file("create", folder))?;
                }
                http.load(&address(base, parts), part, etag, of, watcher).await
            }
            Self::Folder(folder) => {
                let path = within(folder, parts);
                match state(&path) {
                    None => Ok(Loaded::Missing),
                    Some(state) if etag == Some(&state) => Ok(Loaded::Unchanged),
                    Some(state) => Ok(Loaded::File { path, etag: Some(state), ours: false }),
                }
            }
        }
    }
}

fn address(base: &str, parts: &[&str]) -> String {
    parts.iter().fold(base.to_owned(), |url, part| url + "/" + &ecosystem::encoded(part))
}

/// Names of ecosystems and ids were checked to hold no way up and no separator.
fn within(folder: &Path, parts: &[&str]) -> PathBuf {
    parts.iter().fold(folder.to_owned(), |path, part| path.join(part))
}

/// Length and time of a file stand in for the tag that a server gives.
fn state(path: &Path) -> Option<String> {
    let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let time = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{}-{}", meta.len(), time.as_nanos()))
}
