//! The form of Red Hat up to version 8 and its children: a hash of Berkeley DB. Buckets are chains of pages; a page holds
//! pairs of key and value, or says where a long value goes on (`lib/backend/bdb_ro.c` of rpm, `db_page.h` of Berkeley DB).
//! Numbers are in the order of the machine that wrote it.

use super::bytes::{be16, be32, le16, le32};
use super::{Broken, Flow, Headers, read_exact};
use crate::content::Content;

const MAGIC: u32 = 0x0006_1561;

/// Types of pages.
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;

/// Where a page's numbers stand: its own number, the next page, entries, bytes in use, type; and where they end.
const NUMBER: usize = 8;
const NEXT: usize = 16;
const ENTRIES: usize = 20;
const USED: usize = 22;
const TYPE: usize = 25;
const PAGE_HEADER: usize = 26;

/// Types of items on a page.
const ITEM_HERE: u8 = 1;
const ITEM_ELSEWHERE: u8 = 3;

/// Whether a file that begins so is a hash of Berkeley DB.
pub(super) fn is_hash(start: &[u8]) -> bool {
    le32(start, 12) == Some(MAGIC) || be32(start, 12) == Some(MAGIC)
}

/// The database as its first page describes it.
struct Hash<'a> {
    content: &'a dyn Content,
    big: bool,
    page_size: usize,
    last_page: u32,
    max_bucket: u32,
    /// Pages before the buckets of each power of two.
    spares: Vec<u32>,
    /// Pages that may still be read: each has one place only.
    budget: u64,
}

impl<'a> Hash<'a> {
    fn open(content: &'a dyn Content) -> Result<Self, Broken> {
        let mut meta = [0; 512];
        read_exact(content, 0, &mut meta)?;
        let big = be32(&meta, 12) == Some(MAGIC);
        let number = |at: usize| if big { be32(&meta, at) } else { le32(&meta, at) }.unwrap_or_default();
        let version = number(16);
        if !(8..=10).contains(&version) {
            return Err(format!("version {version} of Berkeley DB's hash is not known"));
        }
        let page_size = number(20);
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
            return Err(format!("pages of {page_size} bytes do not exist"));
        }
        // Cipher, and the flag for checksums: both change the pages, and rpm uses neither.
        if meta.get(24) != Some(&0) || meta.get(26).is_none_or(|flags| flags & 1 != 0) {
            return Err("it is encrypted or has checksums".to_owned());
        }
        // It may be cut off, or say so only.
        let pages = content.size() / u64::from(page_size);
        Ok(Self {
            content,
            big,
            page_size: page_size as usize,
            last_page: number(32),
            max_bucket: number(72),
            spares: (0..32).map(|index| number(96 + 4 * index)).collect(),
            budget: pages.saturating_mul(2),
        })
    }

    fn number(&self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.big { be32(bytes, at) } else { le32(bytes, at) }
    }

    fn short(&self, bytes: &[u8], at: usize) -> usize {
        if self.big { be16(bytes, at) } else { le16(bytes, at) }.unwrap_or_default().into()
    }

    fn read(&mut self, number: u32, page: &mut Vec<u8>) -> Result<(), Broken> {
        if number == 0 || number > self.last_page {
            return Err(format!("page {number} does not exist"));
        }
        self.budget = self.budget.checked_sub(1).ok_or("its pages go round in circles")?;
        page.resize(self.page_size, 0);
        read_exact(self.content, u64::from(number) * self.page_size as u64, page)?;
        if self.number(page, NUMBER) != Some(number) {
            return Err(format!("page {number} says that it is another"));
        }
        Ok(())
    }

    /// The first page of a bucket.
    fn page_of(&self, bucket: u32) -> Option<u32> {
        let power = u32::BITS - bucket.leading_zeros();
        self.spares.get(power as usize)?.checked_add(bucket)
    }

    /// A value that lies on pages of its own, into `blob`.
    fn elsewhere(&mut self, item: &[u8], headers: &mut Headers, blob: &mut Vec<u8>) -> Result<(), Broken> {
        let (Some(mut next), Some(size)) = (self.number(item, 4), self.number(item, 8)) else {
            return Err("an item is cut off".to_owned());
        };
        let size = headers.admit(u64::from(size))?;
        blob.clear();
        let mut page = Vec::new();
        while blob.len() < size {
            self.read(next, &mut page)?;
            let part = page.get(PAGE_HEADER..).and_then(|rest| rest.get(..self.short(&page, USED)));
            match part.filter(|part| !part.is_empty() && page.get(TYPE) == Some(&OVERFLOW)) {
                Some(part) if part.len() <= size - blob.len() => blob.extend_from_slice(part),
                _ => return Err(format!("page {next} does not carry on a long value")),
            }
            next = self.number(&page, NEXT).unwrap_or_default();
        }
        Ok(())
    }

    /// All pairs of one page of a bucket.
    fn pairs(&mut self, page: &[u8], headers: &mut Headers, blob: &mut Vec<u8>) -> Flow {
        let entries = self.short(page, ENTRIES).min((self.page_size - PAGE_HEADER) / 2);
        // Items fill the page from its end; each reaches to where the one before it begins.
        let mut end = self.page_size;
        for pair in 0..entries / 2 {
            let at = PAGE_HEADER + 4 * pair;
            let (key_at, value_at) = (self.short(page, at), self.short(page, at + 2));
            let (Some(key), Some(value)) = (page.get(key_at..end), page.get(value_at..key_at)) else {
                headers.broken("the items of a page lie over one another".to_owned());
                return Flow::On;
            };
            end = value_at;
            // Under number 0 stands how many there are.
            if key.get(1..) == Some(&[0; 4]) {
                continue;
            }
            let read = match value.first() {
                Some(&ITEM_HERE) => headers.admit(value.len() as u64).map(|_| {
                    blob.clear();
                    blob.extend_from_slice(value.get(1..).unwrap_or_default());
                }),
                Some(&ITEM_ELSEWHERE) => self.elsewhere(value, headers, blob),
                _ => Err("a value is of a kind that is not known".to_owned()),
            };
            match read {
                Ok(()) if headers.header(blob) == Flow::Stop => return Flow::Stop,
                Ok(()) => {}
                Err(why) => headers.broken(why),
            }
        }
        Flow::On
    }
}

/// Hands over every header.
pub(super) fn headers(content: &dyn Content, headers: &mut Headers) -> Result<(), Broken> {
    let mut hash = Hash::open(content)?;
    let (mut page, mut blob) = (Vec::new(), Vec::new());
    for bucket in 0..=hash.max_bucket {
        let mut next = hash.page_of(bucket).ok_or("a bucket has no page")?;
        while next != 0 {
            hash.read(next, &mut page)?;
            match page.get(TYPE) {
                Some(&(HASH | HASH_UNSORTED)) => {}
                _ => return Err(format!("page {next} is no page of a bucket")),
            }
            if hash.pairs(&page, headers, &mut blob) == Flow::Stop {
                return Ok(());
            }
            next = hash.number(&page, NEXT).unwrap_or_default();
        }
    }
    Ok(())
}
