//! Where images come from. A source gives an [`Image`]: what is known of it, and its layers; a layer gives its entries
//! one after another. Sources decide nothing about packages.

mod layer;

pub use layer::{Entry, EntryKind, Layer, LayerError, Visitor, Want};

use keelguard_model::image::Target;
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
}
