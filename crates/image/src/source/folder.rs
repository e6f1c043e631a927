//! A folder as a layer: the root filesystem of something, or what an overlay keeps of a layer.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, readlinkat, statat};

use super::{Entry, EntryKind, Layer, LayerError, Visitor, Want};
use crate::Limits;
use crate::content::FileContent;

/// How removed files are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Nothing is: it is a plain folder.
    None,
    /// As overlayfs does: a character device 0/0 for a removed file, an attribute for an opaque folder.
    Overlay,
    /// As fuse-overlayfs does where it may make no devices: also files named `.wh.NAME`, as in a tar.
    FuseOverlay,
}

/// A folder as a layer. Symbolic links are never followed, special files never opened, other filesystems not entered.
pub struct FolderLayer {
    /// The folder.
    pub root: PathBuf,
    /// How removed files are marked in it.
    pub marks: Marks,
    /// Names the content for the cache, where it cannot change.
    pub key: Option<String>,
}

/// Deepest folder that is entered. Each level keeps one file open, of which a process usually may have 1024; honest trees
/// have a few dozen levels.
const MAX_DEPTH: usize = 256;

impl Layer for FolderLayer {
    fn walk(&self, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(&self.root, flags, Mode::empty()).map_err(io::Error::from)?;
        let device = rustix::fs::fstat(&root).map_err(io::Error::from)?.st_dev;
        let mut walk = Walk {
            marks: self.marks,
            device,
            seen: 0,
            max_entries: limits.max_entries,
            path: String::new(),
            linked: HashSet::new(),
            visitor,
        };
        walk.all(root)
    }

    fn cache_key(&self) -> Option<String> {
        self.key.clone()
    }
}

/// A folder that is being walked: which folders in it are still to come, and the length of its path.
struct Open {
    folder: OwnedFd,
    below: std::vec::IntoIter<Vec<u8>>,
    path: usize,
}

struct Walk<'a> {
    marks: Marks,
    device: u64,
    seen: u64,
    max_entries: u64,
    path: String,
    /// Numbers of files with several names that were shown.
    linked: HashSet<u64>,
    visitor: &'a mut dyn Visitor,
}

