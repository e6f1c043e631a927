//! Symbolic links in an image where the runtime mounts things: they lead the mount somewhere else on the host
//! (CVE-2025-31133 and its kin). Looked up in the layer folders of overlay2 with `lstat`; nothing is opened or run.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where the runtime mounts into a container's root.
const MOUNT_TARGETS: &[&str] = &[
    "dev",
    "proc",
    "sys",
    "dev/null",
    "dev/pts",
    "dev/console",
    "dev/shm",
    "dev/mqueue",
    "dev/ptmx",
    "proc/self",
    "sys/fs",
    "sys/fs/cgroup",
];

/// The layer folders that the engine names, topmost first; none where the storage driver has no folders.
pub(super) fn layer_folders(inspect: &Value) -> Option<Vec<PathBuf>> {
    let data = inspect.get("GraphDriver")?.get("Data")?;
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let upper = text("UpperDir")?;
    let lower = text("LowerDir").unwrap_or_default();
    Some(
        std::iter::once(upper)
            .chain(lower.split(':').filter(|path| !path.is_empty()))
            .map(PathBuf::from)
            .take(256)
            .collect(),
    )
}

/// The links, as (path in the image, target). None where a layer cannot be read.
///
/// `/dev/ptmx → pts/ptmx` and links that stay inside the folder they are in are how the runtime itself sets things up.
pub(super) fn find(layers: &[PathBuf]) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for layer in layers {
        std::fs::symlink_metadata(layer).ok()?;
        for target in MOUNT_TARGETS {
            let path = layer.join(target);
            // A link above it has been reported already, and following it would leave the layer.
            if target.contains('/') && path.ancestors().skip(1).take_while(|above| above != layer).any(Path::is_symlink)
            {
                continue;
            }
            if let Ok(link) = std::fs::read_link(&path) {
                let link = link.to_string_lossy().into_owned();
                if *target != "dev/ptmx" && !found.iter().any(|(known, _)| known == &format!("/{target}")) {
                    found.push((format!("/{target}"), link));
                }
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_place_of_a_mount_target_is_found_in_whatever_layer() {
        let store = tempfile::tempdir().unwrap();
        let (upper, lower) = (store.path().join("upper"), store.path().join("lower"));
        std::fs::create_dir_all(lower.join("dev")).unwrap();
        std::fs::create_dir_all(&upper).unwrap();
        std::os::unix::fs::symlink("/proc/self/fd/7", lower.join("dev/pts")).unwrap();
        std::os::unix::fs::symlink("pts/ptmx", lower.join("dev/ptmx")).unwrap();
        assert_eq!(find(&[upper, lower]), Some(vec![("/dev/pts".to_owned(), "/proc/self/fd/7".to_owned())]));
    }

    #[test]
    fn a_layer_that_cannot_be_read_is_not_taken_for_clean() {
        assert_eq!(find(&[PathBuf::from("/nonexistent/layer")]), None);
    }
}
