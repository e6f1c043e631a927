//! The facts of this crate. They are a part of a host's facts, so they are defined where both sides see them.

pub use keelguard_model::registry::*;
