//! Bounded reads of files that others write.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The first `bound` bytes of a regular file (or of a `/proc` file, which claims no length). A fifo or device that
/// somebody put there is refused instead of waited for.
pub(crate) fn bytes(path: &Path, bound: u64) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(nonblocking).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut content = Vec::new();
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
