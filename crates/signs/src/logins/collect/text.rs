//! Text logs: the pieces of one log after the other, line by line. A line may be syslog's, a program's own, a JSON object,
//! an audit record, or the beginning of a journal's export.

use std::collections::VecDeque;
use std::fs::Metadata;
use std::io::BufRead;
use std::path::PathBuf;

use super::stream::Stream;
use crate::logins::event::{Login, Seen};
use crate::logins::parse::{again, is_record, of_program, parse_audit, parse_json, parse_line, told};
use crate::read::{Clock, Gaps, Lines, Opened, Reading, export, open, refused, shown, written};

/// A file that is open already.
pub(super) type Held = (Box<dyn BufRead>, Option<Metadata>);

/// Whom to show events that are passed.
type Past<'a> = Option<&'a mut dyn FnMut(&Seen<'_>, &[u8])>;

/// See the module.
pub(super) struct TextStream {
    files: VecDeque<(PathBuf, Option<Held>)>,
    reading: Reading,
    open: Option<(PathBuf, Lines, Clock)>,
    /// The line before, where it told of an event.
    before: Vec<u8>,
    time: i64,
    /// The event, where it does not simply lie in the line.
    made: VecDeque<Login>,
    lines: u64,
}

impl TextStream {
    pub(super) fn new(files: Vec<(PathBuf, Option<Held>)>, reading: &Reading) -> Self {
        Self {
            files: files.into(),
            reading: reading.clone(),
            open: None,
            before: Vec::new(),
            time: i64::MIN,
            made: VecDeque::new(),
            lines: 0,
        }
    }

    /// Opens the next piece; false where there is none.
    fn next_file(&mut self, gaps: &mut Gaps) -> bool {
        while let Some((path, held)) = self.files.pop_front() {
            let opened = match held {
                Some((reader, meta)) => Ok((Opened::Text(reader), meta)),
                None => open(&path, &self.reading),
            };
            match opened {
                Ok((Opened::Text(reader), meta)) => {
                    let reference = written(meta.as_ref(), self.reading.now);
                    // What was last written before all that is asked for need not be read.
                    if meta.is_some() && self.reading.since.is_some_and(|since| reference < since) {
                        continue;
                    }
                    let clock = Clock::new(self.reading.zone.clone(), reference);
                    self.open = Some((path, Lines::new(reader, self.reading.longest_line), clock));
                    self.before.clear();
                    return true;
                }
                Ok(_) => gaps.add(shown(&path), "it changed while it was read"),
                Err(error) => gaps.add(shown(&path), refused(&error)),
            }
        }
        false
    }

    fn close(&mut self, failed: Option<&std::io::Error>, gaps: &mut Gaps) {
        let Some((path, lines, clock)) = self.open.take() else { return };
        self.lines += lines.count;
        if let Some(error) = failed {
            gaps.add(shown(&path), format!("it was read up to line {}: {error}", lines.count));
        }
        if lines.cut > 0 {
            let longest = self.reading.longest_line;
            gaps.add(
                shown(&path),
                format!("of lines longer than {longest} bytes, only the beginning was read; there are {}", lines.cut),
            );
        }
        if clock.doubtful() > 0 {
            gaps.add(
                shown(&path),
                format!(
                    "stamps without a year that would lie in the future: {}. The log goes over more than a year, or its clock was wrong",
                    clock.doubtful()
                ),
            );
        }
    }
}

/// The events of a line, behind the one `before`.
pub(super) fn each(line: &[u8], before: &mut Vec<u8>, clock: &mut Clock, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
    if is_object(line) {
        return of_object(line, before, clock, take);
    }
    match parse_line(line, clock) {
        Some(seen) => {
            told(line, before);
            take(&seen, line);
        }
        None => {
            if let Some(seen) = again(line, before, clock) {
                take(&seen, line);
            }
        }
    }
}

/// Whether a line is an object of JSON or a record of the audit log.
fn is_object(line: &[u8]) -> bool {
    line.first() == Some(&b'{') || is_record(line)
}

fn of_object(line: &[u8], before: &mut Vec<u8>, clock: &mut Clock, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
    before.clear();
    if line.first() == Some(&b'{') {
        parse_json(line, clock, &mut |seen| take(seen, line));
    } else {
        parse_audit(line, clock, &mut |seen| take(seen, line));
    }
}

/// What an entry of a journal's export says.
fn of_export(entry: &export::Entry) -> Option<Login> {
    let host = Some(entry.host.as_slice()).filter(|host| !host.is_empty());
    let seen = of_program(&entry.program, &entry.message)?;
    Some(Seen { time: entry.time, host, ..seen }.owned(&entry.message))
}

impl TextStream {
    /// Goes on to the next event that does not simply lie in a line; those that do are shown on the way, so that they are
    /// read once only.
    fn advance_past(&mut self, gaps: &mut Gaps, take: &mut dyn FnMut(&Seen<'_>, &[u8])) -> bool {
        self.next_event(gaps, &mut Some(take))
    }

    /// Goes on to the next event; with somebody to show them to, past all that lie in a line.
    fn next_event(&mut self, gaps: &mut Gaps, past: &mut Past<'_>) -> bool {
        self.made.pop_front();
        if let Some(made) = self.made.front() {
            self.time = made.time.map_or(self.time, jiff::Timestamp::as_microsecond);
            return true;
        }
        loop {
            if self.open.is_none() && !self.next_file(gaps) {
                return false;
            }
            let Some((_, lines, clock)) = &mut self.open else { return false };
            let (made, before) = (&mut self.made, &mut self.before);
            let found = match lines.next() {
                Ok(None) => {
                    self.close(None, gaps);
                    continue;
                }
                Err(error) => {
                    self.close(Some(&error), gaps);
                    continue;
                }
                Ok(Some(line)) => match line {
                    line if is_object(line) => {
                        of_object(line, before, clock, &mut |seen, line| made.push_back(seen.owned(line)));
                        None
                    }
                    _ if export::begins(line) => {
                        before.clear();
                        match export::entry(lines) {
                            Ok(entry) => made.extend(of_export(&entry)),
                            Err(error) => {
                                self.close(Some(&error), gaps);
                                continue;
                            }
                        }
                        None
                    }
                    _ => match (parse_line(line, clock), past.as_mut()) {
                        (Some(seen), Some(take)) => {
                            told(line, before);
                            take(&seen, line);
                            None
                        }
                        (Some(seen), None) => {
                            told(line, before);
                            Some(seen.time)
                        }
                        (None, _) => {
                            made.extend(again(line, before, clock).map(|seen| seen.owned(line)));
                            None
                        }
                    },
                },
            };
            if let Some(time) = found {
                self.time = time.unwrap_or(self.time);
                return true;
            }
            if let Some(made) = made.front() {
                self.time = made.time.map_or(self.time, jiff::Timestamp::as_microsecond);
                return true;
            }
        }
    }
}

impl Stream for TextStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        self.next_event(gaps, &mut None)
    }

    fn time(&self) -> i64 {
        self.time
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        if let Some(made) = self.made.front() {
            return take(&made.seen(), made.line.as_bytes());
        }
        let Some((_, lines, clock)) = &mut self.open else { return };
        // Read once more: the event borrows from the line, and the line stays where it is.
        let (doubtful, name_left) = (clock.doubtful, clock.name_left);
        if let Some(seen) = parse_line(lines.current(), clock) {
            take(&seen, lines.current());
        }
        (clock.doubtful, clock.name_left) = (doubtful, name_left);
    }

    fn drain(&mut self, gaps: &mut Gaps, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        while self.advance_past(gaps, take) {
            self.show(take);
        }
    }

    fn lines(&self) -> u64 {
        self.lines + self.open.as_ref().map_or(0, |(_, lines, _)| lines.count)
    }
}
