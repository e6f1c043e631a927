//! How well registries, and the credentials for them on this host, are protected. [`collect`] asks registries and reads files, and
//! decides nothing; [`rules`] decides, and reads nothing; [`facts`] is what goes between them.
//!
//! ```no_run
//! use keelguard_registry::collect::{Options, Target, probe};
//! # async fn example() -> Result<(), keelguard_registry::Error> {
//! let (probes, _) = probe(vec![Target::parse("http://127.0.0.1:5000")?], &Options::default()).await;
//! let findings = keelguard_registry::rules::of_probes(&probes, jiff::Timestamp::now());
//! # Ok(())
//! # }
//! ```

pub mod collect;
pub mod facts;
#[doc(hidden)]
pub mod fuzzing;
pub mod ledger;
pub mod rules;
mod services;

use std::path::PathBuf;

pub use services::{Service, service};

/// What can go wrong before anything is asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("use the address {text}: {why}")]
    Address {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// The list of accepted publishers cannot be read or written.
    #[error("{doing} the list of accepted publishers in {}", path.display())]
    Ledger {
        /// `read`, `write`.
        doing: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The list is damaged, and is not overwritten.
    #[error("read the list of accepted publishers in {}: {why}; repair it or move it away", path.display())]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// That is no publisher.
    #[error("accept {name:?}: {why}")]
    Publisher {
        /// What was typed.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}
