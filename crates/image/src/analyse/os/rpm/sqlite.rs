//! The form of Fedora, Red Hat from version 9 and their children: SQLite. Only what is needed to walk one table:
//! pages, b-trees of tables, overflow pages, records (<https://www.sqlite.org/fileformat2.html>). All numbers have the
//! highest byte first.

use super::bytes::{be16, be32};
use super::{Broken, Flow, Headers, MAX_HEADER, read_exact};
use crate::content::Content;

/// How the file begins.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of the database's header, which the first page begins with.
const DATABASE_HEADER: usize = 100;

/// Types of pages of a table's b-tree.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Longest record of the schema that is read, bytes.
const MAX_SCHEMA: usize = 1 << 20;

/// Hands over every header.
pub(super) fn headers(content: &dyn Content, headers: &mut Headers) -> Result<(), Broken> {
    let pager = Pager::open(content)?;
    let mut root = None;
    let mut record = Vec::new();
    pager.walk(1, &mut |cell| {
        if cell.size <= MAX_SCHEMA && pager.read(cell, &mut record).is_ok() {
            root = root.or(packages_root(&record));
        }
        if root.is_some() { Flow::Stop } else { Flow::On }
    })?;
    let root = root.ok_or("it has no table Packages")?;
    pager.walk(root, &mut |cell| {
        let read = headers.admit(cell.size as u64).and_then(|_| pager.read(cell, &mut record));
        match read.and_then(|()| column(&record, 1).ok_or_else(|| "a row has no header".to_owned())) {
            Ok(blob) => headers.header(blob),
            Err(why) => {
                headers.broken(why);
                Flow::On
            }
        }
    })
}

/// The first page of the table Packages, where this row of the schema is about it: type, name, table, page, statement.
fn packages_root(record: &[u8]) -> Option<u32> {
    if column(record, 0)? != b"table" || column(record, 1)? != b"Packages" {
        return None;
    }
    // As many bytes as it needs, one to four.
    let root = column(record, 3).filter(|bytes| (1..=4).contains(&bytes.len()))?;
    Some(root.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// A number of one to nine bytes, seven bits each; and how many bytes it took.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((number << 8 | u64::from(*byte), 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, index + 1));
        }
    }
    None
}

/// The bytes of one column of a record: a header of types, then the values.
fn column(record: &[u8], wanted: usize) -> Option<&[u8]> {
    let (header, mut at) = varint(record)?;
    let header = record.get(..usize::try_from(header).ok()?)?;
    let mut value = header.len();
    for index in 0.. {
        let (kind, size) = varint(header.get(at..)?)?;
        at += size;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            long => (long - 12) / 2,
        };
        let end = value.checked_add(usize::try_from(size).ok()?)?;
        if index == wanted {
            return record.get(value..end);
        }
        value = end;
    }
    None
}

/// A row as its leaf has it.
struct Cell<'a> {
    /// Bytes of the whole record.
    size: usize,
    /// What stands on the leaf itself.
    local: &'a [u8],
    /// Where the rest begins; 0 where there is none.
    overflow: u32,
}

/// The pages.
struct Pager<'a> {
    content: &'a dyn Content,
    page_size: usize,
    /// Bytes of a page less those reserved for extensions.
    usable: usize,
    pages: u32,
}

impl<'a> Pager<'a> {
    fn open(content: &'a dyn Content) -> Result<Self, Broken> {
        let mut header = [0; DATABASE_HEADER];
        read_exact(content, 0, &mut header)?;
        let page_size = match be16(&header, 16) {
            Some(1) => 65536,
            Some(size) if size.is_power_of_two() && size >= 512 => usize::from(size),
            size => return Err(format!("pages of {} bytes do not exist", size.unwrap_or_default())),
        };
        let reserved = header.get(20).copied().unwrap_or_default();
        let usable = page_size - usize::from(reserved);
        if usable < 480 {
            return Err(format!("{reserved} bytes of each page are reserved, which is too many"));
        }
        let pages = u32::try_from(content.size() / page_size as u64).unwrap_or(u32::MAX);
        Ok(Self { content, page_size, usable, pages })
    }

