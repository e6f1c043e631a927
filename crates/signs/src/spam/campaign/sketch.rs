//! A sketch of a text: of 32 orders of its pieces the least hash each. Two sketches agree in as many places as the texts share
//! pieces (Broder, On the resemblance and containment of documents, 1997).

use serde::{Deserialize, Serialize};

/// Orders.
const HASHES: usize = 32;
/// Bands of four, any of which must agree as a whole for two texts to be compared.
pub(super) const BANDS: usize = 8;
const ROWS: usize = HASHES / BANDS;
/// Letters of a piece.
const PIECE: usize = 5;
/// So much of a text is looked at.
const MOST: usize = 4096;
/// A text with fewer pieces is like too many.
const LEAST: usize = 8;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sketch {
    hashes: [u32; HASHES],
}

impl Sketch {
    /// None for texts that are too short to be told from others.
    pub(super) fn of(text: &str) -> Option<Self> {
        let letters = plain(text);
        if letters.len() < PIECE + LEAST {
            return None;
        }
        let mut hashes = [u32::MAX; HASHES];
        for piece in letters.windows(PIECE) {
            let hash = piece.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, letter| {
                (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0100_0000_01B3)
            });
            let mut state = hash;
            for least in &mut hashes {
                // splitmix64: each step is another order.
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                *least = (*least).min(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(u32::MAX));
            }
        }
        Some(Self { hashes })
    }

    /// Hashes of its bands.
    pub(super) fn bands(&self) -> [u64; BANDS] {
        let mut bands = [0; BANDS];
        for (band, rows) in bands.iter_mut().zip(self.hashes.chunks(ROWS)) {
            *band = rows
                .iter()
                .fold(0xCBF2_9CE4_8422_2325, |hash, row| (hash ^ u64::from(*row)).wrapping_mul(0x0100_0000_01B3));
        }
        bands
    }

    /// Whether the two texts share more than half of their pieces, as far as sketches can say.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.hashes.iter().zip(&other.hashes).filter(|(mine, theirs)| mine == theirs).count() * 2 >= HASHES
    }
}

/// Letters in lower case, one blank between words; numbers and what is addressed to one reader are all the same.
fn plain(text: &str) -> Vec<char> {
    let mut letters = Vec::new();
    for word in text.split_whitespace() {
        if letters.len() > MOST {
            break;
        }
        if word.contains('@') {
            letters.push('@');
        } else if word.contains("://") {
            // The site, not what follows it.
            let site = word.split("://").nth(1).unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
            letters.extend(site.chars().take(80).flat_map(char::to_lowercase));
        } else {
            let mut digits = false;
            for letter in word.chars().take(200) {
                let is_digit = letter.is_numeric();
                if !(is_digit && digits) {
                    letters.extend(if is_digit { '0' } else { letter }.to_lowercase());
                }
                digits = is_digit;
            }
        }
        letters.push(' ');
    }
    letters
}
