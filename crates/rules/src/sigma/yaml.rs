//! YAML as trees of values with their lines. Built from the parser's events, so that depth and number of values are
//! bounded here. Aliases are named and not followed: a dozen of them can stand for gigabytes.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::Flaw;

/// Detections are some five levels deep.
const MAX_DEPTH: usize = 32;
/// The largest public rules hold some thousand values.
const MAX_VALUES: usize = 200_000;
/// Documents of one file.
const MAX_DOCUMENTS: usize = 10_000;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Nothing, `null`, `~`.
    Null,
    /// `true` or `false`, without quotes.
    Bool(bool),
    /// A whole number, without quotes.
    Int(i64),
    /// Another number, without quotes.
    Float(f64),
    /// Anything else that is no container.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in its order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value under `key`, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of values in it, itself included.
    pub(crate) fn size(&self) -> usize {
        match &self.kind {
            Kind::List(items) => items.iter().map(Self::size).sum::<usize>() + 1,
            Kind::Map(entries) => entries.iter().map(|(_, value)| value.size()).sum::<usize>() + 1,
            _ => 1,
        }
    }
}

/// A container that is not closed yet.
enum Open {
    List(usize, Vec<Node>),
    Map(usize, Vec<(String, Node)>, Option<String>),
}

/// The documents of a file, each as far as it can be used. After an error of syntax there are no further ones.
pub(crate) fn documents(text: &str) -> Vec<Result<Node, Flaw>> {
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut values = 0;
    let mut spoilt: Option<Flaw> = None;
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, span): (_, Span) = match event {
            Ok(event) => event,
            Err(error) => {
                let flaw = Flaw::at(error.marker().line(), format!("it is no valid YAML: {}", error.info()));
                documents.push(Err(spoilt.take().unwrap_or(flaw)));
                return documents;
            }
        };
        let line = span.start.line();
        let stop = |what: String| Err(Flaw::at(line, what));
        if open.len() > MAX_DEPTH {
            documents.push(stop(format!("it is nested more than {MAX_DEPTH} levels deep")));
            return documents;
        }
        let closed = match event {
            Event::Scalar(text, style, _, tag) => Node { line, kind: scalar(text, style, tag.is_some()) },
            Event::Alias(_) => {
                spoilt.get_or_insert_with(|| Flaw::at(line, "it uses a YAML alias, which is not followed".to_owned()));
                Node { line, kind: Kind::Null }
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(line, Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(line, Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(line, items)) => Node { line, kind: Kind::List(items) },
                Some(Open::Map(line, entries, _)) => Node { line, kind: Kind::Map(entries) },
                None => continue,
            },
            _ => continue,
        };
        values += 1;
        if values > MAX_VALUES {
            documents.push(stop(format!("the file has more than {MAX_VALUES} values")));
            return documents;
        }
        match open.last_mut() {
            None if documents.len() >= MAX_DOCUMENTS => {
                documents.push(stop(format!("the file has more than {MAX_DOCUMENTS} documents")));
                return documents;
            }
            None => documents.push(spoilt.take().map_or(Ok(closed), Err)),
            Some(Open::List(_, items)) => items.push(closed),
            Some(Open::Map(_, entries, key)) => match key.take() {
                Some(key) => {
                    // Few keys a mapping is the rule; a hostile one is bounded by the number of values.
                    if entries.len() < 1000 && entries.iter().any(|(name, _)| *name == key) {
                        spoilt.get_or_insert_with(|| {
                            Flaw::at(line, format!("the key {key:?} stands twice in one mapping"))
                        });
                    }
                    entries.push((key, closed));
                }
                None => {
                    *key = Some(key_text(closed).unwrap_or_else(|| {
                        spoilt.get_or_insert_with(|| Flaw::at(line, "a key is a list or a mapping".to_owned()));
                        String::new()
                    }));
                }
            },
        }
    }
    documents
}

/// A key as text, whatever it looks like; none for a list or a mapping.
fn key_text(node: Node) -> Option<String> {
    match node.kind {
        Kind::Null => Some(String::new()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Float(value) => Some(value.to_string()),
        Kind::Text(text) => Some(text),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// A scalar by YAML's core schema. Tagged ones are text.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tagged: bool) -> Kind {
    if style != ScalarStyle::Plain || tagged {
        return Kind::Text(text.into_owned());
    }
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Kind::Text(text.into_owned());
    }
    let based = |prefix, radix| digits.strip_prefix(prefix).and_then(|rest| i64::from_str_radix(rest, radix).ok());
    if let Some(number) = text.parse().ok().or_else(|| based("0x", 16)).or_else(|| based("0o", 8)) {
        return Kind::Int(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Kind::Float(number),
        _ => Kind::Text(text.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_of_aliases_costs_nothing_and_is_named() {
        use std::fmt::Write as _;
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..40 {
            writeln!(text, "a{level}: &a{level} [*a{0}, *a{0}]", level - 1).unwrap();
        }
        let flaw = documents(&text).remove(0).unwrap_err();
        assert!(flaw.what.contains("alias"), "{flaw:?}");
        assert_eq!(flaw.line, 2);
    }

    #[test]
    fn deep_nesting_ends_the_file() {
        let flaw = documents(&"[".repeat(100)).pop().unwrap().unwrap_err();
        assert!(flaw.what.contains("nested more than 32"), "{flaw:?}");
        assert!(documents(&"[".repeat(1_000_000)).pop().unwrap().is_err());
        assert!(documents(&"- ".repeat(1_000_000)).pop().unwrap().is_err());
    }

    #[test]
    fn what_stands_before_an_error_of_syntax_is_kept() {
        let all = documents("a: 1\n---\nb: [\n---\n");
        assert!(all[0].is_ok());
        assert!(all[1].as_ref().unwrap_err().what.contains("no valid YAML"));
    }

    #[test]
    fn quotes_make_text_of_numbers() {
        let node = documents("[1, '1', 0x10, 1.5, true, 'true', ~, 10.0.0.1, -5, -x]").remove(0).unwrap();
        let Kind::List(items) = node.kind else { panic!() };
        let kinds: Vec<_> = items.iter().map(|item| format!("{:?}", item.kind)).collect();
        let expected = [
            "Int(1)",
            "Text(\"1\")",
            "Int(16)",
            "Float(1.5)",
            "Bool(true)",
            "Text(\"true\")",
            "Null",
            "Text(\"10.0.0.1\")",
            "Int(-5)",
            "Text(\"-x\")",
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        assert!(documents("a: 1\na: 2\n").remove(0).unwrap_err().what.contains("twice"));
    }
}
