//! What files are before anything happens to them: trees are walked piece by piece, whenever there is nothing else to do.

use std::fs::ReadDir;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::content::profile;
use crate::data::ransom::Profile;

/// Folders within folders.
const DEEPEST: usize = 256;

/// See the module.
pub(crate) struct Index {
    open: Vec<(u64, ReadDir)>,
    roots: Vec<PathBuf>,
    /// Files that may still be taken in.
    left: usize,
    /// Those that were.
    pub(crate) files: u64,
    /// Folders that could not be read, and what was too deep or too much.
    pub(crate) unread: u64,
}

impl Index {
    pub(crate) fn of(roots: &[PathBuf], most: usize) -> Self {
        Self { open: Vec::new(), roots: roots.to_vec(), left: most, files: 0, unread: 0 }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.open.is_empty() && self.roots.is_empty()
    }

    /// Goes on for so long, or until it is done.
    pub(crate) fn go_on(&mut self, time: Duration, skip: &dyn Fn(&Path) -> bool, see: &mut dyn FnMut(&[u8], Profile)) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let Some((device, folder)) = self.open.last_mut() else {
                let Some(root) = self.roots.pop() else { return };
                self.enter(&root, None);
                continue;
            };
            let device = *device;
            match folder.next() {
                None => {
                    self.open.pop();
                }
                Some(Err(_)) => self.unread += 1,
                Some(Ok(entry)) => {
                    let path = entry.path();
                    match entry.file_type() {
                        Ok(kind) if kind.is_dir() && !skip(&path) => self.enter(&path, Some(device)),
                        Ok(kind) if kind.is_file() => self.file(&path, see),
                        _ => {}
                    }
                }
            }
        }
    }

    fn file(&mut self, path: &Path, see: &mut dyn FnMut(&[u8], Profile)) {
        if self.left == 0 {
            self.unread += 1;
            self.open.clear();
            self.roots.clear();
            return;
        }
        if let Some(profile) = profile(path) {
            self.left -= 1;
            self.files += 1;
            see(path.as_os_str().as_bytes(), profile);
        }
    }

    /// Other filesystems are not entered: they may hang, and they are trees of their own.
    fn enter(&mut self, path: &Path, device: Option<u64>) {
        let Ok(here) = std::fs::symlink_metadata(path).map(|meta| meta.dev()) else {
            self.unread += 1;
            return;
        };
        if device.is_some_and(|device| device != here) {
            return;
        }
        match std::fs::read_dir(path) {
            Ok(folder) if self.open.len() < DEEPEST => self.open.push((here, folder)),
            _ => self.unread += 1,
        }
    }
}
