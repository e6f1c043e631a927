//! Python distributions: as pip, setuptools, distutils and conda install them, and as projects ask for them.

pub(super) mod conda;
pub(super) mod egg;
pub(super) mod installed;
pub(super) mod locks;
pub(super) mod requirements;

use keelguard_model::image::PackageKind;

use crate::analyse::FoundPackage;

/// A distribution by the name under which the index and OSV know it: lower case, runs of `-`, `_` and `.` are one `-`
/// (packaging.python.org, "Names and normalization").
fn distribution(name: &str, version: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Pypi, normalised(name), version.trim())
}

fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.trim().chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.push(letter.to_ascii_lowercase()),
        }
    }
    out
}
