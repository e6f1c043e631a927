//! A map that holds at most so many entries, whatever is put in: the ones that were not touched for longest go first. How
//! many went is counted, so that "nothing found" is never said of what was forgotten.

use std::hash::Hash;

use indexmap::{Equivalent, IndexMap};
use serde::{Deserialize, Serialize};

use crate::second::Second;

/// From so many on, room is made for as many as there may be.
const MANY: usize = 256;

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize, V: Serialize",
    deserialize = "K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>"
))]
pub(crate) struct Bounded<K, V> {
    most: usize,
    #[serde(with = "pairs")]
    entries: IndexMap<K, (Second, V)>,
    /// How many were forgotten before their time.
    pub(crate) forgotten: u64,
}

impl<K: Eq + Hash + Clone, V> Bounded<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.max(8), entries: IndexMap::new(), forgotten: 0 }
    }

    pub(crate) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// The entry, touched at `now`; none where it is new.
    pub(crate) fn touch<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q, now: i64) -> Option<&mut V> {
        let (touched, value) = self.entries.get_mut(key)?;
        *touched = Second::from(now).max(*touched);
        Some(value)
    }

    /// The entry, made where it is new, touched at `now`.
    pub(crate) fn entry(&mut self, key: K, now: i64, make: impl FnOnce() -> V) -> &mut V {
        if self.entries.len() >= self.most && !self.entries.contains_key(&key) {
            self.make_room();
        }
        // To double again and again would leave holes behind. Memory that nothing was written to yet costs nothing.
        if self.entries.len() == self.entries.capacity() && self.entries.len() >= MANY {
            self.entries.reserve_exact(self.most.saturating_sub(self.entries.len()));
        }
        let now = Second::from(now);
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
        let before = Second::from(before);
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
        let mut stamps: Vec<Second> = self.entries.values().map(|(touched, _)| *touched).collect();
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
    use std::hash::Hash;

    use indexmap::IndexMap;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &IndexMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<IndexMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
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
        let mut map: Bounded<(u8, String), u32> = Bounded::new(8);
        *map.entry((1, "a".into()), 5, || 0) += 7;
        let saved = serde_json::to_string(&map).unwrap();
        let back: Bounded<(u8, String), u32> = serde_json::from_str(&saved).unwrap();
        assert_eq!(back.get(&(1, "a".to_owned())), Some(&7));
    }
}
