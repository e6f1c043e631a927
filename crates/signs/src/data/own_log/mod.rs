//! Keelguard's own log: a line of JSON for each thing it did, each naming the hash of the one before, so that what is cut out,
//! edited, put in or moved breaks the chain. What stands last is kept apart (`.head`), so that a shorter tail is noticed; whoever
//! notes a hash elsewhere notices even a chain that was made anew.

mod record;
mod verify;
mod write;

pub use record::{Hash, OwnLogError, Record};
pub use verify::{Problem, Verified, verify};
pub use write::append;

#[cfg(test)]
mod tests;
