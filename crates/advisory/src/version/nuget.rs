//! The order of NuGet packages, as `NuGet.Versioning` has it: up to four numbers, labels without regard to case, build
//! metadata ignored.

use std::cmp::Ordering;

use super::number::{Number, compare_padded, is_digits};
use super::semver::{compare_pre_releases, split_core};

/// Numbers and release labels.
#[derive(Clone, Debug)]
pub(super) struct Version {
    core: Vec<Number>,
    labels: Vec<Label>,
}

/// A release label. Numbers come before text; text is kept in upper case, as .NET compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Number(i32),
    Text(Box<str>),
}

impl Label {
    fn parse(text: &str) -> Self {
        // A label that does not fit 32 bits is text to NuGet; one that begins with a hyphen may be a negative number.
        let digits = text.strip_prefix('-').unwrap_or(text);
        match text.parse() {
            Ok(number) if is_digits(digits) => Self::Number(number),
            _ => Self::Text(text.to_ascii_uppercase().into()),
        }
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // .NET reads each number with white space around it: "1. 2 .3".
        let squeezed;
        let text = if text.contains(char::is_whitespace) {
            squeezed = text.split_whitespace().collect::<String>();
            &squeezed
        } else {
            text
        };
        let (core, rest) = split_core(text)?;
        let rest = rest.split_once('+').map_or(rest, |(rest, _metadata)| rest);
        let labels = rest.strip_prefix(['-', '.']).unwrap_or(rest);
        let labels = if labels.is_empty() { Vec::new() } else { labels.split('.').map(Label::parse).collect() };
        Some(Self { core, labels })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_padded(&self.core, &other.core).then_with(|| compare_pre_releases(&self.labels, &other.labels))
    }
}

super::order_is_equality!(Version);
