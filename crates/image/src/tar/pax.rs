//! PAX extended headers: records `LENGTH KEY=VALUE\n` before the entry they are about.

/// What the records before an entry say of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pax {
    path: Option<Vec<u8>>,
    sparse_name: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// GNU sparse formats 0.0 and 0.1: the segments.
    pub(super) sparse: Vec<(u64, u64)>,
    /// GNU sparse format 1.0: the segments stand at the beginning of the content.
    pub(super) sparse_in_content: bool,
    /// The size of a sparse file with its holes.
    pub(super) real_size: Option<u64>,
    offset: Option<u64>,
}

/// More segments than any honest file has.
const MAX_SEGMENTS: usize = 100_000;

impl Pax {
    /// Adds the records in `text`; false where they are malformed.
    pub(super) fn read(&mut self, mut text: &[u8]) -> bool {
        while !text.is_empty() {
            let Some((record, rest)) = record(text) else {
                // Some writers pad with NULs.
                return text.iter().all(|byte| *byte == 0);
            };
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else { return false };
            let (key, value) = record.split_at(equals);
            if !self.set(key, value.get(1..).unwrap_or_default()) {
                return false;
            }
            text = rest;
        }
        true
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> bool {
        let number = || decimal(value);
        match key {
            // An empty value takes a record back: what the header says stands.
            b"path" => self.path = Some(value.to_vec()).filter(|path| !path.is_empty()),
            b"GNU.sparse.name" => self.sparse_name = Some(value.to_vec()).filter(|path| !path.is_empty()),
            b"linkpath" => self.link = Some(value.to_vec()).filter(|path| !path.is_empty()),
            b"size" if value.is_empty() => self.size = None,
            b"size" => match number() {
                Some(size) => self.size = Some(size),
                None => return false,
            },
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => self.real_size = number(),
            b"GNU.sparse.major" => self.sparse_in_content = value == b"1",
            b"GNU.sparse.offset" => self.offset = number(),
            b"GNU.sparse.numbytes" => {
                let (Some(offset), Some(length)) = (self.offset.take(), number()) else { return false };
                self.sparse.push((offset, length));
            }
            b"GNU.sparse.map" => {
                let numbers: Option<Vec<u64>> = value.split(|byte| *byte == b',').map(decimal).collect();
                let Some(numbers) = numbers else { return false };
                self.sparse =
                    numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
            }
            _ => {}
        }
        self.sparse.len() <= MAX_SEGMENTS
    }

    /// Whether the entry is a sparse file. A size with holes but without a map says nothing.
    pub(super) fn is_sparse(&self) -> bool {
        self.sparse_in_content || !self.sparse.is_empty()
    }

    /// The path. What GNU tar puts into `path` of a sparse file is a made-up name.
    pub(super) fn path(&self) -> Option<&[u8]> {
        let sparse = self.sparse_name.as_deref().filter(|_| self.is_sparse());
        sparse.or(self.path.as_deref())
    }
}

/// The first record without its length and line feed, and what follows it.
fn record(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = text.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(text.get(..space)?)?).ok()?;
    let record = text.get(space + 1..length)?;
    let rest = text.get(length..)?;
    Some((record.strip_suffix(b"\n")?, rest))
}

/// A decimal number, nothing else.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    let digits = digits.trim_ascii();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
