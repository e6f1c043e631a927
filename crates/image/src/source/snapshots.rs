//! Layers of containerd that are there unpacked only: Kubernetes can be told to throw the packed ones away
//! (`discard_unpacked_layers`). The database says which snapshot has a layer, the snapshotter's own where that lies.

use std::io;
use std::path::Path;

use super::bolt::Database;
use super::folder::{FolderLayer, Marks};
use super::manifest::Digest;
use super::{Image, Layer};
use crate::Limits;

/// The snapshotter whose folders can be read: one for what each layer adds.
const OVERLAY: &str = "overlayfs";

/// The unpacked layers of `image`, from the lowest up; none where one is not there.
pub fn layers(
    database: &Database,
    root: &Path,
    namespace: &str,
    image: &Image,
    limits: &Limits,
) -> io::Result<Option<Vec<Box<dyn Layer>>>> {
    let folder = root.join(format!("io.containerd.snapshotter.v1.{OVERLAY}"));
    let snapshotter = match Database::open(&folder.join("metadata.db")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut found: Vec<Box<dyn Layer>> = Vec::new();
    let mut chain: Option<Digest> = None;
    for layer in image.target.layers.iter().take(limits.max_layers) {
        let Some(diff_id) = layer.diff_id.as_ref().and_then(|id| id.parse::<Digest>().ok()) else { return Ok(None) };
        // A snapshot is named after its layer and all those below it.
        let next = match &chain {
            None => diff_id.clone(),
            Some(below) => Digest::of(format!("{below} {diff_id}").as_bytes()),
        };
        let key = database.look(|view| {
            let bucket = view.bucket_at(&["v1", namespace, "snapshots", OVERLAY, next.as_str()])?;
            bucket.map_or(Ok(None), |bucket| view.value(&bucket, "name"))
        })?;
        let Some(key) = key.and_then(|key| String::from_utf8(key).ok()) else { return Ok(None) };
        let id = snapshotter.look(|view| {
            let bucket = view.bucket_at(&["v1", "snapshots", &key])?;
            bucket.map_or(Ok(None), |bucket| view.value(&bucket, "id"))
        })?;
        let Some(id) = id.as_deref().and_then(varint) else { return Ok(None) };
        let place = folder.join(format!("snapshots/{id}/fs"));
        if !place.is_dir() {
            return Ok(None);
        }
        let key = Some(format!("{diff_id} as {}", place.display()));
        found.push(Box::new(FolderLayer { root: place, marks: Marks::Overlay, key }));
        chain = Some(next);
    }
    Ok(Some(found))
}

/// A number as Go's `binary.PutUvarint` writes it.
fn varint(bytes: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::varint;

    #[test]
    fn numbers_of_any_length_are_read_and_unfinished_ones_refused() {
        assert_eq!((varint(&[7]), varint(&[0xac, 2])), (Some(7), Some(300)));
        assert_eq!((varint(&[]), varint(&[0x80]), varint(&[0xff; 20])), (None, None, None));
    }
}
