//! The features of a message: six views of it, each a group of its own, so that a mail whose header says little, or says what the
//! header of a newsletter says, is judged by the others. What another filter has written into the header is passed over: whoever sends
//! spam can write it, too.

use super::bag::{Group, Sink, Span, View};
use super::hash::{self, grams, words};
use crate::spam::mail::{Kind, Message, Part, html};

/// The groups.
pub static GROUPS: [Group; 6] = [
    Group { name: "order of the header", bits: 13 },
    Group { name: "words of the header", bits: 18 },
    Group { name: "runs of bytes", bits: 18 },
    Group { name: "words as they stand", bits: 18 },
    Group { name: "words that are seen", bits: 18 },
    Group { name: "runs of letters that are seen", bits: 18 },
];

/// The group of words of the header.
pub const HEADER: usize = 1;
/// The group of words that are seen.
pub const TEXT: usize = 4;

/// The groups that look at the header: they know the mail servers and lists of the messages that they were trained on. For
/// measuring what the rest knows.
pub const OF_HEADER: [usize; 4] = [0, 1, 2, 3];

/// Of the raw message so much is taken as runs of bytes.
const GRAMS_OF: usize = 3_500;
/// And so much as words.
const WORDS_OF: usize = 8_000;
/// So much of what a reader sees.
const TEXT_OF: usize = 6_000;
/// Fields of the header that are looked at, and so much of each.
const FIELDS: usize = 200;
const OF_A_FIELD: usize = 2_000;
/// Parts that are looked at.
const PARTS: usize = 20;

/// Room for what is decoded, used anew for each message.
#[derive(Debug, Default)]
pub struct Room {
    text: Vec<u8>,
    decoded: Vec<u8>,
    letters: Vec<u8>,
}

impl Room {
    /// The text that a reader sees of the message whose features were found last.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The same folded, as runs of letters were taken from it.
    pub fn letters(&self) -> &[u8] {
        &self.letters
    }
}

fn head(bytes: &[u8], most: usize) -> &[u8] {
    bytes.get(..bytes.len().min(most)).unwrap_or_default()
}

/// Finds the features of a message.
pub fn features(message: &Message<'_>, room: &mut Room, sink: &mut impl Sink) {
    sink.group(0);
    order(message, sink);
    sink.group(HEADER);
    for field in message.fields.iter().take(FIELDS).filter(|field| !is_verdict(field.name)) {
        let kind = 1000 + (hash::done(hash::folded(31, field.name)) >> 8) * 2;
        words(kind, head(field.value, OF_A_FIELD), View::Raw, field.at, fold, sink);
    }
    sink.group(2);
    grams::<4>(1, head(message.raw, GRAMS_OF), View::Raw, 0, sink);
    sink.group(3);
    words(3, head(message.raw, WORDS_OF), View::Raw, 0, |byte| byte, sink);
    see(message, room);
    sink.group(TEXT);
    words(5, &room.text, View::Text, 0, |byte| byte.to_ascii_lowercase(), sink);
    sink.group(5);
    grams::<5>(7, &room.letters, View::Letters, 0, sink);
}

/// Digits alike: no date or number is learnt by heart.
const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_lowercase() }
}

/// What another spam filter says.
fn is_verdict(name: &[u8]) -> bool {
    name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"x-spam-"))
}

/// Names of fields and which follows which: programs that send spam give themselves away by it.
fn order(message: &Message<'_>, sink: &mut impl Sink) {
    let mut before = hash::seed(21);
    for field in message.fields.iter().take(FIELDS).filter(|field| !is_verdict(field.name)) {
        let from = field.at.saturating_sub(field.name.len() + 1);
        let span = Span { view: View::Raw, from, length: field.name.len() };
        let name = hash::of(22, field.name);
        sink.feature(hash::done(name), span);
        sink.feature(hash::done(before.rotate_left(13) ^ name), span);
        before = name;
    }
}

/// Gathers what a reader sees.
fn see(message: &Message<'_>, room: &mut Room) {
    room.text.clear();
    if let Some(subject) = message.field("subject") {
        room.text.extend_from_slice(head(subject, 500));
        room.text.push(b'\n');
    }
    for part in message.parts.leaves.iter().take(PARTS) {
        if room.text.len() >= TEXT_OF || !matches!(part.kind, Kind::Text | Kind::Html | Kind::Message) {
            continue;
        }
        read(part, room);
    }
    let Room { text, letters, .. } = room;
    letters.clear();
    let mut after_space = true;
    for byte in text.iter() {
        let is_space = byte.is_ascii_whitespace();
        if !(is_space && after_space) {
            letters.push(if is_space { b' ' } else { byte.to_ascii_lowercase() });
        }
        after_space = is_space;
    }
}

/// The text of a part.
fn read(part: &Part<'_>, room: &mut Room) {
    let Room { text, decoded, .. } = room;
    decoded.clear();
    part.encoding.decode(part.body, 4 * TEXT_OF, decoded);
    if part.kind == Kind::Html || (part.kind == Kind::Text && is_html(decoded)) {
        html::text(decoded, TEXT_OF, text);
    } else {
        text.extend_from_slice(head(decoded, TEXT_OF.saturating_sub(text.len())));
    }
    text.push(b'\n');
}

/// Some call HTML plain text.
fn is_html(text: &[u8]) -> bool {
    let head = head(text, 600);
    let is = |at: usize, word: &[u8]| head.get(at..at + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
    memchr::memchr_iter(b'<', head).any(|at| is(at, b"<html") || is(at, b"<body"))
}
