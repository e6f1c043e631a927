//! What Java projects ask for. Archives that are built are read elsewhere.

pub(super) mod gradle;
pub(super) mod pom;
