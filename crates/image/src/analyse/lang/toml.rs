//! TOML as lock files write it.

use serde::de::DeserializeOwned;

use super::malformed;
use crate::analyse::AnalyseError;

/// Reads one document. The parser bounds its own depth.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, AnalyseError> {
    ::toml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|error| malformed(error.message()))
}