    fn page(&self, number: u32, page: &mut Vec<u8>) -> Result<(), Broken> {
        if number == 0 || number > self.pages {
            return Err(format!("page {number} does not exist"));
        }
        page.resize(self.page_size, 0);
        read_exact(self.content, u64::from(number - 1) * self.page_size as u64, page)
    }

    /// Shows every row of the table whose b-tree begins at page `root`.
    fn walk(&self, root: u32, show: &mut dyn FnMut(&Cell<'_>) -> Flow) -> Result<(), Broken> {
        let mut seen = vec![false; (self.pages as usize).saturating_add(1)];
        let mut waiting = vec![root];
        let mut page = Vec::new();
        // An attacker's tree may lead round in circles; a sound one has one way to each page.
        let mut enter = |number: u32| {
            let seen = seen.get_mut(number as usize).ok_or_else(|| format!("page {number} does not exist"))?;
            if std::mem::replace(seen, true) { Err(format!("two ways lead to page {number}")) } else { Ok(()) }
        };
        enter(root)?;
        while let Some(number) = waiting.pop() {
            self.page(number, &mut page)?;
            let start = if number == 1 { DATABASE_HEADER } else { 0 };
            let count = usize::from(be16(&page, start + 3).unwrap_or_default());
            match page.get(start) {
                Some(&INTERIOR) => {
                    let first = waiting.len();
                    for index in 0..count {
                        let child = be16(&page, start + 12 + 2 * index).and_then(|cell| be32(&page, cell.into()));
                        waiting.push(child.ok_or_else(|| format!("page {number} is cut off"))?);
                    }
                    waiting.extend(be32(&page, start + 8));
                    for child in waiting.get(first..).unwrap_or_default() {
                        enter(*child)?;
                    }
                    // The leftmost is the next one to be taken off the end.
                    waiting.get_mut(first..).unwrap_or_default().reverse();
                }
                Some(&LEAF) => {
                    for index in 0..count {
                        let cell = be16(&page, start + 8 + 2 * index).and_then(|cell| self.cell(&page, cell.into()));
                        let cell = cell.ok_or_else(|| format!("a row of page {number} is cut off"))?;
                        if show(&cell) == Flow::Stop {
                            return Ok(());
                        }
                    }
                }
                _ => return Err(format!("page {number} is no page of a table")),
            }
        }
        Ok(())
    }

    /// The row at `at`: size of the record, number of the row, the record or its beginning.
    fn cell<'p>(&self, page: &'p [u8], at: usize) -> Option<Cell<'p>> {
        let rest = page.get(at..self.usable)?;
        let (size, first) = varint(rest)?;
        let (_, second) = varint(rest.get(first..)?)?;
        let rest = rest.get(first + second..)?;
        // The figures of section 1.6, "B-tree Pages".
        let size = usize::try_from(size).ok()?;
        let most = self.usable - 35;
        if size <= most {
            return Some(Cell { size, local: rest.get(..size)?, overflow: 0 });
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (size - least) % (self.usable - 4);
        let local = if fitting <= most { fitting } else { least };
        Some(Cell { size, local: rest.get(..local)?, overflow: be32(rest, local)? })
    }

    /// The whole record of a row, into `record`.
    fn read(&self, cell: &Cell<'_>, record: &mut Vec<u8>) -> Result<(), Broken> {
        if cell.size > MAX_HEADER {
            return Err(format!("a row has {} bytes, and at most {MAX_HEADER} are read", cell.size));
        }
        record.clear();
        record.extend_from_slice(cell.local);
        let mut next = cell.overflow;
        let mut page = Vec::new();
        while record.len() < cell.size {
            self.page(next, &mut page)?;
            let part = page.get(4..self.usable).unwrap_or_default();
            record.extend_from_slice(part.get(..cell.size - record.len()).unwrap_or(part));
            next = be32(&page, 0).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_to_nine_bytes() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00, 0xff]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn columns_are_found_behind_their_types() {
        // NULL, a blob of two bytes, a number of one byte.
        let record = [4, 0, 16, 1, 7, 8, 9];
        assert_eq!(column(&record, 0), Some([].as_slice()));
        assert_eq!(column(&record, 1), Some([7, 8].as_slice()));
        assert_eq!(column(&record, 2), Some([9].as_slice()));
        assert_eq!(column(&record, 3), None);
    }
}
