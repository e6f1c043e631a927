//! The search for text in a program: where constants lie, window by window, so that memory does not grow with the file.

use std::io;

use regex::bytes::{Regex, RegexBuilder};

use super::elf::{Elf, Section, read};

/// Bytes that are searched at a time.
const WINDOW: u64 = 256 << 10;
/// How far two windows overlap: the longest text that is ever looked for is shorter.
const OVERLAP: u64 = 512;

/// A description of text in bytes that are not UTF-8.
pub(super) fn text(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// Hands each window of the places where constants lie to `look`, until it wants no more.
pub(super) fn windows(elf: &Elf<'_>, mut look: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    for (start, end) in places(elf) {
        let mut at = start;
        while at < end {
            if !look(&read(elf.content, at, WINDOW.min(end - at))?) {
                return Ok(());
            }
            at += WINDOW - OVERLAP;
        }
    }
    Ok(())
}

/// Where constants lie: `.rodata` first, then other data; the whole file where there are no section headers.
fn places(elf: &Elf<'_>) -> Vec<(u64, u64)> {
    let size = elf.content.size();
    let place = |section: &Section| (section.offset.min(size), section.offset.saturating_add(section.size).min(size));
    let is_rodata = |section: &Section| section.name.starts_with(".rodata");
    let unwind = |section: &Section| section.name.starts_with(".eh_frame") || section.name == ".gcc_except_table";
    let data = || elf.sections.iter().filter(|section| section.is_data && !unwind(section));
    let mut places: Vec<_> = data().filter(|section| is_rodata(section)).map(place).collect();
    places.extend(data().filter(|section| !is_rodata(section)).map(place));
    if places.is_empty() {
        places.push((0, size));
    }
    // Headers that name the same bytes ten thousand times do not make them more.
    let mut left = size;
    places.retain(|(start, end)| {
        let length = end.saturating_sub(*start);
        let fits = length <= left;
        left -= if fits { length } else { 0 };
        fits
    });
    places
}
