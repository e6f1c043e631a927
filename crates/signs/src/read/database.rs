//! Databases of SQLite that a log is kept in, opened so that nothing in them does harm.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, ffi};

/// A damaged database may send a query round in circles.
const LONGEST: Duration = Duration::from_secs(30);

/// Opens the database at `path` to be read, if it is sound.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let mut database =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Nothing that stands in the file itself is run.
    database.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    let begun = Instant::now();
    database.progress_handler(10_000, Some(move || begun.elapsed() > LONGEST))?;
    // A page that is not there any more would read as one without rows.
    let sound: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(sound)));
    }
    Ok(database)
}

/// Whether it has this table.
pub(crate) fn has(database: &Connection, table: &str) -> rusqlite::Result<bool> {
    let query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";
    database.query_row(query, [table], |row| row.get::<_, i64>(0)).map(|count| count > 0)
}
