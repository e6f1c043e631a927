//! A layer that lies in a registry until somebody walks it: what a cache makes needless is never fetched.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::places::Places;
use crate::Limits;
use crate::source::blob::{BlobLayer, Part};
use crate::source::manifest::Digest;
use crate::source::{Layer, LayerError, Visitor};

/// A layer of a registry.
pub(super) struct RemoteLayer {
    places: Arc<Places>,
    /// The place that gave the manifest; earlier ones have nothing of it.
    first: usize,
    digest: Digest,
    size: u64,
    /// Where it is put down: an unlinked file in this folder.
    scratch: PathBuf,
    /// What was put down: a link to an entry that was passed by has the layer walked a second time.
    fetched: Mutex<Option<Result<Part, String>>>,
}

impl RemoteLayer {
    pub(super) fn new(places: Arc<Places>, first: usize, digest: Digest, size: u64, scratch: PathBuf) -> Self {
        Self { places, first, digest, size, scratch, fetched: Mutex::new(None) }
    }

    fn part(&self) -> Result<Part, LayerError> {
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        if fetched.is_none() {
            let mut file = tempfile::tempfile_in(&self.scratch)?;
            let length = self.places.blob(self.first, &self.digest, self.size, &mut file);
            *fetched = Some(length.map(|length| Part::new(Arc::new(file), 0, length)));
        }
        match fetched.as_ref() {
            Some(Ok(part)) => Ok(part.clone()),
            Some(Err(why)) => Err(LayerError::Fetch(why.clone())),
            None => Err(LayerError::Fetch("nothing was fetched".into())),
        }
    }
}

impl Layer for RemoteLayer {
    fn walk(&self, visitor: &mut dyn Visitor, limits: &Limits) -> Result<(), LayerError> {
        BlobLayer { part: self.part()?, digest: Some(self.digest.to_string()) }.walk(visitor, limits)
    }

    fn cache_key(&self) -> Option<String> {
        Some(self.digest.to_string())
    }
}
