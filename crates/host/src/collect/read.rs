//! Bounded reads of files that others write.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The first `bound` bytes of a regular file (or of a `/proc` file, which claims no length). A fifo or device that
/// somebody put there, or linked to, is refused before it is opened: opening alone can wait for ever, or do something
/// (`/dev/watchdog` starts counting).
pub(crate) fn bytes(path: &Path, bound: u64) -> io::Result<Vec<u8>> {
    let flag = |flag: rustix::fs::OFlags| i32::try_from(flag.bits()).unwrap_or_default();
    let place = File::options().read(true).custom_flags(flag(rustix::fs::OFlags::PATH)).open(path)?;
    if !place.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    // The very file that was looked at, whatever its name leads to by now.
    let file = File::options()
        .read(true)
        .custom_flags(flag(rustix::fs::OFlags::NONBLOCK))
        .open(format!("/proc/self/fd/{}", place.as_raw_fd()))?;
    // With nowhere to put it, the first read asks for a few bytes only. `/proc/PID/net/tcp` walks all connections of the
    // machine for each read, and most files of `/proc` fit into one.
    let mut content = Vec::with_capacity(usize::try_from(bound).unwrap_or(usize::MAX).min(4096));
    file.take(bound).read_to_end(&mut content)?;
    Ok(content)
}

/// The same as text; what is not UTF-8 is replaced.
pub(crate) fn text(path: &Path, bound: u64) -> io::Result<String> {
    bytes(path, bound).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A short file without its line end: a sysctl, an attribute.
pub(crate) fn word(path: impl AsRef<Path>) -> Option<String> {
    text(path.as_ref(), 64 << 10).ok().map(|text| text.trim().to_owned())
}

/// A sentence of the other side, fit for a message: control characters taken out, bounded.
pub(crate) fn plain(text: &str) -> String {
    const MOST: usize = 200;
    let mut plain: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST + 1).collect();
    if let Some((cut, _)) = plain.char_indices().nth(MOST) {
        plain.truncate(cut);
        plain.push('…');
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_device_is_refused_and_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("meta.json");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert_eq!(bytes(&link, 10).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_fifo_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(bytes(&fifo, 10).is_err());
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_proc_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "0123456789").unwrap();
        assert_eq!(bytes(&file, 4).unwrap(), b"0123");
        assert!(text("/proc/self/status".as_ref(), 64 << 10).unwrap().starts_with("Name:"));
    }

    #[test]
    fn a_message_holds_no_control_characters_and_has_an_end() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a [2Jb");
        assert_eq!(plain(&"x".repeat(5000)).chars().count(), 201);
    }
}
