//! The kernel's side: a fanotify group that is told of every change in the trees, with names. Whole filesystems are marked
//! where the kernel can find a folder again by its handle; where it cannot (overlayfs), each folder is.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fanotify_fid::consts::{
    FAN_CLASS_NOTIF, FAN_CLOEXEC, FAN_CLOSE_WRITE, FAN_CREATE, FAN_DELETE, FAN_EVENT_ON_CHILD, FAN_MARK_ADD,
    FAN_MARK_FILESYSTEM, FAN_MODIFY, FAN_NONBLOCK, FAN_ONDIR, FAN_OPEN, FAN_OPEN_EXEC, FAN_RENAME, FAN_REPORT_DIR_FID,
    FAN_REPORT_NAME, FAN_UNLIMITED_MARKS,
};
use fanotify_fid::handle::{fsid_of_path, name_to_handle_at, open_by_handle_at};
use fanotify_fid::{Fanotify, FidEvent};

use super::FollowError;

/// What the kernel is asked for.
const CHANGES: u64 = FAN_CREATE | FAN_DELETE | FAN_RENAME | FAN_CLOSE_WRITE | FAN_MODIFY;
/// Folders whose handles are remembered.
const FOLDERS: usize = 65_536;
/// Folders that are marked one by one.
const MARKED: usize = 100_000;

type Fsid = (i32, i32);

/// A change, as the kernel tells of it. Several of the same process to the same file may have become one.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) mask: u64,
    pub(crate) pid: u32,
    /// None where the folder is gone, or lies nowhere in the trees.
    pub(crate) path: Option<PathBuf>,
    /// The new name, of a rename.
    pub(crate) to: Option<PathBuf>,
}

/// See the module.
pub(crate) struct Group {
    kernel: Fanotify,
    buffer: Vec<u8>,
    /// A door to each filesystem, through which its folders are opened by handle.
    doors: Vec<(Fsid, File)>,
    folders: HashMap<(Fsid, Vec<u8>), Option<PathBuf>>,
    /// Folders that were marked one by one.
    marked: HashMap<(Fsid, Vec<u8>), PathBuf>,
    /// Folders that could not be marked.
    pub(crate) unmarked: u64,
}

impl Group {
    pub(crate) fn new() -> Result<Self, FollowError> {
        let names = FAN_REPORT_DIR_FID | FAN_REPORT_NAME;
        let flags = FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_MARKS | names;
        let group = Fanotify::new(flags).map_err(|error| FollowError::Refused(error.to_string()))?;
        Ok(Self {
            kernel: group,
            buffer: Vec::with_capacity(64 * 1024),
            doors: Vec::new(),
            folders: HashMap::new(),
            marked: HashMap::new(),
            unmarked: 0,
        })
    }

    /// Marks a tree.
    pub(crate) fn watch(&mut self, tree: &Path) -> Result<(), FollowError> {
        let failed = |error: &dyn std::fmt::Display| FollowError::Watch {
            tree: tree.display().to_string(),
            why: error.to_string(),
        };
        match self.kernel.mark(FAN_MARK_ADD | FAN_MARK_FILESYSTEM, CHANGES | FAN_ONDIR, tree) {
            Ok(()) => {
                let fsid = fsid_of_path(tree).map_err(|error| failed(&error))?;
                let door = File::open(tree).map_err(|error| failed(&error))?;
                self.doors.push((fsid, door));
                Ok(())
            }
            Err(error) => {
                let before = self.marked.len();
                self.watch_each(tree);
                if self.marked.len() == before { Err(failed(&error)) } else { Ok(()) }
            }
        }
    }

