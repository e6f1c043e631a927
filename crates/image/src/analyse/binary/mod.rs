//! Programs without a package.
use super::Analyser;

/// The rows of this family.
pub(super) static ANALYSERS: &[Analyser] = &[];
