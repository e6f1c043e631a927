//! What is known to be wrong with packages: how each ecosystem orders versions, OSV records compiled into one read-only
//! index per ecosystem, and the match of a package against them.

pub mod ecosystem;
mod error;
pub mod exploited;
pub mod index;
pub mod ingest;
pub mod matching;
pub mod osv;
pub mod severity;
pub mod update;
pub mod version;

pub use error::AdvisoryError;
