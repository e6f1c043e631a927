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
    /// An input is no facts of an account.
    #[error("read {name}: {what}")]
    Facts {
        /// The file.
        name: String,
        /// What is wrong with it.
        what: String,
    },
}
