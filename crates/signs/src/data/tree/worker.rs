//! One file looked at: what the kernel says of it, what is in it, and whether both belong together. What changes meanwhile is
//! looked at again; what goes on changing is said to.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::fs::{Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;

use super::attributes;
use super::content::{self, BUFFER, Input, Unread};
use super::large::{LARGE, Large};
use super::queue::{Queue, Work};
use super::record::{Content, Entry, Kind, Record};
use super::{Contents, Gap};

/// A folder that is open.
pub(super) struct Folder {
    pub(super) fd: OwnedFd,
    /// Below the root.
    pub(super) path: Vec<u8>,
    pub(super) filesystem: (u32, u32),
}

impl Folder {
    /// The path of what is called `name` in it.
    pub(super) fn path_of(&self, name: &[u8]) -> Vec<u8> {
        let mut path = Vec::with_capacity(self.path.len() + 1 + name.len());
        path.extend_from_slice(&self.path);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        path
    }
}

/// Something to look at.
pub(super) enum Item {
    /// It was looked at already.
    Done(Done),
    /// A file by its name in a folder.
    Named(Arc<Folder>, CString),
    /// The root itself, where it is no folder: its own path is empty.
    Root(Arc<Folder>, CString),
}

/// What came of it.
#[derive(Default)]
pub(super) struct Done {
    pub(super) entry: Option<Entry>,
    pub(super) gap: Option<Gap>,
}

impl Done {
    pub(super) fn entry(path: Vec<u8>, record: Record) -> Self {
        Self { entry: Some(Entry { path, record }), gap: None }
    }

    pub(super) fn gap(path: Vec<u8>, why: impl Into<String>) -> Self {
        Self { entry: None, gap: Some(Gap { path, why: why.into() }) }
    }
}

/// How often a file that changes is looked at.
const ATTEMPTS: usize = 3;

/// A thread of a walk.
pub(super) fn run(queue: &Arc<Queue>, contents: Contents, threads: usize) {
    let mut worker = Worker { queue, contents, threads, buffer: vec![0; BUFFER], scratch: Vec::new() };
    while let Some(work) = queue.take() {
        match work {
            Work::Help(large) => large.help(queue, &mut worker.buffer),
            Work::Batch(number, batch) => {
                let results = batch.into_iter().map_while(|item| worker.look(item)).collect();
                if queue.is_stopped() {
                    return;
                }
                queue.finish(number, results);
            }
        }
    }
}

struct Worker<'a> {
    queue: &'a Arc<Queue>,
    contents: Contents,
    threads: usize,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
}

/// How one look at a file ended.
enum Look {
    Seen(Record, Option<String>),
    /// It changed meanwhile; this is what is known of it.
    Moved(Record),
    Gone,
    Stopped,
}

