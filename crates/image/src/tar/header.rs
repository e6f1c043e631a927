//! One header block. Field offsets are those of POSIX ustar and of GNU tar's `tar.h`.

use super::BLOCK;

/// A header block, checked.
#[derive(Clone, Copy)]
pub(super) struct Header<'a>(&'a [u8; BLOCK]);

/// Why a block is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// It is all zero: the end of the archive.
    Zero,
    /// Its checksum does not fit.
    Checksum,
}

impl<'a> Header<'a> {
    /// Reads a block.
    pub(super) fn read(block: &'a [u8; BLOCK]) -> Result<Self, NoHeader> {
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        if sum == 0 {
            return Err(NoHeader::Zero);
        }
        let header = Self(block);
        let stored = octal(header.field(148, 8));
        // The field itself counts as eight spaces.
        let field: u32 = header.field(148, 8).iter().map(|byte| u32::from(*byte)).sum();
        let unsigned = sum - field + 8 * 32;
        if stored == Some(u64::from(unsigned)) || stored == Some(header.signed_sum()) {
            return Ok(header);
        }
        Err(NoHeader::Checksum)
    }

    /// Some old writers summed signed bytes.
    fn signed_sum(self) -> u64 {
        let sum: i64 = self.0.iter().map(|byte| i64::from(byte.cast_signed())).sum();
        let field: i64 = self.field(148, 8).iter().map(|byte| i64::from(byte.cast_signed())).sum();
        u64::try_from(sum - field + 8 * 32).unwrap_or(u64::MAX)
    }

    fn field(self, at: usize, length: usize) -> &'a [u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }

    /// The kind of entry.
    pub(super) fn typeflag(self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    /// Bytes of content as stored; none where the number cannot be read.
    pub(super) fn size(self) -> Option<u64> {
        number(self.field(124, 12))
    }

    /// Permission bits.
    pub(super) fn mode(self) -> u32 {
        u32::try_from(number(self.field(100, 8)).unwrap_or(0) & 0o7777).unwrap_or(0)
    }

    /// The name, and what stands before it.
    pub(super) fn name(self, out: &mut Vec<u8>) {
        out.clear();
        // GNU's magic ends in a space; there the field of the prefix holds other things.
        if self.field(257, 6) == b"ustar\0" {
            let prefix = text(self.field(345, 155));
            if !prefix.is_empty() {
                out.extend_from_slice(prefix);
                out.push(b'/');
            }
        }
        out.extend_from_slice(text(self.field(0, 100)));
    }

    /// Where a link points to.
    pub(super) fn link(self) -> &'a [u8] {
        text(self.field(157, 100))
    }

    /// Of an old GNU sparse file: the four segments that stand in the header, whether more follow, and the real size.
    pub(super) fn sparse(self) -> (impl Iterator<Item = (u64, u64)> + use<'a>, bool, Option<u64>) {
        let more = self.field(482, 1) != [0];
        (segments(self.field(386, 96)), more, number(self.field(483, 12)))
    }
}

/// Segments of an extension block of an old GNU sparse file, and whether another follows.
pub(super) fn sparse_extension(block: &[u8; BLOCK]) -> (impl Iterator<Item = (u64, u64)>, bool) {
    let more = block.get(504).is_some_and(|byte| *byte != 0);
    (segments(block.get(..504).unwrap_or_default()), more)
}

fn segments(field: &[u8]) -> impl Iterator<Item = (u64, u64)> {
    field.chunks_exact(24).filter_map(|pair| {
        let (offset, length) = pair.split_at_checked(12)?;
        // Unused slots are empty.
        (offset.first() != Some(&0)).then(|| Some((number(offset)?, number(length)?)))?
    })
}

/// A field up to its first NUL.
fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    field.get(..end).unwrap_or_default()
}

/// An octal number, or GNU's base 256 where the first bit is set. Negative and oversized numbers are none.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((first, rest)) if first & 0x80 != 0 => {
            // 0xff begins a negative number.
            let start = (first & 0x40 == 0).then_some(u64::from(first & 0x3f))?;
            rest.iter().try_fold(start, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))
        }
        _ => octal(field),
    }
}

/// Octal digits between spaces and NULs, as Go reads them, which is what the engines use; an empty field is 0.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|byte| !matches!(byte, 0 | b' ')).unwrap_or(field.len());
    let digits = field.get(start..)?;
    let end = digits.iter().position(|byte| *byte == 0 || *byte == b' ').unwrap_or(digits.len());
    digits.get(..end)?.iter().try_fold(0_u64, |value, digit| {
        let digit = matches!(digit, b'0'..=b'7').then(|| u64::from(digit - b'0'))?;
        value.checked_mul(8)?.checked_add(digit)
    })
}
