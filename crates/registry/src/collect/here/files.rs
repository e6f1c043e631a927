//! Files that others write, below a root that may be another's: links lead nowhere outside of it, and what is no file (a pipe, a
//! device) is not opened.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

/// Entries that are looked at in one folder.
pub(super) const MAX_ENTRIES: usize = 200;

/// A file's content, and what is known of it.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u32,
    pub(super) uid: u32,
}

impl Content {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// At most `bound` bytes of the file at `path` below `root`. Larger ones are an error: half a file says something else.
pub(super) fn read(root: &Path, path: &Path, bound: u64) -> io::Result<Content> {
    let mut content = beginning(root, path, bound.saturating_add(1))?;
    if content.bytes.len() as u64 > bound {
        return Err(io::Error::other("it is too large"));
    }
    content.bytes.shrink_to_fit();
    Ok(content)
}

/// The same, cut at `bound`.
pub(super) fn beginning(root: &Path, path: &Path, bound: u64) -> io::Result<Content> {
    let file = open(root, path)?;
    let meta = file.metadata()?;
    let mut bytes = Vec::new();
    file.take(bound).read_to_end(&mut bytes)?;
    Ok(Content { bytes, mode: meta.mode() & 0o7777, uid: meta.uid() })
}

/// The regular file at `path` below `root`.
pub(super) fn open(root: &Path, path: &Path) -> io::Result<File> {
    let place = resolve(root, path)?;
    if !place.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    // The very one that was looked at, whatever its name leads to by now.
    File::open(format!("/proc/self/fd/{}", place.as_raw_fd()))
}

fn resolve(root: &Path, path: &Path) -> io::Result<File> {
    let folder = File::open(root)?;
    let path = path.strip_prefix("/").unwrap_or(path);
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    Ok(File::from(openat2(&folder, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)?))
}

/// Names in the folder at `path` below `root`, in order; none where there is no such.
pub(super) fn names(root: &Path, path: &Path) -> Vec<PathBuf> {
    let Ok(place) = resolve(root, path) else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(format!("/proc/self/fd/{}", place.as_raw_fd())) else { return Vec::new() };
    let mut names: Vec<PathBuf> = entries.flatten().take(MAX_ENTRIES).map(|entry| entry.file_name().into()).collect();
    names.sort();
    names
}

/// Whether something is there that can be run.
pub(super) fn is_program(root: &Path, path: &Path) -> bool {
    resolve(root, path).and_then(|file| file.metadata()).is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0)
}

/// Whether a folder above `path` keeps everybody else out.
pub(super) fn is_closed_above(root: &Path, path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .filter(|folder| folder.parent().is_some())
        .any(|folder| resolve(root, folder).and_then(|file| file.metadata()).is_ok_and(|meta| meta.mode() & 0o001 == 0))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn links_lead_nowhere_outside_and_pipes_are_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("etc")).unwrap();
        symlink("/etc/passwd", root.join("link")).unwrap();
        symlink("../../../../../../../../etc/passwd", root.join("up")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        std::fs::write(root.join("good"), "0123456789").unwrap();
        for name in ["link", "up", "pipe", "none", "etc"] {
            assert!(read(root, Path::new(name), 100).is_err(), "{name}");
        }
        assert_eq!(read(root, Path::new("/good"), 10).unwrap().text(), "0123456789");
        assert!(read(root, Path::new("good"), 9).is_err());
        assert_eq!(beginning(root, Path::new("good"), 4).unwrap().bytes, b"0123");
    }

    #[test]
    fn a_closed_folder_closes_what_lies_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home/me");
        std::fs::create_dir_all(home.join(".docker")).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = Path::new("/home/me/.docker/config.json");
        assert!(!is_closed_above(folder.path(), path));
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(is_closed_above(folder.path(), path));
    }
}
