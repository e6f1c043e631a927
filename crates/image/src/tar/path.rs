//! Paths as archives write them, made into the paths of an image.

use std::borrow::Cow;

/// Longest path that is looked at, bytes: the kernel's own bound.
const MAX_PATH: usize = 4096;

/// `path` without leading `/` and `./`, without empty and `.` parts, and without a slash at its end. None where a part is
/// `..`, where it holds a NUL or is too long: such a path means no file of an image. The root itself is empty.
pub fn clean(path: &[u8]) -> Option<Cow<'_, str>> {
    if path.len() > MAX_PATH {
        return None;
    }
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix(b"./").or_else(|| rest.strip_prefix(b"/")) {
        rest = shorter;
    }
    while let Some(shorter) = rest.strip_suffix(b"/") {
        rest = shorter;
    }
    // Nearly all paths are clean by now.
    let suspicious =
        rest.first() == Some(&b'.') || rest.contains(&0) || rest.windows(2).any(|pair| pair == b"//" || pair == b"/.");
    if !suspicious {
        return Some(String::from_utf8_lossy(rest));
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in rest.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return None,
            part if part.contains(&0) => return None,
            part => parts.push(part),
        }
    }
    Some(Cow::Owned(String::from_utf8_lossy(&parts.join(&b'/')).into_owned()))
}
