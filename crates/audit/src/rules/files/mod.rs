//! The engine's files on the host: who owns and who may touch them, who logs that, what they lie on, how old they are.

pub(crate) mod audited;
pub(crate) mod permissions;
pub(crate) mod upkeep;

#[cfg(test)]
mod tests;
