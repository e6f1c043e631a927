//! Fields of a header, tolerant of whatever a header should not be: no colon, no end, NULs, lines without number or measure.

use memchr::memchr;

/// A header is looked at so far.
pub const MOST_HEADER: usize = 256 << 10;
/// And so many of its fields.
pub const MOST_FIELDS: usize = 2_000;

/// One field as it stands: name, and value with its folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, without its colon.
    pub name: &'a [u8],
    /// The value, folds and all, without the last line's end.
    pub value: &'a [u8],
    /// Where the value begins in what was scanned.
    pub at: usize,
}

impl Field<'_> {
    /// Whether it is the field of this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields at the head of `bytes`, and where what follows them begins.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    count: usize,
    is_over: bool,
}

impl<'a> Fields<'a> {
    /// The fields at the head of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, count: 0, is_over: false }
    }

    /// Where the body begins; to be asked when all fields were taken.
    pub fn body(&self) -> usize {
        self.at.min(self.bytes.len())
    }

    /// Whether the header was longer than is looked at.
    pub fn is_cut(&self) -> bool {
        self.count >= MOST_FIELDS || self.at >= MOST_HEADER
    }

    /// The line at `at`, and where the next begins.
    fn line(&self, at: usize) -> (&'a [u8], usize) {
        let rest = self.bytes.get(at..).unwrap_or_default();
        match memchr(b'\n', rest) {
            Some(end) => (rest.get(..end).unwrap_or_default(), at + end + 1),
            None => (rest, self.bytes.len()),
        }
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        while !self.is_over {
            if self.at >= self.bytes.len() || self.is_cut() {
                self.is_over = true;
                break;
            }
            let (line, mut next) = self.line(self.at);
            let start = self.at;
            if trimmed(line).is_empty() {
                self.at = next;
                self.is_over = true;
                break;
            }
            let mut end = start + line.len();
            while let Some(b' ' | b'\t') = self.bytes.get(next) {
                let (more, after) = self.line(next);
                if trimmed(more).iter().all(u8::is_ascii_whitespace) {
                    break;
                }
                end = next + more.len();
                next = after;
                if next >= MOST_HEADER {
                    break;
                }
            }
            self.at = next;
            self.count += 1;
            let whole = self.bytes.get(start..end).unwrap_or_default();
            // A line without a colon is no field; "From " of an mbox and its like are passed over.
            let Some(colon) = memchr(b':', line) else { continue };
            let (name, value) = whole.split_at_checked(colon)?;
            if name.is_empty() || name.len() > 80 || name.contains(&b' ') {
                continue;
            }
            let value = trimmed(value.get(1..).unwrap_or_default());
            return Some(Field { name, value, at: start + colon + 1 });
        }
        None
    }
}
