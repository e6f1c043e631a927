//! Identities in AWS: what a policy says, what all policies together decide, who can become whom, and the least that
//! suffices. Evaluation is exact and pure; only `collect` talks to AWS.

pub mod ask;
pub mod catalogue;
pub mod collect;
pub mod compare;
pub mod condition;
mod error;
pub mod escalate;
pub mod evaluate;
pub mod facts;
pub mod graph;
pub mod json;
pub mod lint;
pub mod pattern;
pub mod policy;
pub mod rules;
#[doc(hidden)]
pub mod sample;
pub mod shrink;
pub mod simulate;
pub mod trail;

pub use error::Error;
pub use policy::Policy;
