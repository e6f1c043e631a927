//! Files with holes: the stored segments laid out in a file of zeros.

use std::io;

use crate::content::Content;

/// A sparse file over the segments that are stored.
pub(super) struct Sparse<'a> {
    stored: &'a dyn Content,
    /// Where the stored bytes begin (format 1.0 has its map before them).
    begin: u64,
    /// Place in the file, length, place among the stored bytes; in order.
    segments: Vec<(u64, u64, u64)>,
    size: u64,
}

impl<'a> Sparse<'a> {
    /// None where the segments overlap, run backwards, or hold more than is stored.
    pub(super) fn new(stored: &'a dyn Content, begin: u64, map: &[(u64, u64)], size: u64) -> Option<Self> {
        let (mut segments, mut end, mut used) = (Vec::with_capacity(map.len()), 0_u64, 0_u64);
        for (offset, length) in map {
            let after = offset.checked_add(*length)?;
            if *offset < end || after > size {
                return None;
            }
            segments.push((*offset, *length, used));
            end = after;
            used = used.checked_add(*length)?;
        }
        (begin.checked_add(used)? <= stored.size()).then_some(Self { stored, begin, segments, size })
    }
}

impl Content for Sparse<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read_piece(offset.saturating_add(filled as u64), rest)? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }
}

impl Sparse<'_> {
    /// Reads up to where the next segment or hole begins.
    fn read_piece(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.size.checked_sub(offset).filter(|left| *left > 0) else { return Ok(0) };
        let next = self.segments.partition_point(|(start, length, _)| start + length <= offset);
        let (count, from) = match self.segments.get(next) {
            Some((start, length, stored)) if *start <= offset => {
                let inside = offset - start;
                (length - inside, Some(self.begin + stored + inside))
            }
            Some((start, ..)) => (start - offset, None),
            None => (left, None),
        };
        let count = usize::try_from(count.min(left)).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..count) else { return Ok(0) };
        if let Some(place) = from {
            return self.stored.read_at(place, buffer);
        }
        buffer.fill(0);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_read_goes_across_segments_and_holes() {
        let stored = b"--abcd".to_vec();
        let file = Sparse::new(&stored, 2, &[(1, 2), (3, 0), (5, 2), (9, 0)], 9).unwrap();
        let mut buffer = [7; 12];
        assert_eq!(file.read_at(0, &mut buffer).unwrap(), 9);
        assert_eq!(buffer[..9], *b"\0ab\0\0cd\0\0");
        assert_eq!(file.read_at(9, &mut buffer).unwrap(), 0);
        assert_eq!(file.read_at(u64::MAX, &mut buffer).unwrap(), 0);
    }

    #[test]
    fn segments_that_overlap_or_are_not_stored_make_no_file() {
        let stored = b"abcd".to_vec();
        for map in [&[(0, 2), (1, 2)][..], &[(4, 2), (0, 2)], &[(0, 5)], &[(8, 2)], &[(u64::MAX, 1)], &[(0, u64::MAX)]]
        {
            assert!(Sparse::new(&stored, 0, map, 9).is_none(), "{map:?}");
        }
        assert!(Sparse::new(&stored, u64::MAX, &[(0, 1)], 9).is_none());
    }
}
