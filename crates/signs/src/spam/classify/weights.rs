//! The weights as a file: when and on what they were trained, how well they did, and the weights themselves, of which most are
//! nothing, so that only the others are kept: how far from the one before, and how great.

use serde::{Deserialize, Serialize};

use super::bag::{Group, places};
use super::model::{GroupScale, Model};

/// What is known of weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The day of the training, `2026-11-24`.
    pub date: String,
    /// On what, in words.
    pub data: String,
    /// How well they judge what they were not trained on (cross-validation): name and value.
    pub figures: Vec<(String, f64)>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    about: About,
    /// Name, bits, step and bias of each group.
    groups: Vec<(String, u32, f32, f32)>,
    slope: f32,
    offset: f32,
    spam_from: f32,
    /// Distances between places with a weight; 255 goes on.
    gaps: Vec<u8>,
    weights: Vec<i8>,
    /// Distances between the places of common features.
    common: Vec<u32>,
}

/// What is wrong with weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// They are not packed as they should be.
    #[error("unpack the weights")]
    Unpack(#[source] std::io::Error),
    /// They are of another form.
    #[error("understand the weights")]
    Form(#[from] postcard::Error),
    /// They were made for other features.
    #[error("use the weights: they were made for other features; take those that belong to this version")]
    Layout,
}

/// As much is unpacked at most.
const MOST: usize = 16 << 20;

/// Reads weights for features of `layout`.
pub fn read(bytes: &[u8], layout: &[Group]) -> Result<(Model, About), WeightsError> {
    let bytes = zstd::bulk::decompress(bytes, MOST).map_err(WeightsError::Unpack)?;
    let stored: Stored = postcard::from_bytes(&bytes)?;
    let mut model = Model::empty(layout);
    let is_alike = stored.groups.len() == layout.len()
        && stored.groups.iter().zip(layout).all(|(stored, group)| stored.0 == group.name && stored.1 == group.bits);
    if !is_alike {
        return Err(WeightsError::Layout);
    }
    model.scales = stored.groups.iter().map(|(_, _, step, bias)| GroupScale { step: *step, bias: *bias }).collect();
    (model.slope, model.offset, model.spam_from) = (stored.slope, stored.offset, stored.spam_from);
    let mut place = 0usize;
    let mut weights = stored.weights.iter();
    for gap in stored.gaps {
        place = place.saturating_add(usize::from(gap));
        if gap < u8::MAX {
            let into = model.weights.get_mut(place).ok_or(WeightsError::Layout)?;
            *into = *weights.next().ok_or(WeightsError::Layout)?;
            place += 1;
        }
    }
    let mut place = 0u32;
    for gap in stored.common {
        place = place.saturating_add(gap);
        model.common.push(place);
    }
    Ok((model, stored.about))
}

/// Writes weights.
pub fn write(model: &Model, layout: &[Group], about: &About) -> Result<Vec<u8>, WeightsError> {
    debug_assert_eq!(model.weights.len(), places(layout));
    let mut gaps = Vec::new();
    let mut weights = Vec::new();
    let mut next = 0;
    for (place, weight) in model.weights.iter().enumerate().filter(|(_, weight)| **weight != 0) {
        let mut gap = place - next;
        while gap >= usize::from(u8::MAX) {
            gaps.push(u8::MAX);
            gap -= usize::from(u8::MAX);
        }
        gaps.push(u8::try_from(gap).unwrap_or_default());
        weights.push(*weight);
        next = place + 1;
    }
    let groups = layout.iter().zip(&model.scales);
    let groups = groups.map(|(group, scale)| (group.name.to_owned(), group.bits, scale.step, scale.bias)).collect();
    let (slope, offset, spam_from) = (model.slope, model.offset, model.spam_from);
    let mut before = 0;
    let common = model.common.iter().map(|place| place - std::mem::replace(&mut before, *place)).collect();
    let stored = Stored { about: about.clone(), groups, slope, offset, spam_from, gaps, weights, common };
    let bytes = postcard::to_stdvec(&stored)?;
    zstd::bulk::compress(&bytes, 19).map_err(WeightsError::Unpack)
}
