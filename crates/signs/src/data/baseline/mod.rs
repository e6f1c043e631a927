//! What a host's files looked like, kept so that nobody can change it unnoticed: a folder of generations, each signed, each
//! naming the one before and holding only what became different since. The private key lies elsewhere, best on no host at all;
//! the public key and the newest generation are pinned in a place apart.

mod body;
mod error;
mod hex;
mod key;
mod make;
mod merge;
mod pin;
mod seal;
mod store;

pub use body::{Item, Reader};
pub use error::Error;
pub use key::{Key, is_within};
pub use make::{Made, Plan, Tree, make};
pub use merge::{Change, Merge};
pub use pin::Pin;
pub use seal::{Seal, SealedTree};
pub use store::{Chain, Generation, States, Store};

/// Looks into a generation as into any file that somebody made: for fuzzing.
#[doc(hidden)]
pub fn fuzz(bytes: &[u8]) {
    let _ = seal::parse(bytes);
    if let Ok(mut reader) = Reader::new(std::io::Cursor::new(bytes)) {
        while let Ok(Some(item)) = reader.next() {
            let _ = item.record.map(|record| crate::data::tree::merkle::leaf(&record));
        }
    }
    let _ = Pin::parse(bytes);
    let _ = Key::parse(&String::from_utf8_lossy(bytes), None);
}
