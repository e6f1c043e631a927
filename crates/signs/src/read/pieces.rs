//! The pieces of one text log, opened one after the other: each with the clock by which its stamps are understood, and with
//! what could not be read of it said when it is closed.

use std::collections::VecDeque;
use std::fs::Metadata;
use std::io::{self, BufRead};
use std::path::PathBuf;

use super::{Clock, Gaps, Lines, Opened, Reading, open, refused, shown, written};

/// A file that is open already.
pub(crate) type Held = (Box<dyn BufRead>, Option<Metadata>);

/// One piece that is being read.
pub(crate) struct TextPiece {
    pub(crate) path: PathBuf,
    pub(crate) lines: Lines,
    pub(crate) clock: Clock,
}

impl TextPiece {
    /// What is open already; none where it was last written before all that is asked for, and need not be read.
    pub(crate) fn of(path: PathBuf, (reader, meta): Held, reading: &Reading) -> Option<Self> {
        let reference = written(meta.as_ref(), reading.now);
        if meta.is_some() && reading.since.is_some_and(|since| reference < since) {
            return None;
        }
        let lines = Lines::new(reader, reading.longest_line);
        Some(Self { path, lines, clock: Clock::new(reading.zone.clone(), reference) })
    }

    /// Says what of it could not be read, or not be understood; how many lines there were.
    pub(crate) fn close(self, failed: Option<&io::Error>, reading: &Reading, gaps: &mut Gaps) -> u64 {
        let Self { path, lines, clock } = self;
        if let Some(error) = failed {
            gaps.add(shown(&path), format!("it was read up to line {}: {error}", lines.count));
        }
        if lines.cut > 0 {
            let longest = reading.longest_line;
            let why =
                format!("of lines longer than {longest} bytes, only the beginning was read; there are {}", lines.cut);
            gaps.add(shown(&path), why);
        }
        if clock.doubtful() > 0 {
            let why = format!(
                "stamps without a year that would lie in the future: {}. The log goes over more than a year, or its clock was wrong",
                clock.doubtful()
            );
            gaps.add(shown(&path), why);
        }
        lines.count
    }
}

/// The pieces that are still to be read.
pub(crate) struct Pieces {
    files: VecDeque<(PathBuf, Option<Held>)>,
    pub(crate) reading: Reading,
}

impl Pieces {
    /// Some of them are open already, because they may be gone before their turn comes.
    pub(crate) fn new(files: Vec<(PathBuf, Option<Held>)>, reading: &Reading) -> Self {
        Self { files: files.into(), reading: reading.clone() }
    }

    /// The next that is to be read; none where there is none.
    pub(crate) fn next(&mut self, gaps: &mut Gaps) -> Option<TextPiece> {
        while let Some((path, held)) = self.files.pop_front() {
            let opened = match held {
                Some(held) => Ok(held),
                None => match open(&path, &self.reading) {
                    Ok((Opened::Text(reader), meta)) => Ok((reader, meta)),
                    Ok(_) => Err("it changed while it was read".to_owned()),
                    Err(error) => Err(refused(&error)),
                },
            };
            match opened {
                Ok(held) => {
                    if let Some(piece) = TextPiece::of(path, held, &self.reading) {
                        return Some(piece);
                    }
                }
                Err(why) => gaps.add(shown(&path), why),
            }
        }
        None
    }
}
