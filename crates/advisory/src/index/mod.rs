//! One read-only file per ecosystem, mapped into memory. Opening reads a header; a look-up touches the pages of one name.
//! Nothing is locked: an update writes a new file and renames it over the old one, which lives on for whoever has it open.
//!
//! The file may be cut off or forged, so each offset and count is checked where it is used; what does not hold reads as
//! "nothing here", and [`Index::verify`] tells whether the file is whole.
//!
//! Layout, all numbers little-endian:
//!
//! | section | holds |
//! |---|---|
//! | header | magic, version, length, sections, digest of the sections, digest of the header |
//! | meta | [`Meta`] as JSON |
//! | buckets | where the names of each hash begin |
//! | names | key, first row and number of rows in `affected` |
//! | affected | name, release, record, severity, scores, ranges, versions |
//! | records | sorted by id: id, date, summary, severity, scores, other names |
//! | words | lists of numbers, each with its length in front |
//! | strings | texts, each with its length in front |

mod format;
mod map;
mod read;
mod write;

pub use format::Meta;
pub use read::{Hit, Index, RecordView};
pub use write::Compiler;

pub(crate) use format::{Header, SECTIONS, row};
pub(crate) use map::Mapped;
pub(crate) use write::{is_draft, replace_file};
