//! What newer systems keep in place of `wtmp` and `lastlog`: databases of SQLite (`wtmpdb(8)`, `lastlog2(8)`), which know the
//! year 2038; and `lastlog` itself, a record for each user id.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};
use std::path::Path;

use rusqlite::Row;

use super::stream::Stream;
use crate::logins::event::{Channel, Kind, Login, Seen};
use crate::logins::parse::read_address;
use crate::read::{Gaps, Reading, database, refused, shown};

/// The newest so many rows are read.
const MOST: u64 = 200_000;
/// A record of `lastlog`: the time, the terminal, the host.
const RECORD: usize = 292;
/// User ids up to here are looked at; the file is mostly holes.
const USERS: u64 = 4 << 20;

/// Rows that were read already, in the order of time.
pub(super) struct RowStream {
    events: std::vec::IntoIter<Login>,
    event: Option<Login>,
    rows: u64,
}

impl RowStream {
    fn new(mut events: Vec<Login>, rows: u64) -> Self {
        events.sort_by_key(|event| event.time);
        Self { events: events.into_iter(), event: None, rows }
    }
}

impl Stream for RowStream {
    fn advance(&mut self, _: &mut Gaps) -> bool {
        self.event = self.events.next();
        self.event.is_some()
    }

    fn time(&self) -> i64 {
        self.event.as_ref().and_then(|event| event.time).map_or(i64::MIN, jiff::Timestamp::as_microsecond)
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        if let Some(event) = &self.event {
            take(&event.seen(), event.line.as_bytes());
        }
    }

    fn lines(&self) -> u64 {
        self.rows
    }
}

/// The logins of a database.
pub(super) fn open(path: &Path, reading: &Reading, gaps: &mut Gaps) -> RowStream {
    let since = reading.since_micros();
    match rows(path, since) {
        Ok((events, rows)) => {
            if rows >= MOST {
                gaps.add(
                    shown(path),
                    format!("it holds more than {MOST} logins, of which the newest were read; use --since"),
                );
            }
            RowStream::new(events, rows)
        }
        Err(error) => {
            gaps.add(shown(path), format!("it is damaged, or no database of wtmpdb or lastlog2: {error}"));
            RowStream::new(Vec::new(), 0)
        }
    }
}

fn rows(path: &Path, since: i64) -> rusqlite::Result<(Vec<Login>, u64)> {
    let database = database::open(path)?;
    // Type 3 is a session; microseconds there, seconds here.
    let (query, scale) = if database::has(&database, "wtmp")? {
        (
            "SELECT User, Login, Logout, TTY, RemoteHost, Service FROM wtmp WHERE Type = 3 AND Login >= ?1 ORDER BY Login DESC LIMIT ?2",
            1,
        )
    } else {
        (
            "SELECT Name, Time, NULL, TTY, RemoteHost, Service FROM Lastlog2 WHERE Time >= ?1 ORDER BY Time DESC LIMIT ?2",
            1_000_000,
        )
    };
    let mut statement = database.prepare(query)?;
    let mut found = statement.query((since / scale, i64::try_from(MOST).unwrap_or(i64::MAX)))?;
    let (mut events, mut count) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        count += 1;
        let text = |index| text(row, index);
        let (user, terminal, host, service) = (text(0), text(3), text(4), text(5));
        let service = service.as_deref().unwrap_or(if scale == 1 { "wtmpdb" } else { "lastlog2" });
        let begin = row.get::<_, Option<i64>>(1).ok().flatten();
        let end = row.get::<_, Option<i64>>(2).ok().flatten();
        for (kind, time) in [(Kind::Session, begin), (Kind::Logout, end)] {
            let Some(time) = time.filter(|time| *time > 0).and_then(|time| time.checked_mul(scale)) else { continue };
            events.push(login(kind, time, service, user.as_deref(), terminal.as_deref(), host.as_deref()));
        }
    }
    Ok((events, count))
}

fn text(row: &Row<'_>, index: usize) -> Option<String> {
    let value = row.get_ref(index).ok()?;
    let bytes = value.as_bytes_or_null().ok().flatten()?;
    let text = String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes)).into_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn login(
    kind: Kind,
    time: i64,
    service: &str,
    user: Option<&str>,
    terminal: Option<&str>,
    host: Option<&str>,
) -> Login {
    let address = host.and_then(|host| read_address(host.as_bytes()));
    let seen = Seen {
        channel: Channel::Records,
        time: Some(time),
        user: user.map(str::as_bytes),
        address,
        peer: host.map(str::as_bytes).filter(|_| address.is_none()),
        detail: terminal.map(str::as_bytes),
        ..Seen::new(kind, service)
    };
    let shown: Vec<&str> = [user, terminal, host].into_iter().flatten().collect();
    seen.owned(shown.join(" ").as_bytes())
}

