//! Sign 5: do machines, services and containers shut down, crash or restart as a routine?

pub mod collect;
pub mod detect;
mod event;
mod parse;

pub use event::{Channel, Happening, Kind, Load, Scope};
pub use parse::samples;
