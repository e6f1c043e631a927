//! Spam: mail and short texts, read thinly and judged by a classifier that was trained on public corpora and learns from feedback.

pub mod campaign;
pub mod classify;
pub mod collect;
pub mod learn;
pub mod lure;
pub mod mail;
pub mod mailbox;
pub mod parse;
pub mod surge;

pub use classify::{Classifier, Judgement, Opinion, Workroom};
pub use collect::Form;
