//! Reads bbolt databases, in which containerd keeps the names of images. Nothing is locked and nothing written: a writer only
//! ever adds pages and then switches over to them, so the tree of the newest valid meta page stays whole until the next
//! switch-over; if one happened while reading, reading begins anew. The format is that of bbolt's `internal/common`.
//!
//! Every number in it may be a lie: reads are bounded, and no page is entered more often than a tree has levels.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const MAGIC: u32 = 0xed0c_daed;
const VERSION: u32 = 2;
const META: usize = 64;
const HEADER: usize = 16;
const ELEMENT: usize = 16;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const BUCKET: u32 = 1;

/// Levels of a tree, and of buckets in one another; honest trees have five.
const MAX_DEPTH: usize = 24;
/// Bytes of one page with what overflows it.
const MAX_PAGE: u64 = 64 << 20;
/// Bytes that are read in one go over the database.
const MAX_READ: u64 = 1 << 30;
/// Times that reading begins anew.
const MAX_TRIES: usize = 8;

/// A database.
pub struct Database {
    file: File,
}

/// A look at one state of a database.
pub struct View<'a> {
    file: &'a File,
    page_size: u64,
    root: u64,
    state: u64,
    left: Cell<u64>,
}

/// Keys and values, some of which are buckets themselves.
pub enum Bucket {
    /// A tree, from this page down.
    Tree(u64),
    /// A small one, inside the value that names it.
    Inline(Vec<u8>),
}

/// What a key stands for.
pub enum Item<'a> {
    /// Bytes.
    Value(&'a [u8]),
    /// A bucket.
    Bucket(Bucket),
}

/// Sees keys, and says whether it wants more.
type Visit<'v> = dyn FnMut(&[u8], Item<'_>) -> io::Result<bool> + 'v;

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the database is damaged: {why}"))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> io::Result<[u8; N]> {
    let part = at.checked_add(N).and_then(|end| bytes.get(at..end)).and_then(|part| part.try_into().ok());
    part.ok_or_else(|| broken("it ends too early"))
}

fn u16_at(bytes: &[u8], at: usize) -> io::Result<u16> {
    number(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    number(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> io::Result<u64> {
    number(bytes, at).map(u64::from_le_bytes)
}

fn slice(bytes: &[u8], from: usize, length: u32) -> io::Result<&[u8]> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    from.checked_add(length)
        .and_then(|end| bytes.get(from..end))
        .ok_or_else(|| broken("an entry lies outside its page"))
}

impl Database {
    /// Opens the file.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)? })
    }

    /// Looks at one state of it.
    pub fn look<T>(&self, mut look: impl FnMut(&View<'_>) -> io::Result<T>) -> io::Result<T> {
        for _ in 0..MAX_TRIES {
            let view = self.view()?;
            let seen = look(&view);
            // Pages that a newer state has freed may have been written over while they were read.
            if self.view()?.state == view.state {
                return seen;
            }
        }
        Err(io::Error::other("the database is written to faster than it can be read"))
    }

    fn view(&self) -> io::Result<View<'_>> {
        let first = self.meta(0);
        // The second meta page is on the second page, wherever that is where the first does not say.
        let sizes: Vec<u64> = match &first {
            Some(view) => vec![view.page_size],
            None => (10..=16).map(|power| 1 << power).collect(),
        };
        let second = sizes.into_iter().find_map(|size| self.meta(size).filter(|view| view.page_size == size));
        first.into_iter().chain(second).max_by_key(|view| view.state).ok_or_else(|| broken("no valid meta page"))
    }

    /// The meta page at `offset`, where it is valid.
    fn meta(&self, offset: u64) -> Option<View<'_>> {
        let mut page = [0; HEADER + META];
        self.file.read_exact_at(&mut page, offset).ok()?;
        let meta = page.get(HEADER..)?;
        if u32_at(meta, 0).ok()? != MAGIC || u32_at(meta, 4).ok()? != VERSION {
            return None;
        }
        if u64_at(meta, 56).ok()? != fnv(meta.get(..56)?) {
            return None;
        }
        let page_size = u64::from(u32_at(meta, 8).ok()?);
        if !page_size.is_power_of_two() || !(1024..=65536).contains(&page_size) {
            return None;
        }
        let (root, state) = (u64_at(meta, 16).ok()?, u64_at(meta, 48).ok()?);
        Some(View { file: &self.file, page_size, root, state, left: Cell::new(MAX_READ) })
    }
}

/// FNV-1a of 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

