//! What was learnt here: messages that somebody called spam or ham. The trained weights stay as they are; what was learnt shifts
//! the odds of messages that share rare words with what was learnt. The shift is made from the set of lessons alone, whatever the order
//! in which they came, so the same lessons give the same verdicts, and a lesson that is taken back leaves no trace.

mod shift;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use shift::Shift;

use super::Form;

/// So many messages are remembered; the oldest make room.
pub const MOST_LESSONS: usize = 2_000;
/// So many features of each.
const MOST_FEATURES: usize = 600;
/// The version of what is stored.
const VERSION: u32 = 1;

/// One message that was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Mail or text.
    pub form: Form,
    /// What it was called.
    pub is_spam: bool,
    /// When it was learnt, counted.
    number: u64,
    /// What the trained weights thought of it, as odds.
    odds: f32,
    /// Its rare features.
    features: Vec<u32>,
}

/// What learning a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    New,
    /// It was known, as the opposite.
    Turned,
    /// It was known as just that.
    Known,
}

/// All lessons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Learnt {
    lessons: BTreeMap<[u8; 16], Lesson>,
    next: u64,
    /// Lessons that made room for others.
    pub dropped: u64,
}

/// What is wrong with what is stored.
#[derive(Debug, thiserror::Error)]
pub enum LearntError {
    /// It is damaged, or of another program.
    #[error("understand what was learnt")]
    Form(#[from] postcard::Error),
    /// It cannot be unpacked.
    #[error("unpack what was learnt")]
    Unpack(#[source] std::io::Error),
    /// A later version wrote it.
    #[error("use what was learnt: it is of version {0}, this program knows {VERSION}")]
    Version(u32),
}

/// As much is unpacked at most.
const MOST: usize = 64 << 20;

impl Learnt {
    /// How many lessons there are, of spam and of ham.
    pub fn counts(&self) -> (usize, usize) {
        let spam = self.lessons.values().filter(|lesson| lesson.is_spam).count();
        (spam, self.lessons.len() - spam)
    }

    /// Whether nothing was learnt.
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty()
    }

    /// Learns a message: its bytes, what the trained weights think of it, and its rare features.
    pub fn learn(&mut self, form: Form, bytes: &[u8], is_spam: bool, odds: f32, mut features: Vec<u32>) -> Outcome {
        let digest = digest(bytes);
        let outcome = match self.lessons.get(&digest) {
            None => Outcome::New,
            Some(known) if known.is_spam == is_spam => return Outcome::Known,
            Some(_) => Outcome::Turned,
        };
        features.truncate(MOST_FEATURES);
        self.next += 1;
        self.lessons.insert(digest, Lesson { form, is_spam, number: self.next, odds, features });
        while self.lessons.len() > MOST_LESSONS {
            let oldest = self.lessons.iter().min_by_key(|(_, lesson)| lesson.number).map(|(digest, _)| *digest);
            let Some(oldest) = oldest else { break };
            self.lessons.remove(&oldest);
            self.dropped += 1;
        }
        outcome
    }

    /// Forgets a message; says whether it was known.
    pub fn forget(&mut self, bytes: &[u8]) -> bool {
        self.lessons.remove(&digest(bytes)).is_some()
    }

    /// The lessons of one form, in an order that does not depend on when they came.
    fn of(&self, form: Form) -> impl Iterator<Item = &Lesson> {
        self.lessons.values().filter(move |lesson| lesson.form == form)
    }

    /// As bytes to be stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LearntError> {
        let bytes = postcard::to_stdvec(&(VERSION, self))?;
        zstd::bulk::compress(&bytes, 3).map_err(LearntError::Unpack)
    }

    /// From what was stored.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LearntError> {
        let bytes = zstd::bulk::decompress(bytes, MOST).map_err(LearntError::Unpack)?;
        let (version, rest): (u32, &[u8]) = postcard::take_from_bytes(&bytes)?;
        if version != VERSION {
            return Err(LearntError::Version(version));
        }
        Ok(postcard::from_bytes(rest)?)
    }
}

/// Names a message by its content.
fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    for (into, byte) in short.iter_mut().zip(Sha256::digest(bytes)) {
        *into = byte;
    }
    short
}

#[cfg(test)]
mod tests;
