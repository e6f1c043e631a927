//! Bytes of a file, read in large pieces where it is gone through from front to back, and in small ones where it is looked
//! at here and there. Files are not mapped into memory: one that is cut while it is read would end the process.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// A piece of the file that moves along with whoever goes through it.
#[derive(Debug)]
pub(super) struct Window {
    start: u64,
    bytes: Vec<u8>,
    filled: usize,
    size: usize,
    /// As much before what is asked for is read along.
    before: u64,
}

impl Window {
    pub(super) fn new(size: usize, before: u64) -> Self {
        Self { start: 0, bytes: Vec::new(), filled: 0, size, before }
    }

    /// `length` bytes from `offset` on; fewer where the file ends.
    pub(super) fn get(&mut self, file: &File, offset: u64, length: usize) -> io::Result<&[u8]> {
        if self.peek(offset, length).is_none() {
            let start = offset.saturating_sub(self.before);
            let before = usize::try_from(offset - start).unwrap_or_default();
            let length = at_most(file, offset, length)?;
            self.bytes.resize(self.size.max(before.saturating_add(length)), 0);
            self.filled = 0;
            self.start = start;
            self.filled = fill(file, start, &mut self.bytes)?;
            // What was made larger for one thing need not stay so.
            if self.bytes.len() > 2 * self.size && self.filled < self.size {
                self.bytes.truncate(self.size);
            }
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let rest = self.bytes.get(..self.filled).and_then(|bytes| bytes.get(from..)).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest))
    }

    /// The same where all of it is there already.
    pub(super) fn peek(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(..self.filled)?.get(from..)?.get(..length)
    }

    /// Where what has been read ends.
    pub(super) fn end(&self) -> u64 {
        self.start + self.filled as u64
    }
}

/// Small pieces that were looked at lately.
#[derive(Debug)]
pub(super) struct Pages {
    pages: Vec<Page>,
    /// What does not lie in one page.
    across: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Page {
    number: u64,
    bytes: Vec<u8>,
}

const PAGE: usize = 4096;

impl Pages {
    /// Keeps `count` pages, a power of two.
    pub(super) fn new(count: usize) -> Self {
        Self { pages: vec![Page::default(); count.next_power_of_two()], across: Vec::new() }
    }

    /// `length` bytes from `offset` on; fewer where the file ends.
    pub(super) fn get(&mut self, file: &File, offset: u64, length: usize) -> io::Result<&[u8]> {
        let number = offset / PAGE as u64;
        let from = usize::try_from(offset % PAGE as u64).unwrap_or_default();
        if from.saturating_add(length) > PAGE {
            self.across.resize(at_most(file, offset, length)?, 0);
            self.across.shrink_to(ORDINARY);
            let filled = fill(file, offset, &mut self.across)?;
            return Ok(self.across.get(..filled).unwrap_or_default());
        }
        let index = usize::try_from(number).unwrap_or_default() & (self.pages.len() - 1);
        let Some(page) = self.pages.get_mut(index) else { return Ok(&[]) };
        if page.number != number || page.bytes.len() < from + length {
            page.bytes.resize(PAGE, 0);
            page.number = number;
            let filled = fill(file, number * PAGE as u64, &mut page.bytes).inspect_err(|_| page.bytes.clear())?;
            page.bytes.truncate(filled);
        }
        let rest = page.bytes.get(from..).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest))
    }
}

const FARTHEST: u64 = 1 << 62;
/// What is longer may be a lie.
const ORDINARY: usize = 64 << 10;

/// A length that is no longer than the rest of the file, where that makes a difference.
fn at_most(file: &File, offset: u64, length: usize) -> io::Result<usize> {
    if length <= ORDINARY {
        return Ok(length);
    }
    let rest = file.metadata()?.len().saturating_sub(offset);
    Ok(length.min(usize::try_from(rest).unwrap_or(usize::MAX)))
}

/// Reads until there is no room or no file left; how much that was.
fn fill(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        // Behind that, no file can have anything, and the system says so with an error.
        let Some(from) = offset.checked_add(filled as u64).filter(|from| *from < FARTHEST) else { break };
        match file.read_at(rest, from) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What lies before a broken place is good.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn numbers(count: u16) -> (File, Vec<u8>) {
        let bytes: Vec<u8> = (0..count).flat_map(u16::to_le_bytes).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn wherever_one_looks_the_bytes_are_the_files() {
        let (file, bytes) = numbers(20_000);
        let (mut window, mut pages) = (Window::new(1000, 64), Pages::new(4));
        for offset in (0..41_000).step_by(37).chain((0..41_000).step_by(4099)) {
            for length in [0, 1, 8, 500, 5000] {
                let wanted = bytes.get(offset..).unwrap_or_default();
                let wanted = &wanted[..length.min(wanted.len())];
                assert_eq!(window.get(&file, offset as u64, length).unwrap(), wanted);
                assert_eq!(pages.get(&file, offset as u64, length).unwrap(), wanted);
            }
        }
        for offset in [u64::MAX - 3, 1 << 63, 1 << 62, 50_000] {
            assert_eq!(window.get(&file, offset, 8).unwrap(), [0; 0]);
            assert_eq!(pages.get(&file, offset, 8).unwrap(), [0; 0]);
        }
    }

    #[test]
    fn what_was_written_after_the_end_was_seen_is_found() {
        let (mut file, _) = numbers(10);
        let mut pages = Pages::new(4);
        assert_eq!(pages.get(&file, 16, 8).unwrap(), [8, 0, 9, 0]);
        file.write_all(&[1, 2, 3, 4]).unwrap();
        assert_eq!(pages.get(&file, 16, 8).unwrap(), [8, 0, 9, 0, 1, 2, 3, 4]);
    }
}
