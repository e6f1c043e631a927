//! Messages of an mbox file, one at a time, however long the file. A message begins at a line `From somebody date` behind an
//! empty line (or at the head of the file) with a field of a header behind it, so that a "From " in a letter parts nothing.

use std::io::{self, BufRead, Read as _};

/// A line may be so long before it is taken in pieces.
const LONGEST: u64 = 1 << 20;

/// The messages of an mbox.
pub struct Mbox<R> {
    reader: R,
    line: Vec<u8>,
    /// A line `From …` that was read and may begin the next message.
    held: Option<Vec<u8>>,
    is_over: bool,
}

/// One message of it.
pub struct One {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is longer than what is kept.
    pub is_cut: bool,
}

impl<R: BufRead> Mbox<R> {
    /// Over what `reader` reads.
    pub fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), held: None, is_over: false }
    }

    /// The next message, of which at most `most` bytes are kept.
    pub fn next(&mut self, most: usize) -> io::Result<Option<One>> {
        if self.is_over {
            return Ok(None);
        }
        let mut one = One { bytes: self.held.take().unwrap_or_default(), is_cut: false };
        let mut after_empty = false;
        let mut is_whole_line = true;
        loop {
            self.line.clear();
            let read = self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut self.line)?;
            if read == 0 {
                self.is_over = true;
                break;
            }
            if is_whole_line && after_empty && begins(&self.line) {
                let from = std::mem::take(&mut self.line);
                self.reader.by_ref().take(LONGEST).read_until(b'\n', &mut self.line)?;
                if is_field(&self.line) {
                    let mut held = from;
                    held.extend_from_slice(&self.line);
                    self.held = Some(held);
                    return Ok(Some(one));
                }
                one.take(&from, most);
            }
            after_empty = is_whole_line && matches!(self.line.as_slice(), b"\n" | b"\r\n");
            is_whole_line = self.line.last() == Some(&b'\n');
            one.take(&self.line, most);
        }
        Ok((!one.bytes.iter().all(u8::is_ascii_whitespace)).then_some(one))
    }
}

impl One {
    fn take(&mut self, line: &[u8], most: usize) {
        let room = most.saturating_sub(self.bytes.len());
        self.is_cut |= line.len() > room;
        // What mbox writers put before a "From " of a letter is left: nothing depends on it.
        self.bytes.extend_from_slice(line.get(..room.min(line.len())).unwrap_or_default());
    }
}

/// Whether a line begins a message: `From`, somebody, and a time of day.
pub(super) fn begins(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && line.len() < 400
        && line.windows(3).any(|three| matches!(three, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit()))
}

/// Whether a line is a field of a header, or another `From ` that some programs leave (`>From `).
pub(super) fn is_field(line: &[u8]) -> bool {
    if line.starts_with(b">From ") {
        return true;
    }
    let Some(colon) = memchr::memchr(b':', line.get(..line.len().min(80)).unwrap_or_default()) else { return false };
    colon > 0 && line.iter().take(colon).all(u8::is_ascii_graphic)
}
