//! Follows trees by fanotify: what happens to files, by whom, as events for [`super::ransom::detect::Detector`]. Reads and asks;
//! decides nothing.

mod content;
mod group;
mod index;
mod process;

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fanotify_fid::consts::{
    FAN_CLOSE_WRITE, FAN_CREATE, FAN_DELETE, FAN_MODIFY, FAN_ONDIR, FAN_OPEN, FAN_OPEN_EXEC, FAN_Q_OVERFLOW, FAN_RENAME,
};
use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};

pub(crate) use self::content::open;
pub use self::content::{profile, text};
use self::group::{Change, Group};
use self::index::Index;
pub use self::process::Names;
use self::process::Processes;
use super::ransom::{Actor, Event, Touch, What, is_backup, may_be_note, note_words, programs};

/// Why trees cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The kernel has no fanotify, or not for this user.
    #[error("be told of changes by the kernel (fanotify): {0}; it takes root (CAP_SYS_ADMIN) and Linux 5.17")]
    Refused(String),
    /// A tree cannot be marked.
    #[error("watch {tree}: {why}; it takes root (CAP_SYS_ADMIN), Linux 5.17 and a local filesystem")]
    Watch {
        /// The tree.
        tree: String,
        /// What the kernel says.
        why: String,
    },
    /// There is no such folder.
    #[error("watch {tree}")]
    Tree {
        /// Its name.
        tree: String,
        /// What the kernel says.
        source: std::io::Error,
    },
    /// The kernel's news cannot be read.
    #[error("read what the kernel tells of changes: {0}")]
    Read(String),
}

/// How long a file that is written to, and not closed, is left alone.
const OPEN: Duration = Duration::from_millis(1500);
/// Files that are written to and not closed, of which is kept track.
const DIRTY: usize = 1024;
/// How long it indexes before it looks at news again.
const SLICE: Duration = Duration::from_millis(5);
/// Names that are counted in a folder.
const NAMES: usize = 1000;

/// Programs that read everything as their work.
static READERS: &[&str] = &[
    "restic",
    "borg",
    "kopia",
    "duplicity",
    "duplicati",
    "rsync",
    "rclone",
    "tar",
    "bsdtar",
    "cpio",
    "dump",
    "bacula-fd",
    "bareos-fd",
    "veeamagent",
    "updatedb",
    "updatedb.mlocat",
    "locate",
    "tracker-miner-f",
    "tracker-extract",
    "baloo_file",
    "recollindex",
    "clamscan",
    "clamd",
    "freshclam",
    "aide",
    "tripwire",
    "b3sum",
    "sha256sum",
    "md5sum",
    "find",
    "fdupes",
    "cp",
    "dockerd",
    "containerd",
    "keelguard",
    "git",
    "syncthing",
    "smbd",
    "nfsd",
];

/// See the module.
pub struct Follow {
    group: Group,
    processes: Processes,
    trees: Vec<PathBuf>,
    /// What is Keelguard's own.
    ignored: Vec<PathBuf>,
    decoys: HashSet<PathBuf>,
    index: Index,
    dirty: HashMap<PathBuf, (Instant, u32)>,
    own: u32,
    overflows: u64,
    told_overflows: u64,
    told_unread: bool,
}

