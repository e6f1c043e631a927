//! Composer: what is installed in `vendor`, and `composer.lock`.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::Listing;
use super::json::{self, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// Composer 1 writes a list, composer 2 an object around it; so does the lock file, whose `packages-dev` is not read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Packages<'a> {
    #[serde(borrow)]
    Bare(Vec<Package<'a>>),
    #[serde(borrow)]
    Under(Object<'a>),
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(default, borrow)]
    packages: Vec<Package<'a>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// `vendor/composer/installed.json` and `composer.lock`.
pub(super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let packages = match json::parse(&bytes)? {
        Packages::Bare(packages) | Packages::Under(Object { packages }) => packages,
    };
    let mut listing = Listing::new(limits);
    for package in &packages {
        let name = package.name.as_str().to_ascii_lowercase();
        // Branches are no versions: `dev-main`.
        if !package.version.as_str().starts_with("dev-") {
            listing.add(FoundPackage::new(PackageKind::Composer, name, package.version.as_str()));
        }
    }
    Ok(listing.done())
}
