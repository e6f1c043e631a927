//! Folders: archives and dumps with the time in their names, or a plain copy of files.

use std::collections::BTreeMap;
use std::fs::{DirEntry, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::{Asked, Entries, Entry, Repository, Soundness, Trouble, archive};
use crate::data::backup::Snapshot;
use crate::data::backup::run::within;

/// The most files that are looked at, and how deep.
const MOST: usize = 200_000;
const DEEPEST: usize = 24;
/// How deep archives lie: `backups/shop/daily/x.tar.gz`.
const ARCHIVES: usize = 3;

pub(super) struct Folder<'a>(pub(super) Asked<'a>);

/// Regular files below a folder, links not followed.
struct Walked {
    files: Vec<(PathBuf, Metadata)>,
    is_cut: bool,
    error: Option<String>,
}

fn walk(folder: &Path, deepest: usize) -> Walked {
    let mut walked = Walked { files: Vec::new(), is_cut: false, error: None };
    let mut waiting = vec![(folder.to_path_buf(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = waiting.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                walked.error.get_or_insert(format!("{} cannot be read: {error}", folder.display()));
                continue;
            }
        };
        for entry in entries.filter_map(Result::ok) {
            seen += 1;
            if seen > MOST {
                walked.is_cut = true;
                return walked;
            }
            let Ok(meta) = DirEntry::metadata(&entry) else { continue };
            if meta.is_dir() && depth < deepest {
                waiting.push((entry.path(), depth + 1));
            } else if meta.is_file() {
                walked.files.push((entry.path(), meta));
            }
        }
    }
    walked
}

fn changed(meta: &Metadata) -> Option<Timestamp> {
    Timestamp::try_from(meta.modified().ok()?).ok()
}

impl Folder<'_> {
    fn within<T: Send + 'static>(
        &self,
        time: Duration,
        what: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        within(time, what).ok_or_else(|| Trouble::Unresponsive { what: format!("ls -R {}", self.0.backup.place), time })
    }

    fn walk(&self, deepest: usize) -> Result<Walked, Trouble> {
        let folder = PathBuf::from(&self.0.backup.place);
        let is_there = move || match std::fs::metadata(&folder) {
            Ok(meta) if meta.is_dir() => Ok(walk(&folder, deepest)),
            Ok(_) => Err(Trouble::Missing(format!("{} is no folder", folder.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Trouble::Missing(format!("there is no folder {}", folder.display())))
            }
            Err(error) => Err(Trouble::Unable(format!("{} cannot be read: {error}", folder.display()))),
        };
        let walked = self.within(self.0.time(), is_there)??;
        match &walked.error {
            Some(error) if walked.files.is_empty() => Err(Trouble::Unable(error.clone())),
            _ => Ok(walked),
        }
    }

    fn archives(&self) -> Result<Vec<Snapshot>, Trouble> {
        let walked = self.walk(ARCHIVES)?;
        let one = |(path, meta): (PathBuf, Metadata)| {
            let name = path.file_name()?.to_string_lossy();
            let folder = path.strip_prefix(&self.0.backup.place).ok()?.parent()?.join(archive::stem(&name));
            let is_backup = archive::is_backup(&name);
            let (set, id) = (folder.display().to_string(), path.display().to_string());
            is_backup.then(|| Some(Snapshot { id, set, at: changed(&meta)?, bytes: Some(meta.len()) })).flatten()
        };
        Ok(walked.files.into_iter().filter_map(one).collect())
    }

    fn is_copy(snapshot: &Snapshot) -> bool {
        snapshot.set.is_empty()
    }
}

impl Repository for Folder<'_> {
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble> {
        let archives = self.archives()?;
        if !archives.is_empty() || self.0.backup.kind == super::Tool::Dump {
            return Ok(archives);
        }
        // A copy is as old as the newest of what was put there; its files bear the times of their originals.
        let walked = self.walk(DEEPEST)?;
        let at = walked.files.iter().filter_map(|(_, meta)| Timestamp::from_second(meta.ctime()).ok()).max();
        let bytes = walked.files.iter().map(|(_, meta)| meta.len()).sum();
        let bytes = (!walked.is_cut).then_some(bytes);
        Ok(at
            .map(|at| Snapshot { id: self.0.backup.place.clone(), set: String::new(), at, bytes })
            .into_iter()
            .collect())
    }

    fn check(&self, newest: &[&Snapshot]) -> Result<Soundness, Trouble> {
        let files: BTreeMap<PathBuf, ()> =
            newest.iter().filter(|one| !Self::is_copy(one)).map(|one| (PathBuf::from(&one.id), ())).collect();
        if files.is_empty() {
            return Ok(Soundness::Unchecked);
        }
        let all = move || {
            let judged = files.into_keys().map(|path| (archive::broken(&path), path));
            judged.collect::<Vec<_>>()
        };
        let mut wrong = Vec::new();
        for (judged, path) in self.within(self.0.check_time(), all)? {
            match judged {
                Ok(None) => {}
                Ok(Some(why)) => wrong.push(format!("{}: {why}", path.display())),
                Err(error) => return Err(Trouble::Unable(format!("{} cannot be read: {error}", path.display()))),
            }
        }
        Ok(if wrong.is_empty() {
            Soundness::Sound
        } else {
            Soundness::Damaged(super::brief(wrong.join("\n").as_bytes()))
        })
    }

    fn entries(&self, snapshot: &Snapshot) -> Result<Entries, Trouble> {
        if !Self::is_copy(snapshot) {
            let why = "single files are not taken out of archives; they were unpacked to their end by the check";
            return Err(Trouble::Unable(why.to_owned()));
        }
        let walked = self.walk(DEEPEST)?;
        let entry = |(path, meta): (PathBuf, Metadata)| {
            let path = path.strip_prefix(&self.0.backup.place).ok()?.to_str()?.to_owned();
            Some(Entry { path, size: meta.len(), at: changed(&meta) })
        };
        Ok(Entries { files: walked.files.into_iter().filter_map(entry).collect(), is_cut: walked.is_cut })
    }

    fn restore(&self, _snapshot: &Snapshot, entry: &Entry, to: &Path) -> Result<(), Trouble> {
        let (from, mut into) = (Path::new(&self.0.backup.place).join(&entry.path), super::create(to)?);
        let copied = self.within(self.0.check_time(), move || {
            std::fs::File::open(from).and_then(|mut file| std::io::copy(&mut file, &mut into))
        })?;
        copied.map(drop).map_err(|error| Trouble::Failed { what: "a copy".to_owned(), said: error.to_string() })
    }
}
