//! The views of one realistic report: 24 containers, hostile names among them.

mod hostile;
mod machine;
mod sample;
mod screens;
