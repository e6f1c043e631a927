//! What was found in images that cannot change, kept so that it need not be found again. Files are written beside their
//! place and renamed, so that a reader sees a whole file or none, whoever else writes and whenever it is killed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analyse::table;

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    max_bytes: u64,
}

/// How full a cache is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Results that are kept.
    pub entries: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

/// Raised whenever the form of what is kept changes.
const FORM: u32 = 5;

/// How the names of files end.
const END: &str = ".kept";

impl Cache {
    /// In `folder`, which is made when something is first kept; at most `max_bytes` are kept.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, key: &str) -> PathBuf {
        use sha2::Digest as _;
        let text = format!("{FORM} {:016x} {key}", table().version());
        let digest = crate::source::digest_text(&sha2::Sha256::digest(text.as_bytes()));
        self.folder.join(format!("{}{END}", digest.trim_start_matches("sha256:")))
    }

    /// What is kept under `key`; none where nothing is, or where it is damaged.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        let (sum, bytes) = bytes.split_first_chunk::<8>()?;
        let value = (checksum(bytes) == *sum).then(|| postcard::from_bytes(bytes).ok())??;
        // When it was last of use decides what goes first.
        let now = fs::FileTimes::new().set_modified(SystemTime::now());
        let _ = fs::File::options().append(true).open(path).and_then(|file| file.set_times(now));
        Some(value)
    }

    /// Keeps `value` under `key`, and lets go of what was of no use for longest where too much is kept.
    pub fn put<T: Serialize>(&self, key: &str, value: &T) -> io::Result<()> {
        let bytes = postcard::to_stdvec(value).map_err(io::Error::other)?;
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        file.write_all(&checksum(&bytes))?;
        file.write_all(&bytes)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        self.shrink()
    }

    /// How full it is.
    pub fn status(&self) -> io::Result<Status> {
        let entries = self.entries()?;
        Ok(Status { entries: entries.len() as u64, bytes: entries.iter().map(|(_, size, _)| size).sum() })
    }

    /// Removes everything, and says how much that was. What others are writing is left to them.
    pub fn clear(&self) -> io::Result<Status> {
        let mut gone = Status::default();
        for (_, size, path) in self.entries()? {
            if remove(&path)? {
                gone.entries += 1;
                gone.bytes += size;
            }
        }
        Ok(gone)
    }

    /// Last use, size and place of each entry, and of files that a killed run has left.
    fn entries(&self) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
        let listing = match fs::read_dir(&self.folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut entries = Vec::new();
        for entry in listing {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // Gone since the listing: another run has removed it.
            let Ok(metadata) = entry.metadata() else { continue };
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let left = name.starts_with(".new-") && used.elapsed().is_ok_and(|age| age.as_secs() > 3600);
            if left || name.strip_suffix(END).is_some_and(|digits| digits.len() == 64) {
                entries.push((used, metadata.len(), entry.path()));
            }
        }
        Ok(entries)
    }

    fn shrink(&self) -> io::Result<()> {
        let mut entries = self.entries()?;
        let mut bytes: u64 = entries.iter().map(|(_, size, _)| size).sum();
        if bytes <= self.max_bytes {
            return Ok(());
        }
        entries.sort();
        // A tenth more than needed, so that not every run has to remove something.
        let aim = self.max_bytes / 10 * 9;
        for (_, size, path) in entries {
            if bytes <= aim {
                break;
            }
            remove(&path)?;
            bytes = bytes.saturating_sub(size);
        }
        Ok(())
    }
}

/// The binary form would take damage for data. The beginning of the SHA-256: enough against damage. Against malice a cache has its permissions.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    use sha2::Digest as _;
    let mut sum = [0; 8];
    sum.iter_mut().zip(sha2::Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
    sum
}

/// Removes a file; false where another run was faster.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::LayerInventory;

    #[test]
    fn what_was_kept_is_found_again_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("images"), 1 << 20);
        assert_eq!(cache.get::<String>("a"), None);
        cache.put("a", &"one".to_owned()).unwrap();
        assert_eq!(cache.get::<String>("a").as_deref(), Some("one"));
        assert_eq!(cache.get::<String>("b"), None);
        assert_eq!(cache.clear().unwrap().entries, 1);
        assert_eq!(cache.status().unwrap(), Status::default());
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().into(), 1 << 20);
        cache.put("a", &"one".to_owned()).unwrap();
        fs::write(cache.path("a"), b"\"on").unwrap();
        assert_eq!(cache.get::<String>("a"), None);
    }

    #[test]
    fn a_damaged_layer_is_no_layer() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().into(), 1 << 20);
        let layer =
            LayerInventory { present: vec![1, u64::MAX], removed: vec!["a".into()], ..LayerInventory::default() };
        cache.put("a", &layer).unwrap();
        assert_eq!(cache.get::<LayerInventory>("a"), Some(layer));
        let path = cache.path("a");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(cache.get::<LayerInventory>("a"), None, "a bit of byte {at} is another one");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(cache.get::<LayerInventory>("a"), None, "it ends after {at} bytes");
        }
    }

    #[test]
    fn what_was_of_no_use_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().into(), 4_000);
        for key in ["old", "middle", "new"] {
            cache.put(key, &"x".repeat(1_200)).unwrap();
        }
        let ages = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        fs::File::options().append(true).open(cache.path("old")).unwrap().set_times(ages).unwrap();
        cache.put("newest", &"x".repeat(1_200)).unwrap();
        assert_eq!(cache.get::<String>("old"), None);
        assert!(cache.get::<String>("newest").is_some());
        assert!(cache.status().unwrap().bytes <= 4_000);
    }

    #[test]
    fn what_a_killed_run_was_writing_is_no_entry_and_goes_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().into(), 1 << 20);
        cache.put("a", &"one".to_owned()).unwrap();
        let left = folder.path().join(".new-killed");
        fs::write(&left, b"half of it").unwrap();
        assert_eq!((cache.status().unwrap().entries, cache.get::<String>("a").as_deref()), (1, Some("one")));
        let ages = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        fs::File::options().append(true).open(&left).unwrap().set_times(ages).unwrap();
        assert_eq!(cache.clear().unwrap().entries, 2);
        assert!(!left.exists());
    }
}
