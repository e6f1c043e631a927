//! Sign 1: a system unlike itself.

pub mod across;
pub mod causes;
pub mod detect;
pub mod series;
