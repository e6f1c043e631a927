//! What `docker save` writes: a tar with `manifest.json`, the images' configurations and their layers. The old layout
//! keeps a layer as `ID/layer.tar`, the new one (Docker 25 and later) as `blobs/sha256/DIGEST`; `manifest.json` names them
//! in both.

use serde::Deserialize;
use serde_json::Value;

use super::blob::BlobLayer;
use super::manifest::{Digest, History, MAX_DOCUMENT};
use super::store::Store;
use super::{Image, SourceError, fill_layers};
use crate::Limits;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

/// Whether `store` is a docker archive.
pub fn is_archive(store: &Store) -> bool {
    store.has("manifest.json")
}

/// The image in a docker archive; `wanted` names one where there are several.
///
/// `identity` is what the file changes by; none where nothing tells.
pub fn open(
    store: &Store,
    wanted: Option<&str>,
    identity: Option<&str>,
    limits: &Limits,
) -> Result<Image, SourceError> {
    let part = |name: &str| format!("{name} in {}", store.name());
    let manifest = store.bytes("manifest.json", MAX_DOCUMENT).map_err(SourceError::read(part("manifest.json")))?;
    let entries: Vec<Entry> = serde_json::from_slice(&manifest)
        .map_err(|error| SourceError::malformed(part("manifest.json"), error.to_string()))?;
    let entry = choose(&entries, wanted, store.name())?;
    let bytes = store.bytes(&entry.config, MAX_DOCUMENT).map_err(SourceError::read(part(&entry.config)))?;
    let id = Digest::of(&bytes);
    // Both layouts name the configuration after its digest.
    let named = entry.config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
    if named.len() == 64 && named != id.digits() {
        return Err(SourceError::Digest {
            what: part(&entry.config),
            found: id.to_string(),
            promised: format!("sha256:{named}"),
        });
    }
    let config: Value = serde_json::from_slice(&bytes)
        .map_err(|error| SourceError::malformed(part(&entry.config), error.to_string()))?;
    let names = entry.layers.as_deref().unwrap_or_default();
    let history = History::of(&config);
    if !history.diff_ids.is_empty() && history.diff_ids.len() != names.len() {
        let why = format!("it names {} layers, and its configuration {}", names.len(), history.diff_ids.len());
        return Err(SourceError::malformed(part("manifest.json"), why));
    }
    let mut image = Image::new("archive", config);
    image.left_out = names.len().saturating_sub(limits.max_layers);
    for name in names.iter().take(limits.max_layers) {
        let (part, size) = store.part(name).map_err(SourceError::read(part(name)))?;
        // What is promised is the digest of the unpacked tar. To check it, every byte would have to be read, and whoever
        // can change the layer can change the configuration beside it.
        image.layers.push(Box::new(BlobLayer { part, digest: None }));
        image.target.layers.push(keelguard_model::image::Layer { size, ..Default::default() });
    }
    fill_layers(&mut image.target.layers, &history);
    image.target.reference = match wanted {
        Some(name) => Some(name.to_owned()),
        None => entry.repo_tags.as_ref().and_then(|tags| tags.first().cloned()),
    };
    image.target.digest = Some(id.to_string());
    image.cache_key = identity.map(|identity| format!("{id} in {identity}"));
    Ok(image)
}

fn tags(entry: &Entry) -> &[String] {
    entry.repo_tags.as_deref().unwrap_or_default()
}

fn choose<'a>(entries: &'a [Entry], wanted: Option<&str>, what: &str) -> Result<&'a Entry, SourceError> {
    let choice = |why: String| SourceError::Choice { what: what.to_owned(), why };
    if let Some(wanted) = wanted {
        let latest = format!("{wanted}:latest");
        let fits = |entry: &&Entry| {
            tags(entry).iter().any(|tag| tag == wanted || *tag == latest)
                || entry.config.contains(wanted.trim_start_matches("sha256:")) && wanted.len() >= 12
        };
        return entries.iter().find(fits).ok_or_else(|| choice(format!("there is no {wanted}")));
    }
    match entries {
        [only] => Ok(only),
        [] => Err(choice("there is none".into())),
        several => {
            let names: Vec<&str> = several.iter().flat_map(tags).map(String::as_str).take(8).collect();
            Err(choice(format!("there are {}; name one behind a #: {}", several.len(), names.join(", "))))
        }
    }
}
