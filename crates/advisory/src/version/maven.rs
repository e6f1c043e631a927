//! The order of Maven artifacts, as Maven 3's `ComparableVersion` has it: a list of numbers and qualifiers, in which each
//! hyphen and each change between letters and digits opens a list within the list.
//!
//! Maven's relation has cycles: it puts a qualifier before a list whatever the list says, so that `foo` < `-alpha`, while
//! `-alpha` is older and `foo` newer than nothing. [`Version::compare`] is Maven's relation; `Ord` follows it but for
//! the qualifiers outside lists, where it compares qualifier with qualifier.

use std::cmp::{Ordering, Reverse};

use super::number::Number;

/// The items in reading order. A list within a list is always its last item, so that a mark of where it begins says
/// all; no nesting, and nothing to recurse into.
#[derive(Clone, Debug)]
pub(super) struct Version {
    items: Vec<Item>,
    places: Vec<Place>,
}

/// One item. In the same place a qualifier comes before a list, and a list before a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Qualifier(Qualifier),
    /// The items that follow are a list of their own.
    List,
    Number(Number),
}

/// A qualifier: one that Maven knows, by its rank, or another by its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Known(u8),
    Unknown(Box<str>),
}

const RELEASE: u8 = 5;

/// What Maven knows, with the rank of each. A release is ranked like no qualifier.
const QUALIFIERS: [(&str, u8); 11] = [
    ("alpha", 0),
    ("beta", 1),
    ("milestone", 2),
    ("rc", 3),
    ("cr", 3),
    ("snapshot", 4),
    ("", RELEASE),
    ("ga", RELEASE),
    ("final", RELEASE),
    ("release", RELEASE),
    ("sp", 6),
];

/// A single letter right before a digit stands for the qualifier.
const LETTERS: [(&str, u8); 3] = [("a", 0), ("b", 1), ("m", 2)];

impl Item {
    /// A number, or a qualifier that no digit follows.
    fn parse(text: &str) -> Self {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            Self::Number(Number::of_digits(text))
        } else {
            Self::qualifier(text)
        }
    }

    fn qualifier(text: &str) -> Self {
        let known = QUALIFIERS.iter().find(|(name, _)| *name == text);
        Self::Qualifier(known.map_or_else(|| Qualifier::Unknown(text.into()), |(_, rank)| Qualifier::Known(*rank)))
    }

    fn qualifier_before_digit(text: &str) -> Self {
        let letter = LETTERS.iter().find(|(name, _)| *name == text);
        letter.map_or_else(|| Self::qualifier(text), |(_, rank)| Self::Qualifier(Qualifier::Known(*rank)))
    }

    /// Compares the item with nothing in its place. A list has no say of its own, only its items have.
    fn compare_with_nothing(&self) -> Ordering {
        match self {
            Self::Number(number) => number.cmp(&Number::ZERO),
            Self::Qualifier(qualifier) => qualifier.cmp(&Qualifier::Known(RELEASE)),
            Self::List => Ordering::Equal,
        }
    }
}

/// The lists while they are being read, from the outermost to the innermost.
struct Lists {
    outer: Vec<Vec<Item>>,
    current: Vec<Item>,
}

impl Lists {
    fn open(&mut self) {
        self.outer.push(std::mem::take(&mut self.current));
    }

