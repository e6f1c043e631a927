//! Databases of the operating systems' package managers, and the files that say which operating system it is.

mod alpm;
mod apk;
mod collector;
mod deb;
mod ebuild;
mod release;
mod rpm;
#[cfg(test)]
mod testing;

pub(crate) use release::named;
pub use release::place;

use super::Analyser;

/// The rows of this family.
pub(super) static ANALYSERS: &[Analyser] = &[
    release::RELEASE,
    deb::STATUS,
    deb::FILES,
    apk::INSTALLED,
    rpm::DATABASE,
    rpm::LOG,
    rpm::MANIFEST,
    alpm::DESC,
    alpm::FILES,
    ebuild::PACKAGE,
    ebuild::CONTENTS,
];
