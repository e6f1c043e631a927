//! The restore drill: files taken at random out of the newest snapshots, restored into a scratch folder, and compared with the
//! live ones. A live file that was changed since says nothing; one that claims not to have changed must be the same.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keelguard_model::{Finding, rule};
use ring::rand::{SecureRandom, SystemRandom};

use super::run::within;
use super::tell::Tell;
use super::tool::{Entry, Repository, Trouble};
use super::{Backup, Options, Snapshot};

/// Larger files are not restored, lest a drill fill the disk.
const LARGEST: u64 = 256 << 20;
/// The most that is restored of one backup, each file removed before the next is restored.
const MOST: u64 = 4 << 30;
/// After so many that could not be restored the drill ends: tools try for half a minute with each, and the point is made.
const FAILURES: usize = 3;

/// Restores files of the newest snapshot of each set, in turn.
pub(super) fn drill(
    backup: &Backup,
    repository: &dyn Repository,
    newest: &[&Snapshot],
    options: &Options,
    scratch: &Path,
    tell: &mut Tell,
) {
    let share = options.drill.div_ceil(newest.len().max(1));
    let (mut left, mut bytes, mut restored) = (options.drill, 0, 0);
    for snapshot in newest {
        let entries = match repository.entries(snapshot) {
            Ok(entries) => entries,
            Err(trouble) => {
                tell.trouble(trouble);
                return;
            }
        };
        let mut files = entries.files;
        files.retain(|entry| entry.size <= LARGEST && !entry.path.is_empty());
        for entry in random(files, share.min(left)) {
            bytes += entry.size;
            if bytes > MOST {
                tell.unable("the drill stopped after 4 GiB");
                return;
            }
            left -= 1;
            restored += 1;
            let to = scratch.join(format!("restored-{restored}"));
            let is_asked = one(backup, repository, snapshot, &entry, &to, options, tell);
            std::fs::remove_file(&to).ok();
            let failed = |finding: &&Finding| finding.rule == rule::BACKUP_NOT_RESTORED.id;
            if !is_asked || tell.looked.findings.iter().filter(failed).count() >= FAILURES {
                return;
            }
        }
        if entries.is_cut {
            tell.unable("it holds more files than are listed here; the drill chose among the first of them");
        }
    }
    tell.looked.lines += restored;
    if restored == 0 {
        tell.unable("the drill found no file in it that could be restored");
    }
}

/// Restores one file; whether it makes sense to go on.
fn one(
    backup: &Backup,
    repository: &dyn Repository,
    snapshot: &Snapshot,
    entry: &Entry,
    to: &Path,
    options: &Options,
    tell: &mut Tell,
) -> bool {
    match repository.restore(snapshot, entry, to) {
        Ok(()) => {}
        Err(Trouble::Failed { what, said }) => {
            tell.not_restored(snapshot, &entry.path, &format!("{what}: {said}"));
            return true;
        }
        Err(trouble) => {
            tell.trouble(trouble);
            return false;
        }
    }
    let length = std::fs::metadata(to).map_or(0, |meta| meta.len());
    if length != entry.size {
        let said = format!("{length} bytes came out where {} are recorded", entry.size);
        tell.not_restored(snapshot, &entry.path, &said);
        return true;
    }
    let Some(live) = live(backup, entry) else { return true };
    let recorded = (entry.size, entry.at);
    let (path, restored) = (live.clone(), to.to_path_buf());
    match within(options.check_time, move || compare(&path, &restored, recorded)) {
        Some(Some((restored, live_hash))) if restored != live_hash => {
            tell.differs(snapshot, &entry.path, &live.display().to_string(), [&restored, &live_hash]);
        }
        Some(_) => {}
        None => tell.unable(&format!("{} did not answer", live.display())),
    }
    true
}

/// Where the file lies that was backed up.
fn live(backup: &Backup, entry: &Entry) -> Option<PathBuf> {
    let root = backup.live.as_deref()?;
    let relative = Path::new(entry.path.trim_start_matches('/'));
    if relative.components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
        return None;
    }
    let whole = Path::new("/").join(relative);
    Some(if whole.starts_with(root) { whole } else { root.join(relative) })
}

/// The hashes of both; none where the live one is gone or has changed since.
fn compare(live: &Path, restored: &Path, (size, at): (u64, Option<Timestamp>)) -> Option<(String, String)> {
    let meta = std::fs::symlink_metadata(live).ok()?;
    let changed = Timestamp::try_from(meta.modified().ok()?).ok()?;
    // Archives keep whole seconds or microseconds of it.
    let is_same = at.is_some_and(|at| changed.duration_since(at).abs() < jiff::SignedDuration::from_millis(1001));
    if !meta.is_file() || meta.len() != size || !is_same {
        return None;
    }
    let hashes = (hash(restored, size).ok()?, hash(live, size).ok()?);
    // What was written to while it was read has not been what it was.
    let after = std::fs::symlink_metadata(live).ok()?;
    (after.modified().ok() == meta.modified().ok() && after.len() == size).then_some(hashes)
}

fn hash(path: &Path, size: u64) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut File::open(path)?.take(size), &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// So many of them, each as likely as any other.
fn random(mut files: Vec<Entry>, count: usize) -> Vec<Entry> {
    let mut chosen = Vec::new();
    while chosen.len() < count && !files.is_empty() {
        let mut bytes = [0; 8];
        if SystemRandom::new().fill(&mut bytes).is_err() {
            break;
        }
        let index = u64::from_le_bytes(bytes) % files.len() as u64;
        chosen.push(files.swap_remove(usize::try_from(index).unwrap_or_default()));
    }
    chosen
}