impl Follow {
    /// Begins to follow `trees`, but for what is in `ignored`. At most `files` of them are looked at beforehand; `names` knows
    /// containers by their ids.
    pub fn begin(trees: &[PathBuf], ignored: Vec<PathBuf>, files: usize, names: Names) -> Result<Self, FollowError> {
        let mut group = Group::new()?;
        let mut roots = Vec::new();
        for tree in trees {
            let root = tree
                .canonicalize()
                .map_err(|error| FollowError::Tree { tree: tree.display().to_string(), source: error })?;
            group.watch(&root)?;
            roots.push(root);
        }
        for folder in ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/bin"] {
            for program in programs() {
                let path = Path::new(folder).join(program);
                // Names that lead to the same program, such as lvremove, are told apart by what is run.
                if let Ok(path) = path.canonicalize() {
                    group.watch_runs(&path);
                }
            }
        }
        let index = Index::of(&roots, files);
        Ok(Self {
            group,
            processes: Processes::new(names),
            trees: roots,
            ignored,
            decoys: HashSet::new(),
            index,
            dirty: HashMap::new(),
            own: std::process::id(),
            overflows: 0,
            told_overflows: 0,
            told_unread: false,
        })
    }

    /// The trees, as their real paths.
    pub fn trees(&self) -> &[PathBuf] {
        &self.trees
    }

    /// These are decoys, now and until others are named.
    pub fn set_decoys(&mut self, decoys: impl Iterator<Item = PathBuf>) {
        let decoys: HashSet<PathBuf> = decoys.collect();
        for decoy in decoys.difference(&self.decoys) {
            self.group.watch_reads(decoy);
        }
        self.decoys = decoys;
    }

    /// How many files are known; none while they are still being looked at.
    pub fn known(&self) -> Option<u64> {
        self.index.is_done().then_some(self.index.files)
    }

    /// Waits for what happens, at most so long, and tells it.
    pub fn go_on(&mut self, time: Duration, see: &mut dyn FnMut(&Event)) -> Result<(), FollowError> {
        let time = if self.index.is_done() { time } else { Duration::ZERO };
        if self.group.wait(time) {
            for change in self.group.read()? {
                self.tell(&change, see);
            }
        } else if !self.index.is_done() {
            let time = Timestamp::now();
            let ignored = &self.ignored;
            self.index.go_on(SLICE, &|path| is_in(ignored, path), &mut |path, profile| {
                see(&Event { time, path: path.to_vec(), actor: None, what: What::Known(profile) });
            });
        }
        self.look_at_open(see);
        Ok(())
    }

    fn is_ours(&self, path: &Path) -> bool {
        is_in(&self.trees, path) && !is_in(&self.ignored, path)
    }

    fn tell(&mut self, change: &Change, see: &mut dyn FnMut(&Event)) {
        if change.mask & FAN_Q_OVERFLOW != 0 {
            self.overflows += 1;
            return;
        }
        if change.pid == self.own {
            return;
        }
        let Change { mask, pid, path, to } = change;
        if mask & FAN_OPEN_EXEC != 0 {
            self.ran(*pid, see);
        }
        let ours = [path, to].into_iter().flatten().any(|path| self.is_ours(path));
        if !ours {
            return;
        }
        if mask & FAN_ONDIR != 0 {
            match (path, to) {
                (Some(from), Some(to)) => self.group.folder_moved(from, to),
                (Some(path), None) if mask & FAN_CREATE != 0 => {
                    self.group.new_folder(path);
                }
                _ => {}
            }
            return;
        }
        match (path, to) {
            (Some(path), to) if mask & FAN_RENAME != 0 => self.renamed(path, to.as_deref(), *pid, see),
            (None, Some(to)) => self.changed(to, FAN_CREATE | FAN_CLOSE_WRITE, *pid, see),
            (Some(path), _) => self.changed(path, *mask, *pid, see),
            (None, None) => {}
        }
    }

    fn renamed(&mut self, from: &Path, to: Option<&Path>, pid: u32, see: &mut dyn FnMut(&Event)) {
        let actor = self.processes.who(pid);
        let dirty = self.dirty.remove(from);
        match to {
            Some(to) => {
                let now = profile(to);
                let what = What::Moved { to: to.as_os_str().as_bytes().to_vec(), now };
                send(from, &actor, what, see);
                if let Some(dirty) = dirty {
                    self.dirty.insert(to.to_owned(), dirty);
                }
            }
            // To where nobody watches.
            None => send(from, &actor, What::Removed { left: left(from) }, see),
        }
        for path in
            [Some(from), to].into_iter().flatten().filter(|path| self.decoys.contains(*path)).collect::<Vec<_>>()
        {
            send(path, &actor, What::Touched(Touch::Moved), see);
        }
    }

    fn changed(&mut self, path: &Path, mask: u64, pid: u32, see: &mut dyn FnMut(&Event)) {
        let actor = self.processes.who(pid);
        if self.decoys.contains(path) {
            Self::touched(path, mask, &actor, see);
        }
        if mask & FAN_CREATE != 0 {
            send(path, &actor, What::Made, see);
        }
        if mask & FAN_CLOSE_WRITE != 0 {
            self.dirty.remove(path);
            Self::written(path, &actor, false, see);
        } else if mask & FAN_MODIFY != 0 && (self.dirty.len() < DIRTY || self.dirty.contains_key(path)) {
            self.dirty.entry(path.to_owned()).or_insert((Instant::now(), pid));
        }
        // Made, written and deleted in one go, or deleted and made anew: what is there now says which.
        if mask & FAN_DELETE != 0 && (mask & FAN_CREATE == 0 || !path.exists()) {
            self.dirty.remove(path);
            send(path, &actor, What::Removed { left: left(path) }, see);
        }
    }

    fn touched(path: &Path, mask: u64, actor: &Actor, see: &mut dyn FnMut(&Event)) {
        let touch = match mask {
            _ if mask & FAN_DELETE != 0 => Touch::Removed,
            _ if mask & (FAN_MODIFY | FAN_CLOSE_WRITE) != 0 => Touch::Written,
            _ if mask & FAN_OPEN != 0 && !READERS.contains(&actor.name.as_str()) => Touch::Read,
            _ => return,
        };
        send(path, actor, What::Touched(touch), see);
    }

    fn written(path: &Path, actor: &Actor, is_open: bool, see: &mut dyn FnMut(&Event)) {
        let Some(mut now) = profile(path) else { return };
        if is_open {
            // Its end may still come.
            now.ends_well = None;
        }
        send(path, actor, What::Written(now), see);
        let name = path.file_name().map(std::os::unix::ffi::OsStrExt::as_bytes).unwrap_or_default();
        if may_be_note(name, now.size)
            && let Some(text) = text(path)
        {
            let words = note_words(name, &text);
            if words.is_note() {
                send(path, actor, What::Note(words), see);
            }
        }
    }

    /// Who writes and does not close is looked at all the same.
    fn look_at_open(&mut self, see: &mut dyn FnMut(&Event)) {
        let now = Instant::now();
        let due = self.dirty.iter().filter(|(_, (since, _))| now.duration_since(*since) >= OPEN);
        let due: Vec<(PathBuf, u32)> = due.map(|(path, (_, pid))| (path.clone(), *pid)).collect();
        for (path, pid) in due {
            self.dirty.remove(&path);
            let actor = self.processes.who(pid);
            Self::written(&path, &actor, true, see);
        }
    }

    /// A program was opened to be run: the process is that program a moment later.
    fn ran(&mut self, pid: u32, see: &mut dyn FnMut(&Event)) {
        let until = Instant::now() + Duration::from_millis(20);
        let mut actor = self.processes.ask(pid);
        let is_one = |actor: &Actor| {
            let mut words = actor.command.split_ascii_whitespace().take(2);
            words.any(|word| programs().any(|program| word.rsplit('/').next() == Some(program)))
        };
        while !is_one(&actor) && Instant::now() < until {
            std::thread::yield_now();
            actor = self.processes.ask(pid);
        }
        send(Path::new(""), &actor, What::Ran, see);
    }

    /// What could not be seen, each once.
    pub fn incomplete(&mut self) -> Vec<Incomplete> {
        let mut gaps = Vec::new();
        if self.overflows > self.told_overflows {
            self.told_overflows = self.overflows;
            let why = "more happened than the kernel keeps (fs.fanotify.max_queued_events): what was missed was not judged; raise the limit, or follow smaller trees";
            gaps.push(Incomplete::new(Area::Data, "changes to files", why));
        }
        let unread = self.index.unread + self.group.unmarked;
        if self.index.is_done() && unread > 0 && !self.told_unread {
            self.told_unread = true;
            let why = "they could not be read, are too deep or too many; what is in them is judged by names alone, or not at all";
            gaps.push(Incomplete::new(Area::Data, format!("{unread} folders or files"), why));
        }
        gaps
    }
}

fn send(path: &Path, actor: &Actor, what: What, see: &mut dyn FnMut(&Event)) {
    let path = path.as_os_str().as_bytes().to_vec();
    see(&Event { time: Timestamp::now(), path, actor: Some(actor.clone()), what });
}

fn is_in(roots: &[PathBuf], path: &Path) -> bool {
    roots.iter().any(|root| path.starts_with(root))
}

/// How many names are left in the folder of a backup that went.
fn left(path: &Path) -> Option<u32> {
    if !is_backup(path.as_os_str().as_bytes()) {
        return None;
    }
    match std::fs::read_dir(path.parent()?) {
        Ok(entries) => u32::try_from(entries.take(NAMES).count()).ok(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(0),
        Err(_) => None,
    }
}
