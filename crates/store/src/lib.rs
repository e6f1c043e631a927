//! What Keelguard keeps on this host between runs, in one SQLite file: series of measurements, bounded in number and age, and
//! the saved state of detectors. It knows neither what is measured nor what the states hold.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use keelguard_store::{Point, Store};
//! let mut store = Store::open(folder.path())?;
//! store.append(&[Point { subject: "host".into(), metric: "cpu".into(), time: 1_795_500_000, value: 0.5 }])?;
//! assert_eq!(store.series()?.len(), 1);
//! # Ok(())
//! # }
//! ```

mod error;
mod series;
mod state;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use self::error::Error;
pub use self::series::{Bounds, Point, Series};

/// The file's name in the folder of data.
pub const FILE: &str = "keelguard.db";
/// The version of the tables; one more whenever they change, with a step in [`migrate`].
const VERSION: i64 = 1;
/// For how long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The store of one host.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store in `folder`, and makes both where they are not there.
    ///
    /// # Errors
    /// The folder or file cannot be used, or a newer version wrote it.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        make_private(folder)?;
        let path = folder.join(FILE);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|source| Error::open(&path, source))?;
        Self::prepare(connection, path)
    }

    /// Opens what is there, to read it; none where nothing was ever kept.
    ///
    /// # Errors
    /// The file is there and cannot be used.
    pub fn look(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|source| Error::open(&path, source))?;
        connection.busy_timeout(PATIENCE).map_err(|source| Error::open(&path, source))?;
        let store = Self { connection, path };
        match store.version()? {
            0 => Ok(None),
            version if version <= VERSION => Ok(Some(store)),
            version => Err(Error::Newer { path: store.path, version }),
        }
    }

    fn prepare(connection: Connection, path: PathBuf) -> Result<Self, Error> {
        let open = |source| Error::open(&path, source);
        connection.busy_timeout(PATIENCE).map_err(open)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(open)?;
        // What was measured in the last second before the power went is not worth a flush a second.
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(open)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(open)?;
        let mut store = Self { connection, path };
        let version = store.version()?;
        if version > VERSION {
            return Err(Error::Newer { path: store.path, version });
        }
        if version < VERSION {
            store.migrate(version)?;
        }
        Ok(store)
    }

    fn version(&self) -> Result<i64, Error> {
        let asked = self.connection.query_row("PRAGMA user_version", [], |row| row.get(0));
        asked.map_err(|source| Error::open(&self.path, source))
    }

    fn migrate(&mut self, from: i64) -> Result<(), Error> {
        let steps = [concat!(
            "CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, metric TEXT NOT NULL, ",
            "UNIQUE (subject, metric)) STRICT;",
            "CREATE TABLE IF NOT EXISTS points (series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, ",
            "time INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, time)) STRICT, WITHOUT ROWID;",
            "CREATE TABLE IF NOT EXISTS states (name TEXT PRIMARY KEY, time INTEGER NOT NULL, state BLOB NOT NULL) STRICT;",
        )];
        let path = self.path.clone();
        let failed = |source| Error::open(&path, source);
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        for step in steps.iter().skip(usize::try_from(from).unwrap_or_default()) {
            transaction.execute_batch(step).map_err(failed)?;
        }
        transaction.pragma_update(None, "user_version", VERSION).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |source| Error::Use { doing, path: self.path.clone(), source }
    }
}

/// What is measured tells who works when, and states hold names: for the owner alone.
fn make_private(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| Error::Folder { folder: folder.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_wrote_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        drop(store);
        assert!(matches!(Store::open(folder.path()), Err(Error::Newer { .. })));
        assert!(matches!(Store::look(folder.path()), Err(Error::Newer { .. })));
    }

    #[test]
    fn garbage_is_no_store_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let text = "this is no database, and somebody may want it".repeat(200);
        std::fs::write(folder.path().join(FILE), &text).unwrap();
        assert!(Store::open(folder.path()).is_err());
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
    }

    #[test]
    fn to_look_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Store::look(folder.path()).unwrap().is_none());
        assert!(!folder.path().join(FILE).exists());
    }
}