impl View<'_> {
    /// The bucket in which all others are.
    pub fn root(&self) -> Bucket {
        Bucket::Tree(self.root)
    }

    /// The bucket `key` in `bucket`.
    pub fn bucket(&self, bucket: &Bucket, key: &str) -> io::Result<Option<Bucket>> {
        let mut found = None;
        self.find(bucket, key.as_bytes(), &mut |_, item| {
            if let Item::Bucket(bucket) = item {
                found = Some(bucket);
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// The bucket at the end of `path`.
    pub fn bucket_at(&self, path: &[&str]) -> io::Result<Option<Bucket>> {
        let mut bucket = self.root();
        for key in path.iter().take(MAX_DEPTH) {
            match self.bucket(&bucket, key)? {
                Some(inner) => bucket = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(bucket))
    }

    /// The value of `key` in `bucket`.
    pub fn value(&self, bucket: &Bucket, key: &str) -> io::Result<Option<Vec<u8>>> {
        let mut found = None;
        self.find(bucket, key.as_bytes(), &mut |_, item| {
            if let Item::Value(value) = item {
                found = Some(value.to_vec());
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// Shows everything in `bucket`, in order.
    pub fn each(&self, bucket: &Bucket, visit: &mut Visit<'_>) -> io::Result<()> {
        self.walk(bucket, None, visit)
    }

    fn find(&self, bucket: &Bucket, key: &[u8], visit: &mut Visit<'_>) -> io::Result<()> {
        self.walk(bucket, Some(key), visit)
    }

    /// Shows `only` this key, or all.
    fn walk(&self, bucket: &Bucket, only: Option<&[u8]>, visit: &mut Visit<'_>) -> io::Result<()> {
        match bucket {
            Bucket::Inline(page) => {
                self.spend(page.len() as u64)?;
                leaf(page, only, visit).map(drop)
            }
            Bucket::Tree(page) => self.tree(*page, only, MAX_DEPTH, visit).map(drop),
        }
    }

    /// Whether more is wanted.
    fn tree(&self, number: u64, only: Option<&[u8]>, depth: usize, visit: &mut Visit<'_>) -> io::Result<bool> {
        let depth = depth.checked_sub(1).ok_or_else(|| broken("its tree is too deep"))?;
        let page = self.page(number)?;
        match u16_at(&page, 8)? {
            LEAF => leaf(&page, only, visit),
            BRANCH => {
                let children = branch(&page, only)?;
                for child in children {
                    if !self.tree(child, only, depth, visit)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Err(broken("a page is of the wrong kind")),
        }
    }

    fn page(&self, number: u64) -> io::Result<Vec<u8>> {
        let offset = number.checked_mul(self.page_size).ok_or_else(|| broken("a page lies outside it"))?;
        let mut header = [0; HEADER];
        self.file.read_exact_at(&mut header, offset)?;
        if u64_at(&header, 0)? != number {
            return Err(broken("a page has the number of another"));
        }
        let size = (u64::from(u32_at(&header, 12)?) + 1) * self.page_size;
        let end = offset.checked_add(size).ok_or_else(|| broken("a page lies outside it"))?;
        if size > MAX_PAGE || end > self.file.metadata()?.len() {
            return Err(broken("a page is larger than the file"));
        }
        self.spend(size)?;
        let mut page = vec![0; usize::try_from(size).unwrap_or(0)];
        self.file.read_exact_at(&mut page, offset)?;
        Ok(page)
    }

    fn spend(&self, bytes: u64) -> io::Result<()> {
        let left = self.left.get().checked_sub(bytes.max(1024));
        self.left.set(left.ok_or_else(|| broken("its pages lead in a circle, or it is far too large"))?);
        Ok(())
    }
}

/// The pages below a branch: all, or the one in which `only` would be.
fn branch(page: &[u8], only: Option<&[u8]>) -> io::Result<Vec<u64>> {
    let mut pages = Vec::new();
    for index in 0..usize::from(u16_at(page, 10)?) {
        let at = HEADER + index * ELEMENT;
        let (position, length) = (u32_at(page, at)?, u32_at(page, at + 4)?);
        let key = slice(page, at.saturating_add(usize::try_from(position).unwrap_or(usize::MAX)), length)?;
        let child = u64_at(page, at + 8)?;
        match only {
            // The last one that begins at the key or before it; the first begins before everything.
            Some(only) if index > 0 && key > only => break,
            Some(_) => pages = vec![child],
            None => pages.push(child),
        }
    }
    Ok(pages)
}

fn leaf(page: &[u8], only: Option<&[u8]>, visit: &mut Visit<'_>) -> io::Result<bool> {
    if u16_at(page, 8)? != LEAF {
        return Err(broken("a page is of the wrong kind"));
    }
    for index in 0..usize::from(u16_at(page, 10)?) {
        let at = HEADER + index * ELEMENT;
        let (flags, position) = (u32_at(page, at)?, u32_at(page, at + 4)?);
        let (key_length, length) = (u32_at(page, at + 8)?, u32_at(page, at + 12)?);
        let start = at.saturating_add(usize::try_from(position).unwrap_or(usize::MAX));
        let key = slice(page, start, key_length)?;
        if only.is_some_and(|only| only != key) {
            continue;
        }
        let value = slice(page, start + key.len(), length)?;
        let item = if flags & BUCKET == 0 {
            Item::Value(value)
        } else {
            let root = u64_at(value, 0)?;
            let inline = value.get(16..).unwrap_or_default();
            Item::Bucket(if root == 0 { Bucket::Inline(inline.to_vec()) } else { Bucket::Tree(root) })
        };
        if !visit(key, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
