//! Where images are kept, started for one test: a registry behind TLS and a login, and a containerd.

#![allow(dead_code, unused_imports, clippy::unwrap_used, reason = "helpers of tests, each of which uses its own part")]

mod containerd;
mod registry;

pub use containerd::Containerd;
pub use registry::{AUTH, Registry};
