//! Reads logs: which files, in which order, out of which wrapping; and what the running kernel and the engine say. Decides
//! nothing.

mod database;
mod journal;
mod life;
mod pstore;
mod records;
mod samples;
mod sources;
mod text;

use std::collections::VecDeque;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use keelguard_model::Area;
pub use pstore::kept_by_kernel;
pub use sources::{default_sources, running_since};

use super::event::{Happening, Kind};
use super::parse::read_package;
pub use crate::read::{Family, Follow, Outcome, Reading, families};
use crate::read::{Gaps, Opened, Piece, journal as journals, open, refused, shown};

/// A log, read event by event.
trait Stream {
    /// Adds at least one event to the queue; false at the end.
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool;
    /// Lines and records so far.
    fn lines(&self) -> u64;
}

/// A stream and what of it is next.
struct Source {
    stream: Box<dyn Stream>,
    queue: VecDeque<Happening>,
    /// The time of the last event that had one.
    time: i64,
    ended: bool,
}

/// Files of one log that are kept open from the beginning.
const KEPT_OPEN: usize = 3;

/// Reads `families` together with `told`, in the order of time, and hands each event on.
pub fn read(
    families: Vec<Family>,
    told: Vec<Happening>,
    reading: &Reading,
    take: &mut dyn FnMut(&Happening),
) -> Outcome {
    let mut gaps = Gaps::of(Area::Downtime);
    let mut streams: Vec<Box<dyn Stream>> = Vec::new();
    let mut told = told;
    for family in families {
        open_family(family, reading, &mut streams, &mut told, &mut gaps);
    }
    let mut sources: Vec<Source> = streams
        .into_iter()
        .map(|stream| Source { stream, queue: VecDeque::new(), time: i64::MIN, ended: false })
        .collect();
    told.sort_by_key(|happening| happening.micros().unwrap_or(i64::MIN));
    sources.push(Source { stream: Box::new(Told), queue: told.into(), time: i64::MIN, ended: false });
    let since = reading.since_micros();
    let earliest_load = since.saturating_sub(i64::try_from(samples::EARLIER.as_micros()).unwrap_or(0));
    let latest = reading.now.checked_add(SignedDuration::from_hours(24)).unwrap_or(reading.now).as_microsecond();
    let mut outcome = Outcome::default();
    let mut times: Option<(i64, i64)> = None;
    let mut future = 0_u64;
    while let Some(happening) = next(&mut sources, &mut gaps) {
        let Some(time) = happening.micros() else {
            outcome.events += 1;
            take(&happening);
            continue;
        };
        // One stamp in the year 2099 would make everything before it the past.
        if time > latest || time < EARLIEST {
            future += 1;
            continue;
        }
        // Load before the time that is asked for shows what is usual.
        let earlier = if happening.kind == Kind::Load { earliest_load } else { since };
        if time < earlier {
            continue;
        }
        // What explains others covers no time itself.
        if !matches!(happening.kind, Kind::Context | Kind::Load) {
            times = Some(times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        }
        outcome.events += u64::from(happening.is_event());
        take(&happening);
    }
    if future > 0 {
        gaps.add(
            format!("{future} events"),
            "their stamps lie in the future or before 1990, so that nobody can say when they happened",
        );
    }
    outcome.lines = sources.iter().map(|source| source.stream.lines()).sum();
    let stamp = |micros| Timestamp::from_microsecond(micros).ok();
    outcome.times = times.and_then(|(first, last)| Some((stamp(first)?, stamp(last)?)));
    outcome.incomplete = gaps.into_list();
    outcome
}

/// Logs that go on after they were read: what is kept of one look for the next.
#[derive(Default)]
pub struct Tail {
    text: text::Follower,
    boots: journal::Boots,
    records: records::Follower,
    samples: samples::Follower,
}

impl Tail {
    /// Of these files, some of which are sysstat's.
    pub fn of(files: &[PathBuf]) -> Self {
        Self { samples: samples::Follower::of(files), ..Self::default() }
    }

    /// Hands on what was written to the logs that are followed since the last time; false once nothing more can come, because
    /// the only pipe has ended.
    pub fn go_on(&mut self, follow: &mut Follow, reading: &Reading, take: &mut dyn FnMut(&Happening)) -> bool {
        let mut queue = VecDeque::new();
        let goes_on = follow.poll(reading, journals::Choice::All, &mut |piece, clock| match piece {
            Piece::Line { line, log, .. } if text::is_of_packages(log) => queue.extend(read_package(line, clock)),
            Piece::Line { line, .. } => self.text.see(line, clock, &mut queue),
            Piece::Record { record, .. } => queue.extend(self.records.event(record)),
            Piece::Entry(entry) => self.boots.of_entry(entry, &mut queue),
        });
        self.text.finish(&mut queue);
        self.boots.finish(&mut queue);
        self.samples.poll(reading, &mut queue);
        queue.iter().for_each(take);
        goes_on
    }
}

/// 1990, before there was any Linux.
const EARLIEST: i64 = 631_152_000_000_000;

/// The oldest of what is next.
fn next(sources: &mut [Source], gaps: &mut Gaps) -> Option<Happening> {
    for source in sources.iter_mut() {
        while source.queue.is_empty() && !source.ended {
            source.ended = !source.stream.fill(&mut source.queue, gaps);
        }
        if let Some(first) = source.queue.front() {
            source.time = first.micros().unwrap_or(source.time);
        }
    }
    let oldest = sources.iter_mut().filter(|source| !source.queue.is_empty()).min_by_key(|source| source.time)?;
    oldest.queue.pop_front()
}

/// What is known without a log.
struct Told;

impl Stream for Told {
    fn fill(&mut self, _queue: &mut VecDeque<Happening>, _gaps: &mut Gaps) -> bool {
        false
    }

    fn lines(&self) -> u64 {
        0
    }
}

/// Opens a family as what its files are.
fn open_family(
    family: Family,
    reading: &Reading,
    streams: &mut Vec<Box<dyn Stream>>,
    told: &mut Vec<Happening>,
    gaps: &mut Gaps,
) {
    let mut texts = Vec::new();
    let of_journal = |journal: journals::Journal| Box::new(journal::JournalStream::new(journal)) as Box<dyn Stream>;
    for path in family.files {
        if path.is_dir() {
            streams.extend(journals::open_folder(&path, reading, journal::CHOICE, gaps).map(of_journal));
            continue;
        }
        match open(&path, reading) {
            Ok((Opened::Text(reader), meta)) => texts.push((path, Some((reader, meta)))),
            Ok((Opened::Records(reader), _)) => streams.push(Box::new(records::RecordStream::new(&path, reader))),
            Ok((Opened::Journal, _)) => {
                streams.extend(journals::open_file(&path, reading, journal::CHOICE, gaps).map(of_journal));
            }
            // The last login of each user says nothing of boots.
            Ok((Opened::LastLogins(_), _)) => {}
            Ok((Opened::Samples(reader), meta)) => {
                streams.push(Box::new(samples::SampleStream::new(&path, reader, meta.as_ref(), reading, gaps)));
            }
            Ok((Opened::Database, _)) => told.extend(database::read(&path, reading, gaps)),
            Err(error) => gaps.add(shown(&path), refused(&error)),
        }
    }
    // Those that stay what they are, are opened again when their turn comes.
    let old = texts.len().saturating_sub(KEPT_OPEN);
    for (_, held) in texts.iter_mut().take(old) {
        *held = None;
    }
    if !texts.is_empty() {
        streams.push(Box::new(text::TextStream::new(texts, reading)));
    }
}

#[cfg(test)]
mod tests;
