//! The one door: from an opened image to everything that is in it, through the cache where it cannot have changed.

use keelguard_model::image::{Package, Target};
use keelguard_model::{Area, Incomplete};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Limits;
use crate::cache::Cache;
use crate::scan::{Counts, LayerInventory, OddFile, inventories, merge};
use crate::source::{Image, Layer};

/// Everything that is in an image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Examined {
    /// What was looked at, its operating system included.
    pub target: Target,
    /// Packages, sorted by kind, name and version.
    pub packages: Vec<Package>,
    /// Files that are odd by name and mode.
    pub odd: Vec<OddFile>,
    /// The image's configuration; null where there is none.
    #[serde(with = "as_text")]
    pub config: Value,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}

/// Looks at `image`. A `cache` is asked first where the image says what it is, and keeps what was found whole.
pub fn examine(image: &Image, cache: Option<&Cache>, limits: &Limits) -> Examined {
    if let Some(known) = &image.known {
        return Examined { target: image.target.clone(), ..known.as_ref().clone() };
    }
    let keyed = cache.zip(image.cache_key.as_deref()).map(|(cache, key)| (cache, format!("image {key}")));
    if let Some((cache, key)) = &keyed
        && let Some(mut known) = cache.get::<Examined>(key)
    {
        // The same image may lie elsewhere and be called something else.
        let os = known.target.os.take();
        known.target = Target { os, ..image.target.clone() };
        return known;
    }
    let examined = look(image, cache, limits);
    if let Some((cache, key)) = &keyed
        && examined.incomplete.is_empty()
    {
        // A cache that cannot be written costs time, and nothing else.
        let _ = cache.put(key, &examined);
    }
    examined
}

/// What is kept of the image whose content `key` names.
pub fn known(cache: &Cache, key: &str) -> Option<Examined> {
    cache.get(&format!("image {key}"))
}

fn look(image: &Image, cache: Option<&Cache>, limits: &Limits) -> Examined {
    let layers: Vec<&dyn Layer> = image.layers.iter().map(AsRef::as_ref).collect();
    let layered = !image.target.layers.is_empty();
    let counts = if image.target.kind == "dir" { Counts::Declared } else { Counts::Installed };
    let mut found = inventories(&layers, counts, cache, limits);
    let mut merged = merge(&found, layered);
    if counts == Counts::Declared && merged.os.is_some() {
        // A root filesystem: what is installed there counts, not what some lock file in it asks for.
        found = without_declared(found);
        merged = merge(&found, layered);
    }
    let mut incomplete: Vec<Incomplete> = found
        .into_iter()
        .flat_map(|layer| layer.incomplete)
        .map(|(what, why)| Incomplete::new(Area::Image, what, why))
        .collect();
    if image.left_out > 0 {
        let why = format!("the image has {} layers, of which the lowest are read", layers.len() + image.left_out);
        incomplete.push(Incomplete::new(Area::Image, format!("the {} topmost layers", image.left_out), why));
    }
    if let Some(os) = merged.os.as_ref().filter(|_| !merged.packages.iter().any(|package| package.kind.is_system())) {
        let what = format!("the packages of {} {}", os.id, os.version).trim_end().to_owned();
        let why = "no database of them was found where this system keeps it, or it is empty";
        incomplete.push(Incomplete::new(Area::Image, what, why));
    }
    incomplete.sort();
    incomplete.dedup();
    let target = Target { os: merged.os, ..image.target.clone() };
    Examined { target, packages: merged.packages, odd: merged.odd, config: image.config.clone(), incomplete }
}

fn without_declared(mut layers: Vec<LayerInventory>) -> Vec<LayerInventory> {
    let rows = crate::analyse::table().rows();
    for layer in &mut layers {
        layer.files.retain(|file| rows.get(file.row).is_none_or(|row| row.scope == crate::analyse::Scope::Installed));
    }
    layers
}

/// A value of whatever form as its text, for a cache that knows the form of everything.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
