//! Packages of the npm registry, whoever installed them: npm, yarn, pnpm, bun. Packages that lock files mark as
//! needed for development only are left out.

pub(super) mod bun;
pub(super) mod installed;
pub(super) mod package_lock;
pub(super) mod pnpm;
pub(super) mod yarn;

use keelguard_model::image::PackageKind;

use crate::analyse::FoundPackage;

fn package(name: &str, version: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Npm, name, version.trim())
}

/// Name and what follows the `@` after it: `@scope/name@1.0.0`, `name@npm:other@1.0.0`.
fn split_spec(spec: &str) -> Option<(&str, &str)> {
    let at = spec.char_indices().skip(1).find(|(_, letter)| *letter == '@')?.0;
    Some((spec.get(..at)?, spec.get(at + 1..)?))
}

/// Whether this is a version, not the place of a folder, an archive or a repository.
fn is_version(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_digit()) && !text.contains([':', '/'])
}

/// Whether a range leads to a folder of the project itself.
fn is_local(range: &str) -> bool {
    ["file:", "link:", "portal:", "workspace:"].iter().any(|protocol| range.starts_with(protocol))
}
