//! Sign 1: a system unlike itself.

pub mod detect;
pub mod series;
