//! The sign of performance on this host: measured while it is followed, looked back at from what was kept.

mod back;
mod before;
mod names;
mod watcher;
mod workers;

pub(crate) use back::{report, sign};
pub(crate) use watcher::{NODE, Tick, Watcher};
