//! An event as the rules look at it: its fields by number, each value as written and in lower case.

use std::borrow::Cow;
use std::collections::HashMap;

use super::pattern::fold;
use crate::events::{Event, Value};

/// Numbers for the names of fields that rules ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(HashMap<String, u32>);

/// In place of a field's number: everything that the event says.
pub(crate) const KEYWORDS: u32 = u32::MAX;
/// The end of a chain of values.
const END: u32 = u32::MAX;

impl Fields {
    /// The number of a field, a new one where it has none yet.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        // Bounded by the number of values in the rules.
        let number = u32::try_from(self.0.len()).unwrap_or(KEYWORDS - 1);
        self.0.insert(name.to_owned(), number);
        number
    }

    /// The names by their numbers.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<(&String, u32)> = self.0.iter().map(|(name, number)| (name, *number)).collect();
        names.sort_unstable_by_key(|(_, number)| *number);
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A value.
pub(crate) struct Text<'e> {
    /// As written.
    pub(crate) written: Cow<'e, str>,
    /// In lower case.
    pub(crate) folded: Cow<'e, str>,
    /// The field's next value.
    next: u32,
}

/// What is known of a field.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Slot {
    #[default]
    Missing,
    /// There, without a value.
    Null,
    /// The place of its last value.
    Values(u32),
}

/// An event as the rules look at it.
pub(crate) struct Row<'e> {
    texts: Vec<Text<'e>>,
    slots: Vec<Slot>,
    /// The fields that are there, in the order of the event.
    present: Vec<u32>,
}

impl<'e> Row<'e> {
    /// Takes the fields that have a number; with `keywords`, everything else as well.
    pub(crate) fn new(event: &'e Event<'_>, fields: &Fields, keywords: bool) -> Self {
        let mut row = Self {
            texts: Vec::with_capacity(event.fields().len() + 1),
            slots: vec![Slot::Missing; fields.len()],
            present: Vec::with_capacity(event.fields().len()),
        };
        for (name, value) in event.fields() {
            match fields.0.get(name.as_ref()) {
                Some(number) => {
                    let slot = row.slots.get(*number as usize).copied().unwrap_or_default();
                    if slot == Slot::Missing {
                        row.present.push(*number);
                    }
                    let slot = row.add(value, if slot == Slot::Missing { Slot::Null } else { slot });
                    if let Some(place) = row.slots.get_mut(*number as usize) {
                        *place = slot;
                    }
                }
                None if keywords => {
                    row.add(value, Slot::Null);
                }
                None => {}
            }
        }
        if keywords && !event.text.is_empty() {
            row.push(Cow::Borrowed(&event.text), Slot::Null);
        }
        row
    }

    /// Adds a value to those of a field.
    fn add(&mut self, value: &'e Value<'_>, slot: Slot) -> Slot {
        match value {
            Value::Null => slot,
            Value::Bool(value) => self.push(Cow::Borrowed(if *value { "true" } else { "false" }), slot),
            Value::Int(number) => self.push(Cow::Owned(number.to_string()), slot),
            Value::Float(number) => self.push(Cow::Owned(number.to_string()), slot),
            Value::Text(text) => self.push(Cow::Borrowed(text), slot),
            Value::List(values) => values.iter().fold(slot, |slot, value| self.add(value, slot)),
        }
    }

    fn push(&mut self, written: Cow<'e, str>, slot: Slot) -> Slot {
        let folded = match &written {
            Cow::Borrowed(text) => fold(text),
            Cow::Owned(text) => Cow::Owned(fold(text).into_owned()),
        };
        let next = if let Slot::Values(last) = slot { last } else { END };
        let at = u32::try_from(self.texts.len()).unwrap_or(END);
        self.texts.push(Text { written, folded, next });
        Slot::Values(at)
    }

    /// The numbers of the fields that are there.
    pub(crate) fn present(&self) -> &[u32] {
        &self.present
    }

    /// Everything that the event says.
    pub(crate) fn texts(&self) -> &[Text<'e>] {
        &self.texts
    }

    /// Whether the field is there, with or without a value.
    pub(crate) fn has(&self, field: u32) -> bool {
        self.slots.get(field as usize).is_some_and(|slot| *slot != Slot::Missing)
    }

    /// The values of a field, or everything for [`KEYWORDS`].
    pub(crate) fn values(&self, field: u32) -> Values<'_, 'e> {
        if field == KEYWORDS {
            return Values { texts: &self.texts, at: 0, all: true };
        }
        let at = if let Some(Slot::Values(last)) = self.slots.get(field as usize) { *last } else { END };
        Values { texts: &self.texts, at, all: false }
    }
}

/// See [`Row::values`].
pub(crate) struct Values<'r, 'e> {
    texts: &'r [Text<'e>],
    at: u32,
    all: bool,
}

impl<'r, 'e> Iterator for Values<'r, 'e> {
    type Item = &'r Text<'e>;

    fn next(&mut self) -> Option<&'r Text<'e>> {
        let text = self.texts.get(self.at as usize)?;
        self.at = if self.all { self.at + 1 } else { text.next };
        Some(text)
    }
}
