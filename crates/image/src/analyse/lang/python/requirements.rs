//! `requirements.txt` and its like: what is pinned to one version (`==`). Ranges say nothing about what will be installed.
//! Each file is read for itself: what it names with `-r` or `-c` is found by its own name.

use super::super::Listing;
use super::distribution;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// The requirements that are pinned.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = decoded(&file.bytes(limits)?);
    let mut listing = Listing::new(limits);
    // A backslash at the end of a line joins it with the next; the name and its pin stand on the first.
    let mut continued = false;
    for line in text.lines() {
        let goes_on = line.ends_with('\\');
        if !continued && let Some(package) = pinned(line.trim_end_matches('\\')) {
            listing.add(package);
        }
        continued = goes_on;
    }
    Ok(listing.done())
}

/// PowerShell's `pip freeze > requirements.txt` writes UTF-16 with a byte order mark.
fn decoded(bytes: &[u8]) -> String {
    let pair: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => {
            let text = String::from_utf8_lossy(bytes);
            return text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        }
    };
    let (pairs, _) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|two| pair(*two))).map(|letter| letter.unwrap_or('\u{fffd}')).collect()
}

/// A requirement in the words of PEP 508 that allows one version only: `name[extra] == 1.0 ; marker`.
pub(super) fn pinned(line: &str) -> Option<FoundPackage> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let line = line.split(" --").next().unwrap_or_default();
    let line = line.split(';').next().unwrap_or_default();
    if line.starts_with(['#', '-']) || line.contains('@') {
        return None;
    }
    let (name, version) = line.split_once("==")?;
    let version = version.trim_start_matches('=').split(',').next().unwrap_or_default();
    let version = version.trim().trim_end_matches(')').trim();
    let name = name.split(['[', '(', '<', '>', '!', '~', ',']).next().unwrap_or_default().trim();
    let valid = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (!version.contains('*') && !name.is_empty() && name.chars().all(valid)).then(|| distribution(name, version))
}
