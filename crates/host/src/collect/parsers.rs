//! All parsers of foreign text in one list, for fuzzing.

use super::{host, process, redact};

/// Gives `text` to each.
pub(crate) fn every(text: &str) {
    host::parse_all(text);
    process::parse_all(text);
    redact::line(text);
    redact::arguments(&mut text.split(' ').map(str::to_owned).collect::<Vec<_>>());
}
