//! Reads logs and what lies around them: files, their rotated pieces, what was kept of the last look. Decides nothing.

mod hash;
mod journal;
mod kept;
mod last;
mod records;
mod rotated;
mod sources;
mod text;
mod traps;

use std::path::{Path, PathBuf};

use keelguard_model::Area;
pub use sources::default_sources;

use super::detect::{self, Watched};
use crate::data::Looked;
use crate::read::{Family, Gaps, Opened, families, open, refused, shown};
pub use crate::read::{Outcome, Reading};

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the machine's files begin, mostly `/`.
    pub root: PathBuf,
    /// The logs; none for this machine's own.
    pub files: Vec<PathBuf>,
    /// How much is read.
    pub reading: Reading,
    /// Where what was seen is kept from one look to the next.
    pub state: Option<PathBuf>,
    /// Whether everything is looked at, or only what takes seconds.
    pub thorough: bool,
}

/// What was read, together with what lies around it.
#[derive(Default)]
struct Read {
    watched: Watched,
    /// Logs by the path without what rotation added, with what they turned out to be.
    logs: Vec<Log>,
    lines: u64,
}

/// A log on the disk.
struct Log {
    family: Family,
    /// Whether it only grows, so that what became of it can be told.
    grows: bool,
}

/// Looks at logs.
pub fn look(asked: &Asked) -> Looked {
    let own = asked.files.is_empty();
    let files = if own { default_sources(&asked.root, asked.thorough) } else { asked.files.clone() };
    let mut gaps = Gaps::of(Area::Data);
    let rotation = rotated::Rotations::read(&asked.root);
    let mut read = Read::default();
    for family in rotation.gathered(families(files.clone())) {
        read_family(family, asked, own, &rotation, &mut read, &mut gaps);
    }
    let reading = &asked.reading;
    if own {
        read.watched.lasts = last::read(&asked.root);
    }
    let now = reading.now.as_second();
    let end = if own { now } else { read.watched.last().unwrap_or(now).min(now) };
    let mut findings = detect::judge(&read.watched, end, &reading.zone);
    findings.extend(rotated::judge(&read.logs, &rotation, now));
    let mut traps = if own { traps::read(&asked.root, &read.watched, now) } else { Vec::new() };
    if let Some(state) = &asked.state {
        let (found, more) = kept::look(state, &read, &rotation, asked, own, &mut gaps);
        findings.extend(found);
        traps.extend(more);
    }
    findings.extend(detect::judge_traps(&traps, now));
    let covers = read.watched.covers();
    let time = |second: i64| jiff::Timestamp::from_second(second).ok();
    Looked {
        events: findings.len() as u64,
        findings,
        incomplete: gaps.into_list(),
        sources: files.iter().map(|file| shown(file)).collect(),
        lines: read.lines,
        from: covers.and_then(|(from, _)| time(from)),
        to: covers.and_then(|(_, to)| time(to)),
        ..Looked::default()
    }
}

/// Reads the pieces of one log as what they are.
fn read_family(
    family: Family,
    asked: &Asked,
    own: bool,
    rotation: &rotated::Rotations,
    read: &mut Read,
    gaps: &mut Gaps,
) {
    let reading = &asked.reading;
    let mut texts = Vec::new();
    let mut records = Vec::new();
    let mut grows = false;
    for path in &family.files {
        if path.is_dir() {
            read.lines += journal::read(path, asked, &mut read.watched, gaps);
            continue;
        }
        if own && reading.since.is_some_and(|since| is_older(path, since.as_second())) {
            continue;
        }
        match open(path, reading) {
            Ok((Opened::Text(reader), meta)) => texts.push((path.clone(), reader, meta)),
            Ok((Opened::Records(reader), _)) => records.push((path.clone(), reader)),
            Ok((Opened::Journal, _)) => read.lines += journal::read(path, asked, &mut read.watched, gaps),
            // They are written in place.
            Ok((Opened::LastLogins(_) | Opened::Database | Opened::Samples(_), _)) => {}
            Err(error) => gaps.add(shown(path), refused(&error)),
        }
    }
    if let Some((path, _)) = records.last() {
        // utmp is no log: its records are written over.
        let name = base_of(path);
        grows |= !name.ends_with("utmp");
        let watch = records::read(&name, records, gaps);
        read.lines += watch.count;
        if grows {
            read.watched.records.push(watch);
        }
    }
    if !texts.is_empty() {
        let whole = text::read(texts, asked, own, rotation, &mut read.watched, gaps);
        read.lines += whole.lines;
        grows |= whole.grows;
    }
    grows |= rotation.names(&family);
    read.logs.push(Log { family, grows });
}

fn is_older(path: &Path, since: i64) -> bool {
    modified(path).is_some_and(|modified| modified < since)
}

/// A file's last change, in seconds.
fn modified(path: &Path) -> Option<i64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|meta| meta.mtime())
}

/// A path without what rotation added to it.
fn base_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    shown(&path.with_file_name(crate::read::piece_of(&name).0))
}

#[cfg(test)]
mod tests;
