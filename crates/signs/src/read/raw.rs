//! Logs line by line, as they stand there, for rules that look at everything: all files together, in the order of time.

use std::collections::VecDeque;
use std::path::PathBuf;

use keelguard_model::Area;

use super::export::{self, Entry};
use super::pieces::TextPiece;
use super::stamp::Clock;
use super::{Family, Gaps, Opened, Outcome, Reading, envelope, journal, open, refused, shown};

/// A line or an entry.
#[derive(Clone, Copy, Debug)]
pub enum Raw<'a> {
    /// A line of a text log, without its end.
    Line(&'a [u8]),
    /// An entry of a journal.
    Entry {
        /// The host that wrote it.
        host: &'a [u8],
        /// The program.
        program: &'a [u8],
        /// Its process.
        process: &'a [u8],
        /// What it said.
        message: &'a [u8],
    },
}

/// Hands on every line of `families` with its time, in microseconds since 1970; where a line has none, it has that of the
/// one before it. Records of wtmp and its relatives are no lines.
pub fn read(
    area: Area,
    families: Vec<Family>,
    reading: &Reading,
    take: &mut dyn FnMut(Raw<'_>, Option<i64>),
) -> Outcome {
    let mut gaps = Gaps::of(area);
    let mut sources: Vec<Source> = Vec::new();
    for family in families {
        let (folders, files): (Vec<_>, Vec<_>) = family.files.into_iter().partition(|file| file.is_dir());
        let all = journal::Choice::All;
        let journals = folders.iter().filter_map(|folder| journal::open_folder(folder, reading, all, &mut gaps));
        sources.extend(journals.map(Source::journal).collect::<Vec<_>>());
        sources.push(Source::texts(files));
    }
    let since = reading.since_micros();
    let mut outcome = Outcome::default();
    sources.retain_mut(|source| source.advance(reading, &mut gaps));
    while let Some(index) = (0..sources.len()).min_by_key(|index| sources.get(*index).map_or(i64::MAX, |it| it.time)) {
        let Some(source) = sources.get_mut(index) else { break };
        outcome.lines += 1;
        let time = Some(source.time).filter(|time| *time != i64::MIN);
        if time.is_none_or(|time| time >= since) {
            source.show(&mut |raw| take(raw, time));
        }
        if !source.advance(reading, &mut gaps) {
            sources.swap_remove(index);
        }
    }
    outcome.incomplete = gaps.into_list();
    outcome
}

struct Source {
    files: VecDeque<PathBuf>,
    open: Option<TextPiece>,
    journal: Option<journal::Journal>,
    /// What is next, where it is no line.
    entry: Option<Entry>,
    /// Of what is next.
    time: i64,
}

impl Source {
    fn texts(files: Vec<PathBuf>) -> Self {
        Self { files: files.into(), open: None, journal: None, entry: None, time: i64::MIN }
    }

    fn journal(journal: journal::Journal) -> Self {
        Self { journal: Some(journal), ..Self::texts(Vec::new()) }
    }

    /// Goes on to the next line; false at the end.
    fn advance(&mut self, reading: &Reading, gaps: &mut Gaps) -> bool {
        self.entry = None;
        loop {
            if let Some(journal) = &mut self.journal {
                if journal.advance(gaps)
                    && let Some(entry) = journal.entry()
                {
                    self.time = entry.time;
                    let owned = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
                    self.entry = Some(Entry {
                        message: owned(entry.message()),
                        program: entry.program().to_vec(),
                        process: owned(entry.process()),
                        host: owned(entry.host()),
                        boot: Vec::new(),
                        time: Some(self.time),
                    });
                    return true;
                }
                self.journal = None;
            }
            let Some(TextPiece { lines, clock, .. }) = &mut self.open else {
                if self.next_file(reading, gaps) {
                    continue;
                }
                return false;
            };
            let failed = match lines.next() {
                Ok(Some(line)) if export::begins(line) => match export::entry(lines) {
                    Ok(entry) => {
                        self.time = entry.time.unwrap_or(self.time);
                        self.entry = Some(entry);
                        return true;
                    }
                    Err(error) => Some(error),
                },
                Ok(Some(line)) => {
                    self.time = time_of(line, clock).unwrap_or(self.time);
                    return true;
                }
                Ok(None) => None,
                Err(error) => Some(error),
            };
            if let Some(piece) = self.open.take() {
                piece.close(failed.as_ref(), reading, gaps);
            }
        }
    }

    /// Opens what comes next: another file, or a journal.
    fn next_file(&mut self, reading: &Reading, gaps: &mut Gaps) -> bool {
        while let Some(path) = self.files.pop_front() {
            match open(&path, reading) {
                Ok((Opened::Text(reader), meta)) => {
                    self.open = TextPiece::of(path, (reader, meta), reading);
                    if self.open.is_some() {
                        return true;
                    }
                }
                Ok((Opened::Journal, _)) => {
                    self.journal = journal::open_file(&path, reading, journal::Choice::All, gaps);
                    if self.journal.is_some() {
                        return true;
                    }
                }
                Ok((Opened::Records(_) | Opened::LastLogins(_) | Opened::Database | Opened::Samples(_), _)) => {}
                Err(error) => gaps.add(shown(&path), refused(&error)),
            }
        }
        false
    }

    fn show(&self, take: &mut dyn FnMut(Raw<'_>)) {
        match (&self.entry, &self.open) {
            (Some(entry), _) => take(Raw::Entry {
                host: &entry.host,
                program: &entry.program,
                process: &entry.process,
                message: &entry.message,
            }),
            (None, Some(TextPiece { lines, .. })) => take(Raw::Line(lines.current())),
            (None, None) => {}
        }
    }
}

/// When a line was written, in microseconds since 1970.
fn time_of(line: &[u8], clock: &mut Clock) -> Option<i64> {
    match line.first()? {
        b'{' => None,
        _ if line.starts_with(b"type=") || line.starts_with(b"node=") => {
            let at = memchr::memmem::find(line.get(..512).unwrap_or(line), b"msg=audit(")?;
            let stamp = line.get(at + 10..)?;
            let end = stamp.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
            let (seconds, millis) = std::str::from_utf8(stamp.get(..end)?).ok()?.split_once('.')?;
            let seconds: i64 = seconds.parse().ok()?;
            seconds.checked_mul(1_000_000)?.checked_add(millis.parse::<i64>().ok()?.checked_mul(1000)?)
        }
        _ => envelope::open(line, clock).time,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::read::families;

    #[test]
    fn lines_of_all_files_come_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let files = vec![
            write("auth.log", "2026-11-24T08:00:01Z edge sshd[1]: one\n2026-11-24T08:00:03Z edge sshd[1]: three\n"),
            write("audit.log", "type=EOE msg=audit(1795507202.000:1): two\n"),
            write(
                "export",
                "__CURSOR=x\n__REALTIME_TIMESTAMP=1795507204000000\nSYSLOG_IDENTIFIER=su\nMESSAGE=four\n\n",
            ),
        ];
        let reading = Reading::everything(Timestamp::now());
        let mut said = Vec::new();
        let outcome = read(Area::Logins, families(files), &reading, &mut |raw, time| {
            let text = match raw {
                Raw::Line(line) => line,
                Raw::Entry { message, .. } => message,
            };
            let text = String::from_utf8_lossy(text);
            said.push((text.rsplit(' ').next().unwrap().to_owned(), time.unwrap() / 1_000_000 - 1_795_507_200));
        });
        assert_eq!(said, [("one".into(), 1), ("two".into(), 2), ("three".into(), 3), ("four".into(), 4)]);
        assert_eq!((outcome.lines, outcome.incomplete), (4, Vec::new()));
    }
}
