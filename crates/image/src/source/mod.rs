//! Where images come from. A source gives an [`Image`]: what is known of it, and its layers; a layer gives its entries
//! one after another. Sources decide nothing about packages.

mod archive;
pub mod blob;
pub mod bolt;
mod containerd;
mod engine;
mod error;
mod folder;
mod layer;
pub mod manifest;
mod names;
mod oci;
mod open;
mod podman;
mod reference;
pub mod registry;
mod snapshots;
mod storage_conf;
mod store;
mod target;

pub use containerd::ContainerdRoot;
pub use engine::EngineRoot;
pub use error::SourceError;
pub use folder::{FolderLayer, Marks};
pub use layer::{Entry, EntryKind, Layer, LayerError, Visitor, Want};
pub use open::{Options, open, packed, scratch};
pub use podman::PodmanRoot;
pub use reference::Reference;
pub use storage_conf::Storages;
pub(crate) use store::error_chain;
pub use target::{Scheme, Spec};

use keelguard_model::image::Target;
use manifest::History;
use serde_json::Value;

/// An image that has been opened: nothing of its layers is read yet.
pub struct Image {
    /// What it is; `os` is filled in by whoever reads the layers.
    pub target: Target,
    /// The image's configuration (`config`, `history`, `rootfs`), as it stands in the image; null where there is none.
    pub config: Value,
    /// One for each of `target.layers`, or a single one for a folder.
    pub layers: Vec<Box<dyn Layer>>,
    /// Identifies the content for the cache (a digest over what cannot change unnoticed); none where it can change.
    pub cache_key: Option<String>,
    /// Everything in it, where a software bill of materials says so and nothing is left to look at.
    pub known: Option<Box<crate::Examined>>,
    /// Topmost layers that a bound leaves out.
    pub left_out: usize,
}

impl Image {
    /// An image without layers, read from a source of this kind.
    pub fn new(kind: &str, config: Value) -> Self {
        let target = Target { kind: kind.to_owned(), ..Target::default() };
        Self { target, config, layers: Vec::new(), cache_key: None, known: None, left_out: 0 }
    }
}

impl Image {
    /// What a software bill of materials says of one.
    pub(crate) fn of_bom(examined: crate::Examined) -> Self {
        let target = examined.target.clone();
        Self { target, known: Some(Box::new(examined)), ..Self::new("sbom", Value::Null) }
    }
}

/// Says of each layer what the configuration says of it.
pub(crate) fn fill_layers(layers: &mut [keelguard_model::image::Layer], history: &History) {
    for (index, layer) in layers.iter_mut().enumerate() {
        layer.diff_id = history.diff_ids.get(index).cloned();
        layer.created_by = history.created_by.get(index).cloned().flatten();
        layer.base = index < history.base;
    }
}

/// `sha256:` and the digits of a hash.
pub(crate) fn digest_text(hash: &[u8]) -> String {
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in hash {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}
