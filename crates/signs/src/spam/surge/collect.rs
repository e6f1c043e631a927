//! Reads the logs of mail servers: which files, in the order of time, out of which wrapping. Decides nothing.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keelguard_model::Area;
use serde_json::Value;

use crate::read::journal::{Choice, Field, Journal, open_file, open_folder};
use crate::read::pieces::{Held, Pieces, TextPiece};
use crate::read::{
    Clock, Family, Follow, Gaps, Opened, Outcome, Piece, Reading, export, is_piece_of, logs_in, open, refused, shown,
};
use crate::spam::parse::{Seen, is_known, of_program, parse_line};

/// Logs in `/var/log` that are mail servers' own.
const OWN: &[&str] = &["mail.log", "maillog", "mail", "mail.info", "postfix.log"];
/// Folders of servers that write their own files.
const FOLDERS: &[(&str, &[&str])] =
    &[("exim4", &["mainlog"]), ("exim", &["main.log", "mainlog"]), ("rspamd", &["rspamd.log"])];
/// Where mail is told of among other things.
const COMMON: &[&str] = &["syslog", "messages"];

/// This host's logs of mail below `root`: those of mail servers, else the common ones. A host without a mail server has none of the
/// former, and of the latter nothing is said unless they tell of mail.
pub fn default_sources(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("var/log");
    let names = logs_in(&folder);
    let has_content = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|meta| meta.len() > 0 && meta.is_file());
    let of = |known: &[&str]| -> Vec<PathBuf> {
        let files = names.iter().filter(|name| is_piece_of(name, known)).map(|name| folder.join(name));
        files.filter(has_content).collect()
    };
    // What two of them hold is read from one only.
    let mut found = OWN.iter().map(|name| of(&[*name])).find(|files| !files.is_empty()).unwrap_or_default();
    for (name, logs) in FOLDERS {
        let folder = folder.join(name);
        let files = logs_in(&folder).into_iter().filter(|name| is_piece_of(name, logs)).map(|name| folder.join(name));
        found.extend(files.filter(has_content));
    }
    if found.is_empty() {
        found = COMMON.iter().map(|name| of(&[*name])).find(|files| !files.is_empty()).unwrap_or_default();
    }
    if found.is_empty() {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

/// Entries of a journal that may tell of mail.
const CHOICE: Choice = Choice::Only(|field, value| match field {
    Field::Facility => value == b"2",
    Field::Identifier | Field::Command => is_known(value),
    _ => false,
});

/// One log, event by event.
enum Stream {
    Text { pieces: Box<Pieces>, open: Option<TextPiece>, lines: u64 },
    Journal(Box<Journal>),
}

/// What an event's line was taken from, so that it can be read again when its turn comes.
struct Line {
    time: i64,
    host: Option<Vec<u8>>,
    program: Vec<u8>,
    message: Vec<u8>,
    /// The message is the whole line, with its head.
    is_whole: bool,
}

struct Source {
    stream: Stream,
    next: VecDeque<Line>,
    ended: bool,
}

impl Source {
    fn lines(&self) -> u64 {
        match &self.stream {
            Stream::Text { open, lines, .. } => lines + open.as_ref().map_or(0, |piece| piece.lines.count),
            Stream::Journal(journal) => journal.lines(),
        }
    }

    /// Goes on until there is an event, or no more.
    fn fill(&mut self, gaps: &mut Gaps) {
        while self.next.is_empty() && !self.ended {
            match &mut self.stream {
                Stream::Journal(journal) => {
                    if !journal.advance(gaps) {
                        self.ended = true;
                    } else if let Some(entry) = journal.entry() {
                        let message = entry.message().unwrap_or_default();
                        self.next.extend(line(entry.time, entry.host(), entry.program(), message));
                    }
                }
                Stream::Text { pieces, open, lines } => {
                    if open.is_none() {
                        *open = pieces.next(gaps);
                    }
                    let Some(piece) = open else {
                        self.ended = true;
                        return;
                    };
                    let failed = match piece.lines.next() {
                        Ok(Some(text)) if text.first() == Some(&b'{') => {
                            self.next.extend(of_json(text));
                            continue;
                        }
                        Ok(Some(text)) if export::begins(text) => match export::entry(&mut piece.lines) {
                            Ok(entry) => {
                                let host = Some(entry.host.as_slice()).filter(|host| !host.is_empty());
                                self.next.extend(
                                    entry.time.and_then(|time| line(time, host, &entry.program, &entry.message)),
                                );
                                continue;
                            }
                            Err(error) => Some(error),
                        },
                        Ok(Some(text)) => {
                            if let Some(time) = parse_line(text, &mut piece.clock).and_then(|seen| seen.time) {
                                let message = text.to_vec();
                                self.next.push_back(Line {
                                    time,
                                    host: None,
                                    program: Vec::new(),
                                    message,
                                    is_whole: true,
                                });
                            }
                            continue;
                        }
                        Ok(None) => None,
                        Err(error) => Some(error),
                    };
                    if let Some(piece) = open.take() {
                        *lines += piece.close(failed.as_ref(), &pieces.reading, gaps);
                    }
                }
            }
        }
    }
}

fn line(time: i64, host: Option<&[u8]>, program: &[u8], message: &[u8]) -> Option<Line> {
    of_program(program, message)?;
    let host = host.map(<[u8]>::to_vec);
    Some(Line { time, host, program: program.to_vec(), message: message.to_vec(), is_whole: false })
}

/// `journalctl -o json`
fn of_json(text: &[u8]) -> Option<Line> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(text) else { return None };
    let field = |name: &str| fields.get(name).and_then(Value::as_str);
    let time = field("__REALTIME_TIMESTAMP")?.parse().ok()?;
    let program = field("SYSLOG_IDENTIFIER").or_else(|| field("_COMM"))?;
    line(time, field("_HOSTNAME").map(str::as_bytes), program.as_bytes(), field("MESSAGE")?.as_bytes())
}

