//! `wtmp` and `btmp`, record by record, as they lie there.

use std::io::{self, BufRead};
use std::path::PathBuf;

use crate::data::logs::detect::RecordWatch;
use crate::read::utmp::RECORD;
use crate::read::{Gaps, refused, shown};

/// Reads the pieces of one, the oldest first.
pub(super) fn read(name: &str, pieces: Vec<(PathBuf, Box<dyn BufRead>)>, gaps: &mut Gaps) -> RecordWatch {
    let mut watch = RecordWatch::new(name);
    for (path, mut reader) in pieces {
        let mut record = [0; RECORD];
        loop {
            match fill(&mut *reader, &mut record) {
                Ok(RECORD) => watch.see(&record),
                Ok(rest) => {
                    watch.end(rest);
                    break;
                }
                Err(error) => {
                    gaps.add(shown(&path), format!("it was read up to record {}: {}", watch.count, refused(&error)));
                    break;
                }
            }
        }
    }
    watch
}

/// Fills `record` as far as there is something.
fn fill(reader: &mut dyn BufRead, record: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = record.get_mut(filled..).filter(|room| !room.is_empty()) {
        match reader.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
