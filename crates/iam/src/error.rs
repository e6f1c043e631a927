//! Why a policy, a case or an account could not be read.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A policy document is not one.
    #[error("read the policy{}: {what}", space(.name))]
    Policy {
        /// The policy's name or file; empty where only one can be meant.
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
    /// Nobody is let in.
    #[error("ask AWS: {what}")]
    Collect {
        /// Why, and what helps.
        what: String,
    },
    /// A case for `iam simulate` is not one.
    #[error("understand the case: {0}")]
    Case(String),
}

impl Error {
    /// The same, about the policy `called`.
    #[must_use]
    pub fn about(self, called: &str) -> Self {
        if let Self::Policy { what, .. } = self {
            return Self::Policy { name: called.to_owned(), what };
        }
        self
    }
}

fn space(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" {name}") }
}
