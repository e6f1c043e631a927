//! The hash of a tree: each folder's over what it looks like and over the hashes of what is in it, by name, up to the root. Two
//! trees have the same root only where every file in them is the same; it does not matter in which order they were walked, as
//! what is in a folder is taken in by name.

use super::record::{Entry, Kind, Record};

/// A hash.
pub type Digest = [u8; 32];

/// Takes in a tree file by file, in the order of [`super::record::order`], in memory for one path.
#[derive(Debug, Default)]
pub struct Merkle {
    /// The folders from the root to where we are: length of the path, name, what is known of it.
    open: Vec<Open>,
    root: Option<Digest>,
    last: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Open {
    path: usize,
    name: Vec<u8>,
    hash: Box<blake3::Hasher>,
}

/// What a file looks like, as a hash.
pub fn leaf(record: &Record) -> Digest {
    let mut hash = blake3::Hasher::new_derive_key("keelguard 2026-11 file of a tree");
    // Postcard never fails on plain data that is written to memory.
    hash.update(&postcard::to_stdvec(record).unwrap_or_default());
    *hash.finalize().as_bytes()
}

/// Several trees as one, by name.
pub fn forest<'a>(trees: impl IntoIterator<Item = (&'a str, &'a Digest)>) -> Digest {
    let mut hash = blake3::Hasher::new_derive_key("keelguard 2026-11 trees");
    for (name, root) in trees {
        part(&mut hash, name.as_bytes());
        hash.update(root);
    }
    *hash.finalize().as_bytes()
}

/// Bytes with their length before them, so that no two lists look alike.
fn part(hash: &mut blake3::Hasher, bytes: &[u8]) {
    hash.update(&(bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

impl Merkle {
    /// Takes in the next file.
    ///
    /// # Errors
    /// It does not come after the one before, or in no folder.
    pub fn see(&mut self, entry: &Entry) -> Result<(), &'static str> {
        let path = entry.path.as_slice();
        if self.last.as_ref().is_some_and(|last| super::record::order(last, path) != std::cmp::Ordering::Less) {
            return Err("its files are out of order");
        }
        let leaf = leaf(&entry.record);
        let folder = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        // The folders that are open are those of the path before.
        let above = self.last.as_deref().unwrap_or_default();
        let is_below = above.get(..folder) == path.get(..folder) && matches!(above.get(folder), None | Some(b'/'));
        if folder > 0 && !is_below {
            return Err("a file is in no folder");
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(path);
        if path.is_empty() {
            if entry.record.kind == Kind::Folder {
                self.open(path, b"", &leaf);
            } else {
                self.root = Some(leaf);
            }
            return Ok(());
        }
        while self.open.last().is_some_and(|open| open.path > folder) {
            self.close();
        }
        let name = if folder == 0 { path } else { path.get(folder + 1..).unwrap_or_default() };
        let name = name.strip_prefix(b"/").unwrap_or(name).to_vec();
        let Some(parent) = self.open.last_mut().filter(|open| open.path == folder) else {
            return Err("a file is in no folder");
        };
        if entry.record.kind == Kind::Folder {
            self.open(path, &name, &leaf);
        } else {
            parent.hash.update(&[0]);
            part(&mut parent.hash, &name);
            parent.hash.update(&leaf);
        }
        Ok(())
    }

    fn open(&mut self, path: &[u8], name: &[u8], leaf: &Digest) {
        let mut hash = Box::new(blake3::Hasher::new_derive_key("keelguard 2026-11 folder of a tree"));
        hash.update(leaf);
        self.open.push(Open { path: path.len(), name: name.to_vec(), hash });
    }

    fn close(&mut self) {
        let Some(done) = self.open.pop() else { return };
        let digest = *done.hash.finalize().as_bytes();
        match self.open.last_mut() {
            Some(parent) => {
                parent.hash.update(&[1]);
                part(&mut parent.hash, &done.name);
                parent.hash.update(&digest);
            }
            None => self.root = Some(digest),
        }
    }

    /// The root; all zeroes of a tree without a file.
    pub fn root(mut self) -> Digest {
        while !self.open.is_empty() {
            self.close();
        }
        self.root.unwrap_or_default()
    }
}