    /// Marks each folder of a tree.
    fn watch_each(&mut self, tree: &Path) {
        let mut folders = vec![tree.to_owned()];
        while let Some(folder) = folders.pop() {
            if !self.watch_one(&folder) {
                self.unmarked += 1;
                continue;
            }
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                }
            }
        }
    }

    fn watch_one(&mut self, folder: &Path) -> bool {
        if self.marked.len() >= MARKED {
            return false;
        }
        let (Ok(fsid), Ok(handle)) = (fsid_of_path(folder), name_to_handle_at(folder)) else { return false };
        let done = self.kernel.mark(FAN_MARK_ADD, CHANGES | FAN_ONDIR | FAN_EVENT_ON_CHILD, folder).is_ok();
        if done {
            self.marked.insert((fsid, handle), folder.to_owned());
        }
        done
    }

    /// A new folder, in a tree whose folders are marked one by one. Whether it had to be marked, and may hold something already.
    pub(crate) fn new_folder(&mut self, path: &Path) -> bool {
        let parent = path.parent();
        let is_ours = !self.marked.is_empty() && self.marked.values().any(|folder| Some(&**folder) == parent);
        if is_ours {
            self.watch_each(path);
        }
        is_ours
    }

    /// A folder has another name: so has all that is in it.
    pub(crate) fn folder_moved(&mut self, from: &Path, to: &Path) {
        self.folders.clear();
        for path in self.marked.values_mut() {
            if let Ok(rest) = path.strip_prefix(from) {
                *path = to.join(rest);
            }
        }
    }

    /// Also tells who opens a file. A decoy that is gone is told of by whoever checks them.
    pub(crate) fn watch_reads(&self, file: &Path) {
        self.kernel.mark(FAN_MARK_ADD, FAN_OPEN, file).ok();
    }

    /// Also tells who runs a program.
    pub(crate) fn watch_runs(&mut self, program: &Path) {
        let (Some(folder), true) = (program.parent(), self.kernel.mark(FAN_MARK_ADD, FAN_OPEN_EXEC, program).is_ok())
        else {
            return;
        };
        if let (Ok(fsid), Ok(handle)) = (fsid_of_path(folder), name_to_handle_at(folder)) {
            self.folders.insert((fsid, handle), Some(folder.to_owned()));
        }
    }

    /// Waits for changes at most so long; whether there are any. A signal ends the wait.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        self.kernel.wait_readable(Some(time)).unwrap_or(false)
    }

    /// What the kernel has to tell; empty where nothing happened.
    pub(crate) fn read(&mut self) -> Result<Vec<Change>, FollowError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let changes = match self.kernel.read_events(&mut buffer) {
            Ok(events) => Ok(events.iter().map(|event| self.change(event)).collect()),
            Err(error) if error.is_would_block() => Ok(Vec::new()),
            Err(error) => Err(FollowError::Read(error.to_string())),
        };
        self.buffer = buffer;
        changes
    }

    fn change(&mut self, event: &FidEvent<'_>) -> Change {
        let fsid = event.fsid().unwrap_or_default();
        let pid = u32::try_from(event.pid()).unwrap_or(0);
        let mut side = |handle: &[u8], name: &[u8]| {
            let folder = self.folder(fsid, handle)?;
            Some(folder.join(std::ffi::OsStr::from_bytes(name)))
        };
        let own = event.dfid_name_handle().and_then(|handle| side(handle, event.dfid_name()?.as_bytes()));
        let from = event.rename_source().and_then(|source| side(source.handle(), source.name().as_bytes()));
        let to = event.rename_target().and_then(|target| side(target.handle(), target.name().as_bytes()));
        Change { mask: event.mask(), pid, path: own.or(from), to }
    }

    fn folder(&mut self, fsid: Fsid, handle: &[u8]) -> Option<PathBuf> {
        let key = (fsid, handle.to_vec());
        if let Some(path) = self.marked.get(&key) {
            return Some(path.clone());
        }
        if let Some(path) = self.folders.get(&key) {
            return path.clone();
        }
        let path = self.doors.iter().filter(|(of, _)| *of == fsid).find_map(|(_, door)| {
            let opened = open_by_handle_at(door, handle).ok()?;
            let path = std::fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd())).ok()?;
            (path.is_absolute() && !path.as_os_str().as_bytes().ends_with(b" (deleted)")).then_some(path)
        });
        if self.folders.len() >= FOLDERS {
            self.folders.clear();
        }
        self.folders.insert(key, path.clone());
        path
    }
}
