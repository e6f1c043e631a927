//! Text with wildcards: how it is written, and how a value is held against it.

use std::borrow::Cow;

use memchr::memmem::Finder;
use regex::Regex;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Stands for itself.
    Text(String),
    /// `*`: any number of characters.
    Many,
    /// `?`: one character.
    One,
}

/// Text with wildcards, as a value of a rule is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) Vec<Piece>);

impl Pattern {
    /// Takes a value apart. A backslash makes plain text of a wildcard or of a backslash that follows it, and stands for
    /// itself before anything else.
    pub(crate) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let wild = match char {
                '*' => Piece::Many,
                '?' => Piece::One,
                '\\' => {
                    plain.push(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\'));
                    continue;
                }
                other => {
                    plain.push(other);
                    continue;
                }
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(wild);
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Self(pieces)
    }

    /// Text without wildcards.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self(if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] })
    }

    /// The text, where there are no wildcards.
    pub(crate) fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// With `*` before or after it.
    pub(crate) fn open(mut self, before: bool, after: bool) -> Self {
        if before && self.0.first() != Some(&Piece::Many) {
            self.0.insert(0, Piece::Many);
        }
        if after && self.0.last() != Some(&Piece::Many) {
            self.0.push(Piece::Many);
        }
        self
    }
}

/// Text in lower case, letter by letter: a part of a text is a part of it in lower case, too.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
}

/// A pattern made ready.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    cased: bool,
    shape: Shape,
    /// The longest text in it, in lower case.
    literal: String,
}

#[derive(Clone, Debug)]
enum Shape {
    /// Everything.
    Any,
    /// The whole value.
    Exact(String),
    /// Its start.
    Starts(String),
    /// Its end.
    Ends(String),
    /// Somewhere in it.
    Contains(Box<Finder<'static>>),
    /// A start, texts in this order, an end.
    Parts(String, Vec<Finder<'static>>, String),
    /// With `?`: time in proportion to the value, whatever the pattern.
    Regex(Box<Regex>),
}

impl Glob {
    /// Makes a pattern ready; the error is that of the regular expression that a `?` needs.
    pub(crate) fn new(pattern: &Pattern, cased: bool) -> Result<Self, String> {
        let pieces: Vec<Piece> = pattern
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) if !cased => Piece::Text(fold(text).into_owned()),
                other => other.clone(),
            })
            .collect();
        let longest = pieces.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text) } else { None });
        let literal = longest.max_by_key(|text| text.len()).map(|text| fold(text).into_owned()).unwrap_or_default();
        let shape = if pieces.contains(&Piece::One) {
            let source: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => regex::escape(text),
                    Piece::Many => ".*".to_owned(),
                    Piece::One => ".".to_owned(),
                })
                .collect();
            Shape::Regex(Box::new(super::regexes::build(&format!("^{source}$"), false, false, true)?))
        } else {
            shape(&pieces)
        };
        Ok(Self { cased, shape, literal })
    }

    /// Whether a value fits: as written, and in lower case.
    pub(crate) fn is_match(&self, written: &str, folded: &str) -> bool {
        let text = if self.cased { written } else { folded };
        match &self.shape {
            Shape::Any => true,
            Shape::Exact(whole) => text == whole,
            Shape::Starts(start) => text.starts_with(start.as_str()),
            Shape::Ends(end) => text.ends_with(end.as_str()),
            Shape::Contains(part) => part.find(text.as_bytes()).is_some(),
            Shape::Parts(start, parts, end) => {
                let Some(rest) = text.strip_prefix(start.as_str()).and_then(|rest| rest.strip_suffix(end.as_str()))
                else {
                    return false;
                };
                let mut rest = rest.as_bytes();
                parts.iter().all(|part| match part.find(rest) {
                    Some(at) => {
                        rest = rest.get(at + part.needle().len()..).unwrap_or_default();
                        true
                    }
                    None => false,
                })
            }
            Shape::Regex(regex) => regex.is_match(text),
        }
    }

    /// Text that each value in lower case that fits has in it; empty where there is none.
    pub(crate) fn literal(&self) -> &str {
        &self.literal
    }
}

/// The quickest shape of pieces without `?`.
fn shape(pieces: &[Piece]) -> Shape {
    let finder = |text: &String| Finder::new(text.as_bytes()).into_owned();
    match pieces {
        [] => Shape::Exact(String::new()),
        [Piece::Many] => Shape::Any,
        [Piece::Text(text)] => Shape::Exact(text.clone()),
        [Piece::Text(text), Piece::Many] => Shape::Starts(text.clone()),
        [Piece::Many, Piece::Text(text)] => Shape::Ends(text.clone()),
        [Piece::Many, Piece::Text(text), Piece::Many] => Shape::Contains(Box::new(finder(text))),
        _ => {
            let end =
                |piece: Option<&Piece>| if let Some(Piece::Text(text)) = piece { text.clone() } else { String::new() };
            let (start, last) = (end(pieces.first()), end(pieces.last()));
            let inner = pieces.get(usize::from(!start.is_empty())..pieces.len() - usize::from(!last.is_empty()));
            let texts = inner.unwrap_or_default().iter();
            let parts = texts.filter_map(|piece| if let Piece::Text(text) = piece { Some(finder(text)) } else { None });
            Shape::Parts(start, parts.collect(), last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, value: &str) -> bool {
        Glob::new(&Pattern::parse(pattern), false).unwrap().is_match(value, &fold(value))
    }

    /// The table of escapes of the specification.
    #[test]
    fn escapes_are_those_of_the_specification() {
        for (pattern, value) in [
            (r"C:\Windows\cmd.exe", r"C:\Windows\cmd.exe"),
            (r"C:\\Windows", r"C:\Windows"),
            (r"\*", "*"),
            (r"\?", "?"),
            (r"\\*", r"\anything"),
            (r"\\\*", r"\*"),
            (r"\\\\x", r"\\x"),
            (r"\\\x", r"\\x"),
        ] {
            assert!(fits(pattern, value), "{pattern} {value}");
        }
        for (pattern, value) in [(r"\*", "x"), (r"\?", "x"), (r"\\\*", r"\x"), (r"\\*", "x")] {
            assert!(!fits(pattern, value), "{pattern} {value}");
        }
    }

    #[test]
    fn wildcards_hold_in_every_place() {
        assert!(fits("*Trojan*FOUND*", "x: Trojan.A FOUND"));
        assert!(!fits("*Trojan*FOUND*", "FOUND Trojan"));
        assert!(fits("prog?.exe", "progÄ.exe") && !fits("prog?.exe", "prog.exe") && !fits("prog?.exe", "progAB.exe"));
        assert!(fits("a*a", "aa") && !fits("a*a", "a"), "start and end do not overlap");
        assert!(fits("a**b", "ab") && fits("*", "") && fits("", "") && !fits("", "x"));
        assert!(fits("ÄPFEL", "äpfel") && fits("line?end", "line\nend"));
    }

    #[test]
    fn a_pattern_of_a_thousand_wildcards_takes_time_in_proportion_to_the_value() {
        let value = "a".repeat(100_000);
        assert!(!fits(&("a*".repeat(1000) + "b"), &value));
        assert!(!fits(&("?*a".repeat(100) + "b"), &value));
    }
}
