//! The features of a short text: an SMS, a chat message, what a pop-up says.

use super::bag::{Group, Sink, Span, View};
use super::hash::{self, grams, words};

/// The groups.
pub static GROUPS: [Group; 4] = [
    Group { name: "words", bits: 16 },
    Group { name: "runs of letters", bits: 17 },
    Group { name: "runs of bytes", bits: 17 },
    Group { name: "shape", bits: 12 },
];

/// So much of a text is looked at.
const MOST: usize = 4_000;

/// Room for what is folded, used anew for each text.
#[derive(Debug, Default)]
pub struct Room {
    folded: Vec<u8>,
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
    grams::<3>(11, folded, View::Text, 0, sink);
    grams::<4>(12, folded, View::Text, 0, sink);
    sink.group(2);
    grams::<3>(21, text, View::Raw, 0, sink);
    grams::<5>(22, text, View::Raw, 0, sink);
    sink.group(3);
    shape(text, sink);
}

const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_lowercase() }
}

fn shape(text: &[u8], sink: &mut impl Sink) {
    let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
    let mut tell = |what: &[u8], size: usize| {
        let hash = hash::with(hash::of(31, what), u8::try_from(size.min(255)).unwrap_or(255));
        sink.feature(hash::done(hash), Span { view: View::Shape, from: 0, length: 0 });
    };
    tell(b"length", text.len() / 20);
    tell(b"digits", count(u8::is_ascii_digit).min(30));
    tell(b"capitals", count(u8::is_ascii_uppercase) * 20 / (count(u8::is_ascii_alphabetic) + 1));
    for sign in [b'!', b'$', b'?', b'/', b'*', b'+', b'>', b'&', b'%', b'@', b'.', 0xa3] {
        tell(&[sign], text.iter().filter(|byte| **byte == sign).count().min(6));
    }
    let mut run = 0;
    let mut longest = 0;
    for byte in text {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    tell(b"number", longest);
}
