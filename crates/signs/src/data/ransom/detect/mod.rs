//! The detector: a state machine that takes what happens to files, and says at any time what of it looks as if somebody wanted
//! money. It counts files whose content is **lost** ([`super::lost`]), not writes or renames: of these a busy day is full.
//! Memory is bounded; what had to be forgotten is counted.

mod findings;
mod pair;

use std::collections::VecDeque;

use keelguard_model::{Area, Finding, Incomplete};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::pair::Pairs;
use super::backups::{Harm, harm, is_backup, is_passing, is_vital};
use super::content::Profile;
use super::event::{Actor, Event, Touch, What, folder, name};
use super::kinds::{Kind, Promise, promise, strange_ending};
use super::lost::{How, how};
use super::notes::Words;
use crate::bounded::Bounded;

/// From when on something is said, and how much is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Files lost before it is said.
    pub lost: usize,
    /// Seconds within which they are: slow ones take one a minute, or one an hour.
    pub window: i64,
    /// Files emptied or zeroed by one process before it is said.
    pub wiped: usize,
    /// Folders in which the same note lies before it is said.
    pub notes: usize,
    /// Documents that one process deletes within [`Limits::burst`] before it is said.
    pub gone: usize,
    /// Backups deleted from one folder within [`Limits::burst`] before it is said, if few are left.
    pub backups: usize,
    /// Seconds of a burst.
    pub burst: i64,
    /// Files whose content is remembered.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { lost: 3, window: 24 * 3600, wiped: 3, notes: 3, gone: 50, backups: 3, burst: 600, files: 400_000 }
    }
}

/// Things of a kind that are remembered, at most.
const MANY: usize = 2000;

/// A file that was lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Loss {
    at: i64,
    key: u64,
    path: String,
    how: How,
    actor: Option<Actor>,
    /// The ending that was put behind its name, where nobody knows it.
    ending: Option<String>,
}