/// Shows a line's event; the time is known already.
fn show(line: &Line, take: &mut dyn FnMut(&Seen<'_>)) {
    if line.is_whole {
        let mut clock = Clock::utc(Timestamp::from_microsecond(line.time).unwrap_or_default());
        if let Some(seen) = parse_line(&line.message, &mut clock) {
            take(&Seen { time: Some(line.time), ..seen });
        }
    } else if let Some(seen) = of_program(&line.program, &line.message) {
        take(&Seen { time: Some(line.time), host: line.host.as_deref(), ..seen });
    }
}

/// Reads `families` together, in the order of time, and hands each event on.
pub fn read(families: Vec<Family>, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>)) -> Outcome {
    let mut gaps = Gaps::of(Area::Spam);
    let mut sources = Vec::new();
    for family in families {
        open_family(family, reading, &mut sources, &mut gaps);
    }
    let since = reading.since_micros();
    let mut outcome = Outcome::default();
    let mut times: Option<(i64, i64)> = None;
    loop {
        for source in &mut sources {
            source.fill(&mut gaps);
        }
        let first = |source: &Source| source.next.front().map_or(i64::MAX, |line| line.time);
        let oldest = sources.iter_mut().filter(|source| !source.next.is_empty()).min_by_key(|source| first(source));
        let Some(line) = oldest.and_then(|source| source.next.pop_front()) else { break };
        if line.time < since {
            continue;
        }
        times = Some(times.map_or((line.time, line.time), |(from, to)| (from.min(line.time), to.max(line.time))));
        outcome.events += 1;
        show(&line, take);
    }
    outcome.lines = sources.iter().map(Source::lines).sum();
    let stamp = |micros| Timestamp::from_microsecond(micros).ok();
    outcome.times = times.and_then(|(from, to)| Some((stamp(from)?, stamp(to)?)));
    outcome.incomplete = gaps.into_list();
    outcome
}

fn open_family(family: Family, reading: &Reading, sources: &mut Vec<Source>, gaps: &mut Gaps) {
    let mut texts: Vec<(PathBuf, Option<Held>)> = Vec::new();
    let mut add = |stream| sources.push(Source { stream, next: VecDeque::new(), ended: false });
    let of_journal = |journal: Journal| Stream::Journal(Box::new(journal));
    for path in family.files {
        if path.is_dir() {
            if let Some(journal) = open_folder(&path, reading, CHOICE, gaps) {
                add(of_journal(journal));
            }
            continue;
        }
        match open(&path, reading) {
            Ok((Opened::Text(reader), meta)) => texts.push((path, Some((reader, meta)))),
            Ok((Opened::Journal, _)) => {
                if let Some(journal) = open_file(&path, reading, CHOICE, gaps) {
                    add(of_journal(journal));
                }
            }
            Ok(_) => gaps.add(shown(&path), "it is no log of a mail server"),
            Err(error) => gaps.add(shown(&path), refused(&error)),
        }
    }
    if !texts.is_empty() {
        add(Stream::Text { pieces: Box::new(Pieces::new(texts, reading)), open: None, lines: 0 });
    }
}

/// Hands on what was written to the logs that are followed since the last time; false once nothing more can come.
pub fn go_on(follow: &mut Follow, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>)) -> bool {
    follow.poll(reading, CHOICE, &mut |piece, clock| match piece {
        Piece::Line { line, .. } if line.first() == Some(&b'{') => {
            if let Some(line) = of_json(line) {
                show(&line, take);
            }
        }
        Piece::Line { line, .. } => {
            if let Some(seen) = parse_line(line, clock) {
                take(&seen);
            }
        }
        Piece::Entry(entry) => {
            let message = entry.message().unwrap_or_default();
            if let Some(seen) = of_program(entry.program(), message) {
                take(&Seen { time: Some(entry.time), host: entry.host(), ..seen });
            }
        }
        Piece::Record { .. } => {}
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::read::families;

    #[test]
    fn rotated_and_packed_logs_are_read_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let line = |day: u32, id: &str| {
            format!(
                "Nov {day} 08:10:02 mx postfix/qmgr[45]: {id}: from=<ann@shop.example>, size=2345, nrcpt=2 (queue active)\n"
            )
        };
        std::fs::create_dir_all(folder.path().join("var/log")).unwrap();
        let log = folder.path().join("var/log/mail.log");
        std::fs::write(&log, line(24, "C")).unwrap();
        std::fs::write(folder.path().join("var/log/mail.log.1"), line(20, "B")).unwrap();
        std::fs::write(folder.path().join("var/log/syslog"), line(20, "B")).unwrap();
        let packed = zstd::encode_all(line(12, "A").as_bytes(), 1).unwrap();
        std::fs::write(folder.path().join("var/log/mail.log.2.zst"), packed).unwrap();
        let files = default_sources(folder.path());
        let reading = Reading { zone: TimeZone::UTC, ..Reading::everything("2026-11-25T00:00:00Z".parse().unwrap()) };
        let mut ids = String::new();
        let outcome = read(families(files), &reading, &mut |seen| {
            ids += std::str::from_utf8(seen.id.unwrap()).unwrap();
        });
        assert_eq!((ids.as_str(), outcome.events, outcome.lines), ("ABC", 3, 3));
        assert!(outcome.incomplete.is_empty(), "{:?}", outcome.incomplete);
    }

    #[test]
    fn a_host_without_logs_has_no_sources() {
        let folder = tempfile::tempdir().unwrap();
        assert!(default_sources(folder.path()).is_empty());
    }
}
