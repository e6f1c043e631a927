//! Logs that somebody has laid hands on: gaps, lines out of order, files that were edited, emptied or replaced, records that
//! were cut out, log daemons that were stopped.

pub mod collect;
pub mod detect;
mod parse;
