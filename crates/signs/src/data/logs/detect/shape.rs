//! What became of a log since the last look. A log only grows, or becomes the first of its rotated pieces: what it held is
//! found again, as it was, in one of them, packed or not.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Hashes of what a file begins with, piece by piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prints {
    /// Bytes of a piece; the last may be shorter.
    pub piece: u64,
    /// Bytes in all.
    pub length: u64,
    /// A hash of each piece, in hexadecimal digits.
    pub hashes: Vec<String>,
}

impl Prints {
    /// How long pieces are, so that there are no more than a few hundred.
    pub fn piece_for(length: u64) -> u64 {
        const LEAST: u64 = 4096;
        const PIECES: u64 = 256;
        length.div_ceil(PIECES).max(LEAST).next_multiple_of(LEAST)
    }

    /// The first byte of the piece from which on others are different; none where they hold the same.
    fn differs(&self, other: &Self) -> Option<u64> {
        let same = self.hashes.iter().zip(&other.hashes).take_while(|(one, another)| one == another).count();
        (same < self.hashes.len() || other.length < self.length).then_some(same as u64 * self.piece)
    }
}

/// What is kept of a log from one look to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its number on the disk.
    pub inode: u64,
    /// The disk.
    pub device: u64,
    /// What it held, as it lay there.
    pub prints: Prints,
    /// When it was looked at, in seconds.
    pub looked: i64,
    /// When it was last written, in seconds.
    pub modified: i64,
    /// Whether logrotate's configuration names it.
    pub configured: bool,
    /// Whether it is the log itself, not one of its rotated pieces.
    pub current: bool,
}

/// A file as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Where.
    pub path: PathBuf,
    /// Its number on the disk.
    pub inode: u64,
    /// The disk.
    pub device: u64,
    /// Bytes.
    pub size: u64,
    /// When it was last written, in seconds.
    pub modified: i64,
}

/// What became of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// What it held is there, as it was.
    Whole,
    /// It was rotated away so long ago that its piece has gone.
    Aged,
    /// What it held was changed, from this byte on, in this file, which is the same (or another in its place).
    Changed {
        /// Where.
        path: PathBuf,
        /// From which byte on.
        at: u64,
        /// Whether the file is another one.
        replaced: bool,
    },
    /// It is shorter, and what is missing is nowhere.
    Shrunk {
        /// Bytes now.
        size: u64,
    },
    /// Another file stands in its place, and what it held is nowhere.
    Replaced,
    /// It is gone, and what it held is nowhere.
    Gone,
}

/// Reads what a file begins with: so many bytes in pieces of so many, as it lies there or unpacked. None where it cannot be
/// read, or is shorter than the first piece.
pub type Read<'a> = &'a mut dyn FnMut(&Path, &Prints, bool) -> Option<Prints>;

/// What became of the log at `path`. `pieces` are the log and its rotated pieces as they are now; `keeps` says whether
/// rotation keeps any.
pub fn became(path: &Path, kept: &Kept, pieces: &[Now], keeps: bool, read: Read<'_>) -> Became {
    if kept.prints.length == 0 {
        return Became::Whole;
    }
    let is_it = |now: &&Now| now.inode == kept.inode && now.device == kept.device;
    let same = pieces.iter().find(is_it);
    // The likeliest first: itself, what has its name, the rotated pieces.
    let here = pieces.iter().find(|now| now.path == path);
    let mut order: Vec<&Now> = same.into_iter().chain(here).collect();
    order.extend(pieces.iter().filter(|now| Some(*now) != same && Some(*now) != here));
    let mut changed: Option<(PathBuf, u64, bool)> = None;
    for now in order {
        for unpacked in [false, true] {
            let Some(prints) = read(&now.path, &kept.prints, unpacked) else { continue };
            match kept.prints.differs(&prints) {
                None => return Became::Whole,
                // It begins as it did: this is it, edited.
                Some(at) if at > 0 && prints.length >= kept.prints.length && changed.is_none() => {
                    changed = Some((now.path.clone(), at, same != Some(now)));
                }
                Some(_) => {}
            }
        }
    }
    if let Some((path, at, replaced)) = changed {
        return Became::Changed { path, at, replaced };
    }
    // Numbers on the disk are given out again: what has gone by its age comes first.
    if is_aged(path, kept, pieces, keeps) {
        return Became::Aged;
    }
    match (same, here) {
        (Some(now), _) if now.size >= kept.prints.length => {
            Became::Changed { path: now.path.clone(), at: 0, replaced: false }
        }
        (Some(now), _) => Became::Shrunk { size: now.size },
        (None, Some(_)) => Became::Replaced,
        (None, None) => Became::Gone,
    }
}

