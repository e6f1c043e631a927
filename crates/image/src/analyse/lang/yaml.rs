//! YAML, as trees of text. Built from the parser's events rather than by a deserialiser, so that depth and number of
//! values are bounded here. Aliases are not followed: no lock file needs them, and a dozen of them can stand for
//! gigabytes.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser};

use super::{Listing, malformed};
use crate::analyse::AnalyseError;

/// Lock files are some ten levels deep.
const MAX_DEPTH: usize = 64;
/// The lock file of a project with 5,000 packages has some 200,000 values.
const MAX_VALUES: usize = 2_000_000;

/// A value. Numbers and the like are kept as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node<'a> {
    /// A scalar; an alias is an empty one.
    Text(Cow<'a, str>),
    /// A sequence.
    List(Vec<Node<'a>>),
    /// A mapping in its order. A key that is no scalar is empty.
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The value under `key`, where this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of the scalar under `key`; empty where there is none.
    pub(super) fn text_of(&self, key: &str) -> &str {
        self.get(key).map_or("", Self::text)
    }

    /// The text of a scalar; empty for anything else.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text.trim(),
            Self::List(_) | Self::Map(_) => "",
        }
    }

    /// The entries of the mapping under `key`; none where there is no mapping.
    pub(super) fn entries_of(&self, key: &str) -> &[(Cow<'a, str>, Self)] {
        self.get(key).map_or(&[], Self::entries)
    }

    /// The values of the sequence under `key`; none where there is no sequence.
    pub(super) fn items_of(&self, key: &str) -> &[Self] {
        match self.get(key) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Text(_) | Self::List(_) => &[],
        }
    }
}

/// A container that is not closed yet.
enum Open<'a> {
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>, Option<Cow<'a, str>>),
}

/// All documents of a file, mostly one.
pub(super) fn parse<'a>(text: &'a str, listing: &mut Listing) -> Result<Vec<Node<'a>>, AnalyseError> {
    let mut documents = Vec::new();
    let mut open: Vec<Open<'a>> = Vec::new();
    let mut values = 0;
    let mut aliases = false;
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, _) = event.map_err(malformed)?;
        if open.len() > MAX_DEPTH {
            return Err(AnalyseError::malformed(format!("it is nested more than {MAX_DEPTH} levels deep")));
        }
        let closed = match event {
            Event::Scalar(text, ..) => Node::Text(text),
            Event::Alias(_) => {
                aliases = true;
                Node::Text(Cow::Borrowed(""))
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(items)) => Node::List(items),
                Some(Open::Map(entries, _)) => Node::Map(entries),
                None => continue,
            },
            _ => continue,
        };
        values += 1;
        if values > MAX_VALUES {
            return Err(AnalyseError::malformed(format!("it has more than {MAX_VALUES} values")));
        }
        match open.last_mut() {
            None => documents.push(closed),
            Some(Open::List(items)) => items.push(closed),
            Some(Open::Map(entries, key)) => match key.take() {
                Some(key) => entries.push((key, closed)),
                None => {
                    *key = Some(match closed {
                        Node::Text(text) => text,
                        Node::List(_) | Node::Map(_) => Cow::Borrowed(""),
                    });
                }
            },
        }
    }
    if aliases {
        listing.incomplete("it uses YAML aliases, which are not followed");
    }
    Ok(documents)
}
