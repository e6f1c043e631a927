//! The way through a tree: folders are read here, in the order of their names; files are handed on in batches.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::vec::IntoIter;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statx};
use rustix::io::Errno;

use super::exclude::Exclude;
use super::queue::Queue;
use super::record::{Kind, Record};
use super::worker::{Done, Folder, Item};
use super::{attributes, mounts};

/// Files in a batch.
const BATCH: usize = 64;
/// Folders in a batch: each is an open file.
const FOLDERS: usize = 4;
/// Folders in folders. A real tree has a few dozen.
const DEPTH: usize = 300;
/// Names in one folder that are sorted in memory.
const NAMES: usize = 5_000_000;

struct Level {
    folder: Arc<Folder>,
    names: IntoIter<(CString, FileType)>,
}

struct Walker<'a> {
    queue: &'a Queue,
    exclude: &'a Exclude,
    /// The root as it is called, for the patterns.
    root: &'a [u8],
    mounts: BTreeSet<Vec<u8>>,
    batch: Vec<Item>,
    folders: usize,
    whole: Vec<u8>,
}

/// Walks from `root` on and hands everything to the queue.
pub(super) fn run(root: &Path, called: &Path, exclude: &Exclude, queue: &Queue) {
    let mut walker = Walker {
        queue,
        exclude,
        root: called.as_os_str().as_bytes(),
        mounts: BTreeSet::new(),
        batch: Vec::new(),
        folders: 0,
        whole: Vec::new(),
    };
    if let Err(error) = walker.walk(root) {
        walker.add(Item::Done(Done::gap(Vec::new(), error.to_string())));
    }
    walker.flush();
    queue.close();
}

fn open_folder(
    folder: impl std::os::fd::AsFd,
    name: impl rustix::path::Arg + Copy,
    follow: OFlags,
) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::CLOEXEC | follow;
    match openat(folder.as_fd(), name, flags | OFlags::NOATIME, Mode::empty()) {
        Err(Errno::PERM) => openat(folder, name, flags, Mode::empty()),
        other => other,
    }
}

