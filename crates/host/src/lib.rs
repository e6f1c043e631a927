//! Facts of a Docker host: the engine's word, the kernel's word (`/proc`, cgroups), the host's files, and what could not
//! be read. Collecting does all the I/O and decides nothing; [`Facts`] is plain data that any machine can replay.
//!
//! ```no_run
//! # async fn example() -> Result<(), keelguard_host::Error> {
//! let facts = keelguard_host::collect(&keelguard_host::Options::default()).await?;
//! println!("{} containers", facts.containers().len());
//! # Ok(())
//! # }
//! ```

mod collect;
mod error;
pub mod facts;
#[doc(hidden)]
pub mod fuzzing;
pub mod kernel_options;
pub mod measure;
pub mod replay;
pub mod sample;
pub mod sensitive;

pub use collect::folders::{container_folders, volume_folder};
pub use collect::redact::REDACTED;
pub use collect::save::{Holder, Packed, holder};
pub use collect::{
    EngineEvent, EngineFollower, EngineNews, Environment, History, Lifetime, Named, Options, collect, events, history,
    names,
};
pub use error::Error;
pub use facts::Facts;
