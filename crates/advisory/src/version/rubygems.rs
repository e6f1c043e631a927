//! The order of RubyGems, as `Gem::Version` has it: segments of digits or letters; a segment of letters makes a
//! pre-release and comes before any number, and zeros before it or at the end do not count.

use std::cmp::Ordering;

use super::number::Number;

/// The canonical segments.
#[derive(Clone, Debug)]
pub(super) struct Version(Vec<Segment>);

/// Letters come before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Letters(Box<str>),
    Number(Number),
}

const ZERO: Segment = Segment::Number(Number::ZERO);

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let mut segments = Vec::with_capacity(4);
        let mut has_letters = false;
        let mut rest = text.trim();
        while let Some(first) = rest.bytes().next() {
            let length = if first.is_ascii_digit() {
                run(rest, |byte| byte.is_ascii_digit())
            } else if first.is_ascii_alphabetic() {
                run(rest, |byte| byte.is_ascii_alphabetic())
            } else {
                run(rest, |byte| !byte.is_ascii_alphanumeric())
            };
            let (segment, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if first.is_ascii_digit() {
                segments.push(Segment::Number(Number::of_digits(segment)));
            } else {
                // A hyphen reads as ".pre.".
                let hyphens = segment.bytes().filter(|byte| *byte == b'-').count();
                let letters = std::iter::repeat_n("pre", hyphens).chain(first.is_ascii_alphabetic().then_some(segment));
                for letters in letters {
                    if !has_letters {
                        drop_zeros(&mut segments);
                        has_letters = true;
                    }
                    segments.push(Segment::Letters(letters.into()));
                }
            }
            rest = after;
        }
        drop_zeros(&mut segments);
        Self(segments)
    }
}

fn run(text: &str, condition: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| condition(*byte)).count()
}

fn drop_zeros(segments: &mut Vec<Segment>) {
    while segments.last() == Some(&ZERO) {
        segments.pop();
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        (0..length)
            .map(|index| self.0.get(index).unwrap_or(&ZERO).cmp(other.0.get(index).unwrap_or(&ZERO)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

super::order_is_equality!(Version);
