//! Decoys: files among the others that nobody has a reason to touch. They sort first and last, look like what they pretend to
//! be, and are remembered with their hashes.

mod check;
mod decoy;

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::check::check;
use self::decoy::Made;

/// Folders below a tree that get decoys of their own.
const FOLDERS: usize = 16;
/// The most that a record may hold, in bytes.
const LARGEST: u64 = 16 << 20;

/// What goes wrong with decoys.
#[derive(Debug, thiserror::Error)]
pub enum CanaryError {
    /// A decoy cannot be written.
    #[error("plant {path}")]
    Plant {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The record cannot be read.
    #[error("read where decoys are, {path}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The record cannot be written.
    #[error("write down where decoys are, {path}")]
    Write {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The record is none.
    #[error("read where decoys are, {path}: {why}")]
    Record {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
}

/// One decoy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decoy {
    /// Where it is.
    pub path: PathBuf,
    /// BLAKE3 of what is in it.
    pub hash: String,
    /// When it was planted.
    pub planted: Timestamp,
}

/// All of this host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// In the order in which they were planted.
    pub decoys: Vec<Decoy>,
}

impl Planted {
    /// What is written down in a file; nothing where there is none.
    pub fn read(file: &Path) -> Result<Self, CanaryError> {
        let path = file.display().to_string();
        let failed = |source| CanaryError::Read { path: path.clone(), source };
        match std::fs::metadata(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(error)),
            Ok(meta) if meta.len() > LARGEST => {
                return Err(CanaryError::Record { path, why: "it is too large to be one".to_owned() });
            }
            Ok(_) => {}
        }
        let text = std::fs::read(file).map_err(failed)?;
        serde_json::from_slice(&text).map_err(|error| CanaryError::Record { path, why: error.to_string() })
    }

    /// Writes it down, so that either all of it is there or what was there before.
    pub fn write(&self, file: &Path) -> Result<(), CanaryError> {
        let failed = |source| CanaryError::Write { path: file.display().to_string(), source };
        let folder = file.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        new.write_all(&text).and_then(|()| new.as_file().sync_all()).map_err(failed)?;
        new.persist(file).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Plants in a tree and in the first folders below it; what was planted there before stays as it is. Returns the new ones.
    pub fn plant(&mut self, tree: &Path, now: Timestamp) -> Result<Vec<PathBuf>, CanaryError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |source| CanaryError::Plant { path, source }
        };
        let tree = tree.canonicalize().map_err(failed(tree))?;
        let mut folders = vec![tree.clone()];
        let entries = std::fs::read_dir(&tree).map_err(failed(&tree))?.flatten();
        let below = entries.filter(|entry| {
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            !hidden && entry.file_type().is_ok_and(|kind| kind.is_dir())
        });
        let mut below: Vec<PathBuf> = below.map(|entry| entry.path()).collect();
        below.sort();
        folders.extend(below.into_iter().take(FOLDERS));
        let mut new = Vec::new();
        for folder in folders {
            if self.decoys.iter().any(|decoy| decoy.path.parent() == Some(&folder) && decoy.path.exists()) {
                continue;
            }
            self.decoys.retain(|decoy| decoy.path.parent() != Some(&folder));
            for made in decoy::pair(&folder, now) {
                let path = folder.join(&made.name);
                put(&path, &made).map_err(failed(&path))?;
                let hash = blake3::hash(&made.content).to_hex().to_string();
                self.decoys.push(Decoy { path: path.clone(), hash, planted: now });
                new.push(path);
            }
        }
        Ok(new)
    }

    /// Takes those away that lie in one of `trees`, or all where none is named. What was changed stays: it is evidence.
    pub fn remove(&mut self, trees: &[PathBuf]) -> Vec<PathBuf> {
        let trees: Vec<PathBuf> =
            trees.iter().map(|tree| tree.canonicalize().unwrap_or_else(|_| tree.clone())).collect();
        let mut gone = Vec::new();
        self.decoys.retain(|decoy| {
            if !trees.is_empty() && !trees.iter().any(|tree| decoy.path.starts_with(tree)) {
                return true;
            }
            if check::hash(&decoy.path).as_ref() == Some(&decoy.hash) && std::fs::remove_file(&decoy.path).is_ok() {
                gone.push(decoy.path.clone());
            }
            false
        });
        gone
    }
}

/// Writes a decoy as if it had lain there for months: of the folder's owner, and never over something that is there.
fn put(path: &Path, made: &Made) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(&made.content)?;
    let age = Duration::from_secs(made.age);
    let then = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
    if let Some(owner) = path.parent().and_then(|folder| std::fs::metadata(folder).ok()) {
        // Who is not root leaves it as their own.
        std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid())).ok();
    }
    file.set_times(std::fs::FileTimes::new().set_modified(then).set_accessed(then))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoys_sort_first_and_last_are_what_their_names_say_and_go_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("offers")).unwrap();
        for name in ["a.txt", "z.txt", "Zebra.pdf", "1.doc"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let mut planted = Planted::default();
        let new = planted.plant(folder.path(), Timestamp::now()).unwrap();
        assert_eq!(new.len(), 4);
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert!(new.contains(&names[0]) && new.contains(names.last().unwrap()), "{names:?}");
        for path in &new {
            assert!(crate::data::follow::profile(path).unwrap().kind.is_readable());
        }
        assert!(check(&planted, "edge").findings.is_empty());
        // Once more changes nothing.
        assert!(planted.plant(folder.path(), Timestamp::now()).unwrap().is_empty());
        std::fs::write(&new[0], b"changed").unwrap();
        std::fs::remove_file(&new[3]).unwrap();
        let looked = check(&planted, "edge");
        assert_eq!((looked.findings.len(), looked.findings[0].rule.as_str()), (1, "KG-D030"));
        assert_eq!(planted.remove(&[]).len(), 2);
        assert!(new[0].exists() && planted.decoys.is_empty());
    }

    #[test]
    fn a_record_that_is_none_is_said_and_one_that_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("canaries.json");
        assert_eq!(Planted::read(&file).unwrap(), Planted::default());
        let planted = Planted {
            decoys: vec![Decoy { path: "/srv/x".into(), hash: "00".into(), planted: Timestamp::UNIX_EPOCH }],
        };
        planted.write(&file).unwrap();
        assert_eq!(Planted::read(&file).unwrap(), planted);
        std::fs::write(&file, "[").unwrap();
        assert!(Planted::read(&file).is_err());
    }
}
