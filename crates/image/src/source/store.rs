//! Files by name in a folder or in a tar: what both docker archives and OCI layouts come as.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blob::Part;
use super::{Entry, EntryKind, LayerError, SourceError, Visitor, Want};
use crate::Limits;
use crate::content::Content;
use crate::tar::{self, FileStream};

/// A folder or a tar with files in it.
pub struct Store {
    what: String,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Tar(HashMap<String, Found>),
}

enum Found {
    File { file: Arc<File>, offset: u64, size: u64 },
    Link(String),
}

/// Links that are followed one after another.
const MAX_LINKS: usize = 8;

impl Store {
    /// A folder. Links in it are followed only below it.
    pub fn folder(path: &Path) -> Self {
        Self { what: path.display().to_string(), place: Place::Folder(path.to_path_buf()) }
    }

    /// A tar in `file`, which `what` names. Only its headers are read.
    pub fn tar(file: &Arc<File>, what: &str, limits: &Limits) -> Result<Self, SourceError> {
        let size = file.metadata().map_err(SourceError::read(what))?.len();
        let mut index = IndexVisitor::default();
        let mut stream = FileStream::new(Arc::clone(file), 0, size);
        match tar::walk(&mut stream, &mut index, limits) {
            // Some writers of archives forget the end mark. Whatever the manifest names must be there; and a root
            // filesystem is walked again, and reported then.
            Ok(()) | Err(LayerError::Cut) => {}
            Err(error) => return Err(SourceError::malformed(what, error_chain(&error))),
        }
        Ok(Self { what: what.to_owned(), place: Place::Tar(index.found) })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.what
    }

    /// Whether there is a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.part(name).is_ok()
    }

    /// The file `name`, and its size.
    pub fn part(&self, name: &str) -> io::Result<(Part, u64)> {
        let clean = tar::clean(name.as_bytes()).ok_or(io::ErrorKind::InvalidInput)?;
        match &self.place {
            Place::Folder(root) => {
                let file = open_below(root, &clean)?;
                let metadata = file.metadata()?;
                if !metadata.is_file() {
                    return Err(io::Error::other("it is no file"));
                }
                Ok((Part::new(Arc::new(file), 0, metadata.len()), metadata.len()))
            }
            Place::Tar(index) => {
                let mut name = clean.into_owned();
                for _ in 0..MAX_LINKS {
                    match index.get(&name).ok_or(io::ErrorKind::NotFound)? {
                        Found::File { file, offset, size } => {
                            return Ok((Part::new(Arc::clone(file), *offset, *size), *size));
                        }
                        Found::Link(target) => name.clone_from(target),
                    }
                }
                Err(io::Error::other("its links lead in a circle"))
            }
        }
    }

    /// All of the file `name`, where it has at most `limit` bytes.
    pub fn bytes(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        let (part, size) = self.part(name)?;
        if size > limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has {size} bytes, and at most {limit} are read"),
            ));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        part.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Opens `path` below `root`, and nothing that a link leads to elsewhere.
fn open_below(root: &Path, path: &str) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
    let folder = rustix::fs::open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(openat2(&folder, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)?))
}

#[derive(Default)]
struct IndexVisitor {
    found: HashMap<String, Found>,
}

/// Parts of an archive that are remembered; an image of a thousand layers has some three thousand. A root filesystem
/// passes by here, too, and is not to fill the memory.
const MAX_PARTS: usize = 50_000;

/// Longest name of a part that is remembered, bytes. That of a blob has 77.
const MAX_NAME: usize = 256;

/// What tells an archive from a root filesystem: remembered however much came before.
const TELLING: &[&str] = &["manifest.json", "index.json", "oci-layout"];

impl IndexVisitor {
    fn keep(&mut self, path: &str, found: Found) {
        if path.len() <= MAX_NAME && (self.found.len() < MAX_PARTS || TELLING.contains(&path)) {
            self.found.insert(path.to_owned(), found);
        }
    }
}

impl Visitor for IndexVisitor {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        match entry.kind {
            EntryKind::File => return Want::Content,
            EntryKind::HardLink(target) => {
                self.keep(entry.path, Found::Link(target.to_owned()));
            }
            EntryKind::Symlink(target) => {
                if let Some(target) = resolve(entry.path, target) {
                    self.keep(entry.path, Found::Link(target));
                }
            }
            EntryKind::Folder | EntryKind::Special => {}
        }
        Want::Nothing
    }

    fn content(&mut self, entry: &Entry<'_>, content: &dyn Content) {
        if let Some(place) = content.detach() {
            let found = Found::File { file: place.file, offset: place.offset, size: place.size };
            self.keep(entry.path, found);
        }
    }

    fn removed(&mut self, _: &str) {}

    fn opaque(&mut self, _: &str) {}

    fn incomplete(&mut self, _: String, _: String) {}
}

/// Where a symbolic link at `path` leads; none where it leads out.
fn resolve(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => path.split('/').take(path.matches('/').count()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// An error with its causes in one line.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
