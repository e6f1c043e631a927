//! The features of a short text: an SMS, a chat message, what a pop-up says. Beside words and runs of letters its shape, in pairs: a
//! long text is no spam, and a text with a long number is none, but a long text with a long number mostly is.

use super::bag::{Group, Sink, Span, View};
use super::hash::{self, grams, words};

/// The groups.
pub static GROUPS: [Group; 4] = [
    Group { name: "words", bits: 16 },
    Group { name: "runs of letters", bits: 17 },
    Group { name: "runs of bytes", bits: 17 },
    Group { name: "shape", bits: 14 },
];

/// So much of a text is looked at.
const MOST: usize = 4_000;

/// Room for what is folded, used anew for each text.
#[derive(Debug, Default)]
pub struct Room {
    folded: Vec<u8>,
}

impl Room {
    /// The text, folded, of which features were found last.
    pub fn folded(&self) -> &[u8] {
        &self.folded
    }
}

/// Finds the features of a text.
pub fn features(text: &[u8], room: &mut Room, sink: &mut impl Sink) {
    let text = text.get(..text.len().min(MOST)).unwrap_or_default();
    sink.group(0);
    words(1, text, View::Raw, 0, fold, sink);
    let folded = &mut room.folded;
    folded.clear();
    folded.push(b' ');
    folded.extend(text.iter().map(|byte| fold(*byte)));
    folded.push(b' ');
    sink.group(1);
    grams::<3>(11, folded, View::Letters, 0, sink);
    grams::<4>(12, folded, View::Letters, 0, sink);
    sink.group(2);
    grams::<3>(21, text, View::Raw, 0, sink);
    grams::<5>(22, text, View::Raw, 0, sink);
    sink.group(3);
    shape(text, sink);
}

const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_lowercase() }
}

/// Signs that are counted each by itself; 0xa3 is the pound's last byte.
const SIGNS: [u8; 14] = [b'$', b'/', b'*', b'+', b'>', b'&', b'%', b'@', 0xa3, b':', b',', b'-', b'(', b'"'];

/// In which of the ranges between `cuts` a value lies.
fn range(value: usize, cuts: &[usize]) -> usize {
    cuts.iter().filter(|cut| value >= **cut).count()
}

/// The measures of a text, each as a range.
fn measures(text: &[u8]) -> [usize; 9] {
    let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
    let (mut run, mut longest) = (0, 0);
    for byte in text {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let words = || text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let starts_great = |word: &&[u8]| word.first().is_some_and(u8::is_ascii_uppercase);
    let (letters, great, word_count) = (count(u8::is_ascii_alphabetic), count(u8::is_ascii_uppercase), words().count());
    let apostrophe = usize::from(text.contains(&b'\''));
    [
        // An SMS has at most 160 characters; who pays for it fills it.
        range(text.len(), &[20, 40, 70, 100, 125, 140, 150, 162]),
        range(count(u8::is_ascii_digit), &[1, 3, 6, 10, 15, 20]),
        range(great * 100 / (letters + 1), &[3, 6, 10, 16, 25, 50]),
        range(longest, &[2, 4, 5, 7, 10]),
        range(count(|byte| *byte == b'!'), &[1, 2, 4]),
        range(count(|byte| *byte == b'.'), &[1, 2, 3, 5]),
        range(letters * 10 / (word_count + 1), &[30, 36, 40, 45, 50, 60]),
        range(words().filter(starts_great).count() * 10 / (word_count + 1), &[1, 2, 3, 5, 7]),
        range(count(|byte| *byte == b'?') * 2 + apostrophe, &[1, 2, 3]),
    ]
}

fn shape(text: &[u8], sink: &mut impl Sink) {
    let measures = measures(text);
    let mut tell = |which: usize, beside: usize, value: usize| {
        #[expect(clippy::cast_possible_truncation, reason = "all three are small")]
        let bytes = [which as u8, beside as u8, value as u8, (value >> 8) as u8];
        sink.feature(hash::done(hash::of(31, &bytes)), Span { view: View::Shape, from: which, length: 0 });
    };
    // Beside what a measure stands: at least so much, just so much, another measure.
    let (at_least, just) = (100, 101);
    for (which, value) in measures.iter().enumerate() {
        for less in 1..=*value {
            tell(which, at_least, less);
        }
        tell(which, just, *value);
        for (other, beside) in measures.iter().enumerate().skip(which + 1) {
            tell(which, other, value * 16 + beside);
        }
    }
    let length = measures.first().copied().unwrap_or_default();
    for sign in SIGNS {
        let count = memchr::memchr_iter(sign, text).count().min(6);
        tell(usize::from(sign), 102, count);
        tell(usize::from(sign), 103, count * 16 + length);
    }
}
