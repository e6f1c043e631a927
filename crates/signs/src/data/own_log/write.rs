//! Adds a record to the chain. One writer at a time; a record is written whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::record::{Hash, Head, OwnLogError, Record, head_of};

/// A record is no longer.
pub(super) const LONGEST: u64 = 4 << 20;
/// As long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Adds a record to the log at `path`, which is made where it is not there; gives its hash.
///
/// # Errors
/// The log cannot be opened, is held by another, or there is no room: then it is as it was.
pub fn append(path: &Path, kind: &str, detail: serde_json::Value, now: Timestamp) -> Result<Hash, OwnLogError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(OwnLogError::io("make the folder", folder))?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(OwnLogError::io("open", path))?;
    lock(&file, path)?;
    let (end, torn) = mend(&mut file).map_err(OwnLogError::io("read", path))?;
    let last = last_of(&mut file, end).map_err(OwnLogError::io("read", path))?;
    let kept = fs::read(head_of(path)).ok().and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
    // Where the log was cut, the chain goes on from what is known: the hole stays to be seen.
    let before = match (last, kept) {
        (Some(last), Some(kept)) if kept.sequence > last.sequence => Some(kept),
        (None, kept) => kept,
        (last, _) => last,
    };
    let record = Record {
        sequence: before.map_or(0, |head| head.sequence).saturating_add(1),
        time: now,
        previous: before.map_or(Hash::NONE, |head| head.hash),
        kind: kind.to_owned(),
        detail,
        torn: Some(torn).filter(|torn| *torn > 0),
    };
    let mut line = serde_json::to_vec(&record)?;
    let hash = Hash::of(&line);
    line.push(b'\n');
    if let Err(error) = file.write_all(&line).and_then(|()| file.sync_data()) {
        // Half a record helps nobody; where even that fails, the next writer mends it.
        let _ = file.set_len(end);
        return Err(OwnLogError::io("write to", path)(error));
    }
    let head = Head { sequence: record.sequence, hash };
    write_head(path, head).map_err(OwnLogError::io("write the head of", path))?;
    Ok(hash)
}

fn lock(file: &File, path: &Path) -> Result<(), OwnLogError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Err(OwnLogError::Busy(path.to_path_buf())),
            Err(TryLockError::Error(error)) => return Err(OwnLogError::io("lock", path)(error)),
        }
    }
}

/// Takes away what a writer that died left of a record: where the log ends then, and how much that was.
fn mend(file: &mut File) -> std::io::Result<(u64, u64)> {
    let length = file.metadata()?.len();
    let tail = tail_of(file, length)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let torn = (tail.len() - whole) as u64;
    // What is longer than any record is none of ours, and is left for whoever verifies.
    if torn == 0 || torn >= LONGEST {
        return Ok((length, 0));
    }
    file.set_len(length - torn)?;
    Ok((length - torn, torn))
}

/// The last record before `end`.
fn last_of(file: &mut File, end: u64) -> std::io::Result<Option<Head>> {
    let tail = tail_of(file, end)?;
    let Some(lines) = tail.strip_suffix(b"\n") else { return Ok(None) };
    let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let record = serde_json::from_slice::<Record>(line).ok();
    Ok(record.map(|record| Head { sequence: record.sequence, hash: Hash::of(line) }))
}

fn tail_of(file: &mut File, end: u64) -> std::io::Result<Vec<u8>> {
    let from = end.saturating_sub(LONGEST);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(end - from).read_to_end(&mut tail)?;
    Ok(tail)
}

fn write_head(path: &Path, head: Head) -> std::io::Result<()> {
    let place = head_of(path);
    let beside = place.with_extension(format!("{}.new", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec(&head)?)?;
        file.sync_data()?;
        fs::rename(&beside, &place)
    };
    write().inspect_err(|_| drop(fs::remove_file(&beside)))
}
