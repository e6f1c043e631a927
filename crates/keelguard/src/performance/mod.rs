//! The sign of performance on this host: measured while it is followed, looked back at from what was kept.

mod before;
mod names;
mod watcher;
mod workers;

pub(crate) use watcher::{Tick, Watcher};
