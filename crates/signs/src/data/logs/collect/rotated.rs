//! logrotate's files, and which rotated pieces lie beside a log.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use keelguard_model::Finding;

use super::{Log, base_of};
use crate::data::logs::detect::{Now, Piece, Step, missing, of_rotation};
use crate::data::logs::parse::logrotate::{Config, Rotation, state};
use crate::read::{Age, Family, logs_in, piece_of};

/// How this host's logs are rotated.
#[derive(Default)]
pub(super) struct Rotations {
    config: Config,
    state: BTreeMap<PathBuf, String>,
    root: PathBuf,
}

/// Files of logrotate's that are read.
const MOST: usize = 2000;

impl Rotations {
    pub(super) fn read(root: &Path) -> Self {
        let mut config = Config::default();
        let text = |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if let Ok(text) = text(&root.join("etc/logrotate.conf")) {
            config.add(&text);
        }
        let mut included = std::mem::take(&mut config.includes);
        if included.is_empty() {
            included.push(PathBuf::from("/etc/logrotate.d"));
        }
        let mut left = MOST;
        for path in included.iter().take(100) {
            let path = below(root, path);
            let files: Vec<PathBuf> = if path.is_dir() {
                logs_in(&path).into_iter().map(|name| path.join(name)).collect()
            } else {
                vec![path]
            };
            for file in files.iter().take(left) {
                if let Ok(text) = text(file) {
                    config.add(&text);
                }
            }
            left = left.saturating_sub(files.len());
        }
        let state = ["var/lib/logrotate/status", "var/lib/logrotate/logrotate.status"]
            .iter()
            .find_map(|place| text(&root.join(place)).ok())
            .map(|text| state(&text))
            .unwrap_or_default();
        Self { config, state, root: root.to_path_buf() }
    }

    /// As the configuration knows a path below the root.
    fn known(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).map_or_else(|_| path.to_path_buf(), |rest| Path::new("/").join(rest))
    }

    pub(super) fn of(&self, base: &Path) -> Option<&Rotation> {
        self.config.of(&self.known(base))
    }

    pub(super) fn names(&self, family: &Family) -> bool {
        family.files.last().is_some_and(|path| self.of(Path::new(&base_of(path))).is_some())
    }

    pub(super) fn copies(&self, path: &Path) -> bool {
        self.of(Path::new(&base_of(path))).is_some_and(|rotation| rotation.copies)
    }

    /// When logrotate last took a log in hand.
    fn last(&self, base: &Path) -> Option<&str> {
        self.state.get(&self.known(base)).map(String::as_str)
    }

    /// The folder in which a log's rotated pieces are put, where that is another one.
    fn elsewhere(&self, base: &Path) -> Option<PathBuf> {
        let own = base.parent().unwrap_or(Path::new("/"));
        let folder = self.of(base)?.folder.as_deref()?;
        Some(if folder.is_absolute() { below(&self.root, folder) } else { own.join(folder) })
    }

    /// Logs together with their pieces that lie in other folders.
    pub(super) fn gathered(&self, mut families: Vec<Family>) -> Vec<Family> {
        let base = |family: &Family| family.files.last().map(|path| PathBuf::from(base_of(path))).unwrap_or_default();
        let mut at = 0;
        while let Some(family) = families.get(at) {
            let own = base(family);
            let elsewhere = self.elsewhere(&own).map(|folder| folder.join(own.file_name().unwrap_or_default()));
            let place = elsewhere.filter(|place| *place != own);
            let other = place.and_then(|place| families.iter().position(|other| base(other) == place));
            let Some(other) = other else {
                at += 1;
                continue;
            };
            // They are older than what lies in the log's own folder.
            let mut files = families.remove(other).files;
            at -= usize::from(other < at);
            if let Some(family) = families.get_mut(at) {
                files.append(&mut family.files);
                family.files = files;
            }
        }
        families
    }

    /// The log at `base` and its rotated pieces, wherever they are put.
    pub(super) fn pieces(&self, base: &Path) -> Vec<(Step, Now)> {
        let own = base.parent().unwrap_or(Path::new("/"));
        let elsewhere = self.elsewhere(base);
        let name = base.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut found = Vec::new();
        for folder in [Some(own.to_path_buf()), elsewhere].into_iter().flatten() {
            for other in logs_in(&folder) {
                let path = folder.join(&other);
                let (of, age) = piece_of(&other);
                if of != name {
                    continue;
                }
                let Ok(meta) = path.symlink_metadata() else { continue };
                if let Some(step) = step(age).filter(|_| meta.is_file()) {
                    found.push((step, now(path, &meta)));
                }
            }
        }
        found
    }
}

pub(super) fn now(path: PathBuf, meta: &Metadata) -> Now {
    Now { path, inode: meta.ino(), device: meta.dev(), size: meta.len(), modified: meta.mtime() }
}

/// A path that a file below the root names.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn step(age: Age) -> Option<Step> {
    match age {
        Age::Current => Some(Step::Current),
        Age::Numbered(number) => Some(Step::Number(number.0)),
        Age::Dated(text) => {
            let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
            let small = |from, to| i8::try_from(number(from, to)?).ok();
            Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok().map(Step::Day)
        }
    }
}

/// Rotated pieces that are missing beside these logs.
pub(super) fn judge(logs: &[Log], rotations: &Rotations, now: i64) -> Vec<Finding> {
    let mut bases: Vec<PathBuf> = logs
        .iter()
        .filter(|log| log.grows)
        .filter_map(|log| log.family.files.last())
        .filter(|path| path.is_file())
        .map(|path| PathBuf::from(base_of(path)))
        .collect();
    bases.sort();
    bases.dedup();
    let all: Vec<(PathBuf, Vec<Piece>)> = bases
        .into_iter()
        .map(|base| {
            let piece = |(step, now): (Step, Now)| Piece { step, size: now.size, modified: now.modified };
            let pieces = rotations.pieces(&base).into_iter().map(piece).collect();
            (base, pieces)
        })
        .collect();
    let days = |pieces: &[Piece]| -> Vec<Date> {
        let day = |piece: &Piece| if let Step::Day(day) = piece.step { Some(day) } else { None };
        pieces.iter().filter_map(day).collect()
    };
    let mut found = Vec::new();
    for (at, (base, pieces)) in all.iter().enumerate() {
        let others = all.iter().enumerate().filter(|(other, _)| *other != at);
        let days: Vec<Date> = others.flat_map(|(_, (_, pieces))| days(pieces)).collect();
        let missing = missing(pieces, rotations.of(base), &days);
        found.extend(of_rotation(&base.display().to_string(), &missing, rotations.last(base), now));
    }
    found
}
