//! Debian's version order (deb-version(7)): `[epoch:]upstream[-revision]`, compared part by part, where `~` sorts before
//! everything, even before the end, letters before all other characters, and runs of digits by their value.

use std::cmp::Ordering;

/// How `a` stands to `b`. Total over all strings: what is no version is compared by the same rules.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, upstream_a, revision_a), (epoch_b, upstream_b, revision_b)) = (split(a), split(b));
    number(epoch_a, epoch_b).then_with(|| part(upstream_a, upstream_b)).then_with(|| part(revision_a, revision_b))
}

/// Epoch, upstream version and revision; an absent epoch or revision is empty, which is equal to `0`.
fn split(version: &str) -> (&str, &str, &str) {
    let version = version.trim();
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("", version),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// The upstream part of a package version, without epoch and revision.
pub(super) fn upstream(version: &str) -> &str {
    split(version).1
}

/// `verrevcmp` of dpkg: alternating runs of other characters and of digits.
fn part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        loop {
            let (weight_a, weight_b) = (weight(a.first()), weight(b.first()));
            if weight_a != weight_b {
                return weight_a.cmp(&weight_b);
            }
            // Equal weights are equal characters, or both runs have come to a digit or to the end.
            if weight_a == 0 {
                break;
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let (digits_a, rest_a) = digits(a);
        let (digits_b, rest_b) = digits(b);
        let order = by_value(digits_a, digits_b);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// `~` before the end, the end and digits as one, letters, then everything else.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// Runs of digits by value, of whatever length: longer is more once leading zeros are gone.
fn by_value(a: &[u8], b: &[u8]) -> Ordering {
    let strip = |run: &'_ [u8]| run.iter().take_while(|byte| **byte == b'0').count();
    let (a, b) = (a.get(strip(a)..).unwrap_or_default(), b.get(strip(b)..).unwrap_or_default());
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn number(a: &str, b: &str) -> Ordering {
    by_value(a.as_bytes(), b.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases of dpkg's own manual and of real packages, each less than the next.
    const ASCENDING: &[&str] = &[
        "0~",
        "0",
        "1.0.0~rc93+ds1-5",
        "1.0.0~rc93+ds1-5+deb11u3",
        "1.0.0~rc95-1",
        "1.0.0-1",
        "1.0.0a-1",
        "1.0.0+ds1-1",
        "1.1.5+ds1-1",
        "1.1.5+ds1-1+b2",
        "1.1.5+ds1-1+deb12u1",
        "1.1.5+ds1-1+deb12u1+b6",
        "1.1.12+ds1-1",
        "6.1.170-1",
        "6.1.170-2",
        "20.10.24+dfsg1-1+deb12u1",
        "20.10.24+dfsg1-1+deb12u1+b6",
        "26.1.5+dfsg1-9",
        "26.1.5+dfsg1-9+deb13u1",
        "1:0.1",
        "5:28.2.2-1~debian.12~bookworm",
        "5:28.10.0-1~debian.12~bookworm",
        "10:0",
    ];

    #[test]
    fn the_order_is_dpkgs() {
        for (i, a) in ASCENDING.iter().enumerate() {
            for (j, b) in ASCENDING.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} and {b}");
            }
        }
    }

    #[test]
    fn an_absent_epoch_or_revision_is_zero_and_leading_zeros_do_not_count() {
        for (a, b) in [("1.0", "0:1.0"), ("1.0", "1.0-0"), ("1.007", "1.7"), ("", "0"), (" 1.0\n", "1.0")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} and {b}");
        }
    }

    #[test]
    fn the_upstream_part_is_between_epoch_and_revision() {
        assert_eq!(upstream("5:28.2.2-1~debian.12~bookworm"), "28.2.2");
        assert_eq!(upstream("1.0.0~rc93+ds1-5+deb11u3"), "1.0.0~rc93+ds1");
        assert_eq!(upstream("weird:1-2"), "weird:1");
        assert_eq!(upstream(""), "");
    }

    /// The laws of a total order over strings of the alphabet that versions are made of, and of hostile ones.
    #[test]
    fn the_order_is_total_over_whatever_a_package_calls_itself() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % 1_000_003).unwrap_or_default() % bound
        };
        let alphabet: Vec<char> = "0129.~+-:azR \u{e9}\u{0}\u{1f600}".chars().collect();
        let words: Vec<String> =
            (0..120).map(|_| (0..next(9)).filter_map(|_| alphabet.get(next(alphabet.len()))).collect()).collect();
        for a in &words {
            assert_eq!(compare(a, a), Ordering::Equal, "{a:?}");
            for b in &words {
                assert_eq!(compare(a, b), compare(b, a).reverse(), "{a:?} {b:?}");
                for c in &words {
                    if compare(a, b) != Ordering::Greater && compare(b, c) != Ordering::Greater {
                        assert_ne!(compare(a, c), Ordering::Greater, "{a:?} {b:?} {c:?}");
                    }
                }
            }
        }
    }
}
