//! Text logs: the pieces of one log after the other, line by line. A line may be syslog's, a program's own, a JSON object,
//! an audit record, or the beginning of a journal's export.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::stream::Stream;
use crate::logins::event::{Login, Seen};
use crate::logins::parse::{again, is_record, of_program, parse_audit, parse_json, parse_line, told};
use crate::read::pieces::{Held, Pieces, TextPiece};
use crate::read::{Clock, Gaps, Reading, export};

/// Whom to show events that are passed.
type Past<'a> = Option<&'a mut dyn FnMut(&Seen<'_>, &[u8])>;

/// See the module.
pub(super) struct TextStream {
    pieces: Pieces,
    open: Option<TextPiece>,
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
            pieces: Pieces::new(files, reading),
            open: None,
            before: Vec::new(),
            time: i64::MIN,
            made: VecDeque::new(),
            lines: 0,
        }
    }

    /// Opens the next piece; false where there is none.
    fn next_file(&mut self, gaps: &mut Gaps) -> bool {
        self.open = self.pieces.next(gaps);
        self.before.clear();
        self.open.is_some()
    }

    fn close(&mut self, failed: Option<&std::io::Error>, gaps: &mut Gaps) {
        let Some(piece) = self.open.take() else { return };
        self.lines += piece.close(failed, &self.pieces.reading, gaps);
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
            let Some(TextPiece { lines, clock, .. }) = &mut self.open else { return false };
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
        let Some(TextPiece { lines, clock, .. }) = &mut self.open else { return };
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
        self.lines + self.open.as_ref().map_or(0, |piece| piece.lines.count)
    }
}
