//! Where findings go while a policy is looked at.

use super::codes::Code;

/// More findings in one policy are counted, not kept.
const MOST: usize = 500;
/// More actions, resources, principals and values of one policy are not looked at; the largest that AWS takes hold some thousands.
const MOST_STRINGS: usize = 20_000;

/// One finding, by its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) code: &'static Code,
    pub(super) at: usize,
    pub(super) says: String,
    pub(super) instead: Option<String>,
}

/// What was found in one policy.
#[derive(Debug, Default)]
pub(super) struct Sink {
    pub(super) found: Vec<Found>,
    /// How many more there were.
    pub(super) more: usize,
    /// What was not looked at, as sentences.
    pub(super) unseen: Vec<String>,
    strings: usize,
}

impl Sink {
    /// Keeps a finding.
    pub(super) fn add(&mut self, code: &'static Code, at: usize, says: impl Into<String>) {
        self.keep(Found { code, at, says: says.into(), instead: None });
    }

    /// Keeps a finding for which there is something to type.
    pub(super) fn advise(
        &mut self,
        code: &'static Code,
        at: usize,
        says: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.keep(Found { code, at, says: says.into(), instead: Some(instead.into()) });
    }

    /// What `find` finds to type instead, unless a further finding is only counted: finding it is what takes long.
    pub(super) fn meant<T>(&self, find: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.found.len() < MOST { find() } else { None }
    }

    /// Whether one more string is looked at.
    pub(super) fn has_room(&mut self) -> bool {
        self.strings += 1;
        if self.strings == MOST_STRINGS + 1 {
            self.unseen.push(format!("it has more than {MOST_STRINGS} strings; the rest was not looked at"));
        }
        self.strings <= MOST_STRINGS
    }

    fn keep(&mut self, found: Found) {
        if self.found.len() < MOST {
            self.found.push(found);
        } else {
            self.more += 1;
        }
    }
}
