//! An OCI image layout: `index.json` names manifests, and everything lies under its digest in `blobs`.

use serde_json::Value;

use super::blob::BlobLayer;
use super::manifest::{Descriptor, Digest, Document, History, MAX_DOCUMENT, Manifest, Platform, choose};
use super::store::Store;
use super::{Image, Layer, SourceError, fill_layers};
use crate::Limits;

/// Indexes that lie in one another.
const MAX_INDEXES: usize = 4;

/// Whether `store` is an OCI layout.
pub fn is_layout(store: &Store) -> bool {
    store.has("oci-layout") && store.has("index.json")
}

/// The image in a layout; `wanted` names one where there are several.
pub fn open(store: &Store, wanted: Option<&str>, platform: &Platform, limits: &Limits) -> Result<Image, SourceError> {
    let what = format!("index.json in {}", store.name());
    let bytes = store.bytes("index.json", MAX_DOCUMENT).map_err(SourceError::read(&what))?;
    let top = match Document::parse(&bytes).map_err(|why| SourceError::malformed(&what, why))? {
        Document::Index(images) => images,
        Document::Manifest(_) => return Err(SourceError::malformed(what, "it is a manifest")),
    };
    let named: Vec<Descriptor> = match wanted {
        None => top,
        Some(name) => top.into_iter().filter(|one| is_called(one, name)).collect(),
    };
    let names: Vec<&str> = named.iter().filter_map(name_of).collect();
    if wanted.is_none() && names.len() > 1 {
        let why = format!("there are {}; name one behind a #: {}", names.len(), names.join(", "));
        return Err(SourceError::Choice { what: store.name().to_owned(), why });
    }
    let reference = wanted.map(str::to_owned).or_else(|| names.first().map(ToString::to_string));
    let mut image = resolve(store, named, platform, limits, &mut |_| Ok(None))?;
    image.target.reference = reference;
    Ok(image)
}

/// Gives the layers of an image where the store has none of them: unpacked ones.
pub(super) type Otherwise<'a> = dyn FnMut(&Image) -> std::io::Result<Option<Vec<Box<dyn Layer>>>> + 'a;

/// The image among `candidates` that serves `platform`, through as many indexes as it takes.
pub(super) fn resolve(
    store: &Store,
    mut candidates: Vec<Descriptor>,
    platform: &Platform,
    limits: &Limits,
    otherwise: &mut Otherwise<'_>,
) -> Result<Image, SourceError> {
    for _ in 0..MAX_INDEXES {
        let chosen = match candidates.as_slice() {
            // A lone entry is the one that is meant, whatever its platform.
            [only] => only.clone(),
            several => choose(several, platform)
                .cloned()
                .map_err(|why| SourceError::Choice { what: store.name().to_owned(), why })?,
        };
        let digest = chosen.digest().map_err(|why| SourceError::malformed(store.name(), why))?;
        let bytes = blob(store, &digest)?;
        match Document::parse(&bytes).map_err(|why| SourceError::malformed(blob_name(&digest), why))? {
            Document::Index(images) => candidates = images.into_iter().filter(Descriptor::is_image).collect(),
            Document::Manifest(manifest) => {
                let mut image = from_manifest(store, &manifest, limits, otherwise)?;
                image.target.digest = Some(digest.to_string());
                image.cache_key.get_or_insert_with(|| digest.to_string());
                return Ok(image);
            }
        }
    }
    Err(SourceError::malformed(store.name(), "its indexes lie too deep in one another"))
}

fn from_manifest(
    store: &Store,
    manifest: &Manifest,
    limits: &Limits,
    otherwise: &mut Otherwise<'_>,
) -> Result<Image, SourceError> {
    let digest = manifest.config.digest().map_err(|why| SourceError::malformed(store.name(), why))?;
    let config: Value = serde_json::from_slice(&blob(store, &digest)?)
        .map_err(|error| SourceError::malformed(blob_name(&digest), error.to_string()))?;
    let mut image = Image::new("oci", config);
    let mut gone = None;
    image.left_out = manifest.layers.len().saturating_sub(limits.max_layers);
    for layer in manifest.layers.iter().take(limits.max_layers) {
        let digest = layer.digest().map_err(|why| SourceError::malformed(store.name(), why))?;
        let name = blob_name(&digest);
        let mut size = layer.size;
        match store.part(&name) {
            Ok((part, found)) => {
                size = found;
                image.layers.push(Box::new(BlobLayer { part, digest: Some(digest.to_string()) }));
            }
            Err(error) => gone = Some(SourceError::read(format!("{name} in {}", store.name()))(error)),
        }
        image.target.layers.push(keelguard_model::image::Layer {
            digest: Some(digest.to_string()),
            size,
            ..Default::default()
        });
    }
    let history = History::of(&image.config);
    fill_layers(&mut image.target.layers, &history);
    if let Some(gone) = gone {
        let unpacked =
            otherwise(&image).map_err(SourceError::read(format!("the snapshots beside {}", store.name())))?;
        image.layers = unpacked.ok_or(gone)?;
        // Nothing vouches for what lies there but the folder, so it is kept apart from what a digest vouches for.
        image.cache_key = Some(format!("{} unpacked beside {}", manifest.config.digest, store.name()));
    }
    Ok(image)
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.digits())
}

/// A document under its digest, checked.
fn blob(store: &Store, digest: &Digest) -> Result<Vec<u8>, SourceError> {
    let name = blob_name(digest);
    let what = format!("{name} in {}", store.name());
    let bytes = store.bytes(&name, MAX_DOCUMENT).map_err(SourceError::read(&what))?;
    let found = Digest::of(&bytes);
    if found == *digest {
        return Ok(bytes);
    }
    Err(SourceError::Digest { what, found: found.to_string(), promised: digest.to_string() })
}

fn name_of(one: &Descriptor) -> Option<&str> {
    one.annotation("io.containerd.image.name").or_else(|| one.annotation("org.opencontainers.image.ref.name"))
}

fn is_called(one: &Descriptor, name: &str) -> bool {
    one.digest == name
        || ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
            .iter()
            .any(|key| one.annotation(key) == Some(name))
}
