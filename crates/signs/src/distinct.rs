//! Distinct names: how many, and the first few in full. Most who add names add one, again and again: that costs nothing
//! beyond the name.

use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::second::Second;

/// How many are told apart; more read as "at least".
const DISTINCT: usize = 100;
const SHOWN: usize = 12;
/// As many characters of a name are shown.
const LONGEST: usize = 64;
const DAY: i64 = 86_400;

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) enum Names {
    #[default]
    None,
    /// The only one, whole.
    One(SmolStr),
    Many(Box<Many>),
}

/// More than one, or one that is too long to be kept whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Many {
    /// Whoever could foretell hashes could choose names that count as one.
    seed: u64,
    /// Hashes, sorted. That two of a hundred names share one happens once in a million times.
    seen: Vec<u32>,
    /// The first few names, in a list as it is shown.
    listed: String,
}

impl Names {
    pub(crate) fn add(&mut self, name: &str) {
        match self {
            Self::None if name.len() <= LONGEST => *self = Self::One(name.into()),
            Self::None => *self = Self::Many(Box::new(Many::of(name))),
            // Most add the same name again and again.
            Self::One(only) if only == name => {}
            Self::One(only) => {
                let mut many = Many::of(only);
                many.add(name);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => many.add(name),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(many) => many.seen.len(),
        }
    }

    /// `root, admin, test and 31 more`
    pub(crate) fn shown(&self) -> String {
        let Self::Many(many) = self else { return self.only().unwrap_or_default().to_owned() };
        let more = many.seen.len().saturating_sub(SHOWN);
        let list = &many.listed;
        let or_more = if many.seen.len() == DISTINCT { " or even" } else { "" };
        if more == 0 { list.clone() } else { format!("{list} and {more}{or_more} more") }
    }

    /// The only one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::One(name) => Some(name),
            Self::Many(many) => Some(many.listed.as_str()).filter(|_| many.seen.len() == 1),
        }
    }
}

impl Many {
    fn of(name: &str) -> Self {
        let seed = RandomState::new().hash_one(0);
        let mut many = Self { seed, seen: Vec::new(), listed: String::new() };
        many.add(name);
        many
    }

    fn add(&mut self, name: &str) {
        let hash = {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(self.seed);
            hasher.write(name.as_bytes());
            hasher.finish()
        };
        let [a, b, c, d, ..] = hash.to_le_bytes();
        let hash = u32::from_le_bytes([a, b, c, d]);
        let Err(place) = self.seen.binary_search(&hash) else { return };
        if self.seen.len() >= DISTINCT {
            return;
        }
        if self.seen.len() < SHOWN {
            let end = name.char_indices().nth(LONGEST).map_or(name.len(), |(end, _)| end);
            let name = name.get(..end).unwrap_or_default();
            // As much as it takes: it grows a few times only, and there may be thousands of them.
            self.listed.reserve_exact(name.len() + 2);
            if !self.seen.is_empty() {
                self.listed.push_str(", ");
            }
            self.listed.push_str(name);
        }
        if self.seen.len() == self.seen.capacity() {
            self.seen.reserve_exact((self.seen.len() / 2).max(4));
        }
        self.seen.insert(place, hash);
    }
}

/// Distinct names of a day: of the current one, and of the one that had the most.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Daily {
    since: Second,
    today: Names,
    best: Option<Box<Names>>,
}

impl Daily {
    pub(crate) fn add(&mut self, name: &str, now: i64) {
        if now.saturating_sub(self.since.get()) > DAY {
            let today = std::mem::take(&mut self.today);
            if today.len() > self.best.as_ref().map_or(0, |best| best.len()) {
                self.best = Some(Box::new(today));
            }
            self.since = now.into();
        }
        self.today.add(name);
    }

    /// The names of the last day, at `now`.
    pub(crate) fn today(&self, now: i64) -> usize {
        if now.saturating_sub(self.since.get()) > DAY { 0 } else { self.today.len() }
    }

    /// The names of the day that had the most.
    pub(crate) fn best(&self) -> &Names {
        self.best.as_deref().filter(|best| best.len() > self.today.len()).unwrap_or(&self.today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: impl IntoIterator<Item = String>) -> Names {
        let mut all = Names::default();
        names.into_iter().for_each(|name| all.add(&name));
        all
    }

    #[test]
    fn each_name_counts_once_and_the_first_are_shown() {
        assert_eq!(names([]).shown(), "");
        let one = names(["root".to_owned(), "root".to_owned()]);
        assert_eq!((one.len(), one.only(), one.shown().as_str()), (1, Some("root"), "root"));
        let few = names(["root", "admin", "root", "test", "admin"].map(str::to_owned));
        assert_eq!((few.len(), few.only(), few.shown().as_str()), (3, None, "root, admin, test"));
        let many = names((0..14).chain(0..14).map(|number| format!("u{number}")));
        assert_eq!(many.shown(), "u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11 and 2 more");
        let all = names((0..5000).map(|number| format!("u{number}")));
        assert_eq!((all.len(), all.shown().ends_with("u11 and 88 or even more")), (100, true));
    }

    #[test]
    fn long_names_are_told_apart_beyond_what_is_shown_of_them() {
        let long = "x".repeat(300);
        let same = names([long.clone(), long.clone()]);
        assert_eq!((same.len(), same.only()), (1, Some("x".repeat(64).as_str())));
        assert_eq!(names([long.clone(), format!("{long}y")]).len(), 2);
        assert_eq!(names(["é".repeat(300)]).only(), Some("é".repeat(64).as_str()));
    }

    #[test]
    fn a_day_that_had_more_names_is_remembered() {
        let mut daily = Daily::default();
        for number in 0..5 {
            daily.add(&format!("u{number}"), 1_795_500_000);
        }
        daily.add("root", 1_795_500_000 + 2 * DAY);
        assert_eq!((daily.best().len(), daily.today(1_795_500_000 + 2 * DAY)), (5, 1));
        assert_eq!(daily.today(1_795_500_000 + 4 * DAY), 0);
    }

    #[test]
    fn names_that_were_saved_are_still_known() {
        let many = names((0..14).map(|number| format!("u{number}")));
        let mut back: Names = serde_json::from_str(&serde_json::to_string(&many).unwrap()).unwrap();
        (0..14).for_each(|number| back.add(&format!("u{number}")));
        assert_eq!((back.len(), back.shown()), (14, many.shown()));
    }

    #[test]
    fn one_name_takes_no_more_than_a_string() {
        assert!(size_of::<Names>() <= 24 && size_of::<Daily>() <= 40);
    }
}
