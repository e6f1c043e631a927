//! What is kept of logs from one look to the next, in one file: what each held, which journals there were, how long histories
//! were. Written whole, beside the old one, and put in its place.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use keelguard_model::{Finding, rule};
use serde::{Deserialize, Serialize};

use super::{Asked, base_of, rotated, traps};
use crate::data::logs::detect::{Became, FileSeen, Kept, Now, Prints, Trap, became, lost_since, of_lost, of_shape};
use crate::read::{Gaps, Opened, Reading, open, shown};

/// See the module.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The form of this file.
    version: u32,
    /// Logs and their rotated pieces.
    files: BTreeMap<PathBuf, Kept>,
    /// Journals by folder, their files by id.
    journals: BTreeMap<String, BTreeMap<String, FileSeen>>,
    /// Bytes of histories.
    histories: BTreeMap<PathBuf, u64>,
}

const VERSION: u32 = 1;
/// As much of a file is kept in mind.
const MOST_BYTES: u64 = 4 << 30;
/// The same where only seconds are to be spent.
const CHEAP_BYTES: u64 = 64 << 20;
const MOST_FILES: usize = 20_000;
/// A state that is larger is not one of ours.
const LARGEST: u64 = 256 << 20;

/// Holds logs against what was kept of the last look, and keeps what they are now.
pub(super) fn look(
    path: &Path,
    read: &super::Read,
    rotations: &rotated::Rotations,
    asked: &Asked,
    own: bool,
    gaps: &mut Gaps,
) -> (Vec<Finding>, Vec<Trap>) {
    let now = asked.reading.now.as_second();
    let mut state = match load(path) {
        Ok(state) => state,
        Err(why) => {
            gaps.add(
                shown(path),
                format!(
                    "what was seen of logs at the last look cannot be read, so that nothing is held against it: {why}"
                ),
            );
            State::default()
        }
    };
    let mut found = Vec::new();
    let mut bases: Vec<PathBuf> = (read.logs.iter().filter(|log| log.grows))
        .filter_map(|log| log.family.files.last())
        .filter(|file| file.is_file())
        .map(|file| absolute(Path::new(&base_of(file))))
        .collect();
    if own {
        // What was there at the last look and is no more.
        bases.extend(state.files.keys().map(|file| PathBuf::from(base_of(file))));
    }
    bases.sort();
    bases.dedup();
    for base in bases {
        of_log(&base, &mut state, rotations, asked, now, &mut found, gaps);
    }
    for watch in &read.watched.journals {
        let files: BTreeMap<String, FileSeen> =
            watch.files().iter().take(MOST_FILES).map(|file| (file.file.clone(), file.clone())).collect();
        if let Some(before) = state.journals.insert(watch.name.clone(), files) {
            found.extend(
                lost_since(&before, watch.files()).iter().take(20).map(|(lost, left)| of_lost(lost, *left, now)),
            );
        }
    }
    let mut emptied = Vec::new();
    if own {
        of_journals_gone(&mut state, read, now, &mut found);
        let histories = traps::histories(&asked.root);
        for (user, path, size) in &histories {
            if *size == 0
                && let Some(before) = state.histories.get(path).filter(|before| **before > 0)
            {
                emptied.push(Trap::HistoryEmptied { user: user.clone(), path: shown(path), before: *before });
            }
        }
        state.histories = histories.into_iter().map(|(_, path, size)| (path, size)).collect();
    }
    if let Err(error) = save(path, &state) {
        gaps.add(shown(path), format!("what was seen of logs could not be kept for the next look: {error}"));
    }
    (found, emptied)
}

/// Folders of journals of which nothing is left.
fn of_journals_gone(state: &mut State, read: &super::Read, now: i64, found: &mut Vec<Finding>) {
    let is_gone =
        |name: &String| !read.watched.journals.iter().any(|watch| watch.name == *name) && !name.starts_with("/run/");
    let gone: Vec<String> = state.journals.keys().filter(|name| is_gone(name)).cloned().collect();
    for name in gone {
        let files = state.journals.remove(&name).unwrap_or_default();
        // A journal that is kept in memory only from now on leaves its folder behind; so does whoever empties it.
        if let Some(file) = files.values().find(|file| !file.archived && !file.of_user) {
            let mut finding = of_lost(file, None, now);
            finding.title = format!(
                "{}: every file of the journal that was there at the last look is gone",
                shown(Path::new(&name))
            );
            rule::LOG_SHRUNK.id.clone_into(&mut finding.rule);
            found.push(finding);
        }
    }
}

