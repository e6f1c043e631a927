//! The order of RPM packages: epoch, version, release, each compared by `rpmvercmp` with `~` (before the end) and `^`
//! (after the end, before anything else). rpm refuses nothing that is not empty.

use std::cmp::Ordering;

use super::number::{compare_digits, split_while};

/// Epoch, version and release as they are written: `[epoch:]version[-release]`.
#[derive(Clone, Debug)]
pub(super) struct Version {
    epoch: Box<str>,
    upstream: Box<str>,
    /// A version without a release comes before the same one with any release.
    release: Option<Box<str>>,
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let (epoch, upstream, release) = split(text.trim_ascii());
        Self { epoch: epoch.into(), upstream: upstream.into(), release: release.map(Into::into) }
    }
}

/// Splits `[epoch:]version[-release]`. An epoch is digits, or nothing, before a colon.
pub(super) fn split(text: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => {
            (if epoch.is_empty() { "0" } else { epoch }, rest)
        }
        _ => ("0", text),
    };
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_digits(self.epoch.as_bytes(), other.epoch.as_bytes())
            .then_with(|| compare_part(self.upstream.as_bytes(), other.upstream.as_bytes()))
            .then_with(|| match (&self.release, &other.release) {
                (Some(a), Some(b)) => compare_part(a.as_bytes(), b.as_bytes()),
                (a, b) => a.is_some().cmp(&b.is_some()),
            })
    }
}

/// What can begin a piece of a version; everything else only separates.
fn is_significant(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'~' || byte == b'^'
}

fn compare_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    loop {
        a = split_while(a, |byte| !is_significant(byte)).1;
        b = split_while(b, |byte| !is_significant(byte)).1;

        match (a.strip_prefix(b"~"), b.strip_prefix(b"~")) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (a.strip_prefix(b"^"), b.strip_prefix(b"^")) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return if b.is_empty() { Ordering::Greater } else { Ordering::Less },
            (None, Some(_)) => return if a.is_empty() { Ordering::Less } else { Ordering::Greater },
            (None, None) => {}
        }
        let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else {
            return a.len().min(1).cmp(&b.len().min(1));
        };
        // A number is newer than letters in its place.
        match (first_a.is_ascii_digit(), first_b.is_ascii_digit()) {
            (true, true) => {
                let (digits_a, rest_a) = split_while(a, |byte| byte.is_ascii_digit());
                let (digits_b, rest_b) = split_while(b, |byte| byte.is_ascii_digit());
                let order = compare_digits(digits_a, digits_b);
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (false, false) => {
                let (letters_a, rest_a) = split_while(a, |byte| byte.is_ascii_alphabetic());
                let (letters_b, rest_b) = split_while(b, |byte| byte.is_ascii_alphabetic());
                let order = letters_a.cmp(letters_b);
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (number_a, number_b) => return number_a.cmp(&number_b),
        }
    }
}

super::order_is_equality!(Version);
