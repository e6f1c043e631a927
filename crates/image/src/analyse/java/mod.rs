//! Java archives: which Maven artifacts lie in a `.jar`, `.war` or `.ear`, and in the archives inside it.
//!
//! A jar is asked in this order: every `META-INF/maven/**/pom.properties` (shaded jars have several, each is a package),
//! a `pom.xml` without properties beside it, then the manifest, then the file's own name. Only the first two name the
//! group beyond doubt. See [`identity`] for what is done where the group is a guess.

mod budget;
mod identity;
mod manifest;
mod maven;
mod publishers;
mod walk;
mod zip;

#[cfg(test)]
mod tests;

use super::{AnalyseError, Analyser, File, Found, Pattern, Scope};
use crate::Limits;

/// The rows of this family. A `.jmod` belongs to a JDK, which is recognised by its `release` file.
pub(super) static ANALYSERS: &[Analyser] = &[Analyser {
    name: "java-archive",
    version: 2,
    wants: &[
        Pattern::Extension(".jar"),
        Pattern::Extension(".war"),
        Pattern::Extension(".ear"),
        Pattern::Extension(".par"),
        Pattern::Extension(".sar"),
        Pattern::Extension(".hpi"),
        Pattern::Extension(".jpi"),
    ],
    scope: Scope::Installed,
    analyse,
}];

fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    if holds_no_program(file.name()) {
        return Ok(Found::default());
    }
    let size = file.content.size();
    if size > limits.max_file {
        let how = format!("{size} bytes, and archives of at most {} are looked into", limits.max_file);
        return Err(AnalyseError::malformed(how));
    }
    walk::packages(file, limits)
}

/// Whether an archive of this name holds sources or documentation, by the classifiers that Maven gives them.
fn holds_no_program(name: &str) -> bool {
    ["-sources.jar", "-javadoc.jar", "-test-sources.jar"].iter().any(|end| name.ends_with(end))
}

/// Whether a file of this name is an archive to look into.
fn is_archive(name: &str) -> bool {
    let Some(end) = name.rfind('.').and_then(|dot| name.get(dot..)) else { return false };
    let ends = |pattern: &Pattern| matches!(pattern, Pattern::Extension(ending) if ending.eq_ignore_ascii_case(end));
    ANALYSERS.iter().any(|row| row.wants.iter().any(ends))
}
