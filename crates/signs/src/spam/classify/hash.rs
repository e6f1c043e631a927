//! Features of bytes, without a copy of them: n-grams, words and pairs of words, hashed as they pass by.

use super::bag::{Sink, Span, View};

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash to start from; each kind of feature has its own.
pub const fn seed(kind: u32) -> u64 {
    (kind as u64 + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93) | 1
}

/// The hash with one byte more.
#[inline]
pub const fn with(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(5)
}

/// Mixes what was gathered.
#[inline]
pub const fn done(hash: u64) -> u32 {
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(PRIME);
    (mixed >> 32) as u32
}

/// The hash of a few bytes.
pub fn of(kind: u32, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed(kind), |hash, byte| with(hash, *byte))
}

/// The hash of a few bytes, great and small letters alike.
pub fn folded(kind: u32, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed(kind), |hash, byte| with(hash, byte.to_ascii_lowercase()))
}

/// Every run of `N` bytes, `N` at most 8.
pub fn grams<const N: usize>(kind: u32, bytes: &[u8], view: View, from: usize, sink: &mut impl Sink) {
    let mut key = 0u64;
    let mask = if N >= 8 { u64::MAX } else { (1 << (8 * N)) - 1 };
    let seed = seed(kind);
    for (at, byte) in bytes.iter().enumerate() {
        key = ((key << 8) | u64::from(*byte)) & mask;
        if at + 1 >= N {
            let mixed = (key ^ seed).wrapping_mul(PRIME);
            let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(PRIME);
            sink.feature((mixed >> 32) as u32, Span { view, from: from + at + 1 - N, length: N });
        }
    }
}

/// A word may be so long; what is longer is no word.
const LONGEST: usize = 40;

/// What words are made of: letters and digits, bytes beyond ASCII, and the signs that spam loves.
pub const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'$' | b'!' | b'\'' | b'-' | b'.' | b'_')
}

/// Words and pairs of neighbours. `fold` says what becomes of a byte (small letters, digits alike).
pub fn words(kind: u32, bytes: &[u8], view: View, from: usize, fold: impl Fn(u8) -> u8, sink: &mut impl Sink) {
    let (single, pair) = (seed(kind), seed(kind + 1));
    let mut before: Option<(u64, usize)> = None;
    let mut word = single;
    let mut start = 0;
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b' ');
        if is_word(byte) {
            word = with(word, fold(byte));
            continue;
        }
        let length = at - start;
        if length > 0 && length < LONGEST {
            sink.feature(done(word), Span { view, from: from + start, length });
            if let Some((earlier, earlier_start)) = before {
                let both = earlier.rotate_left(17).wrapping_mul(PRIME) ^ word ^ pair;
                sink.feature(done(both), Span { view, from: from + earlier_start, length: at - earlier_start });
            }
            before = Some((word, start));
        }
        word = single;
        start = at + 1;
    }
}
