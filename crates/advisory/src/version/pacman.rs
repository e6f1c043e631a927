//! The order of Arch Linux's packages, as `vercmp` has it: epoch, version, release by an older `rpmvercmp`, in which
//! the length of separators counts and `~` and `^` are separators like any other.
//!
//! To pacman a version without a release equals the same version with any release: 1-1 = 1 = 1-2, but 1-1 < 1-2. And more
//! separators are newer even before letters, which themselves are older than nothing: 1 < 1.0 < 1..a < 1. That is no
//! order: `Ord` puts the version without a release first, and letters before numbers whatever separates them.

use std::cmp::Ordering;

use super::number::{compare_digits, split_while};
use super::rpm;

/// Epoch, version and release as they are written: `[epoch:]version[-release]`.
#[derive(Clone, Debug)]
pub(super) struct Version {
    epoch: Box<str>,
    upstream: Box<str>,
    release: Option<Box<str>>,
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let (epoch, upstream, release) = rpm::split(text.trim_ascii());
        Self { epoch: epoch.into(), upstream: upstream.into(), release: release.map(Into::into) }
    }
}

impl Version {
    /// What `vercmp` says.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.compare_by(other, First::Separators, |_, _| Ordering::Equal)
    }

    fn compare_by(&self, other: &Self, first: First, no_release: fn(bool, bool) -> Ordering) -> Ordering {
        compare_digits(self.epoch.as_bytes(), other.epoch.as_bytes())
            .then_with(|| compare_part(self.upstream.as_bytes(), other.upstream.as_bytes(), first))
            .then_with(|| match (&self.release, &other.release) {
                (Some(a), Some(b)) => compare_part(a.as_bytes(), b.as_bytes(), first),
                (a, b) => no_release(a.is_some(), b.is_some()),
            })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare_by(other, First::Kind, |a, b| a.cmp(&b))
    }
}

/// What counts first where letters stand against a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// How many separators are in front: pacman's way.
    Separators,
    /// That letters are older than a number.
    Kind,
}

fn compare_part(mut a: &[u8], mut b: &[u8], first: First) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    while !a.is_empty() && !b.is_empty() {
        let (separators_a, rest_a) = split_while(a, |byte| !byte.is_ascii_alphanumeric());
        let (separators_b, rest_b) = split_while(b, |byte| !byte.is_ascii_alphanumeric());
        (a, b) = (rest_a, rest_b);
        let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else {
            break;
        };
        let (number_a, number_b) = (first_a.is_ascii_digit(), first_b.is_ascii_digit());
        if separators_a.len() != separators_b.len() && (first == First::Separators || number_a == number_b) {
            return separators_a.len().cmp(&separators_b.len());
        }
        match (number_a, number_b) {
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
            _ => return number_a.cmp(&number_b),
        }
    }
    // Letters that remain are older than nothing (1.0alpha < 1.0); anything else that remains is newer.
    let letter = |rest: &[u8]| rest.first().is_some_and(u8::is_ascii_alphabetic);
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !letter(b) => Ordering::Less,
        _ if letter(a) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

super::order_is_equality!(Version);
