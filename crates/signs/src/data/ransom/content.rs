//! What a file's content is: known by its first bytes, text, or random. Random is what a chi-squared test cannot tell from dice:
//! packed files come near, so that only what was known and is random now counts ([`super::lost`]).

use serde::{Deserialize, Serialize};

use super::kinds::{Kind, by_magic};

/// The size of the blocks that are tested as a whole.
pub const BLOCK: usize = 64 * 1024;
/// The size of the pieces of a block that are counted, to find what is encrypted in parts.
const PIECE: usize = 4096;
/// Below so many bytes nothing is said: chance looks like anything.
const LEAST: usize = 64;

/// Bytes of a file, and where they stand in it.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The offset of the first.
    pub at: u64,
    /// At most [`BLOCK`] of them.
    pub bytes: &'a [u8],
}

/// What is remembered of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// By its first bytes, or by all of them.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Pieces that were looked at.
    pub pieces: u16,
    /// Those of them that look random.
    pub random: u16,
    /// Whether it ends as its kind does; none where its kind has no such end.
    pub ends_well: Option<bool>,
    /// Whether the first bytes look random.
    pub random_head: bool,
}

impl Profile {
    /// Of a file of `size` bytes, from samples in the order of their offsets, the first at 0. Of a small file that is all of it.
    pub fn of(size: u64, samples: &[Sample<'_>]) -> Self {
        let mut profile = Self { kind: Kind::Empty, size, pieces: 0, random: 0, ends_well: None, random_head: false };
        let head = samples.first().filter(|sample| sample.at == 0).map_or(&[][..], |sample| sample.bytes);
        if head.is_empty() {
            profile.kind = if size == 0 { Kind::Empty } else { Kind::Opaque };
            return profile;
        }
        let (mut blocks, mut random_blocks) = (0u32, 0u32);
        for sample in samples {
            // Each byte is counted once: a block is the sum of its pieces.
            let mut block = [0u32; 256];
            for piece in sample.bytes.chunks(PIECE) {
                let counts = counted(piece);
                for (sum, count) in block.iter_mut().zip(&counts) {
                    *sum += count;
                }
                if piece.len() == PIECE {
                    profile.pieces = profile.pieces.saturating_add(1);
                    profile.random = profile.random.saturating_add(u16::from(are_random(&counts, PIECE)));
                }
            }
            blocks += 1;
            random_blocks += u32::from(are_random(&block, sample.bytes.len()));
        }
        let start = head.get(..256).unwrap_or(head);
        profile.random_head = is_random(start);
        let all = |test: fn(&[u8]) -> bool| samples.iter().all(|sample| test(sample.bytes));
        profile.kind = match by_magic(head) {
            // Two or three bytes come by chance, too; a whole file of dice does not.
            Some(kind) if !(weak_magic(head) && random_blocks * 10 >= blocks * 9 && profile.random_head) => kind,
            _ if all(|bytes| bytes.iter().all(|byte| *byte == 0)) => Kind::Zeros,
            _ if is_text(start) => {
                if all(is_wall) {
                    Kind::Coded
                } else {
                    Kind::Text
                }
            }
            // Pieces, not blocks, of a file whose last block is small.
            _ if profile.random_head && random_blocks * 10 >= blocks * 8 => Kind::Random,
            _ => Kind::Opaque,
        };
        if profile.kind == Kind::Known {
            profile.ends_well = samples.last().and_then(|last| ends_well(head, *last, size));
        }
        profile
    }
}

/// Whether a signature is so short that one random file in some ten thousand has it, too.
fn weak_magic(head: &[u8]) -> bool {
    let weak: &[&[u8]] = &[b"BM", b"MZ", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"\xff\x0a", b"\x1f\x9d", b"\x78"];
    weak.iter().any(|magic| head.starts_with(magic)) || head.get(510..512) == Some(b"\x55\xaa")
}

/// Whether a chi-squared test cannot tell the bytes from dice: within four and a half standard deviations of what is
/// expected, to either side.
fn is_random(bytes: &[u8]) -> bool {
    are_random(&counted(bytes), bytes.len())
}

/// How often each byte is there.
fn counted(bytes: &[u8]) -> [u32; 256] {
    let mut counts = [0u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    counts
}

/// The same of so many bytes that were counted.
fn are_random(counts: &[u32; 256], many: usize) -> bool {
    if many < LEAST {
        return false;
    }
    if many >= 2048 {
        return looks_even(counts, many);
    }
    // Too few for 256 bins: the two halves of each byte have 16 each.
    let (mut high, mut low) = ([0u32; 16], [0u32; 16]);
    for (value, count) in counts.iter().enumerate() {
        for (bins, bin) in [(&mut high, value >> 4), (&mut low, value & 15)] {
            if let Some(slot) = bins.get_mut(bin) {
                *slot += count;
            }
        }
    }
    let printable: u32 = counts.iter().skip(32).take(95).sum();
    looks_even(&high, many) && looks_even(&low, many) && (printable as usize) * 100 < many * 60
}

/// The statistic over so many bins has their number less one as its mean, and twice that as its variance.
fn looks_even(counts: &[u32], total: usize) -> bool {
    #[allow(clippy::cast_precision_loss)]
    let (bins, total) = (counts.len() as f64, total as f64);
    let expected = total / bins;
    let chi: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    let (mean, deviation) = (bins - 1.0, (2.0 * (bins - 1.0)).sqrt());
    chi < 4.5f64.mul_add(deviation, mean) && (counts.len() < 256 || chi > 4.5f64.mul_add(-deviation, mean))
}

/// Whether people could read it: valid UTF-8 but for a cut at the end, or another encoding of mostly printable bytes; UTF-16,
/// too.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return memchr::memchr_iter(0, bytes).count() * 4 > bytes.len();
    }
    let control = |byte: &u8| *byte < 9 || (14..32).contains(byte) && *byte != 27 || *byte == 127;
    let odd = bytes.iter().filter(|byte| control(byte)).count();
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        // A character may be cut at the end.
        Err(error) => error.valid_up_to() + 4 > bytes.len(),
    };
    let printable = bytes.iter().filter(|byte| matches!(**byte, 9 | 10 | 13 | 32..=126)).count();
    odd * 100 <= bytes.len() && (valid || printable * 100 >= bytes.len() * 70)
}

