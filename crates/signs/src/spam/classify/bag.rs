//! A bag of features: hashed, each counted once a group, each group in a table of its own. A group weighs as much as another
//! however many features it has, so that a long text does not drown what the header says.

/// A group of features: its name, and to how many bits they are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name.
    pub name: &'static str,
    /// Bits of its table.
    pub bits: u32,
}

/// Places in the tables of all these groups.
pub fn places(groups: &[Group]) -> usize {
    groups.iter().map(|group| 1usize << group.bits).sum()
}

/// Where a feature stands in what was looked at: which view of the message, from where, how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The view.
    pub view: View,
    /// Its first byte.
    pub from: usize,
    /// Its length in bytes.
    pub length: usize,
}

/// What is looked at of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The message as it came.
    #[default]
    Raw,
    /// The text that a reader sees, decoded.
    Text,
    /// The same in small letters and with single spaces.
    Letters,
    /// What has no place of its own: how it is made.
    Shape,
}

/// Takes features as they are found.
pub trait Sink {
    /// What follows is of this group, by its number.
    fn group(&mut self, group: usize);
    /// One feature of the group that is open.
    fn feature(&mut self, hash: u32, span: Span);
}

/// The features of one message; used anew for the next, so that nothing is allocated for each.
#[derive(Debug)]
pub struct Bag {
    layout: &'static [Group],
    seen: Vec<u64>,
    ids: Vec<u32>,
    groups: Vec<(usize, usize)>,
    /// Where the table of the open group begins, and by how much a hash is shortened to a place in it.
    table: u32,
    shift: u32,
}

impl Bag {
    /// An empty one for features of these groups.
    pub fn new(layout: &'static [Group]) -> Self {
        let seen = vec![0; places(layout).div_ceil(64)];
        Self { layout, seen, ids: Vec::new(), groups: Vec::new(), table: 0, shift: 31 }
    }

    /// Empties it for the next message.
    pub fn clear(&mut self) {
        self.forget();
        self.ids.clear();
        self.groups.clear();
    }

    /// Forgets which features of the open group were seen.
    fn forget(&mut self) {
        let start = self.groups.last().map_or(0, |(_, start)| *start);
        for id in self.ids.get(start..).unwrap_or_default() {
            if let Some(word) = self.seen.get_mut((id >> 6) as usize) {
                *word = 0;
            }
        }
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The groups: which, and the places of its features.
    pub fn groups(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let ends = self.groups.iter().skip(1).map(|(_, start)| *start).chain([self.ids.len()]);
        self.groups
            .iter()
            .zip(ends)
            .map(|((group, start), end)| (*group, self.ids.get(*start..end).unwrap_or_default()))
    }
}

/// What one feature of a group of so many weighs.
pub fn share(features: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a message has far fewer than 2^24 features")]
    let features = features as f32;
    1.0 / features.sqrt().max(3.0)
}

/// Where the table of a group begins, and by how much a hash is shortened to a place in it.
pub(super) fn table(layout: &[Group], group: usize) -> (u32, u32) {
    let before: u32 = layout.iter().take(group).map(|group| 1u32 << group.bits).sum();
    (before, layout.get(group).map_or(31, |group| 32 - group.bits))
}

impl Sink for Bag {
    fn group(&mut self, group: usize) {
        self.forget();
        self.groups.push((group, self.ids.len()));
        (self.table, self.shift) = table(self.layout, group);
    }

    #[inline]
    fn feature(&mut self, hash: u32, _: Span) {
        let id = self.table + (hash >> self.shift);
        if let Some(word) = self.seen.get_mut((id >> 6) as usize) {
            let bit = 1u64 << (id & 63);
            if *word & bit == 0 {
                *word |= bit;
                self.ids.push(id);
            }
        }
    }
}