/// The last login of each user. Names come from `etc/passwd` of the system to which the log belongs.
pub(super) fn last_logins(path: &Path, mut reader: Box<dyn BufRead>, gaps: &mut Gaps) -> RowStream {
    let names = names(path);
    let mut events = Vec::new();
    let (mut record, mut count) = ([0; RECORD], 0);
    for id in 0..USERS {
        match fill(&mut *reader, &mut record) {
            Ok(RECORD) => {}
            Ok(0) => break,
            Ok(rest) => {
                gaps.add(shown(path), format!("its last {rest} bytes are no whole record"));
                break;
            }
            Err(error) => {
                gaps.add(shown(path), refused(&error));
                break;
            }
        }
        let text = |from: usize, length: usize| {
            let field = record.get(from..from + length).unwrap_or_default();
            let end = memchr::memchr(0, field).unwrap_or(field.len());
            let text = String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        let seconds = record.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if seconds == 0 {
            continue;
        }
        count += 1;
        let name = names.get(&id).cloned().unwrap_or_else(|| format!("user id {id}"));
        let (terminal, host) = (text(4, 32), text(36, 256));
        let time = i64::from(seconds) * 1_000_000;
        events.push(login(Kind::Session, time, "lastlog", Some(&name), terminal.as_deref(), host.as_deref()));
    }
    RowStream::new(events, count)
}

fn fill(reader: &mut dyn BufRead, record: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = record.get_mut(filled..).filter(|room| !room.is_empty()) {
        match reader.read(room)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// User ids and names: `var/log/lastlog` belongs to `etc/passwd`.
fn names(path: &Path) -> HashMap<u64, String> {
    let root = path.parent().and_then(Path::parent).and_then(Path::parent);
    let Some(file) = root.and_then(|root| std::fs::File::open(root.join("etc/passwd")).ok()) else {
        return HashMap::new();
    };
    let mut text = String::new();
    let _ = file.take(4 << 20).read_to_string(&mut text);
    let one = |line: &str| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        Some((id.parse().ok()?, name.to_owned()))
    };
    text.lines().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::logins::collect::{families, read};

    fn events(path: &Path) -> (Vec<Login>, Vec<String>) {
        let reading = Reading::everything("2026-11-24T12:00:00Z".parse().unwrap());
        let mut events = Vec::new();
        let outcome =
            read(families(vec![path.to_path_buf()]), &reading, &mut |seen, line| events.push(seen.owned(line)));
        (events, outcome.incomplete.into_iter().map(|gap| gap.why).collect())
    }

    /// As `wtmpdb` makes it (`lib/sqlite.c` of its sources).
    fn wtmpdb(path: &Path) {
        Connection::open(path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT;
                 INSERT INTO wtmp VALUES (1, 1, 'reboot', 1795500000000000, NULL, '~', '6.12.1', NULL);
                 INSERT INTO wtmp VALUES (2, 3, 'alice', 1795500060000000, 1795503660000000, 'ssh', '192.0.2.7', 'sshd');
                 INSERT INTO wtmp VALUES (3, 3, 'bob', 1795500120000000, NULL, 'tty1', NULL, 'login');",
            )
            .unwrap();
    }

    #[test]
    fn sessions_of_a_database_of_wtmpdb_are_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wtmp.db");
        wtmpdb(&path);
        let (events, gaps) = events(&path);
        let told: Vec<_> = events
            .iter()
            .map(|event| {
                (event.kind.name(), event.user.as_deref().unwrap(), event.service.as_str(), event.address.as_deref())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("session", "alice", "sshd", Some("192.0.2.7")),
                ("session", "bob", "login", None),
                ("logout", "alice", "sshd", Some("192.0.2.7"))
            ]
        );
        assert_eq!(gaps, [""; 0]);
    }

    #[test]
    fn the_last_login_of_each_user_is_read_from_lastlog2_and_from_lastlog() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lastlog2.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch(
                "CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT;
                 INSERT INTO Lastlog2 VALUES ('alice', 1795500060, 'pts/0', 'pc.example.org', 'sshd');",
            )
            .unwrap();
        let (found, _) = events(&path);
        let one = found.first().unwrap();
        assert_eq!((one.user.as_deref(), one.address.as_deref()), (Some("alice"), Some("pc.example.org")));
        assert_eq!(one.time.unwrap().to_string(), "2026-11-24T06:01:00Z");

        let logs = folder.path().join("var/log");
        std::fs::create_dir_all(&logs).unwrap();
        std::fs::create_dir_all(folder.path().join("etc")).unwrap();
        std::fs::write(folder.path().join("etc/passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:2:2::/:/bin/sh\n")
            .unwrap();
        let mut record = [0; RECORD];
        record[..4].copy_from_slice(&1_795_500_060_u32.to_le_bytes());
        record[4..9].copy_from_slice(b"pts/0");
        record[36..45].copy_from_slice(b"192.0.2.7");
        // Ids without a login are holes.
        std::fs::write(logs.join("lastlog"), [[0; RECORD], [0; RECORD], record, record].concat()).unwrap();
        let (found, gaps) = events(&logs.join("lastlog"));
        let users: Vec<_> =
            found.iter().map(|event| (event.user.as_deref().unwrap(), event.address.as_deref())).collect();
        assert_eq!(users, [("alice", Some("192.0.2.7")), ("user id 3", Some("192.0.2.7"))]);
        assert_eq!(gaps, [""; 0]);
    }

    #[test]
    fn a_damaged_database_or_one_of_somebody_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wtmp.db");
        wtmpdb(&path);
        let whole = std::fs::read(&path).unwrap();
        for length in (100..whole.len()).step_by(997) {
            std::fs::write(&path, whole.get(..length).unwrap()).unwrap();
            let (found, gaps) = events(&path);
            assert!(found.is_empty() && gaps.len() == 1, "{length}: {gaps:?}");
        }
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other(a)").unwrap();
        let (_, gaps) = events(&path);
        assert!(gaps[0].contains("no database of wtmpdb"), "{gaps:?}");
    }
}
