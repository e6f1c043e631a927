//! The analysers of language packages: files as the package managers write them, and what is read out of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod hostile;
mod npm;
mod npm_locks;
mod others;
mod python;

use std::fs;
use std::path::Path;

use keelguard_image::Limits;
use keelguard_image::analyse::{AnalyseError, File, Found, Scope, table};

/// Runs whatever wants `path` in the given scope over `content`.
fn run(scope: Scope, path: &str, content: &[u8], limits: &Limits) -> Vec<Result<Found, AnalyseError>> {
    let content = content.to_vec();
    let file = File { path, mode: 0o644, content: &content };
    let rows = table().wants(path);
    rows.iter().filter(|row| row.scope == scope).map(|row| (row.analyse)(&file, limits)).collect()
}

/// One line for each package, in order: `npm @scope/name 1.0.0`; then one for each thing that was not looked at.
fn lines(found: impl IntoIterator<Item = Result<Found, AnalyseError>>) -> Vec<String> {
    let mut lines = Vec::new();
    for found in found {
        let found = found.unwrap();
        lines.extend(found.packages.iter().map(|p| format!("{} {} {}", p.kind, p.name, p.version)));
        lines.extend(found.incomplete.iter().map(|why| format!("incomplete: {why}")));
    }
    lines
}

/// The package URLs of what a file of this content at this path names.
fn purls(path: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    let found = [Scope::Installed, Scope::Declared].map(|scope| run(scope, path, content.as_ref(), &Limits::default()));
    let packages = found.into_iter().flatten().flat_map(|found| found.unwrap().packages);
    packages.map(|package| keelguard_image::purl::of(&package, None)).collect()
}

/// What is installed, by a file of this content at this path.
fn installed(path: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    lines(run(Scope::Installed, path, content.as_ref(), &Limits::default()))
}

/// What is asked for, by a file of this content at this path.
fn declared(path: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    lines(run(Scope::Declared, path, content.as_ref(), &Limits::default()))
}

/// Whether some row refuses the file, and in which words.
fn refused(scope: Scope, path: &str, content: impl AsRef<[u8]>) -> Option<String> {
    run(scope, path, content.as_ref(), &Limits::default()).into_iter().find_map(Result::err).map(|e| e.to_string())
}

/// A file of `tests/data/lang`.
fn data(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lang").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