    /// What counts as nothing at the end of a list is dropped, also if a list follows it, and so are empty lists.
    fn finish(mut self) -> Vec<Item> {
        self.open();
        let mut lists: Vec<Vec<Item>> = Vec::with_capacity(self.outer.len());
        for mut list in self.outer.into_iter().rev() {
            while list.last().is_some_and(|item| item.compare_with_nothing().is_eq()) {
                list.pop();
            }
            if !list.is_empty() || !lists.is_empty() {
                lists.push(list);
            }
        }
        let mut items = Vec::with_capacity(lists.iter().map(|list| list.len() + 1).sum());
        for (index, list) in lists.into_iter().rev().enumerate() {
            if index > 0 {
                items.push(Item::List);
            }
            items.extend(list);
        }
        items
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let mut lists = Lists { outer: Vec::new(), current: Vec::with_capacity(4) };
        let mut start = 0;
        let mut is_digit = false;
        for (index, byte) in text.bytes().enumerate() {
            let part = text.get(start..index).unwrap_or_default();
            match byte {
                b'.' | b'-' => {
                    lists.current.push(if part.is_empty() { Item::Number(Number::ZERO) } else { Item::parse(part) });
                    start = index + 1;
                    if byte == b'-' {
                        lists.open();
                    }
                }
                b'0'..=b'9' => {
                    if !is_digit && !part.is_empty() {
                        // 1.0.0.X1 < 1.0.0-X2: a qualifier is in a list of its own, whatever stands before it.
                        if !lists.current.is_empty() {
                            lists.open();
                        }
                        lists.current.push(Item::qualifier_before_digit(part));
                        start = index;
                        lists.open();
                    }
                    is_digit = true;
                }
                _ => {
                    if is_digit && !part.is_empty() {
                        lists.current.push(Item::parse(part));
                        start = index;
                        lists.open();
                    }
                    is_digit = false;
                }
            }
        }
        let part = text.get(start..).unwrap_or_default();
        if !part.is_empty() {
            if !is_digit && !lists.current.is_empty() {
                lists.open();
            }
            lists.current.push(Item::parse(part));
        }
        let items = lists.finish();
        let places = places(&items);
        Self { items, places }
    }
}

impl Version {
    /// What `ComparableVersion` says.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        for (a, b) in self.items.iter().zip(&other.items) {
            let order = a.cmp(b);
            if order.is_ne() {
                return order;
            }
        }
        let rest = |items: &[Item], from: usize| {
            items.iter().skip(from).map(Item::compare_with_nothing).find(|order| order.is_ne())
        };
        rest(&self.items, other.items.len())
            .or_else(|| rest(&other.items, self.items.len()).map(Ordering::reverse))
            .unwrap_or(Ordering::Equal)
    }
}

/// What stands in one place of a version, in the order of `Ord`. The end has its place among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A qualifier that makes a pre-release; how many lists open right before it.
    Before(Qualifier, usize),
    /// A qualifier that says nothing, before what makes the version older.
    ReleaseBefore,
    End,
    /// A qualifier that says nothing, before what makes the version newer.
    ReleaseAfter,
    /// A qualifier that makes the version newer; how many lists open right before it.
    After(Qualifier, usize),
    /// So many lists within each other, of which the innermost begins with a number.
    Lists(Reverse<usize>),
    Number(Number),
}

fn places(items: &[Item]) -> Vec<Place> {
    let mut places = Vec::with_capacity(items.len());
    // From the end to the start, to know which way what follows moves the version.
    let mut following = Ordering::Equal;
    for (index, item) in items.iter().enumerate().rev() {
        let lists = || items.iter().take(index).rev().take_while(|before| **before == Item::List).count();
        let order = item.compare_with_nothing();
        if order.is_ne() {
            following = order;
        }
        match item {
            Item::Qualifier(qualifier) => places.push(match order {
                Ordering::Less => Place::Before(qualifier.clone(), lists()),
                Ordering::Greater => Place::After(qualifier.clone(), lists()),
                Ordering::Equal if following.is_lt() => Place::ReleaseBefore,
                Ordering::Equal => Place::ReleaseAfter,
            }),
            // Zeros before a qualifier do not count, as they do not before a list.
            Item::Number(number) if number.is_zero() && !matches!(places.last(), Some(Place::Number(_))) => {}
            Item::Number(number) => {
                places.push(Place::Number(number.clone()));
                match lists() {
                    0 => {}
                    lists => places.push(Place::Lists(Reverse(lists))),
                }
            }
            Item::List => {}
        }
    }
    places.reverse();
    places
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.places.len().max(other.places.len());
        (0..length)
            .map(|index| {
                let (a, b) = (self.places.get(index), other.places.get(index));
                a.unwrap_or(&Place::End).cmp(b.unwrap_or(&Place::End))
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

super::order_is_equality!(Version);
