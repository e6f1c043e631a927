//! The tar format as layers use it: ustar, GNU and PAX headers, long names, sparse files, walked without keeping
//! anything but the entry at hand. What is not wanted is jumped over, and not even read where the tar lies in a file.

mod header;
mod path;
mod pax;
mod sparse;
mod stream;
mod walk;

pub use path::clean;
pub use stream::{ChunkStream, FileStream, PIECE, Pieces, ReadPieces, Stream};
pub use walk::walk;

/// Bytes of a block: headers are one block, contents are padded to whole blocks.
pub const BLOCK: usize = 512;
