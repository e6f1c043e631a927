//! What sysstat recorded, as events: how loaded the machine was, and that it lived then.

use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::Stream;
use super::sources::samples_in;
use crate::downtime::event::{Channel, Happening, Kind, Load, Scope};
use crate::read::sysstat::{Reader, Record, begins};
use crate::read::{Gaps, Reading, shown, written};

/// What was measured so long before the time that is asked for is read, too: it shows what is usual.
pub(super) const EARLIER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// See the module.
pub(super) struct SampleStream {
    path: PathBuf,
    reader: Option<Reader>,
    host: Option<String>,
    records: u64,
}

impl SampleStream {
    /// Begins to read; a file that was last written before all that is asked for is not read.
    pub(super) fn new(
        path: &Path,
        reader: Box<dyn BufRead>,
        meta: Option<&Metadata>,
        reading: &Reading,
        gaps: &mut Gaps,
    ) -> Self {
        let time = written(meta, reading.now);
        let is_old = meta.is_some() && reading.since.is_some_and(|since| time + EARLIER < since);
        let reader = if is_old {
            None
        } else {
            Reader::new(reader, &reading.zone, time)
                .map_err(|error| gaps.add(shown(path), format!("could not {error}")))
                .ok()
        };
        let host = reader.as_ref().and_then(Reader::host).map(str::to_owned);
        Self { path: path.to_owned(), reader, host, records: 0 }
    }
}

/// A record, as events.
pub(super) fn happenings(record: Record, host: Option<&str>) -> [Happening; 2] {
    let event = |kind| Happening {
        host: host.map(str::to_owned),
        ..Happening::new(kind, Scope::Host, Channel::Samples, Some(record.time))
    };
    let life = Happening { line: "sysstat: a record".to_owned(), ..event(Kind::Alive) };
    [life, Happening { load: Some(Load { values: record.values }), ..event(Kind::Load) }]
}

/// Looks now and then whether sysstat has recorded more: it writes to the file of the day.
#[derive(Default)]
pub(super) struct Follower {
    folders: Vec<PathBuf>,
    /// The file that was written last, and what of it is known.
    known: Option<(PathBuf, u64)>,
    newest: Option<Timestamp>,
}

impl Follower {
    /// Follows the folders in which some of `files` are sysstat's.
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let is_samples = |path: &&PathBuf| {
            let mut head = [0; 2];
            path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && begins(&head)
        };
        let folders = files.iter().filter(is_samples).filter_map(|path| path.parent()).map(Path::to_path_buf);
        let mut folders: Vec<PathBuf> = folders.collect();
        folders.sort();
        folders.dedup();
        Self { folders, known: None, newest: None }
    }

    /// What was recorded since the last look. What cannot be read now may be being written, and is read the next time.
    pub(super) fn poll(&mut self, reading: &Reading, queue: &mut VecDeque<Happening>) {
        let written = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok().filter(Metadata::is_file)?;
            Some((meta.modified().ok()?, path, meta.len()))
        };
        let files = self.folders.iter().flat_map(|folder| samples_in(folder)).filter_map(written);
        let Some((_, path, length)) = files.max() else { return };
        let now = Some((path, length));
        if self.known == now {
            return;
        }
        self.known = now;
        let Some((path, _)) = &self.known else { return };
        let Ok(file) = File::open(path) else { return };
        let Ok(mut reader) = Reader::new(Box::new(BufReader::new(file)), &reading.zone, reading.now) else { return };
        let host = reader.host().map(str::to_owned);
        let read = self.newest.unwrap_or(reading.now);
        while let Ok(Some(record)) = reader.next_record() {
            if record.time > read {
                self.newest = Some(record.time);
                queue.extend(happenings(record, host.as_deref()));
            }
        }
    }
}

impl Stream for SampleStream {
    fn fill(&mut self, queue: &mut VecDeque<Happening>, gaps: &mut Gaps) -> bool {
        let Some(reader) = &mut self.reader else { return false };
        match reader.next_record() {
            Ok(Some(record)) => {
                self.records += 1;
                queue.extend(happenings(record, self.host.as_deref()));
                return true;
            }
            Ok(None) => {}
            Err(error) => {
                let why = format!("could not {error}; it was read up to record {}", self.records);
                gaps.add(shown(&self.path), why);
            }
        }
        self.reader = None;
        false
    }

    fn lines(&self) -> u64 {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sysstat_records_while_it_is_followed_is_told_once() {
        let sadc = "/usr/lib/sysstat/sadc";
        if !Path::new(sadc).exists() {
            eprintln!("skipped: sysstat is not installed");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sa24");
        let record =
            || assert!(std::process::Command::new(sadc).args(["1", "1"]).arg(&file).status().unwrap().success());
        record();
        let mut follower = Follower::of(std::slice::from_ref(&file));
        let now = Timestamp::now().checked_sub(SignedDuration::from_secs(60)).unwrap();
        let reading = Reading::everything(now);
        let mut look = || {
            let mut queue = VecDeque::new();
            follower.poll(&reading, &mut queue);
            queue.iter().map(|event| event.kind).collect::<Vec<_>>()
        };
        assert_eq!(look(), [Kind::Alive, Kind::Load]);
        assert_eq!(look(), []);
        // It writes in seconds, of a clock that the kernel sets some milliseconds late.
        let next = (Timestamp::now().as_second() + 1) * 1000 + 50;
        while Timestamp::now().as_millisecond() < next {
            std::thread::yield_now();
        }
        record();
        assert_eq!(look(), [Kind::Alive, Kind::Load]);
    }
}
