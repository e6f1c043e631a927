//! Numbers as versions hold them: decimal digits without a limit. A date with a build number already passes 64 bits.

use std::cmp::Ordering;

/// A natural number read from decimal digits. Leading zeros do not count.
///
/// The order of the variants is the order of the values: what fits 64 bits is smaller than what does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Number {
    /// A value of up to 64 bits.
    Small(u64),
    /// A larger value: how many digits, then the digits, without leading zeros.
    Large(usize, Box<str>),
}

impl Number {
    pub(super) const ZERO: Self = Self::Small(0);

    /// The value of decimal digits; nothing if there are none, or if anything else is among them.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        is_digits(digits).then(|| Self::of_digits(digits))
    }

    /// The value of text that is known to be digits. No digits are zero.
    pub(super) fn of_digits(digits: &str) -> Self {
        if digits.is_empty() {
            return Self::ZERO;
        }
        digits.parse().map_or_else(
            |_| {
                let digits = digits.trim_start_matches('0');
                Self::Large(digits.len(), digits.into())
            },
            Self::Small,
        )
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// Is this one decimal digit or more, and nothing else?
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Compares two runs of digits by value, whatever their length. No digits are zero.
pub(super) fn compare_digits(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (strip_zeros(a), strip_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn strip_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Splits off the bytes at the start that satisfy a condition.
pub(super) fn split_while(bytes: &[u8], condition: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let length = bytes.iter().take_while(|byte| condition(**byte)).count();
    bytes.split_at(length)
}

/// Like [`split_while`], for text. The condition must hold for ASCII only, so that no character is cut.
pub(super) fn split_text_while(text: &str, condition: impl Fn(u8) -> bool) -> (&str, &str) {
    let length = text.bytes().take_while(|byte| byte.is_ascii() && condition(*byte)).count();
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Compares sequences in which what is missing at the end counts as zero.
pub(super) fn compare_padded(a: &[Number], b: &[Number]) -> Ordering {
    let length = a.len().max(b.len());
    (0..length)
        .map(|index| a.get(index).unwrap_or(&Number::ZERO).cmp(b.get(index).unwrap_or(&Number::ZERO)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_no_largest_value_and_no_leading_zeros() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(number("007"), number("7"));
        assert!(number("18446744073709551615") < number("18446744073709551616"));
        assert!(number("99999999999999999999") < number("100000000000000000000"));
        assert_eq!(number("000100000000000000000000"), number("100000000000000000000"));
        assert_eq!(Number::parse(""), None);
        assert_eq!(Number::parse("1a"), None);
        assert_eq!(Number::parse("+1"), None);
    }

    #[test]
    fn runs_of_digits_compare_by_value() {
        assert_eq!(compare_digits(b"", b"000"), Ordering::Equal);
        assert_eq!(compare_digits(b"10", b"9"), Ordering::Greater);
        assert_eq!(compare_digits(b"0099", b"100"), Ordering::Less);
    }
}
