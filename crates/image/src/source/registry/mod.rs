//! Images of registries, by the OCI distribution protocol. Manifest and configuration are fetched when the image is opened,
//! each layer when it is walked. Every digest is checked, and nothing that a registry says leads anywhere the user would
//! not have gone.

mod layer;
mod places;
mod session;

use std::sync::Arc;

use serde_json::Value;

use super::manifest::{Descriptor, Digest, Document, History, MAX_DOCUMENT, Manifest, choose};
use super::open::Options;
use super::reference::Reference;
use super::{Image, SourceError, fill_layers};
pub use keelguard_distribution::Access;
use keelguard_distribution::Fault;
use layer::RemoteLayer;
use places::Places;
use session::Session;

/// Indexes that lie in one another.
const MAX_INDEXES: usize = 4;

const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// Opens the image called `name` in its registry: manifest and configuration are fetched, layers are not.
pub fn open(reference: &Reference, access: &Access, options: &Options) -> Result<Image, SourceError> {
    let places = Arc::new(Places::of(reference, access)?);
    let mut reasons = Vec::new();
    let mut missing = true;
    for place in 0..places.count() {
        match from_place(&places, place, reference, options) {
            Ok(image) => return Ok(image),
            Err(fault) => {
                missing &= matches!(fault, Fault::Missing(_));
                reasons.push(format!("{}: {}", places.name(place), fault.why()));
            }
        }
    }
    let (what, why) = (reference.to_string(), reasons.join("; "));
    Err(if missing { SourceError::NotFound { what, why } } else { SourceError::Fetch { what, why } })
}

fn from_place(places: &Arc<Places>, place: usize, reference: &Reference, options: &Options) -> Result<Image, Fault> {
    let session = places.session(place)?;
    let malformed = |why: String| Fault::Final(format!("what it has cannot be understood: {why}"));
    let mut wanted = reference.wanted().to_owned();
    for _ in 0..MAX_INDEXES {
        let (bytes, said) = session.document("manifests", &wanted, MANIFESTS, MAX_DOCUMENT)?;
        let digest = Digest::of(&bytes);
        // What the server itself says counts as little as a tag; but if it is another, something on the way is broken.
        let promised = wanted.parse::<Digest>().ok().or_else(|| said.and_then(|said| said.parse().ok()));
        check("manifest", &digest, promised.as_ref())?;
        match Document::parse(&bytes).map_err(malformed)? {
            Document::Manifest(manifest) => {
                let mut image = from_manifest(session, &manifest, options)?;
                for layer in &image.target.layers {
                    let promised = layer.digest.as_deref().unwrap_or_default().parse::<Digest>().map_err(malformed)?;
                    let (places, scratch) = (Arc::clone(places), options.scratch.clone());
                    image.layers.push(Box::new(RemoteLayer::new(places, place, promised, layer.size, scratch)));
                }
                image.target.reference = Some(reference.to_string());
                image.target.digest = Some(digest.to_string());
                image.cache_key = Some(digest.to_string());
                return Ok(image);
            }
            Document::Index(images) => {
                let images: Vec<Descriptor> = images.into_iter().filter(Descriptor::is_image).collect();
                let chosen = choose(&images, &options.platform).map_err(Fault::Final)?;
                wanted = chosen.digest().map_err(malformed)?.to_string();
            }
        }
    }
    Err(malformed("its indexes lie too deep in one another".into()))
}

/// The image without its layers.
fn from_manifest(session: &Session, manifest: &Manifest, options: &Options) -> Result<Image, Fault> {
    let malformed = |why: String| Fault::Final(format!("what it has cannot be understood: {why}"));
    let promised = manifest.config.digest().map_err(malformed)?;
    let (bytes, _) = session.document("blobs", promised.as_str(), "", MAX_DOCUMENT)?;
    check("configuration", &Digest::of(&bytes), Some(&promised))?;
    let config: Value = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
    let mut image = Image::new("registry", config);
    image.left_out = manifest.layers.len().saturating_sub(options.limits.max_layers);
    for layer in manifest.layers.iter().take(options.limits.max_layers) {
        let digest = layer.digest().map_err(malformed)?;
        image.target.layers.push(keelguard_model::image::Layer {
            digest: Some(digest.to_string()),
            size: layer.size,
            ..Default::default()
        });
    }
    let history = History::of(&image.config);
    fill_layers(&mut image.target.layers, &history);
    Ok(image)
}

fn check(what: &str, found: &Digest, promised: Option<&Digest>) -> Result<(), Fault> {
    match promised.filter(|promised| *promised != found) {
        None => Ok(()),
        Some(promised) => Err(Fault::Final(format!(
            "its {what} cannot be trusted: its digest is {found}, and {promised} was promised"
        ))),
    }
}
