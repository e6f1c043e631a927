//! Numbers out of bytes: little end first.

use super::head::Id;

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}

pub(super) fn id_at(bytes: &[u8], at: usize) -> Option<Id> {
    bytes.get(at..)?.first_chunk().copied()
}

/// An id as text: 32 hexadecimal digits.
pub(super) fn hex(id: Id) -> [u8; 32] {
    let mut text = [0; 32];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(id) {
        let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    text
}
