//! Files that went, and the sealed files that came instead. Which came from which is told by name, by process and by size; by
//! nothing less: a backup writes random files all night while others delete theirs.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::super::content::Profile;
use super::super::event::{Actor, folder, name};
use super::super::kinds::{Kind, stem};

/// Seconds between the one and the other.
const APART: i64 = 120;
/// What is remembered of each side.
const MOST: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Made {
    at: i64,
    path: Vec<u8>,
    size: u64,
    sealed: bool,
    pid: u32,
    parent: u32,
    /// An archive that took in many.
    takes_many: bool,
    used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Gone {
    at: i64,
    path: Vec<u8>,
    size: Option<u64>,
    pid: u32,
    parent: u32,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Pairs {
    made: VecDeque<Made>,
    gone: VecDeque<Gone>,
}

impl Pairs {
    /// A sealed file was made: which of those that went it came from.
    pub(super) fn made(&mut self, path: &[u8], actor: Option<&Actor>, at: i64, now: &Profile) -> Vec<Vec<u8>> {
        let (pid, parent) = numbers(actor);
        let sealed = now.kind == Kind::Sealed;
        let takes_many =
            sealed && [&b".zip"[..], b".7z", b".rar", b".gpg", b".age", b".enc"].iter().any(|end| path.ends_with(end));
        let mut made = Made { at, path: cut(path), size: now.size, sealed, pid, parent, takes_many, used: false };
        self.made.retain(|other| at.saturating_sub(other.at) <= APART && other.path != made.path);
        self.gone.retain(|gone| at.saturating_sub(gone.at) <= APART);
        let found = self.gone.iter().position(|gone| fits(&made, gone));
        let lost = found.and_then(|found| self.gone.remove(found)).map(|gone| gone.path);
        made.used = lost.is_some();
        keep(&mut self.made, made);
        lost.into_iter().collect()
    }

    /// A sealed file has another name now.
    pub(super) fn renamed(&mut self, from: &[u8], to: &[u8]) {
        for made in self.made.iter_mut().filter(|made| made.path == from) {
            made.path = cut(to);
        }
    }

    /// A readable file went: which sealed one came instead, and whether a known tool sealed it.
    pub(super) fn removed(
        &mut self,
        path: &[u8],
        actor: Option<&Actor>,
        at: i64,
        before: Option<&Profile>,
    ) -> Option<(Vec<u8>, bool)> {
        let (pid, parent) = numbers(actor);
        let gone = Gone { at, path: cut(path), size: before.map(|before| before.size), pid, parent };
        self.made.retain(|made| at.saturating_sub(made.at) <= APART);
        self.gone.retain(|other| at.saturating_sub(other.at) <= APART);
        if let Some(made) = self.made.iter_mut().find(|made| fits(made, &gone)) {
            made.used = true;
            return Some((made.path.clone(), made.sealed));
        }
        keep(&mut self.gone, gone);
        None
    }
}

fn fits(made: &Made, gone: &Gone) -> bool {
    let same = made.pid != 0 && made.pid == gone.pid;
    // Everything is a child of the first process.
    let kin = made.parent > 1 && (made.parent == gone.parent || made.parent == gone.pid || made.pid == gone.parent);
    if made.takes_many && (same || kin) && made.at <= gone.at {
        // An archive is made first, and what it took in lies beside or below it.
        return same || folder(&gone.path).starts_with(folder(&made.path));
    }
    if made.used {
        return false;
    }
    let (new, old) = (name(&made.path), name(&gone.path));
    let named = folder(&made.path) == folder(&gone.path)
        && !stem(old).is_empty()
        && (new.starts_with(old) || stem(new) == stem(old) || new.ends_with(old) && new.len() > old.len());
    let sized = gone.size.is_some_and(|size| made.size.abs_diff(size) <= size / 25 + 1040);
    named && gone.size.is_none_or(|size| made.size >= size / 4) || (same || kin) && sized
}

fn numbers(actor: Option<&Actor>) -> (u32, u32) {
    actor.map_or((0, 0), |actor| (actor.pid, actor.parent))
}

fn cut(path: &[u8]) -> Vec<u8> {
    path.get(..4096).unwrap_or(path).to_vec()
}

fn keep<T>(list: &mut VecDeque<T>, new: T) {
    if list.len() >= MOST {
        list.pop_front();
    }
    list.push_back(new);
}
