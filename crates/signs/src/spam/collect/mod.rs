//! Finds messages and hands them on, one by one, in the order in which they were named: files, folders, Maildirs, mbox files,
//! lines of text and of JSON, standard input. Decides nothing about them. What cannot be read is counted and said.

mod lines;
mod mbox;
mod walk;

use std::path::PathBuf;

use keelguard_model::{Area, Incomplete};

pub use mbox::{Mbox, One};
pub use walk::Walk;

/// What is being judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A mail with its header.
    Mail,
    /// A short text: an SMS, a chat message, what a pop-up says.
    Text,
}

/// Of a message so much is read; what is longer is cut, and judged by what was read.
pub const MOST_OF_A_MESSAGE: usize = 4 << 20;
/// Of a line of text so much.
pub const MOST_OF_A_TEXT: usize = 64 << 10;

/// A message that was found, and where.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file, as it was named; `-` is standard input.
    pub path: PathBuf,
    /// Which of the messages of this file, from 1.
    pub number: u64,
    /// What it is.
    pub form: Form,
    /// What it holds.
    pub holds: Holds,
    /// Whether it is longer than is read.
    pub is_cut: bool,
    /// When, and from whom, where a line of JSON says so.
    pub said: Said,
}

/// What a message holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// What is in its file, to be read by whoever judges it.
    File,
}

/// What a line of JSON says of its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// When, as it is written.
    pub time: Option<String>,
    /// Who reported it.
    pub user: Option<String>,
}

/// What could not be looked at. The same over and over is said once, with a count.
#[derive(Debug, Default)]
pub struct Gaps {
    list: Vec<(String, String, u64)>,
    more: u64,
}

impl Gaps {
    /// So many are told one by one.
    const MOST: usize = 50;

    /// Notes that `what` could not be looked at, and why.
    pub fn note(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let (what, why) = (what.into(), why.into());
        if let Some((.., count)) = self.list.iter_mut().find(|(known, reason, _)| *known == what && *reason == why) {
            *count += 1;
        } else if self.list.len() < Self::MOST {
            self.list.push((what, why, 1));
        } else {
            self.more += 1;
        }
    }

    /// As entries of a report.
    pub fn into_list(self) -> Vec<Incomplete> {
        let entry = |(what, why, count): (String, String, u64)| {
            let why = if count > 1 { format!("{why} ({count} times)") } else { why };
            Incomplete::new(Area::Spam, what, why)
        };
        let mut list: Vec<_> = self.list.into_iter().map(entry).collect();
        if self.more > 0 {
            list.push(Incomplete::new(
                Area::Spam,
                "more of what was named",
                format!("{} more could not be read", self.more),
            ));
        }
        list
    }
}

#[cfg(test)]
mod tests;
