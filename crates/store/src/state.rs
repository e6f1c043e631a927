//! States of detectors, saved and restored as they are: bytes under a name.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use crate::{Error, Store};

/// The largest state. What is larger was not bounded as it should be, or somebody else wrote it.
const MOST: usize = 64 << 20;

impl Store {
    /// Keeps `state` under `name`, in the place of what was there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&mut self, name: &str, at: Timestamp, state: &[u8]) -> Result<(), Error> {
        let put = "INSERT OR REPLACE INTO states (name, time, state) VALUES (?1, ?2, ?3)";
        let done = self.connection.execute(put, params![name, at.as_second(), state]);
        done.map(drop).map_err(self.failed("save a state"))
    }

    /// What was saved under `name`, and when.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn saved(&self, name: &str) -> Result<Option<(Timestamp, Vec<u8>)>, Error> {
        let asked = "SELECT time, state FROM states WHERE name = ?1 AND length(state) <= ?2";
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let row = self
            .connection
            .query_row(asked, params![name, most], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .optional()
            .map_err(self.failed("read a state"))?;
        Ok(row.and_then(|(time, state)| Some((Timestamp::from_second(time).ok()?, state))))
    }

    /// Forgets what was saved under names that begin with `prefix` and is older than `before`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&mut self, prefix: &str, before: Timestamp) -> Result<(), Error> {
        let done = self.connection.execute(
            "DELETE FROM states WHERE substr(name, 1, length(?1)) = ?1 AND time < ?2",
            params![prefix, before.as_second()],
        );
        done.map(drop).map_err(self.failed("forget states"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was_saved_last() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let time = |second| Timestamp::from_second(second).unwrap();
        store.save("node/a", time(5), b"one").unwrap();
        store.save("node/a", time(7), b"two").unwrap();
        store.save("node/b", time(9), b"").unwrap();
        assert_eq!(store.saved("node/a").unwrap(), Some((time(7), b"two".to_vec())));
        assert_eq!(store.saved("node/c").unwrap(), None);
        store.forget("node/", time(8)).unwrap();
        assert_eq!(store.saved("node/a").unwrap(), None);
        assert!(store.saved("node/b").unwrap().is_some());
    }

    #[test]
    fn two_processes_write_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (Store::open(folder.path()).unwrap(), Store::open(folder.path()).unwrap());
        one.save("a", Timestamp::UNIX_EPOCH, b"1").unwrap();
        other.save("a", Timestamp::UNIX_EPOCH, b"2").unwrap();
        assert_eq!(one.saved("a").unwrap().unwrap().1, b"2");
    }
}
