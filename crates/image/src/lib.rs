//! What is in an image. Sources give layers, layers give files, analysers read packages out of the few files that
//! name them, and the merge says what is left of it when all layers lie on top of one another.
//!
//! Everything read here may have been written by an attacker: sizes, depths and counts are bounded by [`Limits`], and
//! what a bound cuts off is reported as incomplete. Nothing from an image is executed.

pub mod analyse;
pub mod bom;
pub mod cache;
pub mod content;
mod examine;
mod limits;
pub mod purl;
pub mod rules;
pub mod scan;
pub mod source;
pub mod tar;

pub use examine::{Examined, examine, known};
pub use limits::Limits;
