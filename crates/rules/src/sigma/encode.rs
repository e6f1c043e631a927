//! Values as they look when they are encoded: UTF-16, Base64 at three offsets, and the dashes of command lines.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::pattern::{Pattern, Piece};

/// Spellings that one value may have for its dashes: five to the power of four.
const MAX_SPELLINGS: usize = 625;

/// UTF-16 in the order of bytes given.
pub(crate) fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// The whole value in Base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What of a value's Base64 is the same whatever stands around it, for each of the three places in a group of three
/// bytes where it may begin.
pub(crate) fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for (shift, start) in [(0, 0), (1, 2), (2, 3)] {
        let mut shifted = vec![b' '; shift];
        shifted.extend_from_slice(bytes);
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        // The last letter holds bits of what follows, unless the bytes end with a group.
        let end = encoded.len() - usize::from(shifted.len() % 3 != 0);
        if let Some(part) = encoded.get(start..end)
            && !part.is_empty()
        {
            found.push(part.to_owned());
        }
    }
    found
}

/// Every spelling of the dashes that begin options: `-`, `/`, `–`, `—`, `―`. None where there would be too many.
pub(crate) fn dashes(pattern: &Pattern) -> Option<Vec<Pattern>> {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let mut all = vec![Vec::new()];
    for piece in &pattern.0 {
        let Piece::Text(text) = piece else {
            for pieces in &mut all {
                pieces.push(piece.clone());
            }
            continue;
        };
        let mut texts = vec![String::new()];
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let begins = matches!(char, '-' | '/' | '–' | '—' | '―')
                && !before.is_some_and(is_word)
                && chars.peek().is_some_and(|next| is_word(*next));
            if begins {
                texts = texts
                    .iter()
                    .flat_map(|text| ['-', '/', '–', '—', '―'].map(|dash| format!("{text}{dash}")))
                    .collect();
            } else {
                for text in &mut texts {
                    text.push(char);
                }
            }
            if texts.len() * all.len() > MAX_SPELLINGS {
                return None;
            }
            before = Some(char);
        }
        all = all
            .iter()
            .flat_map(|pieces| {
                texts.iter().map(|text| {
                    let mut pieces = pieces.clone();
                    pieces.push(Piece::Text(text.clone()));
                    pieces
                })
            })
            .collect();
    }
    Some(all.into_iter().map(Pattern).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_that_of_the_specification() {
        assert_eq!(utf16("cmd", false, false), b"c\0m\0d\0");
        assert_eq!(utf16("cmd", true, false), b"\0c\0m\0d");
        assert_eq!(utf16("cmd", false, true), b"\xff\xfec\0m\0d\0");
    }

    #[test]
    fn one_of_the_three_offsets_is_found_wherever_the_value_stands() {
        for value in ["foo bar", "/bin/sh", "ab", "https://"] {
            let parts = base64_offsets(value.as_bytes());
            for before in ["", "x", "xy", "xyz", "wxyz"] {
                for after in ["", "1", "12", "123"] {
                    let whole = base64(format!("{before}{value}{after}").as_bytes());
                    assert!(parts.iter().any(|part| whole.contains(part)), "{before}{value}{after} {whole} {parts:?}");
                }
            }
        }
    }

    #[test]
    fn only_dashes_that_begin_an_option_are_spelt_otherwise() {
        let spelt = |text: &str| dashes(&Pattern::parse(text)).map(|all| all.len());
        assert_eq!(spelt("-s"), Some(5));
        assert_eq!(spelt("a-b"), Some(1));
        assert_eq!(spelt("cmd /c -x"), Some(25));
        assert_eq!(spelt("-a -b -c -d -e"), None);
    }
}
