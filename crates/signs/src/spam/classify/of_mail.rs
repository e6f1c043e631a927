//! The features of a message: seven views of it, each a group of its own.

use super::bag::{Group, Sink, Span, View};
use super::hash::{self, grams, words};
use crate::spam::mail::{Kind, Message, html};

/// The groups.
pub static GROUPS: [Group; 7] = [
    Group { name: "order of the header", bits: 13 },
    Group { name: "words of the header", bits: 18 },
    Group { name: "runs of bytes", bits: 18 },
    Group { name: "words as they stand", bits: 18 },
    Group { name: "words that are seen", bits: 18 },
    Group { name: "runs of letters that are seen", bits: 18 },
    Group { name: "how it is made", bits: 15 },
];

const ORDER: usize = 0;
const HEADER: usize = 1;
const GRAMS: usize = 2;
const WORDS: usize = 3;
const TEXT: usize = 4;
const LETTERS: usize = 5;
const SHAPE: usize = 6;

/// Of the raw message so much is taken as runs of bytes.
const GRAMS_OF: usize = 3_500;
/// And so much as words.
const WORDS_OF: usize = 8_000;
/// So much of what a reader sees.
const TEXT_OF: usize = 6_000;

/// Room for what is decoded, used anew for each message.
#[derive(Debug, Default)]
pub struct Room {
    text: Vec<u8>,
    decoded: Vec<u8>,
    letters: Vec<u8>,
}

/// Finds the features of a message. `mask` says which groups.
pub fn features(message: &Message<'_>, mask: u32, room: &mut Room, sink: &mut impl Sink) {
    let raw = message.raw;
    if mask & (1 << ORDER) != 0 {
        sink.group(ORDER);
        order(message, sink);
    }
    if mask & (1 << HEADER) != 0 {
        sink.group(HEADER);
        for field in message.fields.iter().take(200) {
            if is_skipped(field.name) {
                continue;
            }
            let name = field.name.iter().fold(hash::seed(31), |h, b| hash::with(h, b.to_ascii_lowercase()));
            let kind = 1000 + (hash::done(name) >> 8) * 2;
            words(
                kind,
                field.value.get(..field.value.len().min(2000)).unwrap_or_default(),
                View::Raw,
                field.at,
                fold_header,
                sink,
            );
        }
    }
    if mask & (1 << GRAMS) != 0 {
        sink.group(GRAMS);
        grams::<4>(1, raw.get(..raw.len().min(GRAMS_OF)).unwrap_or_default(), View::Raw, 0, sink);
    }
    if mask & (1 << WORDS) != 0 {
        sink.group(WORDS);
        words(3, raw.get(..raw.len().min(WORDS_OF)).unwrap_or_default(), View::Raw, 0, |b| b, sink);
    }
    if mask & ((1 << TEXT) | (1 << LETTERS) | (1 << SHAPE)) != 0 {
        seen(message, room, mask, sink);
    }
}

fn fold_header(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_lowercase() }
}

fn is_skipped(name: &[u8]) -> bool {
    name.get(..7).is_some_and(|n| n.eq_ignore_ascii_case(b"x-spam-"))
}

fn order(message: &Message<'_>, sink: &mut impl Sink) {
    let mut before = hash::seed(21);
    for field in message.fields.iter().take(200) {
        if is_skipped(field.name) {
            continue;
        }
        let span =
            Span { view: View::Raw, from: field.at.saturating_sub(field.name.len() + 1), length: field.name.len() };
        let name = field.name.iter().fold(hash::seed(22), |h, b| hash::with(h, *b));
        sink.feature(hash::done(name), span);
        sink.feature(hash::done(before.rotate_left(13) ^ name), span);
        before = name;
    }
}

