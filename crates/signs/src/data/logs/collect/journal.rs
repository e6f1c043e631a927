//! A journal: its entries in order, from all files at once, each held against its hash; and what its files say of themselves.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use keelguard_model::Area;

use super::Asked;
use super::hash::jenkins;
use crate::data::logs::detect::{FileSeen, JournalWatch, Line, LogWatch, Watched};
use crate::read::journal::{self, Bounds, Choice, JournalError, JournalFile, State, files_in};
use crate::read::{Gaps, Reading, refused, shown};

/// A value that is longer is not held against its hash.
const LONGEST: usize = 16 << 20;

/// Reads a folder of journals, or one file; gives the entries.
pub(super) fn read(path: &Path, asked: &Asked, watched: &mut Watched, gaps: &mut Gaps) -> u64 {
    let reading = Reading { longest_line: LONGEST, since: None, ..asked.reading.clone() };
    let mut watch = JournalWatch::new(shown(path));
    let mut log = LogWatch::new(shown(path));
    let mut own = Gaps::of(Area::Data);
    let files = if path.is_dir() { files_in(path, &mut own) } else { vec![path.to_path_buf()] };
    let mut seen: HashMap<PathBuf, (FileSeen, State)> = HashMap::new();
    for file in &files {
        match JournalFile::open(file, Choice::All, &Bounds::default()) {
            Ok(opened) => {
                seen.insert(file.clone(), of_head(file, &opened));
            }
            // It is damaged so far that there is no head: told of with the others.
            Err(JournalError::Io(error)) => {
                watch.unread();
                gaps.add(shown(file), refused(&error));
            }
            Err(error) => {
                let damage = vec![error.to_string()];
                let seen_file = FileSeen { path: shown(file), file: shown(file), damage, ..FileSeen::default() };
                seen.insert(file.clone(), (seen_file, State::Archived));
            }
        }
    }
    let mut nobody = Gaps::of(Area::Data);
    let opened = if path.is_dir() {
        journal::open_folder(path, &reading, Choice::All, &mut nobody)
    } else {
        journal::open_file(path, &reading, Choice::All, &mut nobody)
    };
    if let Some(mut entries) = opened {
        let mut number = 0;
        while entries.advance(&mut own) {
            number += 1;
            let Some((file, journal)) = entries.current() else { break };
            let second = journal.entry().time.div_euclid(1_000_000);
            let sequence = name_of(journal.head().sequence);
            watch.entry(&sequence, journal.entry().seqnum, second, &name_of(journal.entry().boot));
            let entry = journal.entry();
            log.see(&Line {
                number,
                second: Some(second),
                zoned: true,
                // Entries are in the order of their numbers, whatever the clock said.
                ordered: false,
                host: entry.host(),
                program: entry.program(),
                message: entry.message().unwrap_or_default(),
                sequence: None,
            });
            if asked.thorough && !fits(journal) {
                let (number, file) = (journal.entry().seqnum, file.to_path_buf());
                if let Some((seen, _)) = seen.get_mut(&file) {
                    seen.unfit += 1;
                    seen.first_unfit.get_or_insert((number, second));
                }
            }
        }
    }
    for gap in own.into_list() {
        match seen.get_mut(Path::new(&gap.what)) {
            Some((file, state)) if is_damage(&gap.why, *state) => file.damage.push(gap.why),
            _ => gaps.add(gap.what, gap.why),
        }
    }
    for (file, _) in seen.into_values() {
        watch.file(file);
    }
    let count = watch.count;
    watched.journals.push(watch);
    if log.lines > 0 {
        watched.logs.push(log);
    }
    count
}

/// Whether something of a file is damage, rather than what is written right now or what is not read.
fn is_damage(why: &str, state: State) -> bool {
    let is_limit =
        why.starts_with("of long messages") || why.starts_with("it was read up to") || why.contains("more comes out");
    !is_limit && (state != State::Online || why.contains("damaged and"))
}

fn of_head(path: &Path, file: &JournalFile) -> (FileSeen, State) {
    let head = file.head();
    let seconds = |micros: u64| i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let seen = FileSeen {
        path: shown(path),
        file: name_of(head.file),
        sequence: name_of(head.sequence),
        numbers: (head.head_seqnum, head.tail_seqnum),
        times: (seconds(head.head_time), seconds(head.tail_time)),
        entries: head.entries,
        archived: head.state == State::Archived,
        set_aside: name.ends_with('~'),
        of_user: name.starts_with("user-"),
        ..FileSeen::default()
    };
    (seen, head.state)
}

/// Whether what an entry says is what it was hashed of.
fn fits(journal: &mut JournalFile) -> bool {
    let expected = journal.entry().hash;
    let unreadable = |journal: &JournalFile| (journal.damage().fields, journal.damage().cut);
    let before = unreadable(journal);
    let mut hashes: Vec<u64> = Vec::new();
    journal.each_field(&mut |datum| hashes.push(jenkins(datum)));
    if unreadable(journal) != before {
        // That is told of as damage, or was too long.
        return true;
    }
    let found = hashes.iter().fold(0, |all, hash| all ^ hash);
    // A field that was given twice lies there once.
    found == expected || hashes.contains(&(found ^ expected))
}

fn name_of(id: journal::Id) -> String {
    use std::fmt::Write as _;
    id.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
