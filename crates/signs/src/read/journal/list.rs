//! The list of a file's entries: a chain of arrays, each about twice as large as the one before it, of offsets that grow.

use std::fs::File;

use super::bytes::{u32_at, u64_at};
use super::head::Head;
use super::pages::{Pages, Window};

/// See the module.
#[derive(Debug)]
pub(super) struct List {
    arrays: Vec<Array>,
    /// Bytes of an offset.
    step: u64,
    /// How many offsets there is room for.
    pub(super) room: u64,
    /// The chain leads nowhere after what is known of it.
    pub(super) broken: bool,
}

#[derive(Clone, Copy, Debug)]
struct Array {
    /// Where the offsets begin.
    items: u64,
    /// The number of the first in the list.
    first: u64,
    count: u64,
}

const ENTRY_ARRAY: u8 = 6;
const HEAD: usize = 24;
/// Since they double, a few dozen hold whatever fits on a disk.
const MOST: usize = 10_000;

impl List {
    /// Walks the chain. It leads to the end of the file, so that no circle is possible.
    pub(super) fn read(file: &File, head: &Head, pages: &mut Pages) -> std::io::Result<Self> {
        let step = if head.is_compact() { 4 } else { 8 };
        let mut list = Self { arrays: Vec::new(), step, room: 0, broken: false };
        let (mut next, mut behind) = (head.entry_array, head.header_size);
        while next != 0 {
            let bytes = if next < behind || !next.is_multiple_of(8) { &[] } else { pages.get(file, next, HEAD)? };
            let size = u64_at(bytes, 8).filter(|size| bytes.first() == Some(&ENTRY_ARRAY) && *size >= HEAD as u64);
            let (Some(size), Some(after)) = (size, u64_at(bytes, 16)) else {
                list.broken = true;
                break;
            };
            // What is cut off at the end is missed when it is asked for.
            let there = size.min(head.length.saturating_sub(next));
            let count = there.saturating_sub(HEAD as u64) / step;
            list.arrays.push(Array { items: next + HEAD as u64, first: list.room, count });
            list.room += count;
            list.broken = there < size || list.arrays.len() >= MOST;
            if list.broken {
                break;
            }
            behind = next.saturating_add(size);
            next = after;
        }
        Ok(list)
    }

    /// Where an entry lies; 0 behind the last.
    pub(super) fn get(&self, file: &File, window: &mut Window, index: u64) -> std::io::Result<u64> {
        let Some(place) = self.place(index) else { return Ok(0) };
        let bytes = window.get(file, place, usize::try_from(self.step).unwrap_or(8))?;
        Ok(self.number(bytes))
    }

    /// The same for whoever looks at one here and one there.
    pub(super) fn look(&self, file: &File, pages: &mut Pages, index: u64) -> std::io::Result<u64> {
        let Some(place) = self.place(index) else { return Ok(0) };
        let bytes = pages.get(file, place, usize::try_from(self.step).unwrap_or(8))?;
        Ok(self.number(bytes))
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        if self.step == 4 { u32_at(bytes, 0).map(u64::from) } else { u64_at(bytes, 0) }.unwrap_or_default()
    }

    fn place(&self, index: u64) -> Option<u64> {
        let after = self.arrays.partition_point(|array| array.first <= index);
        let array = self.arrays.get(after.checked_sub(1)?)?;
        let within = index - array.first;
        (within < array.count).then(|| array.items + within * self.step)
    }

    /// The first number below `end` for which `is_before` does not hold; it holds for none that comes after one for which it does not.
    pub(super) fn first_not(&self, end: u64, mut is_before: impl FnMut(u64) -> bool) -> u64 {
        let (mut low, mut high) = (0, end.min(self.room));
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
