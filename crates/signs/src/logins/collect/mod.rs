//! Reads logs: which files, in which order, out of which wrapping. Decides nothing. What cannot be read becomes an entry of
//! what is incomplete, and the rest is read nevertheless.

mod export;
mod journal;
mod own;
mod sources;
mod stream;
mod text;
mod utmp;

use jiff::Timestamp;
use keelguard_model::Area;
pub use own::own_addresses;
pub use sources::default_sources;
use stream::{Stream, merge};

use super::event::Seen;
use crate::read::Gaps;
pub use crate::read::{Family, Outcome, Reading, families};

/// Reads `families` together, in the order of time, and hands each event on with its line.
pub fn read(families: Vec<Family>, reading: &Reading, take: &mut dyn FnMut(&Seen<'_>, &[u8])) -> Outcome {
    let mut gaps = Gaps::of(Area::Logins);
    let mut streams: Vec<Box<dyn Stream>> = Vec::new();
    for family in families {
        stream::open(family, reading, &mut streams, &mut gaps);
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