/// Whether it is one wall of base64 or hexadecimal digits, as evenly spread as random bytes make them.
fn is_wall(bytes: &[u8]) -> bool {
    if bytes.len() < 512 {
        return false;
    }
    let mut counts = [0u32; 64];
    let mut digits = 0u32;
    for byte in bytes {
        let bin = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\r' | b'\n' => continue,
            _ => return false,
        };
        digits += 1;
        if let Some(count) = counts.get_mut(usize::from(bin)) {
            *count += 1;
        }
    }
    let hex: Vec<u32> = {
        let numbers = counts.iter().skip(52).take(10);
        let small = counts.iter().skip(26).take(6);
        let large = counts.iter().take(6);
        numbers.copied().chain(small.zip(large).map(|(small, large)| small + large)).collect()
    };
    if hex.iter().sum::<u32>() == digits {
        return looks_even(&hex, digits as usize);
    }
    looks_even(&counts, digits as usize)
}

/// Whether a file ends as its kind does. The last sample holds its end, where it does.
fn ends_well(head: &[u8], last: Sample<'_>, size: u64) -> Option<bool> {
    if last.at + last.bytes.len() as u64 != size {
        return None;
    }
    let has = |needle: &[u8]| memchr::memmem::rfind(last.bytes, needle).is_some();
    if head.starts_with(b"PK\x03\x04") {
        return Some(has(b"PK\x05\x06"));
    }
    if head.starts_with(b"%PDF-") {
        return Some(has(b"startxref"));
    }
    head.starts_with(b"\x89PNG").then(|| has(b"IEND"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Bytes as even as a cipher's: SHA-256 in counter mode.
    pub(crate) fn dice(seed: u64, many: usize) -> Vec<u8> {
        use sha2::{Digest, Sha256};
        let blocks = (0u64..).flat_map(|number| Sha256::digest([seed.to_le_bytes(), number.to_le_bytes()].concat()));
        blocks.take(many).collect()
    }

    pub(crate) fn prose(many: usize) -> Vec<u8> {
        b"The harbour lay in fog; nobody had counted the boats, and 17 of them were gone.\n".repeat(many / 80 + 1)
            [..many]
            .to_vec()
    }

    pub(crate) fn whole(bytes: &[u8]) -> Profile {
        let samples: Vec<_> = bytes
            .chunks(BLOCK)
            .enumerate()
            .map(|(number, bytes)| Sample { at: (number * BLOCK) as u64, bytes })
            .collect();
        Profile::of(bytes.len() as u64, &samples)
    }

    #[test]
    fn random_bytes_of_any_size_are_random_and_text_is_text() {
        for (seed, size) in [(1, 100), (2, 600), (3, 5000), (4, 70_000), (5, 300_000)] {
            assert_eq!(whole(&dice(seed, size)).kind, Kind::Random, "{size}");
            assert_eq!(whole(&prose(size)).kind, Kind::Text, "{size}");
        }
        assert_eq!(whole(b"").kind, Kind::Empty);
        assert_eq!(whole(&[0; 5000]).kind, Kind::Zeros);
        assert_eq!(whole("Größe, naïveté, Ωμέγα, 漢字".repeat(9).as_bytes()).kind, Kind::Text);
    }

    #[test]
    fn of_a_thousand_random_files_few_are_taken_for_something_else() {
        let wrong = (0..1000).filter(|seed| whole(&dice(*seed, 3000)).kind != Kind::Random).count();
        assert!(wrong <= 5, "{wrong}");
    }

    #[test]
    fn what_is_packed_is_known_by_its_first_bytes_however_even_it_is() {
        let noise = dice(7, 200_000);
        for magic in [&b"\x1f\x8b\x08\0"[..], b"\xfd7zXZ\0", b"\xff\xd8\xff\xe0", b"BORG_SEG", b"LUKS\xba\xbe"] {
            assert_eq!(whole(&[magic, &noise].concat()).kind, Kind::Known, "{magic:?}");
        }
    }

    #[test]
    fn a_wall_of_base64_is_random_bytes_written_as_text() {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let wall: Vec<u8> = dice(9, 9000).iter().map(|byte| digits[usize::from(byte & 63)]).collect();
        assert_eq!(whole(&wall).kind, Kind::Coded);
        let hex: String = dice(9, 900).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(whole(hex.as_bytes()).kind, Kind::Coded);
        assert_eq!(whole(&prose(9000)).kind, Kind::Text);
    }

    #[test]
    fn pieces_that_are_random_are_counted_within_what_is_not() {
        let mut text = prose(64 * PIECE);
        for piece in (0..64).step_by(4) {
            text[piece * PIECE + PIECE..][..PIECE].copy_from_slice(&dice(piece as u64, PIECE));
        }
        let profile = whole(&text);
        assert_eq!((profile.kind, profile.pieces, profile.random), (Kind::Text, 64, 16));
    }

    proptest::proptest! {
        #[test]
        fn no_content_breaks_it(size in 0u64..1 << 40, bytes: Vec<u8>) {
            let _ = Profile::of(size, &[Sample { at: 0, bytes: &bytes }, Sample { at: size / 2, bytes: &bytes }]);
        }
    }
}
