//! `wtmpdb`, which newer systems keep in place of `wtmp`: a row a boot, with the time of the shutdown where there was one.

use std::path::Path;

use jiff::Timestamp;

use crate::downtime::event::{Channel, Happening, Kind, Scope};
use crate::read::{Gaps, Reading, database, shown};

/// The newest so many boots are read.
const MOST: i64 = 10_000;

/// The boots and shutdowns of a database, and how many rows it took.
pub(super) fn read(path: &Path, reading: &Reading, gaps: &mut Gaps) -> Vec<Happening> {
    rows(path, reading.since_micros()).unwrap_or_else(|error| {
        gaps.add(shown(path), format!("it is damaged, or no database of wtmpdb or lastlog2: {error}"));
        Vec::new()
    })
}

fn rows(path: &Path, since: i64) -> rusqlite::Result<Vec<Happening>> {
    let database = database::open(path)?;
    // The last login of each user says nothing of boots.
    if !database::has(&database, "wtmp")? {
        return Ok(Vec::new());
    }
    // Type 1 is a boot, 3 a session, which shows that the machine ran; times in microseconds.
    let query = "SELECT Type, Login, Logout FROM wtmp WHERE Type IN (1, 3) AND (Login >= ?1 OR Logout >= ?1) ORDER BY Login DESC LIMIT ?2";
    let mut statement = database.prepare(query)?;
    let mut found = statement.query((since, MOST))?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        let is_boot = row.get::<_, i64>(0)? == 1;
        let times = [row.get::<_, Option<i64>>(1).ok().flatten(), row.get::<_, Option<i64>>(2).ok().flatten()];
        let kinds = if is_boot { [Kind::Started, Kind::Stopped] } else { [Kind::Alive, Kind::Alive] };
        for (kind, time) in kinds.into_iter().zip(times) {
            let Some(time) = time.and_then(|micros| Timestamp::from_microsecond(micros).ok()) else { continue };
            events.push(Happening {
                line: format!("wtmpdb: {}", if is_boot { "boot" } else { "session" }),
                reason: (kind == Kind::Stopped).then(|| "shutdown".to_owned()),
                ..Happening::new(kind, Scope::Host, Channel::Records, Some(time))
            });
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boots_and_shutdowns_are_read_and_a_file_that_is_no_database_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wtmp.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        // The table as wtmpdb 0.11 makes it.
        database
            .execute_batch(
                "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT;
                 INSERT INTO wtmp VALUES(1, 1, 'reboot', 1764000000000000, 1764003600000000, '~', '6.12.0', NULL);
                 INSERT INTO wtmp VALUES(2, 3, 'alice', 1764001000000000, NULL, 'pts/0', '192.0.2.7', 'sshd');
                 INSERT INTO wtmp VALUES(3, 1, 'reboot', 1764003660000000, NULL, '~', '6.12.0', NULL);",
            )
            .unwrap();
        drop(database);
        let reading = Reading::everything("2026-11-25T00:00:00Z".parse().unwrap());
        let mut gaps = Gaps::of(keelguard_model::Area::Downtime);
        let mut found = read(&path, &reading, &mut gaps);
        found.sort_by_key(|event| event.time);
        let kinds: Vec<_> = found.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Started, Kind::Alive, Kind::Stopped, Kind::Started]);
        std::fs::write(&path, b"SQLite format 3\0 and nothing else").unwrap();
        assert_eq!(read(&path, &reading, &mut gaps), []);
        assert_eq!(gaps.into_list().len(), 1);
    }
}
