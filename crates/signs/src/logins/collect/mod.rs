//! Reads logs: which files, in which order, out of which wrapping. Decides nothing. What cannot be read becomes an entry of
//! what is incomplete, and the rest is read nevertheless.

mod database;
mod elsewhere;
mod geo;
mod journal;
mod own;
mod sources;
mod stream;
mod text;
mod utmp;

use std::path::PathBuf;

use elsewhere::Elsewhere;
pub use geo::{GeoDatabase, GeoError};
use jiff::Timestamp;
use keelguard_model::Area;
pub use own::own_addresses;
pub use sources::default_sources;
use stream::{Stream, merge};

use super::event::Seen;
pub use crate::read::{Family, Follow, Outcome, Reading, families};
use crate::read::{Gaps, Piece};

/// Hands on what was written to the logs that are followed since the last time; false once nothing more can come, because
/// the only pipe has ended.
pub fn go_on(follow: &mut Follow, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>, &[u8])) -> bool {
    let elsewhere = Elsewhere::among(follow.logs());
    follow.poll(reading, journal::CHOICE, &mut |piece, clock| {
        let event = match piece {
            Piece::Line { line, log, before } => {
                return text::each(line, before, clock, &mut |seen, line| {
                    if !elsewhere.tells_of(log, seen) {
                        take(seen, line);
                    }
                });
            }
            Piece::Record { record, refused } => utmp::event(record, refused),
            Piece::Entry(entry) => journal::event(entry),
        };
        if let Some(event) = event {
            take(&event.seen(), event.line.as_bytes());
        }
    })
}

/// Lines that are in no file: whose they are, and what they say.
pub type Told = (String, Vec<u8>);

/// Reads `families` together, in the order of time, and hands each event on with its line.
pub fn read(families: Vec<Family>, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>, &[u8])) -> Outcome {
    read_with(families, None, reading, take)
}

/// The same together with what somebody has told.
pub fn read_with(
    families: Vec<Family>,
    told: Option<Told>,
    reading: &Reading,
    take: &mut dyn FnMut(&Seen<'_>, &[u8]),
) -> Outcome {
    let mut gaps = Gaps::of(Area::Logins);
    let mut streams: Vec<Box<dyn Stream>> = Vec::new();
    let elsewhere = Elsewhere::among(families.iter().flat_map(|family| &family.files).map(PathBuf::as_path));
    for family in families {
        stream::open(family, reading, &elsewhere, &mut streams, &mut gaps);
    }
    if let Some((name, lines)) = told {
        let lines: crate::read::pieces::Held = (Box::new(std::io::Cursor::new(lines)), None);
        streams.push(Box::new(text::TextStream::new(vec![(name.into(), Some(lines))], reading)));
    }
    let since = reading.since_micros();
    let mut outcome = Outcome::default();
    let mut times: Option<(i64, i64)> = None;
    merge(&mut streams, &mut gaps, &mut |seen, line| {
        if seen.time.is_some_and(|time| time < since) {
            return;
        }
        if let Some(time) = seen.time {
            times = Some(times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        }
        outcome.events += 1;
        take(seen, line);
    });
    outcome.lines = streams.iter().map(|stream| stream.lines()).sum();
    let stamp = |micros| Timestamp::from_microsecond(micros).ok();
    outcome.times = times.and_then(|(first, last)| Some((stamp(first)?, stamp(last)?)));
    outcome.incomplete = gaps.into_list();
    outcome
}

#[cfg(test)]
mod tests;
