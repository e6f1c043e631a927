//! Publishers of the images in use: who they are, by their names and by what Docker's hub says of them.

use crate::collect::is_repository;

/// Whether `name` can be a publisher's: a registry, or a registry and what stands before the image's own name.
pub(crate) fn is_publisher(name: &str) -> bool {
    let (host, path) = name.split_once('/').map_or((name, None), |(host, path)| (host, Some(path)));
    let is_host = !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte));
    is_host && path.is_none_or(|path| is_repository(path) && path.split('/').count() <= 6)
}
