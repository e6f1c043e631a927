//! Ransomware, while it happens and where it has been. [`Profile`] says what a file's content is, [`detect::Detector`] judges
//! what happens to files, [`tree`] judges a tree as it lies there.

pub mod audit;
mod backups;
mod content;
pub mod detect;
mod event;
mod kinds;
mod lost;
mod notes;
pub mod tree;

pub(crate) use backups::{is_backup, programs};
pub use content::{BLOCK, Profile, Sample};
pub use event::{Actor, Event, Touch, What};
pub use kinds::Kind;
pub use lost::How;
pub use notes::{MOST as NOTE_BYTES, Words, may_be_note, words as note_words};