fn of_log(
    base: &Path,
    state: &mut State,
    rotations: &rotated::Rotations,
    asked: &Asked,
    now: i64,
    found: &mut Vec<Finding>,
    gaps: &mut Gaps,
) {
    let pieces: Vec<Now> = rotations.pieces(base).into_iter().map(|(_, now)| now).collect();
    let rotation = rotations.of(base);
    let configured = rotation.is_some();
    let keeps = rotation.is_none_or(|rotation| rotation.keep > 0);
    let most = if asked.thorough { MOST_BYTES } else { CHEAP_BYTES };
    let before: Vec<(PathBuf, Kept)> = state
        .files
        .iter()
        .filter(|(path, _)| Path::new(&base_of(path)) == base)
        .map(|(path, kept)| (path.clone(), kept.clone()))
        .collect();
    let mut too_large = false;
    for (path, kept) in &before {
        if kept.prints.length > most {
            too_large = true;
            continue;
        }
        let became = became(path, kept, &pieces, keeps, &mut |path, wanted, unpacked| {
            prints_of(path, wanted, unpacked, &asked.reading)
        });
        let purged = became == Became::Gone
            && pieces.is_empty()
            && (kept.configured && !configured || base.parent().is_none_or(|folder| !folder.exists()));
        // That a piece in the middle is gone is said of the log.
        if !purged && (kept.current || !matches!(became, Became::Replaced)) {
            found.extend(of_shape(&shown(path), kept, &became, now));
        }
    }
    if too_large {
        // What was known of it holds until everything is looked at.
        return gaps.add(
            shown(base),
            "it is too large to be held against the last look here; keelguard signs data logs does it",
        );
    }
    for (path, _) in &before {
        state.files.remove(path);
    }
    for piece in pieces {
        let length = piece.size.min(most);
        if state.files.len() >= MOST_FILES {
            return gaps.add(shown(base), format!("more than {MOST_FILES} files of logs are not kept in mind"));
        }
        let wanted = Prints { piece: Prints::piece_for(length), length, hashes: Vec::new() };
        let prints =
            if length == 0 { Some(Prints::default()) } else { prints_of(&piece.path, &wanted, false, &asked.reading) };
        let Some(prints) = prints else { continue };
        let kept = Kept {
            inode: piece.inode,
            device: piece.device,
            prints,
            looked: now,
            modified: piece.modified,
            configured,
            current: piece.path == base,
        };
        state.files.insert(piece.path, kept);
    }
}

/// Hashes of what a file begins with, as it lies there or unpacked.
fn prints_of(path: &Path, wanted: &Prints, unpacked: bool, reading: &Reading) -> Option<Prints> {
    let mut reader: Box<dyn Read> = if unpacked {
        let packed = [".gz", ".xz", ".zst", ".zstd", ".bz2"].iter().any(|end| shown(path).ends_with(end));
        match open(path, reading).ok().filter(|_| packed)?.0 {
            Opened::Text(reader) | Opened::Records(reader) => Box::new(reader),
            _ => return None,
        }
    } else {
        Box::new(File::open(path).ok().filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()))?)
    };
    let mut prints = Prints { piece: wanted.piece.max(1), length: 0, hashes: Vec::new() };
    let mut buffer = vec![0; 64 << 10];
    while prints.length < wanted.length {
        let mut left = prints.piece.min(wanted.length - prints.length);
        let mut hash = blake3::Hasher::new();
        let begin = prints.length;
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let count = match reader.read(buffer.get_mut(..room)?) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return None,
            };
            hash.update(buffer.get(..count)?);
            prints.length += count as u64;
            left -= count as u64;
        }
        if prints.length == begin {
            break;
        }
        prints.hashes.push(hash.finalize().to_hex().chars().take(32).collect());
        if left > 0 {
            break;
        }
    }
    Some(prints)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn load(path: &Path) -> Result<State, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let state: State = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    if state.version == VERSION {
        Ok(state)
    } else {
        Err(format!("it is of form {}, and {VERSION} is known", state.version))
    }
}

fn save(path: &Path, state: &State) -> std::io::Result<()> {
    let state = State {
        version: VERSION,
        files: state.files.clone(),
        journals: state.journals.clone(),
        histories: state.histories.clone(),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let write = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec(&state)?)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().inspect_err(|_| drop(std::fs::remove_file(&beside)))
}
