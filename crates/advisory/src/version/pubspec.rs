//! The order of Pub packages, as `pub_semver` has it: Semantic Versioning in which build metadata count. A version with
//! build metadata comes after the same one without.

use std::cmp::Ordering;

use super::number::{Number, compare_padded, is_digits};
use super::semver::{compare_pre_releases, split_core};

/// Numbers, pre-release, build.
#[derive(Clone, Debug)]
pub(super) struct Version {
    core: Vec<Number>,
    pre_release: Vec<Part>,
    build: Vec<Part>,
}

/// An identifier of the pre-release or the build. Numbers come before text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(i64),
    Text(Box<str>),
}

impl Part {
    /// What Dart's `int.tryParse` takes for a number is one: a leading hyphen makes it negative, `0x` hexadecimal, and
    /// what does not fit 64 bits is text.
    fn parse(text: &str) -> Self {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let number = if is_digits(digits) {
            text.parse::<i64>().ok()
        } else if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            // Dart keeps the 64 bits as they are. `from_str_radix` would take a sign of its own.
            let is_hexadecimal = !hexadecimal.is_empty() && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
            let bits = u64::from_str_radix(hexadecimal, 16).ok().filter(|_| is_hexadecimal);
            bits.map(|bits| if negative { bits.wrapping_neg() } else { bits }.cast_signed())
        } else {
            None
        };
        number.map_or_else(|| Self::Text(text.into()), Self::Number)
    }

    fn list(text: &str) -> Vec<Self> {
        if text.is_empty() { Vec::new() } else { text.split('.').map(Self::parse).collect() }
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (core, rest) = split_core(text)?;
        let (pre_release, build) = rest.split_once('+').unwrap_or((rest, ""));
        let pre_release = pre_release.strip_prefix(['-', '.']).unwrap_or(pre_release);
        Some(Self { core, pre_release: Part::list(pre_release), build: Part::list(build) })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_padded(&self.core, &other.core)
            .then_with(|| compare_pre_releases(&self.pre_release, &other.pre_release))
            // No build is the empty list, which comes first by itself.
            .then_with(|| self.build.cmp(&other.build))
    }
}

super::order_is_equality!(Version);
