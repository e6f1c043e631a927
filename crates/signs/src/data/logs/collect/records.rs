//! `wtmp` and `btmp`, record by record, as they lie there.

use std::io::BufRead;
use std::path::PathBuf;

use crate::data::logs::detect::RecordWatch;
use crate::read::utmp::{RECORD, fill};
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
