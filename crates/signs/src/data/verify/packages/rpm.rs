//! Packages of Fedora, RHEL, openSUSE and their kin: `rpmdb.sqlite`, a header a package. Older databases (Berkeley DB, ndb) are
//! not read; files of such hosts are judged as if no package had brought them.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{Checksum, Installed, Owner, as_wanted, digits, list, text};

const PLACES: &[&str] = &["usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"];

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const DIGESTS: u32 = 1035;
const FLAGS: u32 = 1037;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;
/// The largest header.
const LARGEST: usize = 64 << 20;

/// A package's header: tags, and where their values are.
struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

impl<'a> Header<'a> {
    fn new(blob: &'a [u8]) -> Option<Self> {
        let entries = usize::try_from(number(blob, 0)?).ok()?.checked_mul(16)?;
        let (index, data) = blob.get(8..)?.split_at_checked(entries)?;
        Some(Self { index, data })
    }

    /// The count and the bytes of a tag.
    fn tag(&self, tag: u32) -> Option<(usize, &'a [u8])> {
        let entry = self.index.chunks_exact(16).find(|entry| number(entry, 0) == Some(tag))?;
        let from = usize::try_from(number(entry, 8)?).ok()?;
        Some((usize::try_from(number(entry, 12)?).ok()?, self.data.get(from..)?))
    }

    fn strings(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (count, bytes) = self.tag(tag).unwrap_or((0, &[]));
        bytes.split(|byte| *byte == 0).take(count)
    }

    fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (count, bytes) = self.tag(tag).unwrap_or((0, &[]));
        bytes.chunks_exact(4).take(count).filter_map(|bytes| number(bytes, 0))
    }

    fn name(&self) -> Option<String> {
        self.strings(NAME).next().map(text)
    }
}

fn each(root: &Path, told: &mut dyn FnMut(&Header<'_>, &[u8])) {
    let Some(path) = PLACES.iter().map(|place| root.join(place)).find(|path| path.is_file()) else { return };
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut read = || -> rusqlite::Result<()> {
        let database = rusqlite::Connection::open_with_flags(&path, flags)?;
        let mut statement = database.prepare("SELECT blob FROM Packages ORDER BY hnum")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let rusqlite::types::ValueRef::Blob(blob) = row.get_ref(0)?
                && blob.len() <= LARGEST
                && let Some(header) = Header::new(blob)
            {
                told(&header, blob);
            }
        }
        Ok(())
    };
    // As if no package knew them, which is louder.
    let _ = read();
}

pub(super) fn installed(root: &Path) -> Vec<(String, Installed)> {
    let mut found = Vec::new();
    each(root, &mut |header, blob| {
        let first = |tag| header.strings(tag).next().map(text).unwrap_or_default();
        if let Some(name) = header.name() {
            let version = format!("{}-{}", first(VERSION), first(RELEASE));
            found.push((name, Installed { version, list: list(blob) }));
        }
    });
    found
}

pub(super) fn owners(root: &Path, wanted: &HashSet<Vec<u8>>, found: &mut HashMap<Vec<u8>, Owner>) {
    each(root, &mut |header, _| {
        let Some(name) = header.name() else { return };
        let folders: Vec<&[u8]> = header.strings(DIR_NAMES).collect();
        let flags: Vec<u32> = header.numbers(FLAGS).collect();
        let files = header.strings(BASE_NAMES).zip(header.numbers(DIR_INDEXES)).zip(header.strings(DIGESTS));
        for (at, ((base, folder), sum)) in files.enumerate() {
            let folder = usize::try_from(folder).ok().and_then(|at| folders.get(at)).copied().unwrap_or_default();
            let path = [folder.strip_prefix(b"/").unwrap_or(folder), base].concat();
            let Some(path) = as_wanted(&path, wanted) else { continue };
            let checksum = digits(sum).map(Checksum::Sha256).or_else(|| digits(sum).map(Checksum::Md5));
            let Some(checksum) = checksum else { continue };
            let is_config = flags.get(at).is_some_and(|flags| flags & 1 != 0);
            found.insert(path, Owner { package: name.clone(), checksum, is_config });
        }
    });
}