fn seen(message: &Message<'_>, room: &mut Room, mask: u32, sink: &mut impl Sink) {
    let Room { text, decoded, letters } = room;
    text.clear();
    if let Some(subject) = message.field("subject") {
        text.extend_from_slice(subject.get(..subject.len().min(500)).unwrap_or_default());
        text.push(b'\n');
    }
    let shape = |what: &[u8], sink: &mut dyn FnMut(u32)| sink(hash::done(hash::of(61, what)));
    let mut shapes: Vec<u32> = Vec::new();
    for part in message.parts.leaves.iter().take(20) {
        let mut take = |w: &[u8]| shape(w, &mut |h| shapes.push(h));
        let mut lower = part.media_type.to_ascii_lowercase();
        take(&lower);
        lower.extend_from_slice(b";");
        lower.extend(part.charset.to_ascii_lowercase());
        take(&lower);
        lower.push(match part.encoding {
            crate::spam::mail::Encoding::Plain => b'p',
            crate::spam::mail::Encoding::Base64 => b'b',
            crate::spam::mail::Encoding::Quoted => b'q',
        });
        take(&lower);
        if !part.name.is_empty() {
            let n = part.name.to_ascii_lowercase();
            let e = n.iter().rposition(|b| *b == b'.').map_or(0, |p| p);
            let mut k = b"ext ".to_vec();
            k.extend_from_slice(&n[e..]);
            take(&k);
        }
        if text.len() >= TEXT_OF || !matches!(part.kind, Kind::Text | Kind::Html | Kind::Message) {
            continue;
        }
        decoded.clear();
        part.encoding.decode(part.body, 4 * TEXT_OF, decoded);
        if part.kind == Kind::Html || (part.kind == Kind::Text && looks_html(decoded)) {
            html::text(decoded, TEXT_OF, text, |tag| {
                let end = tag.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(tag.len()).min(20);
                let mut k = b"tag ".to_vec();
                k.extend(tag[..end].to_ascii_lowercase());
                shape(&k, &mut |h| shapes.push(h));
                for attr in tag[end..].split(|b| b.is_ascii_whitespace()).filter(|a| !a.is_empty()).take(12) {
                    let e = attr.iter().position(|b| *b == b'=').unwrap_or(attr.len()).min(20);
                    let mut k = k.clone();
                    k.push(b' ');
                    k.extend(attr[..e].to_ascii_lowercase());
                    shape(&k, &mut |h| shapes.push(h));
                }
            });
        } else {
            text.extend_from_slice(
                decoded.get(..decoded.len().min(TEXT_OF.saturating_sub(text.len()))).unwrap_or_default(),
            );
        }
        text.push(b'\n');
        // links
        for at in memchr::memmem::find_iter(decoded, b"://").take(40) {
            let rest = &decoded[at + 3..];
            let e = rest
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || b"-._@:%".contains(b)))
                .unwrap_or(rest.len())
                .min(80);
            let host = rest[..e].to_ascii_lowercase();
            let mut k = b"host ".to_vec();
            k.extend_from_slice(&host);
            shape(&k, &mut |h| shapes.push(h));
            if let Some(tld) = host.rsplit(|b| *b == b'.').next() {
                let mut k = b"tld ".to_vec();
                k.extend_from_slice(tld);
                if tld.iter().all(u8::is_ascii_digit) {
                    k = b"tld ip".to_vec();
                }
                shape(&k, &mut |h| shapes.push(h));
            }
            if host.contains(&b'@') {
                shape(b"host at", &mut |h| shapes.push(h));
            }
        }
    }
    if mask & (1 << TEXT) != 0 {
        sink.group(TEXT);
        words(5, text, View::Text, 0, |b| b.to_ascii_lowercase(), sink);
    }
    if mask & (1 << LETTERS) != 0 {
        sink.group(LETTERS);
        letters.clear();
        let mut space = true;
        for b in text.iter() {
            if b.is_ascii_whitespace() {
                if !space {
                    letters.push(b' ');
                }
                space = true;
            } else {
                letters.push(b.to_ascii_lowercase());
                space = false;
            }
        }
        grams::<5>(7, letters, View::Text, 0, sink);
    }
    if mask & (1 << SHAPE) != 0 {
        sink.group(SHAPE);
        let up = text.iter().filter(|b| b.is_ascii_uppercase()).count();
        let low = text.iter().filter(|b| b.is_ascii_lowercase()).count();
        let mut k = b"up ".to_vec();
        k.push((up * 20 / (up + low + 1)) as u8);
        shape(&k, &mut |h| shapes.push(h));
        let bang = text.iter().filter(|b| **b == b'!').count();
        let mut k = b"! ".to_vec();
        k.push((usize::BITS - bang.leading_zeros()) as u8);
        shape(&k, &mut |h| shapes.push(h));
        let bang = text.iter().filter(|b| **b == b'$').count();
        let mut k = b"$ ".to_vec();
        k.push((usize::BITS - bang.leading_zeros()) as u8);
        shape(&k, &mut |h| shapes.push(h));
        let mut k = b"len ".to_vec();
        k.push((usize::BITS - text.len().leading_zeros()) as u8);
        shape(&k, &mut |h| shapes.push(h));
        for h in &shapes {
            sink.feature(*h, Span { view: View::Shape, from: 0, length: 0 });
        }
    }
}

fn looks_html(t: &[u8]) -> bool {
    let h = t[..t.len().min(600)].to_ascii_lowercase();
    memchr::memmem::find(&h, b"<html").is_some() || memchr::memmem::find(&h, b"<body").is_some()
}
