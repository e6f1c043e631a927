//! Versions as the projects themselves number them: `v1.4.0-rc.3`, `1.0.0-rc93`, and the same with what distributions
//! append (`1.1.5+ds1`, `1.0.0~rc93`). Semantic versioning's order, widened to those spellings.

use std::cmp::Ordering;

/// A parsed version. Two are equal where they name the same release, whatever a distribution appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Numbers before the first sign that is neither digit nor dot, without trailing zeros (1.2 is 1.2.0).
    numbers: Vec<u64>,
    /// Of a pre-release: words and numbers in turn, so that `rc93` and `rc.93` are the same. None of a release.
    pre: Option<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Word(String),
}

/// Words that make what follows the numbers a pre-release. Anything else there is a distribution's or a builder's mark.
const PRE: [&str; 6] = ["alpha", "beta", "rc", "pre", "dev", "tp"];

impl Version {
    /// None where the text does not begin with a number (a `v` before it is passed over): nothing can be said of it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
        let (head, tail) = text.split_at_checked(end)?;
        let head = head.trim_end_matches('.');
        // A number too long to count is larger than every number that a table holds.
        let mut numbers = Vec::new();
        for number in head.split('.').take(8) {
            if number.is_empty() {
                return None;
            }
            numbers.push(number.parse().unwrap_or(u64::MAX));
        }
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        let tail = tail.split('+').next().unwrap_or_default();
        let tail = tail.trim_start_matches(['-', '~']).to_ascii_lowercase();
        let pre = PRE.iter().any(|word| tail.starts_with(word)).then(|| pieces(&tail));
        Some(Self { numbers, pre })
    }

    /// The number at `place`, counted from 0.
    pub(super) fn number(&self, place: usize) -> u64 {
        self.numbers.get(place).copied().unwrap_or(0)
    }

    /// Whether it is of the branch `major.minor`.
    pub(super) fn is_of_branch(&self, branch: &Self) -> bool {
        self.number(0) == branch.number(0) && self.number(1) == branch.number(1)
    }
}

/// Alternating words and numbers, separators gone; only the first few, as no project uses more.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digit = first.is_ascii_digit();
        let word = first.is_ascii_alphabetic();
        let same = |sign: char| if digit { sign.is_ascii_digit() } else { word && sign.is_ascii_alphabetic() };
        let end = rest.find(|sign| !same(sign)).unwrap_or(rest.len());
        let Some((run, after)) = rest.split_at_checked(end.max(first.len_utf8())) else { break };
        if digit {
            pieces.push(Piece::Number(run.parse().unwrap_or(u64::MAX)));
        } else if word {
            pieces.push(Piece::Word(run.to_owned()));
        } else if pieces.len() > 1 && !matches!(first, '.' | '-') {
            break;
        }
        if pieces.len() == 4 {
            break;
        }
        rest = after;
    }
    pieces
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (&self.pre, &other.pre) {
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        })
    }
}

/// Whether the version's own text says that a distribution built it, which may have carried fixes back.
pub(super) fn is_distribution_build(text: &str) -> bool {
    [
        "+ds", "+dfsg", "~ds", "ubuntu", "~deb", "+deb", ".el7", ".el8", ".el9", ".el10", ".fc", ".amzn", "-azure",
        "+azure",
    ]
    .iter()
    .any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pre_releases_come_before_their_release_and_count_by_number() {
        let ascending = [
            "1.0.0-rc3",
            "1.0.0-rc10",
            "1.0.0-rc93",
            "1.0.0~rc95",
            "1.0.0",
            "1.0.3",
            "1.1.5+ds1",
            "1.1.12",
            "v1.2.8",
            "1.3.0-rc.1",
            "1.3.3",
            "1.4.0-rc.1",
            "1.4.0-rc.3",
            "1.4.0",
            "1.5.0-rc.3",
            "20.10.24+dfsg1",
            "28.2.2",
            "29.0.0-beta.1",
            "29.0.0-rc.1",
            "29",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(Version::parse(a).cmp(&Version::parse(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }

    #[test]
    fn the_same_release_under_another_spelling_is_the_same() {
        for (a, b) in [
            ("1.0.0-rc93", "1.0.0~rc.93+ds1"),
            ("v1.7.29", "1.7.29~ds1"),
            ("27.1", "27.1.0"),
            ("1.2.3-0ubuntu1", "1.2.3"),
        ] {
            assert_eq!(Version::parse(a), Version::parse(b), "{a} and {b}");
        }
    }

    #[test]
    fn what_is_no_version_is_none_and_nothing_panics() {
        for text in ["", "v", "dev", "library-import", ".", "..", "1..2", "\u{1f600}", "-1"] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
        for text in [
            "9".repeat(400),
            "1.".repeat(400) + "1",
            "1.0-rc".to_owned() + &"\u{e9}".repeat(50),
            "1.0-rc\u{0}1.é".into(),
        ] {
            assert!(Version::parse(&text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_distributions_mark_is_seen_in_the_version_itself() {
        for text in ["20.10.24+dfsg1", "1.1.5+ds1", "1.6.20~ds1", "28.2.2-0ubuntu1~24.04.1", "1.7.24~ds1-6+deb13u1"] {
            assert!(is_distribution_build(text), "{text}");
        }
        assert!(!is_distribution_build("28.2.2") && !is_distribution_build("1.4.0-rc.3"));
    }
}
