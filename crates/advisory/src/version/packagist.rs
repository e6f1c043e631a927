//! The order of Composer packages: `Composer\Semver\VersionParser::normalize`, then PHP's `version_compare`.
//!
//! What Composer refuses is compared as PHP's function takes it. Branches (`dev-main`) come before all numbers; two
//! branches are equal only if they are the same.

use std::cmp::Ordering;

use super::composer;

/// A branch, or what `version_compare` makes of a version.
#[derive(Clone, Debug)]
pub(super) enum Version {
    /// The name of a branch, with its `dev-`.
    Branch(Box<str>),
    /// The parts of a version.
    Parts(Vec<Part>),
}

/// One part of a version: a word by its rank, or a number.
///
/// The end of a version has its place in the order too: after the words that make a pre-release, before numbers and
/// before the words that make a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A word that says nothing to PHP.
    Unknown,
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    /// As C's `strtol` reads it: what does not fit is the largest value.
    Number(i64),
    Patch,
}

/// PHP takes a word for the first of these with which it begins.
const WORDS: [(&[u8], Part); 9] = [
    (b"dev", Part::Dev),
    (b"alpha", Part::Alpha),
    (b"a", Part::Alpha),
    (b"beta", Part::Beta),
    (b"b", Part::Beta),
    (b"RC", Part::Candidate),
    (b"rc", Part::Candidate),
    (b"pl", Part::Patch),
    (b"p", Part::Patch),
];

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        // The characters that PHP's `trim` takes off.
        let text = text.trim_matches([' ', '\n', '\r', '\t', '\u{b}', '\0']);
        match composer::normalize(text) {
            Some(version) if version.starts_with("dev-") => Self::Branch(version.into()),
            Some(version) => Self::Parts(parts(version.as_bytes())),
            None => Self::Parts(parts(strip_v(text).as_bytes())),
        }
    }
}

fn strip_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit())).unwrap_or(text)
}

/// Splits a version where PHP does: at everything that is neither letter nor digit, and between letters and digits.
fn parts(text: &[u8]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(8);
    let mut rest = text;
    while let Some(first) = rest.first() {
        let same = |byte: &u8| {
            byte.is_ascii_alphanumeric() == first.is_ascii_alphanumeric()
                && byte.is_ascii_digit() == first.is_ascii_digit()
        };
        let length = rest.iter().take_while(|byte| same(byte)).count();
        let (part, after) = rest.split_at(length);
        if first.is_ascii_digit() {
            parts.push(Part::Number(number(part)));
        } else if first.is_ascii_alphabetic() {
            let word = WORDS.iter().find(|(word, _)| part.starts_with(word));
            parts.push(word.map_or(Part::Unknown, |(_, part)| *part));
        } else if parts.is_empty() || after.is_empty() {
            // An empty part before the first separator or after the last one.
            parts.push(Part::Unknown);
        }
        rest = after;
    }
    parts
}

fn number(digits: &[u8]) -> i64 {
    digits
        .iter()
        .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(digit.wrapping_sub(b'0'))))
        .unwrap_or(i64::MAX)
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Branch(a), Self::Branch(b)) => a.cmp(b),
            (Self::Branch(_), Self::Parts(_)) => Ordering::Less,
            (Self::Parts(_), Self::Branch(_)) => Ordering::Greater,
            (Self::Parts(a), Self::Parts(b)) => compare_parts(a, b),
        }
    }
}

fn compare_parts(a: &[Part], b: &[Part]) -> Ordering {
    let length = a.len().max(b.len());
    (0..length)
        .map(|index| a.get(index).unwrap_or(&Part::End).cmp(b.get(index).unwrap_or(&Part::End)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

super::order_is_equality!(Version);
