//! Versions that are lists of numbers and nothing else: CRAN (R's `package_version`, separated by dots and hyphens) and
//! Hackage (`Data.Version`, separated by dots). The longer of two lists that begin alike is the newer: 1.0 < 1.0.0.

use super::number::{Number, is_digits};

/// The numbers in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<Number>);

impl Version {
    /// A version of an R package.
    pub(super) fn parse_cran(text: &str) -> Option<Self> {
        Self::parse(strip_v(text), &['.', '-'])
    }

    /// A version of a Haskell package. Its tags (`1.2-foo`) have no part in the order.
    pub(super) fn parse_hackage(text: &str) -> Option<Self> {
        let text = strip_v(text);
        Self::parse(text.split_once('-').map_or(text, |(numbers, _tags)| numbers), &['.'])
    }

    fn parse(text: &str, separators: &[char]) -> Option<Self> {
        let number = |part| is_digits(part).then(|| Number::of_digits(part));
        text.split(separators).map(number).collect::<Option<_>>().map(Self)
    }
}

fn strip_v(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('v').unwrap_or(text)
}