impl Walk<'_> {
    /// Walks everything below `root`. Depth is what an attacker chooses, so it is kept here and not on the stack.
    fn all(&mut self, root: OwnedFd) -> Result<(), LayerError> {
        let below = self.folder(&root)?;
        let mut open = vec![Open { folder: root, below: below.into_iter(), path: 0 }];
        while let Some(innermost) = open.last_mut() {
            let (path, next) = (innermost.path, innermost.below.next());
            self.path.truncate(path);
            let Some(name) = next else {
                open.pop();
                continue;
            };
            if path > 0 {
                self.path.push('/');
            }
            self.path.push_str(&String::from_utf8_lossy(&name));
            let Some(folder) = self.enter(&innermost.folder, &name) else { continue };
            if open.len() >= MAX_DEPTH {
                self.visitor.incomplete(format!("the folder /{}", self.path), "it lies too deep".into());
                continue;
            }
            let below = self.folder(&folder)?;
            open.push(Open { folder, below: below.into_iter(), path: self.path.len() });
        }
        Ok(())
    }

    /// Shows what lies directly in `folder`, and names the folders among it.
    fn folder(&mut self, folder: &OwnedFd) -> Result<Vec<Vec<u8>>, LayerError> {
        let mut below = Vec::new();
        let entries = match Dir::read_from(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.gap(error);
                return Ok(below);
            }
        };
        let mut names: Vec<(Vec<u8>, FileType)> = Vec::new();
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.gap(error);
                    break;
                }
            };
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            self.seen += 1;
            if self.seen > self.max_entries {
                return Err(LayerError::Bound(format!("it has more than {} entries", self.max_entries)));
            }
            names.push((name.to_vec(), entry.file_type()));
        }
        // As those who write tars go through a folder: of several names of a file the same one is the first.
        names.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        for (name, kind) in names {
            let length = self.path.len();
            if length > 0 {
                self.path.push('/');
            }
            self.path.push_str(&String::from_utf8_lossy(&name));
            let is_folder = self.entry(folder, &name, kind)?;
            self.path.truncate(length);
            if is_folder {
                below.push(name);
            }
        }
        Ok(below)
    }

    /// Opens the folder at `self.path`, where it is one to look into.
    fn enter(&mut self, above: &OwnedFd, name: &[u8]) -> Option<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(above, OsStr::from_bytes(name), flags, Mode::empty()) {
            Ok(inner) => {
                if self.marks != Marks::None && is_opaque(&inner) {
                    self.visitor.opaque(&self.path);
                }
                // proc, sys and whatever else is mounted there belongs to the machine, not to the image.
                rustix::fs::fstat(&inner).is_ok_and(|stat| stat.st_dev == self.device).then_some(inner)
            }
            Err(error) => {
                self.gap(error);
                None
            }
        }
    }

    /// Shows the entry at `self.path`; whether it is a folder.
    fn entry(&mut self, folder: &OwnedFd, name: &[u8], kind: FileType) -> Result<bool, LayerError> {
        let os_name = OsStr::from_bytes(name);
        let stat = match statat(folder, os_name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(error) => {
                self.gap(error);
                return Ok(false);
            }
        };
        let kind = if kind == FileType::Unknown { FileType::from_raw_mode(stat.st_mode) } else { kind };
        let mut target = String::new();
        if kind == FileType::Symlink {
            target = readlinkat(folder, os_name, Vec::new())
                .map_or_else(|_| String::new(), |link| link.to_string_lossy().into_owned());
        }
        if kind == FileType::CharacterDevice && self.marks != Marks::None && stat.st_rdev == 0 {
            self.visitor.removed(&self.path);
            return Ok(false);
        }
        if self.marks == Marks::FuseOverlay && self.is_whiteout() {
            return Ok(false);
        }
        let size = if kind == FileType::RegularFile { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 };
        let entry = Entry {
            path: &self.path,
            kind: match kind {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Folder,
                FileType::Symlink => EntryKind::Symlink(&target),
                _ => EntryKind::Special,
            },
            mode: stat.st_mode & 0o7777,
            size,
            again: kind == FileType::RegularFile && stat.st_nlink > 1 && !self.linked.insert(stat.st_ino),
        };
        match self.visitor.entry(&entry) {
            Want::Stop => return Err(LayerError::Bound("it holds too much".into())),
            Want::Content if kind == FileType::RegularFile => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                match openat(folder, os_name, flags, Mode::empty()) {
                    Ok(file) => {
                        let content = FileContent { file: Arc::new(File::from(file)), offset: 0, size };
                        self.visitor.content(&entry, &content);
                    }
                    Err(error) => self.gap(error),
                }
            }
            _ => {}
        }
        Ok(kind == FileType::Directory)
    }

    /// Whether the entry at `self.path` marks by its name that something is gone; if so, that is shown.
    fn is_whiteout(&mut self) -> bool {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let Some(gone) = name.strip_prefix(".wh.") else { return false };
        match gone {
            ".wh..opq" => self.visitor.opaque(folder),
            // `.wh..wh.` begins the notes that aufs left for itself.
            gone if gone.is_empty() || gone.starts_with(".wh.") => {}
            gone if folder.is_empty() => self.visitor.removed(gone),
            gone => self.visitor.removed(&format!("{folder}/{gone}")),
        }
        true
    }

    /// The entry at `self.path` could not be read.
    fn gap(&mut self, error: rustix::io::Errno) {
        self.visitor.incomplete(format!("/{}", self.path), io::Error::from(error).to_string());
    }
}

/// Whether overlayfs marks the folder as hiding everything below it. `user.` is what rootless engines write.
fn is_opaque(folder: &OwnedFd) -> bool {
    ["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"].iter().any(|name| {
        let mut value = [0; 4];
        rustix::fs::fgetxattr(folder, *name, &mut value).is_ok_and(|count| value.get(..count) == Some(b"y"))
    })
}
