//! Lines of bounded length out of whatever is read: the end of a line that is longer is passed over and counted.

use std::io::{self, BufRead};

/// See the module.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    longest: usize,
    line: Vec<u8>,
    /// Lines so far.
    pub(crate) count: u64,
    /// Those that were cut.
    pub(crate) cut: u64,
}

impl Lines {
    pub(crate) fn new(reader: Box<dyn BufRead>, longest: usize) -> Self {
        Self { reader, longest: longest.max(256), line: Vec::new(), count: 0, cut: 0 }
    }

    /// The next line, without its end; none at the end of the file.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let mut was_cut = false;
        let mut any = false;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = self.longest.saturating_sub(self.line.len());
            was_cut |= part.len() > room;
            self.line.extend_from_slice(part.get(..room).unwrap_or(part));
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.count += 1;
        self.cut += u64::from(was_cut);
        Ok(Some(&self.line))
    }

    /// The line that `next` gave last.
    pub(crate) fn current(&self) -> &[u8] {
        &self.line
    }

    /// Exactly `count` bytes, of which at most `keep` are kept: a field that a journal's export gives by its length.
    pub(crate) fn take(&mut self, count: u64, keep: usize) -> io::Result<Vec<u8>> {
        let mut left = count;
        let mut kept = Vec::new();
        while left > 0 {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let used = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let room = keep.saturating_sub(kept.len()).min(used);
            kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
            self.reader.consume(used);
            left -= used as u64;
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, Read as _};

    use super::*;

    #[test]
    fn a_line_of_a_hundred_megabytes_is_cut_counted_and_the_next_one_is_whole() {
        let long = io::repeat(b'x').take(100 << 20);
        let reader = BufReader::new(long.chain(Cursor::new(b"\nshort\nlast".to_vec())));
        let mut lines = Lines::new(Box::new(reader), 1000);
        assert_eq!(lines.next().unwrap().map(<[u8]>::len), Some(1000));
        assert_eq!(lines.next().unwrap(), Some(&b"short"[..]));
        assert_eq!(lines.next().unwrap(), Some(&b"last"[..]));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!((lines.count, lines.cut), (3, 1));
    }
}
