//! ELF files as linkers write them, and as nobody would.

mod build;
mod crates;
mod golang;
mod hostile;
mod real;
mod wellknown;

use build::Build;

use super::*;

fn look_with(path: &str, mode: u32, bytes: &[u8], limits: &Limits) -> Result<Found, AnalyseError> {
    executable(&File { path, mode, content: &bytes.to_vec() }, limits)
}

fn look(path: &str, bytes: &[u8]) -> Found {
    look_with(path, 0o755, bytes, &Limits::default()).unwrap()
}

/// Packages as `kind name version`.
fn words(found: &Found) -> Vec<String> {
    found.packages.iter().map(|package| format!("{} {} {}", package.kind, package.name, package.version)).collect()
}
