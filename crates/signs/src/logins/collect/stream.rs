//! Several logs as one, in the order of time: of all that is next, the oldest comes first.

use super::database;
use super::elsewhere::{Elsewhere, Rest};
use super::journal::{CHOICE, JournalStream};
use super::text::TextStream;
use super::utmp::RecordStream;
use crate::logins::event::Seen;
use crate::read::{Family, Gaps, Opened, Reading, journal, open as open_file, refused, shown};

/// A log, read event by event.
pub(super) trait Stream {
    /// Goes on to the next event; false at the end.
    fn advance(&mut self, gaps: &mut Gaps) -> bool;
    /// The time of the event, in microseconds since 1970.
    fn time(&self) -> i64;
    /// Shows the event and its line.
    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8]));
    /// Shows all that is left, where no other log has to be waited for.
    fn drain(&mut self, gaps: &mut Gaps, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        while self.advance(gaps) {
            self.show(take);
        }
    }
    /// Lines and records so far.
    fn lines(&self) -> u64;
}

/// Files of one log that are kept open from the beginning.
const KEPT_OPEN: usize = 3;

/// Opens a family as what its files are.
pub(super) fn open(
    family: Family,
    reading: &Reading,
    elsewhere: &Elsewhere,
    streams: &mut Vec<Box<dyn Stream>>,
    gaps: &mut Gaps,
) {
    let mut texts = Vec::new();
    for path in family.files {
        if path.is_dir() {
            let journal = journal::open_folder(&path, reading, CHOICE, gaps);
            streams.extend(journal.map(|journal| Box::new(JournalStream::new(journal)) as Box<dyn Stream>));
            continue;
        }
        match open_file(&path, reading) {
            Ok((Opened::Text(reader), meta)) => texts.push((path, Some((reader, meta)))),
            Ok((Opened::Records(reader), _)) => streams.push(Box::new(RecordStream::new(&path, reader))),
            Ok((Opened::Journal, _)) => {
                let journal = journal::open_file(&path, reading, CHOICE, gaps);
                streams.extend(journal.map(|journal| Box::new(JournalStream::new(journal)) as Box<dyn Stream>));
            }
            Ok((Opened::LastLogins(reader), _)) => streams.push(Box::new(database::last_logins(&path, reader, gaps))),
            // How loaded a machine was says nothing of logins.
            Ok((Opened::Samples(_), _)) => {}
            Ok((Opened::Database, _)) => streams.push(Box::new(database::open(&path, reading, gaps))),
            Err(error) => gaps.add(shown(&path), refused(&error)),
        }
    }
    // A thousand rotated files need not all be open: those that stay what they are, are opened again when their turn comes.
    // The newest are kept, since rotation may give their names to others meanwhile.
    let old = texts.len().saturating_sub(KEPT_OPEN);
    for (_, held) in texts.iter_mut().take(old) {
        *held = None;
    }
    if let Some(path) = texts.first().map(|(path, _)| path.clone()) {
        streams.push(Rest::of(Box::new(TextStream::new(texts, reading)), &path, elsewhere));
    }
}

/// Shows all events of all streams, the oldest first.
pub(super) fn merge(streams: &mut [Box<dyn Stream>], gaps: &mut Gaps, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
    let mut open: Vec<usize> = Vec::new();
    for (index, stream) in streams.iter_mut().enumerate() {
        if stream.advance(gaps) {
            open.push(index);
        }
    }
    loop {
        if let [last] = open.as_slice()
            && let Some(stream) = streams.get_mut(*last)
        {
            stream.show(take);
            return stream.drain(gaps, take);
        }
        let next =
            open.iter().copied().min_by_key(|index| streams.get(*index).map_or(i64::MAX, |stream| stream.time()));
        let Some((index, stream)) = next.and_then(|index| Some((index, streams.get_mut(index)?))) else { return };
        stream.show(take);
        if !stream.advance(gaps) {
            open.retain(|known| *known != index);
        }
    }
}