/// Whether rotation may have taken away what the log held: none of the rotated pieces is as old.
fn is_aged(path: &Path, kept: &Kept, pieces: &[Now], keeps: bool) -> bool {
    if !kept.current {
        // A piece goes when all that are older have gone; what has its name now is another one.
        return pieces.iter().all(|now| now.modified > kept.modified);
    }
    let mut rotated = pieces.iter().filter(|now| now.path != path).peekable();
    if rotated.peek().is_none() {
        return !keeps;
    }
    rotated.all(|now| now.modified > kept.looked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files by name: number on disk, last change, what is in them, whether packed.
    struct Disk(Vec<(&'static str, u64, i64, &'static str, bool)>);

    fn prints(text: &str, wanted: &Prints) -> Prints {
        let bytes = text.as_bytes();
        let bytes = &bytes[..bytes.len().min(usize::try_from(wanted.length).unwrap())];
        let hashes =
            bytes.chunks(usize::try_from(wanted.piece).unwrap()).map(|piece| String::from_utf8_lossy(piece).into());
        Prints { piece: wanted.piece, length: bytes.len() as u64, hashes: hashes.collect() }
    }

    fn kept(text: &str) -> Kept {
        let wanted = Prints { piece: 4, length: text.len() as u64, hashes: Vec::new() };
        Kept {
            inode: 1,
            looked: 1000,
            modified: 990,
            prints: prints(text, &wanted),
            configured: true,
            current: true,
            device: 0,
        }
    }

    fn became_on(disk: &Disk, keeps: bool) -> Became {
        let pieces: Vec<Now> = (disk.0.iter())
            .map(|(name, inode, modified, text, _)| Now {
                path: name.into(),
                inode: *inode,
                device: 0,
                size: text.len() as u64,
                modified: *modified,
            })
            .collect();
        became(Path::new("log"), &kept("one two three"), &pieces, keeps, &mut |path, wanted, unpacked| {
            let (.., text, packed) = disk.0.iter().find(|(name, ..)| Path::new(name) == path)?;
            (*packed == unpacked).then(|| prints(text, wanted))
        })
    }

    #[test]
    fn what_rotation_does_is_everyday() {
        for (case, disk) in [
            ("grown", vec![("log", 1, 2000, "one two three four", false)]),
            ("renamed", vec![("log", 2, 2000, "new", false), ("log.1", 1, 1500, "one two three four", false)]),
            ("packed", vec![("log", 2, 2000, "new", false), ("log.2.gz", 3, 1500, "one two three four", true)]),
            ("copied and emptied", vec![("log", 1, 2000, "", false), ("log.1", 2, 1500, "one two three four", false)]),
            ("renamed, none made yet", vec![("log.1", 1, 1500, "one two three", false)]),
            (
                "moved to another folder",
                vec![("log", 2, 2000, "", false), ("old/log.1", 1, 1500, "one two three", false)],
            ),
            ("put back from a copy", vec![("log", 9, 2000, "one two three four", false)]),
        ] {
            assert_eq!(became_on(&Disk(disk), true), Became::Whole, "{case}");
        }
        let long_ago = vec![("log", 8, 9000, "new", false), ("log.1", 7, 8000, "newer", false)];
        assert_eq!(became_on(&Disk(long_ago), true), Became::Aged);
        assert_eq!(became_on(&Disk(vec![("log", 1, 9000, "", false)]), false), Became::Aged, "rotate 0");
    }

    #[test]
    fn what_nobody_but_an_intruder_does_is_told_for_what_it_is() {
        let changed = |at, replaced| Became::Changed { path: "log".into(), at, replaced };
        for (disk, expected) in [
            (vec![("log", 1, 2000, "one tWo three four", false)], changed(4, false)),
            (vec![("log", 1, 2000, "One two three four", false)], changed(0, false)),
            (vec![("log", 5, 2000, "one tree four five six", false)], changed(4, true)),
            (vec![("log", 1, 2000, "one", false)], Became::Shrunk { size: 3 }),
            (vec![("log", 1, 2000, "", false), ("log.1", 4, 500, "older", false)], Became::Shrunk { size: 0 }),
            (vec![("log", 5, 2000, "other", false)], Became::Replaced),
            (vec![("log", 5, 2000, "other", false), ("log.1", 4, 500, "older", false)], Became::Replaced),
            (vec![], Became::Gone),
        ] {
            assert_eq!(became_on(&Disk(disk.clone()), true), expected, "{disk:?}");
        }
        let in_piece = vec![("log", 2, 2000, "new", false), ("log.1", 1, 1900, "one two THREE", false)];
        let changed = Became::Changed { path: "log.1".into(), at: 8, replaced: false };
        assert_eq!(became_on(&Disk(in_piece), true), changed);
    }
}
