//! Logs of lines: syslog's, the audit log, containers', programs' own.

use std::fs::Metadata;
use std::io::BufRead;
use std::path::PathBuf;

use super::{Asked, base_of, modified, rotated};
use crate::data::logs::detect::{AuditWatch, FileTimes, Line, LogWatch, Watched};
use crate::data::logs::parse::mark::sequence_id;
use crate::read::{Clock, Gaps, Lines, envelope, refused, shown, stamp, written};

/// What was read of one log.
pub(super) struct Whole {
    pub(super) lines: u64,
    /// Whether a log daemon or an engine writes it, which only ever add to it.
    pub(super) grows: bool,
}

type Piece = (PathBuf, Box<dyn BufRead>, Option<Metadata>);

/// Reads the pieces of one log, the oldest first.
pub(super) fn read(
    pieces: Vec<Piece>,
    asked: &Asked,
    own: bool,
    rotation: &rotated::Rotations,
    watched: &mut Watched,
    gaps: &mut Gaps,
) -> Whole {
    let name = pieces.last().map(|(path, ..)| base_of(path)).unwrap_or_default();
    let mut log = LogWatch::new(name.clone());
    let mut audit = AuditWatch::default();
    let mut times: Vec<FileTimes> = Vec::new();
    let mut number = 0;
    let mut json = false;
    for (path, reader, meta) in pieces {
        let reading = &asked.reading;
        let mut clock = Clock::new(reading.zone.clone(), written(meta.as_ref(), reading.now));
        let mut lines = Lines::new(reader, reading.longest_line);
        let mut span: Option<(i64, i64)> = None;
        let mut others = 0_u64;
        loop {
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    gaps.add(shown(&path), format!("it was read up to line {}: {}", lines.count, refused(&error)));
                    break;
                }
            };
            number += 1;
            if audit.see(line) {
                continue;
            }
            let (line, is_json) = taken_apart(line, number, &mut clock);
            json |= is_json;
            log.see(&line);
            match line.second {
                Some(second) if line.host.is_some() => {
                    span = Some(span.map_or((second, second), |(first, last)| (first.min(second), last.max(second))));
                    others = 0;
                }
                // What has no stamp may have been written any time after the last that has one.
                _ => others += 1,
            }
        }
        if let (Some(span), Some(modified), true) = (span, modified(&path), own && others == 0) {
            if let Some(last) = times.last_mut() {
                last.next = Some(span.0);
            }
            let shown = shown(&path);
            times.push(FileTimes {
                current: shown == name,
                path: shown,
                modified,
                lines: span,
                next: None,
                is_local: log.is_local(),
                copied: rotation.copies(&path),
            });
        }
    }
    let whole = Whole { lines: log.lines + audit.lines, grows: log.is_syslog() || audit.lines > 0 || json };
    // Of a host that sends its log from elsewhere with a clock of its own, a file's times say nothing.
    let hosts = log.hosts();
    if hosts <= 1 && log.is_syslog() && is_own_host(&log, asked) {
        watched.times.extend(times);
    }
    if audit.lines > 0 {
        watched.audits.push((name, audit));
    }
    if log.lines > 0 {
        watched.logs.push(log);
    }
    whole
}

/// Whether the lines are this host's own.
fn is_own_host(log: &LogWatch, asked: &Asked) -> bool {
    let name = std::fs::read_to_string(asked.root.join("proc/sys/kernel/hostname"))
        .or_else(|_| std::fs::read_to_string(asked.root.join("etc/hostname")));
    let name = name.unwrap_or_default();
    let first = |name: &str| name.trim().split('.').next().unwrap_or_default().to_owned();
    first(&name) == first(log.host())
}

/// A line, taken apart; and whether it is one of a container's.
fn taken_apart<'a>(line: &'a [u8], number: u64, clock: &mut Clock) -> (Line<'a>, bool) {
    let seconds = |micros: i64| micros.div_euclid(1_000_000);
    if line.starts_with(b"{\"log\":") {
        let time = memchr::memmem::rfind(line, b"\"time\":\"").and_then(|at| line.get(at + 8..));
        let time = time.and_then(|rest| rest.split(|byte| *byte == b'"').next());
        let second = time.and_then(|stamp| stamp::take(stamp, clock)).map(|(micros, _)| seconds(micros));
        return (Line { number, second, zoned: true, ordered: true, ..Line::default() }, second.is_some());
    }
    let opened = envelope::open(line, clock);
    if let Some(micros) = opened.time {
        let bare = line.iter().position(|byte| *byte == b'>').filter(|at| *at < 5 && line.first() == Some(&b'<'));
        let bare = line.get(bare.map_or(0, |at| at + 1)..).unwrap_or(line);
        let zoned = !bare.first().is_some_and(u8::is_ascii_uppercase)
            && memchr::memchr(b'T', bare.get(..32).unwrap_or(bare)).is_some();
        let line = Line {
            number,
            second: Some(seconds(micros)),
            zoned,
            ordered: opened.host.is_some(),
            host: opened.host,
            program: opened.program,
            message: opened.message,
            sequence: sequence_id(line),
        };
        return (line, false);
    }
    // Web servers have the time further on; that is when a request began, so that nothing follows from its order.
    let head = line.get(..512).unwrap_or(line);
    let web = memchr::memchr(b'[', head).and_then(|at| head.get(at + 1..)).and_then(stamp::web);
    (Line { number, second: web.map(seconds), zoned: true, ..Line::default() }, false)
}
