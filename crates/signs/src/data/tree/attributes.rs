//! What the kernel says of a file beside its content: kind, permissions, owner, times, flags, extended attributes. Special
//! files are never opened for it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};

use rustix::fs::{AtFlags, FileType, Statx, StatxAttributes, StatxFlags, StatxTimestamp, statx};
use rustix::io::Errno;

use super::record::{Attribute, Content, Kind, Record, Time};

/// Flags that people set, by the letters of `lsattr`. All others are the filesystem's own business: how it lays out a file.
pub(crate) const FLAGS: &[(u32, char)] = &[
    (0x0000_0001, 's'),
    (0x0000_0002, 'u'),
    (0x0000_0004, 'c'),
    (0x0000_0008, 'S'),
    (0x0000_0010, 'i'),
    (0x0000_0020, 'a'),
    (0x0000_0040, 'd'),
    (0x0000_0080, 'A'),
    (0x0000_0800, 'E'),
    (0x0000_4000, 'j'),
    (0x0000_8000, 't'),
    (0x0001_0000, 'D'),
    (0x0010_0000, 'V'),
    (0x0080_0000, 'C'),
    (0x2000_0000, 'P'),
    (0x4000_0000, 'F'),
];

/// The flag that forbids every change.
pub(crate) const IMMUTABLE: u32 = 0x10;
/// The flag that allows appending only.
pub(crate) const APPEND: u32 = 0x20;

/// The most of extended attributes that is read of one file: names, and each value. The kernel's own bound.
const MOST: usize = 64 * 1024;

/// What `statx` says of the file `name` in `folder`, without following a link and without starting an automount.
pub(super) fn stat(folder: BorrowedFd<'_>, name: &CStr) -> io::Result<Statx> {
    Ok(statx(folder, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT, wanted())?)
}

/// What `statx` says of an open file.
pub(super) fn stat_open(file: BorrowedFd<'_>) -> io::Result<Statx> {
    Ok(statx(file, c"", AtFlags::EMPTY_PATH, wanted())?)
}

fn wanted() -> StatxFlags {
    StatxFlags::BASIC_STATS
}

/// The filesystem of a file.
pub(super) fn filesystem(stat: &Statx) -> (u32, u32) {
    (stat.stx_dev_major, stat.stx_dev_minor)
}

/// Whether something is mounted there, as kernels since 5.8 say.
pub(super) fn is_mount(stat: &Statx) -> bool {
    (stat.stx_attributes & stat.stx_attributes_mask).contains(StatxAttributes::MOUNT_ROOT)
}

/// Everything but content, flags and extended attributes.
pub(super) fn record(stat: &Statx) -> Record {
    let kind = match FileType::from_raw_mode(stat.stx_mode.into()) {
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Pipe,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice => Kind::CharDevice,
        FileType::BlockDevice => Kind::BlockDevice,
        _ => Kind::File,
    };
    let is_device = matches!(kind, Kind::CharDevice | Kind::BlockDevice);
    Record {
        kind,
        mode: stat.stx_mode & 0o7777,
        uid: stat.stx_uid,
        gid: stat.stx_gid,
        size: if matches!(kind, Kind::File | Kind::Link) { stat.stx_size } else { 0 },
        links: if kind == Kind::Folder { 0 } else { stat.stx_nlink },
        device: if is_device { (stat.stx_rdev_major, stat.stx_rdev_minor) } else { (0, 0) },
        flags: None,
        modified: time(stat.stx_mtime),
        changed: time(stat.stx_ctime),
        content: Content::None,
        attributes: Vec::new(),
    }
}

/// A place of which nothing is asked, because something else is mounted there.
pub(super) fn mount_point() -> Record {
    Record {
        kind: Kind::Mount,
        mode: 0,
        uid: 0,
        gid: 0,
        size: 0,
        links: 0,
        device: (0, 0),
        flags: None,
        modified: Time::default(),
        changed: Time::default(),
        content: Content::None,
        attributes: Vec::new(),
    }
}

fn time(time: StatxTimestamp) -> Time {
    Time { second: time.tv_sec, nano: time.tv_nsec }
}

/// Whether two looks at a file saw the same file, unchanged.
pub(super) fn is_same(before: &Statx, after: &Statx) -> bool {
    let of = |stat: &Statx| {
        let times = (time(stat.stx_mtime), time(stat.stx_ctime));
        (filesystem(stat), stat.stx_ino, stat.stx_mode, stat.stx_size, times)
    };
    of(before) == of(after)
}

/// The flags of an open file or folder; `None` where its filesystem has none.
pub(super) fn flags(file: BorrowedFd<'_>) -> Option<u32> {
    let all = rustix::fs::ioctl_getflags(file).ok()?.bits();
    let known = FLAGS.iter().fold(0, |known, (flag, _)| known | flag);
    Some(all & known)
}

/// The extended attributes of an open file or folder, by name.
pub(super) fn of_open(file: BorrowedFd<'_>, scratch: &mut Vec<u8>) -> io::Result<Vec<Attribute>> {
    read(scratch, |names| rustix::fs::flistxattr(file, names), |name, value| rustix::fs::fgetxattr(file, name, value))
}

/// Those of a file that must not be opened: by its folder, which cannot be swapped underneath.
pub(super) fn of_named(folder: impl AsFd, name: &CStr, scratch: &mut Vec<u8>) -> io::Result<Vec<Attribute>> {
    let mut path = format!("/proc/self/fd/{}/", folder.as_fd().as_raw_fd()).into_bytes();
    path.extend_from_slice(name.to_bytes());
    read(
        scratch,
        |names| rustix::fs::llistxattr(path.as_slice(), names),
        |name, value| rustix::fs::lgetxattr(path.as_slice(), name, value),
    )
}

fn read(
    scratch: &mut Vec<u8>,
    list: impl Fn(&mut [u8]) -> Result<usize, Errno>,
    get: impl Fn(&[u8], &mut [u8]) -> Result<usize, Errno>,
) -> io::Result<Vec<Attribute>> {
    scratch.resize(MOST, 0);
    let length = match list(scratch) {
        Ok(0) | Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
        Ok(length) => length,
        Err(error) => return Err(error.into()),
    };
    let names = scratch.get(..length).unwrap_or_default().to_vec();
    let mut found = Vec::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let value = match get(name, scratch) {
            Ok(length) => scratch.get(..length).unwrap_or_default(),
            // Removed since it was listed, or shown to root alone.
            Err(Errno::NODATA | Errno::NOTSUP | Errno::PERM | Errno::ACCESS) => continue,
            Err(error) => return Err(error.into()),
        };
        let value = if value.len() > Attribute::LONGEST {
            format!("blake3:{}", blake3::hash(value).to_hex()).into_bytes()
        } else {
            value.to_vec()
        };
        found.push(Attribute { name: name.into(), value: value.into() });
    }
    found.sort();
    Ok(found)
}
