//! What is known of one file: everything that somebody could change of it.

use serde::{Deserialize, Serialize};

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe. Never opened.
    Pipe,
    /// A socket. Never opened.
    Socket,
    /// A character device. Never opened.
    CharDevice,
    /// A block device. Never opened.
    BlockDevice,
    /// Where another filesystem is mounted. Not entered, and not asked what it looks like: it might not answer.
    Mount,
}

impl Kind {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "symbolic link",
            Self::Pipe => "named pipe",
            Self::Socket => "socket",
            Self::CharDevice => "character device",
            Self::BlockDevice => "block device",
            Self::Mount => "mount point",
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Nothing that could be hashed: no regular file.
    None,
    /// BLAKE3, see [`super::content`].
    Digest([u8; 32]),
    /// Where a symbolic link leads.
    Target(Box<[u8]>),
    /// It could not be read, or changed each time it was.
    Unread,
    /// Nobody wanted to know.
    Skipped,
}

/// A point in time, as filesystems keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Time {
    /// Seconds since 1970.
    pub second: i64,
    /// Nanoseconds.
    pub nano: u32,
}

/// An extended attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribute {
    /// `security.capability`.
    pub name: Box<[u8]>,
    /// Its value; of one above [`Attribute::LONGEST`] bytes, `blake3:` and its hash.
    pub value: Box<[u8]>,
}

impl Attribute {
    /// Values up to this many bytes are kept as they are.
    pub const LONGEST: usize = 256;
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What kind of file.
    pub kind: Kind,
    /// The twelve bits of permissions, setuid, setgid and sticky among them.
    pub mode: u16,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// Bytes; 0 of folders, whose size is the filesystem's own business.
    pub size: u64,
    /// Names that this file has; 0 of folders.
    pub links: u32,
    /// Major and minor of a device.
    pub device: (u32, u32),
    /// Flags as `lsattr` shows them, those that people set; `None` where the filesystem has none.
    pub flags: Option<u32>,
    /// When the content was last changed, says the file. Anybody who may write it can set this.
    pub modified: Time,
    /// When anything of it was last changed, says the kernel. Never compared, as it cannot change alone; it tells when.
    pub changed: Time,
    /// What it holds.
    pub content: Content,
    /// Extended attributes by name: capabilities, access lists, labels.
    pub attributes: Vec<Attribute>,
}

/// A file of a tree, by its path below the tree's root. The root's own path is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Bytes, as names need not be UTF-8.
    pub path: Vec<u8>,
    /// What it looks like.
    pub record: Record,
}

/// The order of trees: a folder, then what is in it by name. The byte order of paths is not that, as `-` sorts before `/`.
pub fn order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (a.get(shared), b.get(shared)) {
        (None, None) => std::cmp::Ordering::Equal,
        (None | Some(b'/'), Some(_)) => std::cmp::Ordering::Less,
        (Some(_), None | Some(b'/')) => std::cmp::Ordering::Greater,
        (Some(a), Some(b)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_right_before_what_is_in_it() {
        let mut paths = ["a-b", "a/z", "a", "", "a/b/c", "a/b", "a.b", "a/b-c"].map(str::as_bytes).to_vec();
        paths.sort_by(|a, b| order(a, b));
        let expected = ["", "a", "a/b", "a/b/c", "a/b-c", "a/z", "a-b", "a.b"].map(str::as_bytes);
        assert_eq!(paths, expected);
    }
}
