//! Sign 2: who logs in, from where, and which of it is malicious.

pub mod collect;
mod commands;
pub mod detect;
mod event;
mod parse;
mod place;

pub use event::{Channel, Kind, Login, Seen};
pub(crate) use parse::of_program;
pub use parse::{Clock, Form, FormError, add_forms, parse_audit, parse_json, parse_line, samples};
pub use place::{Place, Point, Whence};