impl Worker<'_> {
    fn look(&mut self, item: Item) -> Option<Done> {
        if self.queue.is_stopped() {
            return None;
        }
        self.queue.progress.fetch_add(1, Ordering::Relaxed);
        let (folder, name, path) = match item {
            Item::Done(done) => return Some(done),
            Item::Named(folder, name) => {
                let path = folder.path_of(name.to_bytes());
                (folder, name, path)
            }
            Item::Root(folder, name) => (folder, name, Vec::new()),
        };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.once(&folder, &name) {
                Ok(Look::Seen(record, why)) => {
                    let gap = why.map(|why| Gap { path: path.clone(), why });
                    return Some(Done { entry: Some(Entry { path, record }), gap });
                }
                Ok(Look::Moved(record)) => last = Some(record),
                // Removed since the folder was read, as happens.
                Ok(Look::Gone) => return Some(Done::default()),
                Ok(Look::Stopped) => return None,
                Err(error) => return Some(Done::gap(path, error.to_string())),
            }
        }
        let mut done = Done::gap(path.clone(), "it changed each of the three times that it was read");
        done.entry = last.map(|record| Entry { path, record: Record { content: Content::Unread, ..record } });
        Some(done)
    }

    fn once(&mut self, folder: &Folder, name: &CStr) -> io::Result<Look> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let stat = match attributes::stat(folder.fd.as_fd(), name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Look::Gone),
            other => other?,
        };
        let mut record = attributes::record(&stat);
        if attributes::is_mount(&stat)
            || attributes::filesystem(&stat) != folder.filesystem && record.kind == Kind::File
        {
            return Ok(Look::Seen(attributes::mount_point(), None));
        }
        if record.kind != Kind::File {
            return self.special(folder, name, record);
        }
        let opened = match openat(&folder.fd, name, flags | OFlags::NOATIME, Mode::empty()) {
            // Only the owner may leave the time of the last access alone.
            Err(Errno::PERM) => openat(&folder.fd, name, flags, Mode::empty()),
            other => other,
        };
        let file = match opened {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(Look::Gone),
            Err(Errno::LOOP | Errno::NXIO) => return Ok(Look::Moved(record)),
            Err(error) => {
                record.content = Content::Unread;
                record.attributes = attributes::of_named(&folder.fd, name, &mut self.scratch).unwrap_or_default();
                return Ok(Look::Seen(record, Some(io::Error::from(error).to_string())));
            }
        };
        if !attributes::is_same(&stat, &attributes::stat_open(file.as_fd())?) {
            return Ok(Look::Moved(record));
        }
        record.flags = attributes::flags(file.as_fd());
        record.attributes = attributes::of_open(file.as_fd(), &mut self.scratch)?;
        let mut why = None;
        let after = match self.contents {
            Contents::Skip => {
                record.content = Content::Skipped;
                stat
            }
            Contents::Hash => {
                let has_holes = stat.stx_blocks.saturating_mul(512) < stat.stx_size;
                let Some((hash, after)) = self.hash(file, stat.stx_size, has_holes)? else {
                    return Ok(Look::Stopped);
                };
                record.content = match hash {
                    Ok(hash) => Content::Digest(hash),
                    Err(Unread::Moved) => return Ok(Look::Moved(record)),
                    Err(Unread::Failed(error)) => {
                        why = Some(error.to_string());
                        Content::Unread
                    }
                };
                after
            }
        };
        if !attributes::is_same(&stat, &after) {
            return Ok(Look::Moved(record));
        }
        if why.is_none() {
            self.queue.bytes.fetch_add(stat.stx_size, Ordering::Relaxed);
        }
        Ok(Look::Seen(record, why))
    }

    /// What is no regular file: never opened.
    fn special(&mut self, folder: &Folder, name: &CStr, mut record: Record) -> io::Result<Look> {
        if record.kind == Kind::Folder {
            // It was something else when the folder was listed.
            return Ok(Look::Moved(record));
        }
        if record.kind == Kind::Link {
            match readlinkat(&folder.fd, name, Vec::new()) {
                Ok(target) => record.content = Content::Target(target.into_bytes().into()),
                Err(Errno::NOENT) => return Ok(Look::Gone),
                Err(Errno::INVAL) => return Ok(Look::Moved(record)),
                Err(error) => return Err(error.into()),
            }
        }
        record.attributes = match attributes::of_named(&folder.fd, name, &mut self.scratch) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Look::Gone),
            other => other?,
        };
        Ok(Look::Seen(record, None))
    }

    /// The hash of a file, and what the kernel says of it afterwards.
    #[expect(clippy::type_complexity)]
    fn hash(
        &mut self,
        file: File,
        size: u64,
        has_holes: bool,
    ) -> io::Result<Option<(Result<[u8; 32], Unread>, rustix::fs::Statx)>> {
        if size < LARGE || self.threads < 2 {
            let input = Input { file: &file, size, has_holes, progress: &self.queue.progress };
            let hash = content::whole(&input, &mut self.buffer);
            return Ok(Some((hash, attributes::stat_open(file.as_fd())?)));
        }
        let after = attributes::stat_open(file.as_fd())?;
        let Some(large) = Large::new(file, size, has_holes) else {
            let error = io::Error::other("it claims a size that no file has");
            return Ok(Some((Err(Unread::Failed(error)), after)));
        };
        let large = Arc::new(large);
        self.queue.ask_for_help(&large, self.threads);
        large.help(self.queue, &mut self.buffer);
        let Some(hash) = large.finish(self.queue, &mut self.buffer) else { return Ok(None) };
        Ok(Some((hash, attributes::stat_open(large.file().as_fd())?)))
    }
}
