//! The views of one realistic report: 24 containers, hostile names among them.

// The exemption for tests ends at their helpers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::needless_pass_by_value)]

mod hostile;
mod machine;
mod sample;
mod screens;
