//! Programs without a package: Go and Rust programs that carry the list of what they were built from, and well-known
//! programs whose version stands in them. One analyser opens the file once and asks all recognisers.

mod elf;
mod go;

#[cfg(test)]
mod tests;

use super::{AnalyseError, Analyser, File, Found, Pattern, Scope};
use crate::Limits;
use elf::Elf;

/// The rows of this family.
pub(super) static ANALYSERS: &[Analyser] = &[Analyser {
    name: "executable",
    version: 1,
    wants: &[Pattern::Executable],
    scope: Scope::Installed,
    analyse: executable,
}];

fn executable(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let Some(elf) = Elf::open(file.content)? else { return Ok(Found::default()) };
    let mut found = Found::default();
    found.packages.extend(go::packages(&elf, limits)?);
    Ok(found)
}