impl Walker<'_> {
    fn walk(&mut self, root: &Path) -> io::Result<()> {
        let root = std::fs::canonicalize(root)?;
        self.mounts = mounts::below(&root, &mounts::mounts());
        let opened = open_folder(CWD, root.as_path(), OFlags::empty());
        let fd = match opened {
            Ok(fd) => fd,
            Err(Errno::NOTDIR) => return self.single(&root),
            Err(error) => return Err(error.into()),
        };
        let made_up = rustix::fs::fstatfs(&fd).is_ok_and(|about| mounts::is_made_up(about.f_type.cast_unsigned()));
        if made_up {
            return Err(io::Error::other("what is there is made up by the kernel as it is read"));
        }
        let stat = attributes::stat_open(fd.as_fd())?;
        let mut levels = Vec::new();
        let folder = Folder { fd, path: Vec::new(), filesystem: attributes::filesystem(&stat) };
        self.enter(folder, attributes::record(&stat), &mut levels);
        while let Some(level) = levels.last_mut() {
            if self.queue.is_stopped() {
                return Ok(());
            }
            let Some((name, kind)) = level.names.next() else {
                levels.pop();
                continue;
            };
            let folder = Arc::clone(&level.folder);
            self.next(&folder, name, kind, &mut levels);
        }
        Ok(())
    }

    /// A tree that is one file.
    fn single(&mut self, root: &Path) -> io::Result<()> {
        let (Some(parent), Some(name)) = (root.parent(), root.file_name()) else {
            return Err(io::Error::other("it is no file"));
        };
        let fd = open_folder(CWD, parent, OFlags::empty())?;
        let name = CString::new(name.as_bytes())?;
        // The file's own filesystem: it may be mounted by itself.
        let stat = statx(&fd, &name, AtFlags::SYMLINK_NOFOLLOW, rustix::fs::StatxFlags::BASIC_STATS)?;
        let folder = Folder { fd, path: Vec::new(), filesystem: attributes::filesystem(&stat) };
        self.add(Item::Root(Arc::new(folder), name));
        Ok(())
    }

    fn next(&mut self, folder: &Arc<Folder>, name: CString, kind: FileType, levels: &mut Vec<Level>) {
        let path = folder.path_of(name.to_bytes());
        if self.is_excluded(&path) {
            return;
        }
        if self.mounts.contains(&path) {
            return self.add(Item::Done(Done::entry(path, attributes::mount_point())));
        }
        let kind = if kind == FileType::Unknown {
            match attributes::stat(folder.fd.as_fd(), &name) {
                Ok(stat) => FileType::from_raw_mode(stat.stx_mode.into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(error) => return self.add(Item::Done(Done::gap(path, error.to_string()))),
            }
        } else {
            kind
        };
        if kind != FileType::Directory {
            return self.add(Item::Named(Arc::clone(folder), name));
        }
        match open_folder(&folder.fd, name.as_c_str(), OFlags::NOFOLLOW) {
            Ok(fd) => match attributes::stat_open(fd.as_fd()) {
                Ok(stat) => {
                    let filesystem = attributes::filesystem(&stat);
                    if filesystem != folder.filesystem || attributes::is_mount(&stat) {
                        return self.add(Item::Done(Done::entry(path, attributes::mount_point())));
                    }
                    self.enter(Folder { fd, path, filesystem }, attributes::record(&stat), levels);
                }
                Err(error) => self.add(Item::Done(Done::gap(path, error.to_string()))),
            },
            Err(Errno::NOENT) => {}
            // It has become something else since.
            Err(Errno::NOTDIR | Errno::LOOP) => self.add(Item::Named(Arc::clone(folder), name)),
            Err(error) => self.closed(folder, &name, path, &io::Error::from(error)),
        }
    }

    /// A folder that may not be opened.
    fn closed(&mut self, folder: &Folder, name: &CString, path: Vec<u8>, error: &io::Error) {
        let mut done = Done::gap(path.clone(), error.to_string());
        if let Ok(stat) = attributes::stat(folder.fd.as_fd(), name) {
            let record = attributes::record(&stat);
            let content = super::record::Content::Unread;
            done.entry = Some(super::Entry { path, record: Record { content, ..record } });
        }
        self.add(Item::Done(done));
    }

    /// Takes down what a folder looks like, and what is in it.
    fn enter(&mut self, folder: Folder, mut record: Record, levels: &mut Vec<Level>) {
        debug_assert_eq!(record.kind, Kind::Folder);
        record.flags = attributes::flags(folder.fd.as_fd());
        let mut scratch = Vec::new();
        let mut gap = None;
        match attributes::of_open(folder.fd.as_fd(), &mut scratch) {
            Ok(attributes) => record.attributes = attributes,
            Err(error) => gap = Some(error.to_string()),
        }
        let is_deep = levels.len() >= DEPTH;
        let names = if is_deep {
            gap = Some(format!("it lies in more than {DEPTH} folders; what is in it was not looked at"));
            Vec::new()
        } else {
            let (names, why) = list(&folder);
            gap = why.or(gap);
            names
        };
        if gap.is_some() {
            record.content = super::record::Content::Unread;
        }
        let path = folder.path.clone();
        let mut done = Done::entry(path.clone(), record);
        done.gap = gap.map(|why| super::Gap { path, why });
        self.add(Item::Done(done));
        levels.push(Level { folder: Arc::new(folder), names: names.into_iter() });
        self.folders += 1;
    }

    fn is_excluded(&mut self, path: &[u8]) -> bool {
        self.whole.clear();
        self.whole.extend_from_slice(self.root);
        if self.whole.last() != Some(&b'/') {
            self.whole.push(b'/');
        }
        self.whole.extend_from_slice(path);
        self.exclude.matches(&self.whole)
    }

    fn add(&mut self, item: Item) {
        self.queue.progress.fetch_add(1, Ordering::Relaxed);
        self.batch.push(item);
        if self.batch.len() >= BATCH || self.folders >= FOLDERS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.folders = 0;
        if !self.batch.is_empty() {
            self.queue.put(std::mem::take(&mut self.batch));
        }
    }
}

/// The names in a folder, sorted, and why there may be more.
fn list(folder: &Folder) -> (Vec<(CString, FileType)>, Option<String>) {
    let mut names = Vec::new();
    let mut why = None;
    match Dir::read_from(&folder.fd) {
        Ok(dir) => {
            for entry in dir {
                match entry {
                    Ok(entry) if matches!(entry.file_name().to_bytes(), b"." | b"..") => {}
                    Ok(_) if names.len() >= NAMES => {
                        why = Some(format!("there are more than {NAMES} names in it; the others were not looked at"));
                        break;
                    }
                    Ok(entry) => names.push((entry.file_name().to_owned(), entry.file_type())),
                    Err(error) => {
                        why = Some(io::Error::from(error).to_string());
                        break;
                    }
                }
            }
        }
        Err(error) => why = Some(io::Error::from(error).to_string()),
    }
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    (names, why)
}
