//! The order of Debian's packages: epoch, upstream version, revision (deb-version(7)). Letters sort before everything
//! else, `~` before the end of the text, and dpkg refuses nothing when it only compares.

use std::cmp::Ordering;

use super::number::{Number, compare_digits, split_while};

/// A version as dpkg takes it apart.
#[derive(Clone, Debug)]
pub(super) struct Version {
    epoch: Number,
    upstream: Box<str>,
    revision: Box<str>,
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim_ascii();
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => match epoch_number(epoch) {
                Some(epoch) => (epoch, rest),
                // dpkg refuses such an epoch; the colon then is a character like any other.
                None => (Number::ZERO, text),
            },
            None => (Number::ZERO, text),
        };
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        Self { epoch, upstream: upstream.into(), revision: revision.into() }
    }
}

/// dpkg reads the epoch with `strtol`, which skips a plus sign.
fn epoch_number(text: &str) -> Option<Number> {
    if text.is_empty() {
        return Some(Number::ZERO);
    }
    Number::parse(text.strip_prefix('+').unwrap_or(text))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| compare_part(self.upstream.as_bytes(), other.upstream.as_bytes()))
            .then_with(|| compare_part(self.revision.as_bytes(), other.revision.as_bytes()))
    }
}

/// Runs of other characters and runs of digits in turn, until they differ.
pub(super) fn compare_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (text_a, rest_a) = split_while(a, |byte| !byte.is_ascii_digit());
        let (text_b, rest_b) = split_while(b, |byte| !byte.is_ascii_digit());
        let order = compare_text(text_a, text_b);
        if order.is_ne() {
            return order;
        }
        let (digits_a, rest_a) = split_while(rest_a, |byte| byte.is_ascii_digit());
        let (digits_b, rest_b) = split_while(rest_b, |byte| byte.is_ascii_digit());
        let order = compare_digits(digits_a, digits_b);
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn compare_text(a: &[u8], b: &[u8]) -> Ordering {
    let length = a.len().max(b.len());
    (0..length)
        .map(|index| weight(a.get(index)).cmp(&weight(b.get(index))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The end of a run counts as a digit does: nothing.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        // dpkg adds 256 to a signed character, so that bytes above 127 come between the letters and the rest.
        Some(byte) if !byte.is_ascii() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

super::order_is_equality!(Version);
