//! The classifier: how likely a message is spam, and why.

pub mod bag;
pub mod curve;
pub mod hash;
mod judge;
pub mod model;
pub mod of_mail;
pub mod of_text;
mod reasons;
pub mod train;
pub mod weights;

pub use judge::{Classifier, Judgement, Opinion, Workroom};
pub use reasons::Reason;
