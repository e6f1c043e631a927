//! Sign 1: a system unlike itself. `series` and `read` read and decide nothing; `detect` judges a series of values, `watch`
//! makes episodes of what it says, and `node` findings of what all metrics of a machine or container show at the same time.
//!
//! ```
//! use keelguard_signs::performance::detect::Detector;
//! let mut detector = Detector::new();
//! let scores: Vec<f64> = (0..1000)
//!     .map(|minute| detector.see(minute * 60, if minute == 900 { 95.0 } else { f64::from(minute as u32 % 7) }).score)
//!     .collect();
//! assert!(scores[900] > 0.5 && scores[899] < 0.5);
//! ```

pub mod across;
pub mod causes;
pub mod detect;
pub mod node;
pub mod read;
pub mod series;
pub mod watch;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Deserializer};

use self::watch::{Episode, Watch};

/// Episodes that were saved; what is more than a watch remembers is refused.
fn bounded_list<'de, D: Deserializer<'de>>(from: D) -> Result<VecDeque<Episode>, D::Error> {
    let list = VecDeque::<Episode>::deserialize(from)?;
    if list.len() > 64 { Err(serde::de::Error::invalid_length(list.len(), &"at most 64 episodes")) } else { Ok(list) }
}

/// Watches that were saved; what is more than a node has is refused.
fn bounded_map<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Watch>, D::Error> {
    let map = BTreeMap::<String, Watch>::deserialize(from)?;
    if map.len() > 256 { Err(serde::de::Error::invalid_length(map.len(), &"at most 256 metrics")) } else { Ok(map) }
}
