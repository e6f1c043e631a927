//! The order of Semantic Versioning 2.0.0 (section 11), which crates.io, npm and Hex share. Build metadata do not count.
//!
//! What the specification refuses is read as npm's loose mode, or a registry's coercion, would: a `v` or `=` in front,
//! leading zeros, missing or additional numbers (what is missing is zero), a pre-release without its hyphen.

use std::cmp::Ordering;

use super::number::{Number, compare_padded, is_digits, split_text_while};

/// Numbers and pre-release.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) core: Vec<Number>,
    /// Empty for a release.
    pub(super) pre_release: Vec<Identifier>,
}

/// One identifier of a pre-release. Numbers come before text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identifier {
    Number(Number),
    Text(Box<str>),
}

impl Identifier {
    pub(super) fn parse(text: &str) -> Self {
        if is_digits(text) { Self::Number(Number::of_digits(text)) } else { Self::Text(text.into()) }
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (core, rest) = split_core(text)?;
        let rest = rest.split_once('+').map_or(rest, |(rest, _build)| rest);
        // A hyphen that nothing follows is the pre-release itself, as npm reads it.
        let pre_release = rest.strip_prefix(['-', '.', '_']).filter(|rest| !rest.is_empty()).unwrap_or(rest);
        let pre_release =
            if pre_release.is_empty() { Vec::new() } else { pre_release.split('.').map(Identifier::parse).collect() };
        Some(Self { core, pre_release })
    }
}

/// Reads the dotted numbers at the start of a version, and gives back what follows them.
pub(super) fn split_core(text: &str) -> Option<(Vec<Number>, &str)> {
    let text = text.trim();
    let mut rest = text.trim_start_matches(|first: char| matches!(first, 'v' | 'V' | '=') || first.is_whitespace());
    let mut core = Vec::with_capacity(3);
    loop {
        let (digits, after) = split_text_while(rest, |byte| byte.is_ascii_digit());
        if digits.is_empty() {
            return None;
        }
        core.push(Number::of_digits(digits));
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|first: char| first.is_ascii_digit()) => rest = next,
            _ => return Some((core, after)),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_padded(&self.core, &other.core)
            .then_with(|| compare_pre_releases(&self.pre_release, &other.pre_release))
    }
}

/// A pre-release comes before its release, and a longer one after the shorter one that it begins with.
pub(super) fn compare_pre_releases<T: Ord>(a: &[T], b: &[T]) -> Ordering {
    a.is_empty().cmp(&b.is_empty()).then_with(|| a.cmp(b))
}

super::order_is_equality!(Version);
