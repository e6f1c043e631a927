//! Proves the chain, record by record, in constant memory.

use std::cmp::Ordering;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use jiff::Timestamp;

use super::record::{Hash, Head, OwnLogError, Record, head_of};
use super::write::LONGEST;
use crate::read::Lines;

/// What is wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A line that is no record.
    NoRecord {
        /// The line, from 1.
        line: u64,
    },
    /// Numbers are missing.
    Missing {
        /// The first of them.
        first: u64,
        /// The last.
        last: u64,
    },
    /// A record that stands where another should.
    Misplaced {
        /// Its number.
        sequence: u64,
        /// Which should stand there.
        expected: u64,
    },
    /// A record does not follow from the one before: one of the two was changed.
    Broken {
        /// The number of the second.
        sequence: u64,
    },
    /// The log ends before the last record that was written.
    Cut {
        /// The last that is there.
        last: u64,
        /// The last that was written.
        written: u64,
    },
    /// The last record that was written is another one.
    Rewritten {
        /// Its number.
        sequence: u64,
    },
    /// What is kept apart is gone, or cannot be read.
    NoHead,
    /// The record that was noted elsewhere is not there.
    NotThere {
        /// Its hash.
        expected: Hash,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord { line } => write!(f, "line {line} is no record"),
            Self::Missing { first, last } if first == last => write!(f, "record {first} is missing"),
            Self::Missing { first, last } => write!(f, "records {first} to {last} are missing"),
            Self::Misplaced { sequence, expected } => {
                write!(f, "record {sequence} stands where {expected} should: it was put there or moved")
            }
            Self::Broken { sequence } => {
                write!(f, "record {sequence} does not follow from the one before it: one of the two was changed")
            }
            Self::Cut { last, written } => write!(f, "it ends with record {last}, and {written} were written"),
            Self::Rewritten { sequence } => write!(f, "record {sequence} is not the one that was written"),
            Self::NoHead => f.write_str("what is kept apart of its last record (.head) is gone or damaged"),
            Self::NotThere { expected } => {
                write!(f, "the record {expected} is not in it: the chain was made anew, or cut before it")
            }
        }
    }
}

/// What was proved.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Records.
    pub records: u64,
    /// The times of the first and the last.
    pub times: Option<(Timestamp, Timestamp)>,
    /// The hash of the last: to be noted elsewhere.
    pub last: Option<Hash>,
    /// What is wrong, in order; of a thousand problems the first hundred.
    pub problems: Vec<Problem>,
    /// Problems in all.
    pub count: u64,
    /// Bytes at the end that a writer which died has left.
    pub torn: u64,
}

const MOST: usize = 100;

impl Verified {
    fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.problems.len() < MOST {
            self.problems.push(problem);
        }
    }
}

/// Proves the log at `path`; `expected` is a hash that was noted elsewhere. Each record is handed on.
///
/// # Errors
/// It cannot be read.
pub fn verify(
    path: &Path,
    expected: Option<Hash>,
    take: &mut dyn FnMut(&Record, Hash),
) -> Result<Verified, OwnLogError> {
    let file = File::open(path).map_err(OwnLogError::io("open", path))?;
    // Whoever writes right now writes behind what is proved here.
    let head = std::fs::read(head_of(path)).ok().and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
    let length = file.metadata().map_err(OwnLogError::io("read", path))?.len();
    let mut last_byte = [b'\n'];
    if length > 0 {
        use std::os::unix::fs::FileExt as _;
        file.read_exact_at(&mut last_byte, length - 1).map_err(OwnLogError::io("read", path))?;
    }
    let is_torn = last_byte != *b"\n";
    let longest = usize::try_from(LONGEST).unwrap_or(usize::MAX);
    let mut lines = Lines::new(Box::new(BufReader::new(file.take(length))), longest);
    let mut verified = Verified::default();
    let mut before: Option<(u64, Hash)> = None;
    let mut is_there = expected.is_none();
    let mut kept = head.is_none();
    let mut behind: Option<Vec<u8>> = None;
    loop {
        let line = lines.next().map_err(OwnLogError::io("read", path))?.map(<[u8]>::to_vec);
        // A line is judged when it is known whether it is the last.
        let Some(current) = std::mem::replace(&mut behind, line) else {
            if behind.is_none() {
                break;
            }
            continue;
        };
        if behind.is_none() && is_torn {
            verified.torn = current.len() as u64;
            break;
        }
        let number = lines.count - u64::from(behind.is_some());
        let Ok(record) = serde_json::from_slice::<Record>(&current) else {
            verified.add(Problem::NoRecord { line: number });
            continue;
        };
        let hash = Hash::of(&current);
        follow(&record, before, &mut verified);
        if let Some(head) = head.filter(|head| head.sequence == record.sequence) {
            kept = true;
            if head.hash != hash {
                verified.add(Problem::Rewritten { sequence: record.sequence });
            }
        }
        is_there |= expected == Some(hash);
        let first = verified.times.map_or(record.time, |(first, _)| first);
        verified.times = Some((first, record.time));
        verified.records += 1;
        verified.last = Some(hash);
        before = Some((record.sequence, hash));
        take(&record, hash);
    }
    match head {
        Some(head) if !kept => {
            verified.add(Problem::Cut { last: before.map_or(0, |(last, _)| last), written: head.sequence });
        }
        None if before.is_some() => verified.add(Problem::NoHead),
        _ => {}
    }
    if let Some(expected) = expected.filter(|_| !is_there) {
        verified.add(Problem::NotThere { expected });
    }
    Ok(verified)
}

/// Whether a record follows from the one before it.
fn follow(record: &Record, before: Option<(u64, Hash)>, verified: &mut Verified) {
    let (last, hash) = before.unwrap_or((0, Hash::NONE));
    let expected = last.saturating_add(1);
    match record.sequence.cmp(&expected) {
        Ordering::Equal if record.previous != hash => verified.add(Problem::Broken { sequence: record.sequence }),
        Ordering::Equal => {}
        Ordering::Greater => verified.add(Problem::Missing { first: expected, last: record.sequence - 1 }),
        Ordering::Less => verified.add(Problem::Misplaced { sequence: record.sequence, expected }),
    }
}
