//! A map that holds at most so many entries, whatever is put in: the ones that were not touched for longest go first. How
//! many went is counted, so that "nothing found" is never said of what was forgotten.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize, V: Serialize",
    deserialize = "K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>"
))]
pub(crate) struct Bounded<K, V> {
    most: usize,
    #[serde(with = "pairs")]
    entries: HashMap<K, (i64, V)>,
    /// How many were forgotten before their time.
    pub(crate) forgotten: u64,
}

impl<K: Eq + Hash + Clone, V> Bounded<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(8), entries: HashMap::new(), forgotten: 0 }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// The entry, touched at `now`; none where it is new.
    pub(crate) fn touch<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, now: i64) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (touched, value) = self.entries.get_mut(key)?;
        *touched = now.max(*touched);
        Some(value)
    }

    /// The entry, made where it is new, touched at `now`.
    pub(crate) fn entry(&mut self, key: K, now: i64, make: impl FnOnce() -> V) -> &mut V {
        if self.entries.len() >= self.most && !self.entries.contains_key(&key) {
            self.make_room();
        }
        let (touched, value) = self.entries.entry(key).or_insert_with(|| (now, make()));
        *touched = now.max(*touched);
        value
    }

    /// Where there is no room for one more, forgets what was not touched since `before` and says nothing any more: that is
    /// no loss, and not counted.
    pub(crate) fn tidy(&mut self, before: i64, says_nothing: impl Fn(&V) -> bool) {
        if self.entries.len() < self.most {
            return;
        }
        self.entries.retain(|_, (touched, value)| *touched >= before || !says_nothing(value));
        // To look at all of them for each new one would take its time.
        if self.entries.len() > self.most - self.most / 8 {
            self.make_room();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, (_, value))| (key, value))
    }

    /// Forgets an eighth, so that room is made seldom.
    fn make_room(&mut self) {
        let mut stamps: Vec<i64> = self.entries.values().map(|(touched, _)| *touched).collect();
        let many = (stamps.len() / 8).max(1);
        let (_, limit, _) = stamps.select_nth_unstable(many - 1);
        let limit = *limit;
        let mut left = many;
        self.entries.retain(|_, (touched, _)| {
            let goes = *touched <= limit && left > 0;
            left -= usize::from(goes);
            !goes
        });
        self.forgotten += (many - left) as u64;
    }
}

/// As a list of pairs: keys are not only strings.
mod pairs {
    use std::collections::HashMap;
    use std::hash::Hash;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &HashMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Distinct names: how many, by their hashes, and the first few in full.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    /// Hashes, sorted.
    seen: Vec<u64>,
    shown: Vec<String>,
}

/// How many are told apart; more read as "at least".
const DISTINCT: usize = 100;
const SHOWN: usize = 12;

impl Names {
    pub(crate) fn add(&mut self, name: &str) {
        // Most add the same name again and again.
        if self.shown.last().is_some_and(|last| last == name) {
            return;
        }
        // The hash only counts; two names with one hash are one less.
        let hash = {
            use std::hash::{DefaultHasher, Hasher as _};
            let mut hasher = DefaultHasher::new();
            hasher.write(name.as_bytes());
            hasher.finish()
        };
        let Err(place) = self.seen.binary_search(&hash) else { return };
        if self.seen.len() < DISTINCT {
            self.seen.insert(place, hash);
            if self.shown.len() < SHOWN {
                self.shown.push(name.chars().take(64).collect());
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.seen.len()
    }

    /// `root, admin, test and 31 more`
    pub(crate) fn shown(&self) -> String {
        let more = self.seen.len() - self.shown.len();
        let list = self.shown.join(", ");
        let or_more = if self.seen.len() == DISTINCT { " or even" } else { "" };
        if more == 0 { list } else { format!("{list} and {more}{or_more} more") }
    }

    /// The only one.
    pub(crate) fn only(&self) -> Option<&str> {
        self.shown.first().filter(|_| self.seen.len() == 1).map(String::as_str)
    }
}

/// Distinct names of a day: of the current one, and of the one that had the most.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Daily {
    since: i64,
    today: Names,
    best: Option<Names>,
}

impl Daily {
    pub(crate) fn add(&mut self, name: &str, now: i64) {
        if now.saturating_sub(self.since) > 86_400 {
            let today = std::mem::take(&mut self.today);
            if self.best.as_ref().is_none_or(|best| best.len() < today.len()) {
                self.best = Some(today);
            }
            self.since = now;
        }
        self.today.add(name);
    }

    /// The names of the last day, at `now`.
    pub(crate) fn today(&self, now: i64) -> usize {
        if now.saturating_sub(self.since) > 86_400 { 0 } else { self.today.len() }
    }

    /// The names of the day that had the most.
    pub(crate) fn best(&self) -> &Names {
        self.best.as_ref().filter(|best| best.len() > self.today.len()).unwrap_or(&self.today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let mut map = Bounded::new(8);
        for number in 0..100i64 {
            map.entry(number, number, || ());
            map.entry(1000, number, || ());
        }
        assert!(map.entries.len() <= 8);
        assert!(map.get(&1000).is_some() && map.get(&99).is_some() && map.get(&0).is_none());
        assert_eq!(map.forgotten, 101 - map.entries.len() as u64);
    }

    #[test]
    fn state_comes_back_as_it_was_saved() {
        let mut map: Bounded<(u8, String), Names> = Bounded::new(8);
        map.entry((1, "a".into()), 5, Names::default).add("root");
        let saved = serde_json::to_string(&map).unwrap();
        let back: Bounded<(u8, String), Names> = serde_json::from_str(&saved).unwrap();
        assert_eq!(back.get(&(1, "a".into())).map(Names::shown), Some("root".into()));
    }
}
