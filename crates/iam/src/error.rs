//! Why a policy or an account could not be read.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A policy document is not one.
    #[error("read the policy {name}: {what}")]
    Policy {
        /// The policy's name or file.
        name: String,
        /// What is wrong with it, and where.
        what: String,
    },
}