/// Something else that happened to a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Deed {
    at: i64,
    path: String,
    actor: Option<Actor>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    at: i64,
    name: String,
    folder: String,
    words: Words,
    actor: Option<Actor>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Decoy {
    at: i64,
    path: String,
    touch: Touch,
    actor: Option<Actor>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Emptied {
    deeds: VecDeque<Deed>,
    left: u32,
    vital: bool,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detector {
    limits: Limits,
    host: String,
    now: i64,
    events: u64,
    /// What files were, by a hash of their paths: a path is longer than what is remembered of it.
    known: Bounded<u64, Profile>,
    pairs: Pairs,
    losses: VecDeque<Loss>,
    notes: VecDeque<Note>,
    decoys: VecDeque<Decoy>,
    gone: VecDeque<Deed>,
    /// Backups that went, by folder.
    emptied: Bounded<String, Emptied>,
    commands: VecDeque<(Deed, bool)>,
    /// Changes with every event that may change what is said.
    version: u64,
}

impl Detector {
    /// One that has seen nothing, for the host of this name.
    pub fn new(limits: Limits, host: impl Into<String>) -> Self {
        let files = limits.files;
        Self {
            limits,
            host: host.into(),
            now: 0,
            events: 0,
            known: Bounded::new(files),
            pairs: Pairs::default(),
            losses: VecDeque::new(),
            notes: VecDeque::new(),
            decoys: VecDeque::new(),
            gone: VecDeque::new(),
            emptied: Bounded::new(MANY),
            commands: VecDeque::new(),
            version: 0,
        }
    }

    /// What is remembered of a file.
    pub fn known(&self, path: &[u8]) -> Option<&Profile> {
        self.known.get(&key(path))
    }

    /// How many events it has seen; what files were found to be are none.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Changes when what is to be said may have changed.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many files are lost, as far as it knows.
    pub fn lost(&self) -> usize {
        self.losses.len()
    }

    /// Takes an event in. Events come in their order; a clock that is set back does no harm.
    pub fn see(&mut self, event: &Event) {
        let at = event.time.as_second();
        self.now = self.now.max(at);
        if let What::Known(profile) = &event.what {
            self.known.entry(key(&event.path), at, || *profile);
            return;
        }
        self.events += 1;
        let Event { path, actor, .. } = event;
        match &event.what {
            What::Known(_) => {}
            What::Made => self.remember(path, at, Profile::of(0, &[])),
            What::Written(now) => self.written(path, actor.as_ref(), at, *now),
            What::Moved { to, now } => self.moved(path, to, actor.as_ref(), at, *now),
            What::Removed { left } => self.removed(path, actor.as_ref(), at, *left),
            What::Note(words) => self.note(path, *words, actor.as_ref(), at),
            What::Touched(touch) => {
                let decoy = Decoy { at, path: super::event::shown(path), touch: *touch, actor: actor.clone() };
                push(&mut self.decoys, decoy);
                self.version += 1;
            }
            What::Ran => self.ran(actor.as_ref(), at),
        }
    }

    fn remember(&mut self, path: &[u8], at: i64, profile: Profile) {
        *self.known.entry(key(path), at, || profile) = profile;
    }

    fn written(&mut self, path: &[u8], actor: Option<&Actor>, at: i64, now: Profile) {
        let before = self.known.get(&key(path)).copied();
        if let Some(how) = how(before.as_ref(), name(path), &now) {
            self.lose(path, path, how, actor, at);
            // What it was stays: what is encrypted piece by piece is held against the whole.
            if how == How::Parts {
                return;
            }
        } else if before.is_none_or(|before| !before.kind.is_readable()) {
            self.fresh(path, actor, at, &now);
        }
        self.remember(path, at, now);
    }

    /// A file that cannot be read by whoever has no key, where none was: what it was made from may go next.
    fn fresh(&mut self, path: &[u8], actor: Option<&Actor>, at: i64, now: &Profile) {
        if matches!(now.kind, Kind::Random | Kind::Coded | Kind::Sealed) {
            for lost in self.pairs.made(path, actor, at, now) {
                self.lose_pair(&lost, path, now.kind == Kind::Sealed, actor, at);
            }
        }
    }

    fn moved(&mut self, from: &[u8], to: &[u8], actor: Option<&Actor>, at: i64, now: Option<Profile>) {
        let was = self.known.get(&key(from)).copied();
        let covered = self.known.get(&key(to)).copied();
        self.known.entry(key(from), at, || Profile::of(0, &[])).clone_from(&Profile::of(0, &[]));
        let Some(now) = now.or(was) else { return };
        // A new file that takes the place of another, or one whose content has changed on its way.
        if let Some(how) = covered.and_then(|covered| how(Some(&covered), name(to), &now)) {
            self.lose(to, to, how, actor, at);
        } else if let Some(how) = was.and_then(|was| how(Some(&was), name(to), &now)) {
            self.lose(from, to, how, actor, at);
        } else {
            self.pairs.renamed(from, to);
            self.fresh(to, actor, at, &now);
        }
        self.remember(to, at, now);
        if is_backup(from) && !is_backup(to) && folder(from) != folder(to) {
            self.backup_gone(from, actor, at, None);
        }
    }

    fn removed(&mut self, path: &[u8], actor: Option<&Actor>, at: i64, left: Option<u32>) {
        let before = self.known.get(&key(path)).copied();
        if before.is_some() {
            self.remember(path, at, Profile::of(0, &[]));
        }
        // Backup tools have caches, too, under their own names.
        if is_backup(path) && !is_passing(path) {
            self.backup_gone(path, actor, at, left);
        }
        let promised = promise(name(path));
        let had = before.map_or(promised.is_some(), |before| before.kind.is_readable() && before.size > 0);
        if !had || is_passing(path) {
            return;
        }
        if let Some((heir, sealed)) = self.pairs.removed(path, actor, at, before.as_ref()) {
            let how = if sealed { How::Sealed } else { How::Replaced };
            self.lose(path, &heir, how, actor, at);
        }
        let deletes_for_a_living = actor.is_some_and(|actor| {
            DELETERS.contains(&actor.name.as_str()) || DELETERS.contains(&actor.parent_name.as_str())
        });
        if promised == Some(Promise::Known) && !is_backup(path) && !deletes_for_a_living {
            push(&mut self.gone, Deed { at, path: super::event::shown(path), actor: actor.cloned() });
            if self.gone.len() >= self.limits.gone {
                self.version += 1;
            }
        }
    }

    fn backup_gone(&mut self, path: &[u8], actor: Option<&Actor>, at: i64, left: Option<u32>) {
        let vital = is_vital(path) && left == Some(0);
        // A repository has a folder for each two digits: those under one roof are one.
        let roof = if name(folder(path)).len() == 2 { folder(folder(path)) } else { folder(path) };
        let make = || Emptied { deeds: VecDeque::new(), left: u32::MAX, vital: false };
        let emptied = self.emptied.entry(super::event::shown(roof), at, make);
        let since = at.saturating_sub(self.limits.burst);
        emptied.deeds.retain(|deed| deed.at >= since);
        push(&mut emptied.deeds, Deed { at, path: super::event::shown(path), actor: actor.cloned() });
        emptied.left = left.unwrap_or(emptied.left);
        emptied.vital |= vital;
        self.version += 1;
    }

    fn note(&mut self, path: &[u8], words: Words, actor: Option<&Actor>, at: i64) {
        let (name, folder) = (super::event::shown(name(path)), super::event::shown(folder(path)));
        if words.is_note() && !self.notes.iter().any(|note| note.name == name && note.folder == folder) {
            push(&mut self.notes, Note { at, name, folder, words, actor: actor.cloned() });
            self.version += 1;
        }
    }

    fn ran(&mut self, actor: Option<&Actor>, at: i64) {
        let Some((actor, harm)) = actor.and_then(|actor| Some((actor, harm(actor)?))) else { return };
        let deed = Deed { at, path: actor.command.clone(), actor: Some(actor.clone()) };
        push(&mut self.commands, (deed, harm == Harm::All));
        self.version += 1;
    }

    fn lose_pair(&mut self, path: &[u8], heir: &[u8], sealed: bool, actor: Option<&Actor>, at: i64) {
        self.lose(path, heir, if sealed { How::Sealed } else { How::Replaced }, actor, at);
    }

    /// A file is lost; `now` is what it is called now.
    fn lose(&mut self, path: &[u8], now: &[u8], how: How, actor: Option<&Actor>, at: i64) {
        let since = self.now.saturating_sub(self.limits.window);
        self.losses.retain(|loss| loss.at >= since);
        let key = key(path);
        if self.losses.iter().any(|loss| loss.key == key) {
            return;
        }
        let (path, ending) = (super::event::shown(path), strange_ending(name(now)));
        push(&mut self.losses, Loss { at, key, path, how, actor: actor.cloned(), ending });
        self.version += 1;
    }

    /// What is to be said of all that was seen.
    pub fn findings(&self) -> Vec<Finding> {
        findings::all(self)
    }

    /// What was forgotten for want of room.
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let gap = || {
            Incomplete::new(
                Area::Data,
                format!("{} files", self.known.forgotten),
                "there are more files than are remembered at a time: what these were before is judged by their names alone; follow smaller trees",
            )
        };
        (self.known.forgotten > 0).then(gap).into_iter().collect()
    }
}

/// Programs that delete documents as part of their work.
static DELETERS: &[&str] = &[
    "git",
    "rsync",
    "dpkg",
    "apt",
    "apt-get",
    "dnf",
    "rpm",
    "npm",
    "node",
    "cargo",
    "dockerd",
    "containerd",
    "logrotate",
    "systemd-tmpfile",
    "tmpreaper",
    "make",
    "ninja",
    "syncthing",
    "nextcloudcmd",
    "rclone",
];

/// The path in as few bytes as will not be the same for two of a million by chance.
fn key(path: &[u8]) -> u64 {
    Sha256::digest(path).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn push<T>(list: &mut VecDeque<T>, new: T) {
    if list.len() >= MANY {
        list.pop_front();
    }
    list.push_back(new);
}

#[cfg(test)]
mod tests;
