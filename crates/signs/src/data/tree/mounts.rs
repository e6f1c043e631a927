//! What is mounted where, as the kernel tells without asking the filesystems themselves: one of them might not answer.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub place: PathBuf,
    /// `ext4`, `nfs4`, `fuse.sshfs`.
    pub kind: String,
    /// Which filesystem, and which folder of it: two mounts with the same are the same files.
    pub what: (String, PathBuf),
}

/// Filesystems whose files are made up as they are read, some without end.
const MADE_UP: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];

/// The same by the numbers that `statfs` gives.
const MADE_UP_NUMBERS: &[u64] = &[
    0x9fa0,
    0x6265_6572,
    0x6367_7270,
    0x0027_e0eb,
    0x1cd1,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xcafe_4a11,
    0x6165_676c,
    0x6265_6570,
    0x4249_4e4d,
    0x1980_0202,
    0x6e73_6673,
    0xf97c_ff8c,
    0x0187,
    0x6573_5543,
    0x6759_6969,
];

/// Whether the kernel makes up the files of this filesystem.
pub(super) fn is_made_up(number: u64) -> bool {
    MADE_UP_NUMBERS.contains(&number)
}

/// The mounts of this process; none where nobody may know.
pub fn mounts() -> Vec<Mount> {
    std::fs::read("/proc/self/mountinfo").map(|text| parse(&text)).unwrap_or_default()
}

/// Reads `mountinfo`. Lines that are none are left out.
pub fn parse(text: &[u8]) -> Vec<Mount> {
    let line = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let device = fields.nth(2)?;
        let (root, place) = (fields.next()?, fields.next()?);
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Mount { place: unescape(place), kind: text(kind), what: (text(device), unescape(root)) })
    };
    text.split(|byte| *byte == b'\n').take(100_000).filter_map(line).collect()
}

/// `\040` is a space.
fn unescape(text: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let digits =
            after.get(..3).filter(|digits| *first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        if let Some(digits) = digits {
            out.push(digits.iter().fold(0u8, |number, digit| number.wrapping_mul(8).wrapping_add(digit - b'0')));
            rest = after.get(3..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    PathBuf::from(OsString::from_vec(out))
}

/// The paths below `root` at which something is mounted, from `root` on.
pub(super) fn below(root: &Path, mounts: &[Mount]) -> BTreeSet<Vec<u8>> {
    let below = mounts.iter().filter_map(|mount| mount.place.strip_prefix(root).ok());
    below.map(|path| path.as_os_str().as_bytes().to_vec()).filter(|path| !path.is_empty()).collect()
}

/// What is mounted below `root` and holds files of its own: where somebody wants to cross into other filesystems, each of these
/// is a tree. A mount of what one of them or `root` shows already is left out, so that no loop of mounts is walked.
pub fn across(root: &Path, mounts: &[Mount]) -> Vec<PathBuf> {
    let above =
        mounts.iter().filter(|mount| root.starts_with(&mount.place)).max_by_key(|mount| mount.place.as_os_str().len());
    let mut known: Vec<(String, PathBuf)> = above
        .map(|mount| {
            let rest = root.strip_prefix(&mount.place).unwrap_or(Path::new(""));
            (mount.what.0.clone(), mount.what.1.join(rest))
        })
        .into_iter()
        .collect();
    let mut found = Vec::new();
    for mount in mounts {
        let is_below = mount.place.starts_with(root) && mount.place != root;
        let is_known = known.iter().any(|(device, folder)| *device == mount.what.0 && mount.what.1.starts_with(folder));
        if is_below && !is_known && !MADE_UP.contains(&mount.kind.as_str()) {
            known.push(mount.what.clone());
            found.push(mount.place.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
30 22 0:5 / /proc rw - proc proc rw\n\
31 22 8:2 / /srv/with\\040space rw shared:2 - xfs /dev/sdb rw\n\
32 22 8:1 /srv /srv/loop rw - ext4 /dev/sda1 rw\n\
33 22 8:2 /sub /srv/again rw - xfs /dev/sdb rw\n\
34 22 0:50 / /srv/far rw - nfs4 filer:/x rw\n\
garbage\n35 22 0:51\n";

    #[test]
    fn names_are_read_whatever_is_in_them() {
        let places: Vec<_> = parse(TEXT).into_iter().map(|mount| mount.place).collect();
        assert_eq!(places.get(2), Some(&PathBuf::from("/srv/with space")));
        assert_eq!(places.len(), 6);
    }

    #[test]
    fn crossing_enters_each_filesystem_once_and_none_that_is_made_up() {
        let found = across(Path::new("/srv"), &parse(TEXT));
        assert_eq!(found, [PathBuf::from("/srv/with space"), PathBuf::from("/srv/far")]);
        assert!(below(Path::new("/srv"), &parse(TEXT)).contains(b"loop".as_slice()));
    }
}
