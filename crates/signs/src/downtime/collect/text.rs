//! Text logs: the pieces of one log after the other, line by line. A line may be syslog's, the engine's own, a package
//! manager's, a journal's entry as JSON, or the beginning of a journal's export.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::Stream;
use super::journal::Boots;
use super::life::Life;
use crate::downtime::event::{Channel, Happening};
use crate::downtime::parse::{self, Around};
use crate::read::pieces::{Held, Pieces, TextPiece};
use crate::read::{Clock, Gaps, Reading, envelope, export};

/// See the module.
pub(super) struct TextStream {
    pieces: Pieces,
    open: Option<TextPiece>,
    /// What is open is a package manager's own log, whose lines name no program.
    is_packages: bool,
    follower: Follower,
    lines: u64,
}

/// Reads one line after the other, whoever hands them in.
pub(super) struct Follower {
    life: Life,
    boots: Boots,
}

impl Default for Follower {
    fn default() -> Self {
        Self { life: Life::new(Channel::Text), boots: Boots::default() }
    }
}

impl Follower {
    /// One line of text, or of a journal as JSON.
    pub(super) fn see(&mut self, line: &[u8], clock: &mut Clock, queue: &mut VecDeque<Happening>) {
        if line.first() == Some(&b'{') {
            return self.boots.of_json(line, queue);
        }
        of_line(line, clock, &mut self.life, queue);
    }

    /// What was not told yet, at an end.
    pub(super) fn finish(&mut self, queue: &mut VecDeque<Happening>) {
        self.life.finish(queue);
        self.boots.finish(queue);
    }
}

impl TextStream {
    pub(super) fn new(files: Vec<(PathBuf, Option<Held>)>, reading: &Reading) -> Self {
        let pieces = Pieces::new(files, reading);
        Self { pieces, open: None, is_packages: false, follower: Follower::default(), lines: 0 }
    }

    /// Opens the next piece; false where there is none.
    fn next_file(&mut self, gaps: &mut Gaps) -> bool {
        self.open = self.pieces.next(gaps);
        self.is_packages = self.open.as_ref().is_some_and(|piece| is_of_packages(&piece.path));
        self.open.is_some()
    }

    fn close(&mut self, failed: Option<&std::io::Error>, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) {
        self.follower.finish(queue);
        let Some(piece) = self.open.take() else { return };
        self.lines += piece.close(failed, &self.pieces.reading, gaps);
    }
}

impl Stream for TextStream {
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool {
        while queue.is_empty() {
            if self.open.is_none() && !self.next_file(gaps) {
                return false;
            }
            let Some(open) = &mut self.open else { return false };
            let failed = match open.lines.next() {
                Ok(None) => {
                    self.close(None, queue, gaps);
                    continue;
                }
                Ok(Some(line)) if export::begins(line) => match self.follower.boots.of_export(&mut open.lines, queue) {
                    Ok(()) => continue,
                    Err(error) => error,
                },
                // What a package manager writes shows that the machine ran then, and nothing of the time between.
                Ok(Some(line)) if self.is_packages => {
                    queue.extend(parse::read_package(line, &mut open.clock));
                    continue;
                }
                Ok(Some(line)) => {
                    self.follower.see(line, &mut open.clock, queue);
                    continue;
                }
                Err(error) => error,
            };
            self.close(Some(&failed), queue, gaps);
        }
        true
    }

    fn lines(&self) -> u64 {
        self.lines + self.open.as_ref().map_or(0, |open| open.lines.count)
    }
}

/// Whether it is the log of a package manager, whose lines name no program.
pub(super) fn is_of_packages(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with("dpkg.log") || name.starts_with("dnf.")
}

/// One line of text.
fn of_line(line: &[u8], clock: &mut Clock, life: &mut Life, queue: &mut VecDeque<Happening>) {
    let envelope::Envelope { time, host, program, process, message } = match engine_stamp(line) {
        // The engine's log as it writes it itself, without a head.
        time @ Some(_) => envelope::Envelope { time, program: b"dockerd", message: line, ..Default::default() },
        None => envelope::open(line, clock),
    };
    let around = Around { time, host, program, process, channel: Channel::Text, line };
    let happening = parse::read(message, &around);
    if let Some(time) = time {
        life.see(host, time, line, happening.is_some(), queue);
    }
    queue.extend(happening);
}

/// `time="2026-11-24T03:02:11.123456789Z" level=…`
fn engine_stamp(line: &[u8]) -> Option<i64> {
    let rest = line.strip_prefix(b"time=\"")?;
    let (stamp, rest) = envelope::split(rest, b'"')?;
    rest.strip_prefix(b" level=")?;
    let stamp = std::str::from_utf8(stamp.get(..64).unwrap_or(stamp)).ok()?;
    stamp.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}
