//! Programs without a package: Go and Rust programs that carry the list of what they were built from, and well-known
//! programs whose version stands in them. One analyser opens the file once and asks all recognisers.

mod elf;
mod go;
mod go_modules;
mod known;
mod programs;
mod rust;
mod scan;
mod texts;

#[cfg(test)]
mod tests;

use super::{AnalyseError, Analyser, File, Found, Pattern, Scope};
use crate::Limits;
use elf::Elf;

/// The rows of this family.
pub(super) static ANALYSERS: &[Analyser] = &[
    Analyser {
        name: "executable",
        version: 2,
        wants: &[Pattern::Executable],
        scope: Scope::Installed,
        analyse: executable,
    },
    texts::ANALYSER,
];

/// Whether an ELF file of this name and mode is worth opening: it may be executed, or the table of well-known programs
/// knows its name. The thousands of other shared libraries cost the look at their name.
pub fn is_worth_opening(path: &str, mode: u32) -> bool {
    mode & 0o111 != 0 || !programs::rows(path.rsplit('/').next().unwrap_or(path)).is_empty()
}

fn executable(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let rows = programs::rows(file.name());
    let mut found = Found::default();
    if rows.is_empty() && file.mode & 0o111 == 0 {
        return Ok(found);
    }
    let Some(elf) = Elf::open(file.content)? else { return Ok(found) };
    if file.content.size() > limits.max_file {
        let how = format!("{} bytes, and files of at most {} are looked into", file.content.size(), limits.max_file);
        return Err(AnalyseError::malformed(how));
    }
    for packages in [go::packages(&elf, limits), rust::packages(&elf, limits)] {
        match packages {
            Ok(packages) => found.packages.extend(packages),
            // The other recognisers may know it all the same.
            Err(AnalyseError::Malformed(how)) => found.incomplete.push(how),
            Err(error) => return Err(error),
        }
    }
    found.packages.extend(programs::packages(&elf, file.path, &rows)?);
    Ok(found)
}
